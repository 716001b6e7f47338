"""Every page in a real browser: axe finds nothing, nothing sticks out, all is reached by keyboard."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.factories import World, a_collaboration
from tests.pages.browser.people import (
    PHONE,
    WIDE,
    inaccessible,
    need_accessible,
    need_no_sideways,
    sticking_out,
    unreachable,
    window,
)
from tests.pages.full_house import NOBODY, NOT_HERE, ROLES, Place, a_full_house, places
from tests.pages.house import a_page_house
from tests.pages.walk import templates
from tests.serving import server

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("installation", ["sqlite"], indirect=True)]

ZOOMED = (640, 450)  # what a window of 1280 by 900 has left at 200 percent

Look = tuple[tuple[int, int], str, tuple[Callable[[Page], list[str]], ...]]
# Each language and each light is seen on each size; what one is enough for is looked at once.
LOOKS: dict[str, list[Look]] = {
    "en-GB": [
        (ZOOMED, "light", (sticking_out, unreachable)),
        (WIDE, "light", (inaccessible, sticking_out)),
        (PHONE, "dark", (inaccessible, sticking_out)),
    ],
    "de-DE": [
        (WIDE, "dark", (inaccessible, sticking_out)),
        (PHONE, "light", (inaccessible, sticking_out)),
        (ZOOMED, "light", (sticking_out,)),
    ],
}


def a_case(world: World) -> str:
    return a_collaboration(world).id


def paths_of(case: str) -> tuple[str, ...]:
    """Return pages that are looked at in each run of the tests."""
    return ("/", "/cases", "/cases?view=table", "/cases/new", f"/cases/{case}", f"/cases/{case}/moves/drop", "/nowhere")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_and_nothing_sticks_out(installation: Path, browser: Browser, dark: bool) -> None:
    house, case = a_page_house(a_case)
    cookie = house.cookies["project_manager"]
    with server() as address:
        for size in (WIDE, PHONE):
            with window(browser, f"http://{address}", cookie, size=size, dark=dark) as page:
                for path in paths_of(case):
                    page.goto(path)
                    need_accessible(page)
                    need_no_sideways(page)


@pytest.mark.long
@pytest.mark.parametrize("language", LOOKS)
def test_every_page_is_for_everybody(installation: Path, browser: Browser, language: str) -> None:
    house, (keys, links) = a_page_house(a_full_house)
    found = places({who: house.cookies[who] for who in ROLES}, keys=keys, links=links)
    assert {one.template for one in found} == templates() - NOT_HERE, "a page without an example in `full_house.py`"
    by_reader = [(who, list(of)) for who, of in groupby(sorted(found, key=lambda one: one.who), lambda one: one.who)]
    faults = defaultdict[str, list[str]](list)
    with server() as address:
        here = f"http://localhost:{address.rpartition(':')[2]}"
        for who, of in by_reader:
            cookie = None if who == NOBODY else house.cookies[who]
            with window(browser, here, cookie, size=ZOOMED, language=language, scale=2) as page:
                for place in of:
                    for look, said in _looked_at(page, place, LOOKS[language]):
                        for fault in said:
                            faults[fault].append(f"{place.template} of {who or 'anybody'}, {look}")
    told = [f"{fault}\n    {len(seen)} times: {'; '.join(seen[:4])}" for fault, seen in faults.items()]
    assert not told, "\n".join(told)


def _looked_at(page: Page, place: Place, looks: Iterable[Look]) -> Iterable[tuple[str, list[str]]]:
    """Open a page once, and yield for each look at it what is wrong."""
    answer = page.goto(place.address)
    assert answer is not None
    assert answer.status == 200, place
    for (width, height), light, asked in looks:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if light == "dark" else "light")
        yield f"{width} px, {light}", [fault for ask in asked for fault in ask(page)]
