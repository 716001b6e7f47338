"""Walk through the pages as somebody does who follows every link: one address for each page that there is."""

import re
from collections import deque
from functools import cache
from html import unescape
from urllib.parse import urldefrag, urlsplit

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path

from api.pages.app import create_pages
from tests.pages.house import Reader, said_on

_LINK = re.compile(r'<a\b[^>]*\bhref="([^"]+)"')
_NO_PAGE = re.compile(
    r"/(static|language|api|sign-out)\b|.*\.(xlsx|docx|zip|pdf|ics)$|.*/(content|bundle|download|(case-|protocol-)?file)$"
)
MOST = 2_000  # links followed; a house is walked through long before


@cache
def _pages() -> FastAPI:
    return create_pages()


def walk(
    reader: Reader, *starts: str, most: int = MOST, each: int = 1, strict: bool = True
) -> dict[str, dict[str, int]]:
    """Return, by the path of the page that they open, at most `each` addresses with the length of what stands there.

    Raise `AssertionError` for a link that leads nowhere (to a page that is not there, or that fails), if it is strict.
    """
    pages, found, broken = _pages(), dict[str, dict[str, int]](), list[tuple[str, int, str]]()
    waiting = deque((address, "") for address in starts or ("/",))
    seen = {address for address, _ in waiting}
    while waiting and most > 0:
        most -= 1
        address, origin = waiting.popleft()
        template = template_of(pages, urlsplit(address).path)
        if template is not None and len(found.get(template, ())) >= each:
            continue
        answer = reader.get(address)
        if answer.status_code in (302, 303):
            continue
        if answer.status_code >= 400 or template is None:
            broken.append((address, answer.status_code, origin))
            continue
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        found.setdefault(template, {})[address] = len(said_on(answer.text))
        for link in _LINK.findall(answer.text):
            there = urldefrag(unescape(link)).url
            if there.startswith("/") and not _NO_PAGE.match(urlsplit(there).path) and there not in seen:
                seen.add(there)
                waiting.append((there, address))
    assert not (strict and broken), broken
    return found


def templates() -> set[str]:
    """Return the path of every page; what is a file, or leads on without a page of its own, is none."""
    return {template for _, template in _patterns(_pages()) if not _NO_PAGE.match(template)}


def template_of(pages: FastAPI, path: str) -> str | None:
    """Return the path of the page that an address opens, with what it names in braces; None where no page is."""
    return next((template for pattern, template in _patterns(pages) if pattern.match(path)), None)


@cache
def _patterns(pages: FastAPI) -> tuple[tuple[re.Pattern[str], str], ...]:
    read = [str(route.path) for route in iter_route_contexts(pages.routes) if "GET" in (route.methods or ())]
    return tuple((compile_path(path)[0], path) for path in read)
