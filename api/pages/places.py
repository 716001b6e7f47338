"""On which page something is done that the domain names by its address in the API: tasks, refusals, mails."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

_API = "/api/v1"
_CASE = r"/collaborations/(?P<case>[^/]+)"

# The first that fits; what stands deeper comes before what it lies in. A page that comes adds its line here.
_PAGES: Sequence[tuple[str, str]] = (
    (rf"{_CASE}/moves.*", "/cases/{case}/moves"),
    (rf"{_CASE}/history.*", "/cases/{case}/history"),
    (_CASE + r".*", "/cases/{case}"),
)
_COMPILED = tuple((re.compile(pattern), page) for pattern, page in _PAGES)


def page_of(address: str) -> str | None:
    """Return the page of an address of the API (with or without its prefix, host and query); None where none is."""
    path = urlsplit(address).path.removeprefix(_API)
    for pattern, page in _COMPILED:
        if found := pattern.fullmatch(path):
            return page.format(**found.groupdict())
    return None
