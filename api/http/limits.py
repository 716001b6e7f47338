"""The largest body that a request may have, and that it comes as it is: packed, nobody knows its size beforehand."""

import re
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from states.settings import settings
from states.workbook.files import MOST_BYTES as FILE_BYTES

# A protocol of 17 full sections is some 200 KiB; nothing else that is sent here comes near it.
MOST_BYTES = 1 << 20
MOST_BYTES_OF_A_FILE = FILE_BYTES
FILES = ("/imports", "/documents/verification")  # the ends of the paths that take files
EVIDENCE = re.compile(r".*/collaborations/[^/]+/evidence|.*/links/evidence/[^/]+")


class LimitedBodies:
    """Refuse a body of more than `MOST_BYTES`, or of a larger file where files go, as soon as it is known to be one.

    One with a `Content-Encoding` is refused unread.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on with a `receive` that refuses."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        declared, packed = headers.get(b"content-length", b"0"), headers.get(b"content-encoding", b"").strip().lower()
        size = int(declared) if declared.isdigit() else 0
        received = 0
        most = _most(scope["path"])

        async def limited() -> Message:
            nonlocal received
            if size > most:
                raise _too_large(most)
            if packed not in (b"", b"identity"):
                raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, headers={"Accept-Encoding": "identity"})
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise _too_large(most)
            return message

        await self._app(scope, limited, send)


def _most(path: str) -> int:
    if EVIDENCE.fullmatch(path):
        return settings().evidence_most_bytes + MOST_BYTES  # what is said of the files goes with them
    return MOST_BYTES_OF_A_FILE if path.endswith(FILES) else MOST_BYTES


def _too_large(most: int) -> HTTPException:
    # The rest of the body is not wanted: the connection ends with the answer.
    detail = f"The body is larger than {most >> 20} MiB: send less at once."
    return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, headers={"Connection": "close"})
