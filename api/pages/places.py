"""On which page something is done that the domain names by its address in the API: tasks, refusals, mails."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

_API = "/api/v1"
_CASE = r"/collaborations/(?P<case>[^/]+)"

# The first that fits; what stands deeper comes before what it lies in. A page that comes adds its line here.
_PAGES: Sequence[tuple[str, str]] = (
    (r"/links/(?P<link>.+)", "/links/{link}"),
    (r"/unsubscribe/(?P<link>[^/]+)", "/unsubscribe/{link}"),
    (r"/me/tasks", "/"),
    (rf"{_CASE}/moves.*", "/cases/{case}/moves"),
    (rf"{_CASE}/history.*", "/cases/{case}/history"),
    (rf"{_CASE}/protocol/sections/(?P<section>[^/]+).*", "/cases/{case}/protocol/{section}"),
    (rf"{_CASE}/(protocol|part-links).*", "/cases/{case}/protocol"),
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
