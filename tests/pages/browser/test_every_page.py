"""Every page in a real browser: axe finds nothing, nothing sticks out, nothing foreign is loaded."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.factories import World, a_collaboration
from tests.pages.browser.people import PHONE, WIDE, need_accessible, need_no_sideways, window
from tests.pages.house import a_page_house
from tests.serving import server

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("installation", ["sqlite"], indirect=True)]


def a_case(world: World) -> str:
    return a_collaboration(world).id


def paths_of(case: str) -> tuple[str, ...]:
    """Return every page that needs no more than a case."""
    return (
        "/",
        "/cases",
        "/cases?view=table",
        "/cases/new",
        f"/cases/{case}",
        f"/cases/{case}/moves",
        f"/cases/{case}/moves/drop",
        f"/cases/{case}/members",
        f"/cases/{case}/edit",
        f"/cases/{case}/officer",
        f"/cases/{case}/deadlines",
        f"/cases/{case}/documents",
        f"/cases/{case}/history?on=2026-11-30",
        "/nowhere",
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_and_nothing_sticks_out(installation: Path, browser: Browser, dark: bool) -> None:
    house, case = a_page_house(a_case)
    with server() as address:
        for path in paths_of(case):
            for size in (WIDE, PHONE):
                with window(
                    browser, f"http://{address}", house.cookies["project_manager"], size=size, dark=dark
                ) as page:
                    page.goto(path)
                    need_accessible(page)
                    need_no_sideways(page)
