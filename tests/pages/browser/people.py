"""People in front of a browser: each in a window of their own, signed in, and what is looked for on every page."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PLENTY = 120_000  # milliseconds: a busy machine draws a page slowly
WIDE, PHONE = (1280, 900), (360, 740)
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@contextmanager
def window(
    browser: Browser,
    address: str,
    cookie: str | None = None,
    *,
    size: tuple[int, int] = WIDE,
    script: bool = True,
    dark: bool = False,
    language: str = "en-GB",
) -> Iterator[Page]:
    """Yield a page in a window of its own; what it complains of on its console, or finds missing, fails the test."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": size[0], "height": size[1]},
        java_script_enabled=script,
        color_scheme="dark" if dark else "light",
        locale=language,
    )
    if cookie is not None:
        context.add_cookies([{"name": "bankable_session", "value": cookie, "url": address, "httpOnly": True}])
    context.set_default_timeout(PLENTY)
    page, complaints = context.new_page(), list[str]()
    # A page of an error is answered with its status, and the console tells of it.
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type == "error" and "status of" not in said.text else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda asked: (
            complaints.append(asked.url) if urlsplit(asked.url).netloc not in ("", urlsplit(address).netloc) else None
        ),
    )
    yield page
    context.close()
    assert complaints == []


def need_accessible(page: Page) -> None:
    """Let axe find nothing on a page."""
    found = Axe().run(page, options=_RULES)
    told = [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in found.response["violations"]]
    assert told == [], (page.url, told)


def need_no_sideways(page: Page) -> None:
    """Let nothing stick out of a page: nobody has to scroll it sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url
