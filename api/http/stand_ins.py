"""What may not come through is said when it is written, by a header of the answer: on paper, and by mail."""

from contextvars import ContextVar
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from states.characters import code_point
from states.partners.addresses import address_key, needs_smtputf8

HEADER = "Warning"
_LAST_COMMON = "\u024f"  # of the Latin letters, which every font has: no text of these loads the fonts
_MOST = 10
_UTF8 = "letters outside ASCII before the @: mails reach it only where the mail server offers SMTPUTF8"


@dataclass(slots=True)
class _Written:
    """What a request writes and may have to be told of: texts by field, and fields with addresses of few servers."""

    texts: dict[str, str] = dataclass_field(default_factory=dict)
    addresses: list[str] = dataclass_field(default_factory=list)


_written: ContextVar[_Written | None] = ContextVar("written", default=None)


def note_text(field: str, text: str) -> None:
    """Note a text that a client writes, where it holds what may have to be said."""
    written = _written.get()
    if written is not None and len(written.texts) < _MOST and max(text, default="") > _LAST_COMMON:
        written.texts[field] = written.texts.get(field, "") + text


def note_address(field: str, address: str) -> None:
    """Note an address that a client writes, where not every mail server takes mails to it."""
    written = _written.get()
    if written is not None and len(written.addresses) < _MOST and needs_smtputf8(address_key(address)):
        written.addresses.append(field)


class ToldStandIns:
    """Add to the answer of a write what will be printed as a stand-in, or hardly mailed to: ten fields at most."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and look at its texts when it answers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        written = _Written()
        token = _written.set(written)

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 300 and (told := _told(written)):
                MutableHeaders(scope=message).append(HEADER, told)
            await send(message)

        try:
            await self._app(scope, receive, completed)
        finally:
            _written.reset(token)


def _told(written: _Written) -> str:
    """Return what is said of these, by RFC 7234, section 5.5; nothing where all of it comes through."""
    said = [f"{field}: {_UTF8}" for field in written.addresses]
    if written.texts:
        # Here, not above: it reads the fonts, and few texts need them.
        from documents.characters import undrawable

        lacking = {field: undrawable(text) for field, text in written.texts.items()}
        said += [f"{field}: a numbered square is printed for {_named(some)}" for field, some in lacking.items() if some]
    return ", ".join(f'299 bankable "{one}"' for one in said)


def _named(lacking: list[str]) -> str:
    return ", ".join(map(code_point, lacking[:_MOST])) + (" and others" if len(lacking) > _MOST else "")
