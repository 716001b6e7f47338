"""My work: what waits for whom, why it is theirs, what is new to them, and what others have open."""

from pathlib import Path

import pytest

from states.collaborations.officers import assign_officer
from tests.api.house import MANAGER, OBSERVER, PARTNER, SECRETARY
from tests.factories import World, a_collaboration, a_collaboration_at, open_iag
from tests.pages.house import a_page_house, said_on
from tests.statements import counted

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

REVIEWER = "iag_member 1"


def a_case_in_review(world: World) -> str:
    row = a_collaboration_at(world, "iag_review")
    open_iag(world, row)
    return row.id


def test_a_reviewer_is_told_what_waits_and_why(installation: Path) -> None:
    house, _ = a_page_house(a_case_in_review)
    text = said_on(house.by(REVIEWER).read("/"))

    assert "Declare whether you have a conflict of interest" in text
    assert "Centre for Biocompatibility · you hold a seat in its review" in text
    assert "Waiting for others" not in text


def test_a_partner_is_told_what_waits_for_its_organisation_and_what_is_new(installation: Path) -> None:
    house, _ = a_page_house(a_case_in_review)
    text = said_on(house.by(PARTNER).read("/"))

    assert "your organisation takes part" in text
    assert "Since you were here" in text
    assert "Submit to the Investment Advisory Group · Project manager Centre for Biocompatibility" in text


def test_nobody_is_told_of_what_may_not_be_read(installation: Path) -> None:
    house, _ = a_page_house(a_case_in_review)
    text = said_on(house.by("iag_member 2").read("/"))

    assert "Submit to the Investment Advisory Group" not in text
    assert "Nothing has happened." in text


def test_the_officer_finds_what_may_go_on_and_narrows_to_the_own_cases(installation: Path) -> None:
    def looked_after(world: World) -> str:
        row = a_collaboration(world)
        manager = world.people[MANAGER]
        assign_officer(
            world.session, row, officer_id=manager.id, deputy_id=None, reason="Knows it.", actor=world.manager
        )
        return row.id

    house, case = a_page_house(looked_after)
    manager = house.manager

    assert f'href="/cases/{case}/moves/draft_outline"' in manager.read("/")
    assert manager.get("/?officer=me").status_code == 200
    assert "Cases of" not in said_on(house.by(PARTNER).read("/"))
    assert manager.get("/?officer=nobody%40nowhere.example").status_code == 422


def test_what_is_new_is_new_until_the_next_visit(installation: Path) -> None:
    house, _ = a_page_house(a_case_in_review)
    manager = house.manager
    assert "Submit to the Investment Advisory Group" in said_on(manager.read("/"))
    assert "Submit to the Investment Advisory Group" in said_on(manager.read("/"))  # the same visit
    _, _, person = manager.client.cookies["bankable_visit"].split("-")
    manager.client.cookies.set("bankable_visit", f"99999999999-99999999999-{person}", domain="127.0.0.1")

    assert "Nothing has happened." in said_on(manager.read("/"))


@pytest.mark.parametrize("who", [MANAGER, SECRETARY, PARTNER, OBSERVER, REVIEWER, "iag_chair", "wgra_chair", "paca"])
def test_the_bar_holds_only_places_that_are_there_and_open_to_the_role(installation: Path, who: str) -> None:
    house, _ = a_page_house(a_case_in_review)
    reader = house.by(who)
    bar = reader.read("/").partition("<nav")[2].partition("</nav>")[0]
    addresses = [part.partition('"')[0] for part in bar.split('href="')[1:]]

    assert addresses[:2] == ["/", "/cases"]
    assert [reader.get(address).status_code for address in addresses] == [200] * len(addresses)


def test_statements_of_my_work_do_not_grow_with_what_waits(installation: Path) -> None:
    def several(world: World) -> None:
        for number in range(3):
            open_iag(world, a_collaboration_at(world, "iag_review", slug=f"case-{number}"))

    house, _ = a_page_house(several)
    secretary = house.by(SECRETARY)
    secretary.read("/")
    counts = []
    for limit in (1, 50):
        with counted() as sent:
            secretary.read(f"/?limit={limit}")
        counts.append(len(sent))

    assert counts[0] == counts[1]
