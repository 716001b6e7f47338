"""The files of pages: the style sheet, the module, the fonts; each under the digest of what it holds, for ever."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from api.pages.fonts import FONTS, web_font

router = APIRouter(prefix="/static")

_HERE = Path(__file__).parent / "static"
_FOR_EVER = "public, max-age=31536000, immutable"


def _style() -> bytes:
    """Return the style sheet, which names the fonts by their own addresses."""
    text = (_HERE / "pages.css").read_text("utf-8")
    for name in FONTS:
        text = text.replace(f"url({name})", f"url({address_of(name)})")
    return text.encode()


_FILES: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "pages.css": (_style, "text/css"),
    "pages.js": (lambda: (_HERE / "pages.js").read_bytes(), "text/javascript"),
    "passkeys.js": (lambda: (_HERE / "passkeys.js").read_bytes(), "text/javascript"),
    "icon.svg": (lambda: (_HERE / "icon.svg").read_bytes(), "image/svg+xml"),
    **{name: (partial(web_font, name), "font/woff2") for name in FONTS},
}


@cache
def _content(name: str) -> bytes:
    return _FILES[name][0]()


@cache
def address_of(name: str) -> str:
    """Return the address of a file: another one for other content."""
    return f"/static/{sha256(_content(name)).hexdigest()[:12]}/{name}"


@router.get("/{digest}/{name}")
def get_file(digest: str, name: str) -> Response:
    """Read a file; by an address of another release as it is now, and then not for ever."""
    if name not in _FILES:
        raise HTTPException(404)
    kept = _FOR_EVER if address_of(name) == f"/static/{digest}/{name}" else "no-cache"
    return Response(_content(name), media_type=_FILES[name][1], headers={"Cache-Control": kept})
