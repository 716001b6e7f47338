"""The largest body that a request may have, how long it may take, and that it comes as it is.

Packed, nobody knows its size beforehand. The server in front of the application waits for a body without end.
"""

import re
from http import HTTPStatus
from time import monotonic

import anyio
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from states.settings import settings
from states.workbook.files import MOST_BYTES as FILE_BYTES

# A protocol of 17 full sections is some 200 KiB; nothing else that is sent here comes near it.
MOST_BYTES = 1 << 20
MOST_BYTES_OF_A_FILE = FILE_BYTES
FILES = (
    "/partnership/workbook",
    "/imports",
    "/verification",
    "/verify",
    "/protocol/file",
    "/protocol-file",
    "/protocol-files",
)  # the ends of the paths that take files
CASES = "/case-files"
LEAST_RATE = 500  # bytes a second that a body comes at: the slowest of lines has more
EVIDENCE = re.compile(r".*/(collaborations|cases)/[^/]+/evidence|.*/links/evidence/[^/]+")


class LimitedBodies:
    """Refuse a body of more than `MOST_BYTES`, or of a larger file where files go, as soon as it is known to be one.

    One with a `Content-Encoding` is refused unread; one that does not come is given up after `BANKABLE_BODY_SECONDS`,
    and one that comes by less than `LEAST_RATE` as long after that as its bytes allow.
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
        received, waited, whole, answered = 0, 0.0, False, False
        most, patience = _most(scope["path"]), settings().body_seconds

        async def limited() -> Message:
            nonlocal received, waited, whole
            if size > most:
                raise _too_large(most)
            if packed not in (b"", b"identity"):
                raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, headers={"Accept-Encoding": "identity"})
            if whole or answered:  # all that can come is the word that the client is gone
                return await receive()
            message, began = None, monotonic()
            left = min(patience, patience + received / LEAST_RATE - waited)
            if left > 0:
                with anyio.move_on_after(left):
                    message = await receive()
            if message is None:
                raise _too_slow()
            waited += monotonic() - began
            received += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if received > most:
                raise _too_large(most)
            return message

        async def noted(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        await self._app(scope, limited, noted)


def _most(path: str) -> int:
    if EVIDENCE.fullmatch(path):
        return settings().evidence_most_bytes + MOST_BYTES  # what is said of the files goes with them
    if path.endswith(CASES):
        return settings().case_file_most_bytes
    return MOST_BYTES_OF_A_FILE if path.endswith(FILES) else MOST_BYTES


def _too_slow() -> HTTPException:
    return HTTPException(HTTPStatus.REQUEST_TIMEOUT, headers={"Connection": "close"})


def _too_large(most: int) -> HTTPException:
    # The rest of the body is not wanted: the connection ends with the answer.
    detail = f"The body is larger than {most >> 20} MiB: send less at once."
    return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, headers={"Connection": "close"})
