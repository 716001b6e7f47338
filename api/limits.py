"""The largest body that a request may have."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A protocol of 17 full sections is some 200 KiB; nothing else that is sent here comes near it.
MOST_BYTES = 1 << 20


class LimitedBodies:
    """Refuse a body of more than `MOST_BYTES` as soon as it is known to be one, by its header or by counting."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on with a `receive` that refuses."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        size = int(declared) if declared.isdigit() else 0
        received = 0

        async def limited() -> Message:
            nonlocal received
            if size > MOST_BYTES:
                raise _too_large()
            message = await receive()
            received += len(message.get("body", b""))
            if received > MOST_BYTES:
                raise _too_large()
            return message

        await self._app(scope, limited, send)


def _too_large() -> HTTPException:
    # The rest of the body is not wanted: the connection ends with the answer.
    detail = f"The body is larger than {MOST_BYTES >> 20} MiB: send less at once."
    return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, headers={"Connection": "close"})
