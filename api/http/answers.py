"""What every answer says to browsers and caches: whom it may be shown to, and what it may do there."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from states.settings import settings

# An answer of the API is read by programs: shown by a browser it loads, frames and does nothing.
CONTENT = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# But the page that shows the description: FastAPI's, which loads Swagger UI and begins it by a line of its own.
PAGE = (
    "default-src 'none'; connect-src 'self'; img-src data: https://fastapi.tiangolo.com; frame-ancestors 'none'; "
    "script-src 'unsafe-inline' https://cdn.jsdelivr.net; style-src 'unsafe-inline' https://cdn.jsdelivr.net"
)
ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # signed links and addresses of feeds are secrets
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
HTTPS_ONLY = "max-age=31536000"


class SafeAnswers:
    """Add to every answer what it lacks; who reads over https is told to come by https from now on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on with a `send` that completes the head of the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                policy = headers.get("Referrer-Policy", ALWAYS["Referrer-Policy"])
                headers.update({**ALWAYS, "Referrer-Policy": policy})
                headers.setdefault("Cache-Control", "no-store")
                is_page = headers.get("Content-Type", "").startswith("text/html")
                headers.setdefault("Content-Security-Policy", PAGE if is_page else CONTENT)
                if scope["scheme"] == "https" or settings().public_url.startswith("https://"):
                    headers["Strict-Transport-Security"] = HTTPS_ONLY
            await send(message)

        await self._app(scope, receive, completed)
