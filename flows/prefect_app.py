"""Prefect's server as we run it: what its SQLite refuses because somebody else wrote is tried again here, at once.

Prefect answers 503 then, and its clients wait two seconds and more: once for nearly every flow run of a burst.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

from prefect.server.api.server import create_app as prefect_app

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.2, 0.5, 0.5, 1.0, 1.0)
"""Seconds before each further try; after the last one the client hears of it, and waits as Prefect means it to."""


def create_app() -> App:
    """Return Prefect's server, for uvicorn's `--factory`."""
    return TriedAgain(prefect_app())


class TriedAgain:
    """Passes requests on to an application; one that is answered 503 is passed on again, with the same body."""

    def __init__(self, app: App, pauses: tuple[float, ...] = PAUSES) -> None:
        self._app, self._pauses = app, pauses

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await _whole(receive)
        for pause in self._pauses:
            if await self._answered(scope, body, receive, send):
                return
            await asyncio.sleep(pause)
        await self._app(dict(scope), _given(body, receive), send)

    async def _answered(self, scope: Message, body: bytes, receive: Receive, send: Send) -> bool:
        """Pass it on once; swallow the answer where it is 503, and tell whether it was another."""
        refused = False

        async def unless_refused(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start":
                refused = message["status"] == HTTPStatus.SERVICE_UNAVAILABLE
            if not refused:
                await send(message)

        try:
            await self._app(dict(scope), _given(body, receive), unless_refused)
        except Exception:  # Starlette raises it once more for the log when it has answered
            if not refused:
                raise
        return not refused


async def _whole(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _given(body: bytes, receive: Receive) -> Receive:
    """Return how an application reads a body that has come; what follows is the client's end of the connection."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def read() -> Message:
        return left.pop() if left else await receive()

    return read
