"""The only files that a document may use: fonts of two packages and the house's own style sheets."""

from weasyprint.urls import URLFetcher, URLFetcherResponse

from documents.files import HOUSE
from documents.fonts import FONTS, font
from documents.languages import gettext

__all__ = ["FONTS", "SCHEME", "AssetFetcher"]

SCHEME = "asset://"
_NOUNS = (
    "protocol",
    "review",
    "evaluation",
    "consensus",
    "minutes",
    "letter",
    "proposal",
    "report",
    "agenda",
    "tableplan",
    "booklet",
    "funnel",
    "redline",
    "teaser",
    "briefing",
    "comparison",
    "certificate",
    "portfolio",
)
_FILES = {
    "house.css": HOUSE / "house.css",
    "report/confidential.svg": HOUSE / "report" / "confidential.svg",
    **{f"{noun}/style.css": HOUSE / noun / "style.css" for noun in _NOUNS},
}
_TYPES = {".css": "text/css", ".svg": "image/svg+xml"}


class AssetFetcher(URLFetcher):  # type: ignore[misc] # published without types
    """Knows the names of the house's own files, and refuses every other address.

    WeasyPrint's own fetcher would embed file:///etc/passwd where a text asks for it.
    """

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Return the file that stands behind an asset:// address; anything else raises ValueError."""
        name = url.removeprefix(SCHEME)
        if url.startswith(SCHEME) and name in FONTS:
            return URLFetcherResponse(url, font(name), {"Content-Type": "font/ttf"})
        path = _FILES.get(name) if url.startswith(SCHEME) else None
        if path is None:
            raise ValueError(f"a document may use the house's own files only, not {url[:120]}")
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".svg":
            text = text.format(word=gettext("CONFIDENTIAL"))
        return URLFetcherResponse(url, text.encode(), {"Content-Type": _TYPES[path.suffix]})
