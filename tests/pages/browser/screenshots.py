"""`make screenshots`: a picture of every page of the demonstration, wide and as on a phone, in two languages.

Each role walks through what it sees of `var/demo` (told first where it is not there); a page that several roles see is
taken once, as the first of them sees it.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright
from sqlmodel import select

from states.credentials.sessions import start_session
from states.partners.queries import holders
from states.partners.tables import Partnership
from states.rights.access import Role
from states.rights.authors import acting, by_command
from states.settings import settings
from states.storage import begin
from tests.pages.browser.people import BROWSERS, PHONE, WIDE, window
from tests.pages.house import Reader
from tests.pages.walk import walk
from tests.serving import server

LANGUAGES = ("en", "de")
SIZES = {"wide": WIDE, "phone": PHONE}
WHO = (
    *(Role.PROJECT_MANAGER, Role.IAG_SECRETARY, Role.IAG_CHAIR, Role.IAG_MEMBER),
    *(Role.WGRA_CHAIR, Role.WGRA_MEMBER, Role.PARTNER),
)


def cookies() -> Iterator[tuple[Role, str]]:
    """Yield a session for one person of each role."""
    with acting(by_command("screenshots")), begin() as session:
        partnership = session.exec(select(Partnership)).one()
        for role in WHO:
            for one in holders(session, partnership.id, role)[:1]:
                yield role, start_session(session, one.grant, browser="screenshots")


def name_of(template: str) -> str:
    """Return what the picture of a page is called: `cases-id-moves` for `/cases/{collaboration_id}/moves`."""
    parts = ["id" if part.startswith("{") else part for part in template.strip("/").split("/")]
    return "-".join(parts) or "my-work"


def main(demo: Path, folder: Path) -> int:
    """Take all pictures into a folder; return how many."""
    with tempfile.TemporaryDirectory() as copied:
        home = Path(shutil.copytree(demo, Path(copied) / "home"))
        os.environ |= {"BANKABLE_HOME": str(home), "BANKABLE_CLOCK_FILE": str(home / "clock")}
        settings.cache_clear()
        signed_in = list(cookies())
        seen: dict[str, tuple[Role, str, str]] = {}
        for role, cookie in signed_in:
            for template, [address, *_] in walk(Reader(cookie), strict=False).items():
                seen.setdefault(template, (role, cookie, address))
        seen["/sign-in"] = (Role.OBSERVER, "", "/sign-in")
        browser_at = next(filter(None, map(shutil.which, BROWSERS)))
        shutil.rmtree(folder, ignore_errors=True)
        with server() as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_at, args=["--no-sandbox"])
            for language in LANGUAGES:
                for size, measures in SIZES.items():
                    taken = folder / language / size
                    taken.mkdir(parents=True)
                    for template, (role, cookie, path) in sorted(seen.items()):
                        there = f"http://{address}"
                        with window(browser, there, cookie or None, size=measures, language=language) as page:
                            page.goto(path)
                            page.screenshot(path=taken / f"{name_of(template)}--{role.value}.png", full_page=True)
        return len(seen) * len(LANGUAGES) * len(SIZES)


if __name__ == "__main__":
    told, pictures = Path(sys.argv[1]), Path(sys.argv[2])
    print(f"{main(told, pictures)} pictures in {pictures}")
