"""Characters that papers cannot print are said when a text is written, by a header of the answer."""

from contextvars import ContextVar

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from states.characters import code_point

HEADER = "Warning"
_LAST_COMMON = "\u024f"  # of the Latin letters, which every font has: no text of these loads the fonts
_MOST = 10
_written: ContextVar[dict[str, str] | None] = ContextVar("written", default=None)


def note_text(field: str, text: str) -> None:
    """Note a text that a client writes, where it holds what may have to be said."""
    written = _written.get()
    if written is not None and len(written) < _MOST and max(text, default="") > _LAST_COMMON:
        written[field] = written.get(field, "") + text


class ToldStandIns:
    """Add to the answer of a write what will be printed as a stand-in: field by field, ten at most."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and look at its texts when it answers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        written: dict[str, str] = {}
        token = _written.set(written)

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 300 and (told := _told(written)):
                MutableHeaders(scope=message).append(HEADER, told)
            await send(message)

        try:
            await self._app(scope, receive, completed)
        finally:
            _written.reset(token)


def _told(written: dict[str, str]) -> str:
    """Return what is said of these texts, by RFC 7234, section 5.5; nothing where all of it can be printed."""
    if not written:
        return ""
    # Here, not above: it reads the fonts, and few texts need them.
    from documents.characters import undrawable

    lacking = {field: undrawable(text) for field, text in written.items()}
    return ", ".join(
        f'299 bankable "{field}: a numbered square is printed for {_named(some)}"'
        for field, some in lacking.items()
        if some
    )


def _named(lacking: list[str]) -> str:
    return ", ".join(map(code_point, lacking[:_MOST])) + (" and others" if len(lacking) > _MOST else "")
