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
# Of each page: the innermost elements that end beyond the window's edge, but for what scrolls within its own box.
_STICKING_OUT = """() => {
    const root = document.documentElement, width = root.clientWidth;
    if (root.scrollWidth <= width) return [];
    const style = one => getComputedStyle(one);
    const boxed = one => one !== document.body && (style(one).overflowX !== "visible" || boxed(one.parentElement));
    const loose = one => style(one).position === "absolute" || !boxed(one.parentElement);
    const out = [...document.body.querySelectorAll("*")].filter(one => one.getBoundingClientRect().right > width + 1);
    const inner = out.filter(one => loose(one) && !out.some(other => other !== one && one.contains(other)));
    return [`${root.scrollWidth} px of ${width}: ` + inner.slice(0, 3).map(one => one.outerHTML.slice(0, 200))];
}"""
_UNREACHABLE = """() => {
    const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary";
    const look = one => {
        const now = getComputedStyle(one);
        return now.outlineStyle + now.outlineWidth + now.boxShadow;
    };
    return [...document.querySelectorAll(kinds)].filter(one => {
        document.activeElement.blur();
        if (one.matches(":disabled") || !one.checkVisibility({visibilityProperty: true})) return false;
        const before = look(one);
        one.focus({preventScroll: true});
        return one.tabIndex < 0 || document.activeElement !== one || look(one) === before;
    }).slice(0, 5).map(one => "by keyboard: " + one.outerHTML.slice(0, 200));
}"""


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
    scale: float = 1,
) -> Iterator[Page]:
    """Yield a page in a window of its own; what it complains of on its console, or finds missing, fails the test."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": size[0], "height": size[1]},
        java_script_enabled=script,
        color_scheme="dark" if dark else "light",
        locale=language,
        device_scale_factor=scale,
    )
    context.add_cookies([{"name": "bankable_language", "value": language[:2], "url": address}])
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
    assert inaccessible(page) == [], page.url


def inaccessible(page: Page) -> list[str]:
    """Return what axe finds on a page: the rule, and the first elements that break it."""
    found = Axe().run(page, options=_RULES)
    return [f"{one['id']}: {node['html'][:200]}" for one in found.response["violations"] for node in one["nodes"][:3]]


def need_no_sideways(page: Page) -> None:
    """Let nothing stick out of a page: nobody has to scroll it sideways."""
    assert sticking_out(page) == [], page.url


def sticking_out(page: Page) -> list[str]:
    """Return the elements that make a page wider than its window."""
    found: list[str] = page.evaluate(_STICKING_OUT)
    return found


def unreachable(page: Page) -> list[str]:
    """Return what is pressed or filled in and is not reached by keyboard, or does not show that it has the focus."""
    page.keyboard.press("Tab")  # a browser shows the focus to who uses the keyboard
    found: list[str] = page.evaluate(_UNREACHABLE)
    return found
