"""By which route of the API a write came: method and path without what it names, for the record of change."""

from starlette.types import ASGIApp, Receive, Scope, Send

from states.rights.authors import coming_by


class CameBy:
    """Let what a request writes, until its last transaction ends, have come by its route."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on; which route it takes is known by the time that something is written."""
        with coming_by(lambda: _named(scope)):
            await self._app(scope, receive, send)


def _named(scope: Scope) -> str:
    path = getattr(scope.get("route"), "path", "")
    return f"{scope['method']} {path}" if path else ""
