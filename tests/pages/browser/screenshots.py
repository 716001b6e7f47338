"""`make screenshots`: a picture of every page, wide and as on a phone, in two languages.

Each role walks through what it sees of `var/demo` (told first where it is not there); of a page that several see, or
that several cases have, the fullest is taken. What the demonstration has no more when it is over (a round that is
open, a link not used yet, the set-up) comes from the house of the tests.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from sqlmodel import select

from api.operations.supervisor import set_up_key
from states.credentials.sessions import start_session
from states.partners.queries import holders
from states.partners.tables import Partnership
from states.rights.access import Role
from states.rights.authors import acting, by_command
from states.schema import upgrade
from states.settings import settings
from states.storage import begin, engine
from tests.pages.browser.people import BROWSERS, PHONE, WIDE, window
from tests.pages.full_house import NOBODY, ROLES, Place, a_full_house, places
from tests.pages.house import a_page_house
from tests.serving import server

LANGUAGES = ("en", "de")
SIZES = {"wide": WIDE, "phone": PHONE}
WHO = (
    *(Role.PROJECT_MANAGER, Role.ADMINISTRATOR, Role.IAG_SECRETARY, Role.IAG_CHAIR, Role.IAG_MEMBER),
    *(Role.WGRA_CHAIR, Role.WGRA_MEMBER, Role.PARTNER, Role.OBSERVER),
)


def main(demo: Path, folder: Path) -> int:
    """Take all pictures into a folder; return how many."""
    shutil.rmtree(folder, ignore_errors=True)
    os.environ |= {"BANKABLE_GUESSES_PER_MINUTE": "0", "BANKABLE_DEAR_PER_MINUTE": "0"}
    browser_at = next(filter(None, map(shutil.which, BROWSERS)))
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_at, args=["--no-sandbox"])
        first = Path(made, "first")
        with installed(first):
            upgrade(engine())
            set_up = [Place("/set-up/{key}", NOBODY, f"/set-up/{set_up_key()}")]
            taken = shoot(browser, {}, set_up, folder)
            with acting(by_command("screenshots")):
                house, (keys, links) = a_page_house(a_full_house)
            cookies = {who: house.cookies[who] for who in ROLES}
            others = places(cookies, keys=keys, links=links)
        told = Path(shutil.copytree(demo, Path(made, "told")))
        with installed(told):
            cookies_told = dict(sessions())
            found = places(cookies_told)
            taken += shoot(browser, cookies_told, found, folder)
        known = {one.template for one in found}
        with installed(first):
            taken += shoot(browser, cookies, [one for one in others if one.template not in known], folder)
    return taken


@contextmanager
def installed(home: Path) -> Iterator[None]:
    """Let this process, and the server that it starts, go by the installation in a folder."""
    home.mkdir(exist_ok=True)
    clock = {"BANKABLE_CLOCK_FILE": str(home / "clock")} if (home / "clock").exists() else {}
    os.environ.pop("BANKABLE_CLOCK_FILE", None)
    os.environ |= {"BANKABLE_HOME": str(home), **clock}
    settings.cache_clear()
    yield
    engine().dispose()


def sessions() -> Iterator[tuple[str, str]]:
    """Yield a session for one person of each role."""
    with acting(by_command("screenshots")), begin() as session:
        partnership = session.exec(select(Partnership)).one()
        for role in WHO:
            for one in holders(session, partnership.id, role)[:1]:
                yield role.value, start_session(session, one.grant, browser="screenshots")


def shoot(browser: Browser, cookies: Mapping[str, str], pages: Iterable[Place], folder: Path) -> int:
    """Take each page of an installation in each language and size; return how many pictures that makes."""
    taken = 0
    with server() as address:
        here = f"http://localhost:{address.rpartition(':')[2]}"
        for place in pages:
            for language in LANGUAGES:
                with window(browser, here, cookies.get(place.who), language=language) as page:
                    answer = page.goto(place.address)
                    assert answer is not None
                    assert answer.status == 200, place
                    for size, (width, height) in SIZES.items():
                        page.set_viewport_size({"width": width, "height": height})
                        name = f"{name_of(place.template)}--{place.who or 'anybody'}.png"
                        page.screenshot(path=folder / language / size / name, full_page=True)
                        taken += 1
    return taken


def name_of(template: str) -> str:
    """Return what the picture of a page is called: `cases-id-moves` for `/cases/{collaboration_id}/moves`."""
    parts = ["id" if part.startswith("{") else part for part in template.strip("/").split("/")]
    return "-".join(parts) or "my-work"


if __name__ == "__main__":
    demonstration, pictures = Path(sys.argv[1]), Path(sys.argv[2])
    print(f"{main(demonstration, pictures)} pictures in {pictures}")
