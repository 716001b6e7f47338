"""The pages of a case and of its moves: what each role sees there, and what each form does and refuses."""

from pathlib import Path

import pytest

from tests.api.house import MANAGER, OBSERVER, PARTNER, SECRETARY
from tests.factories import World, a_collaboration, a_collaboration_at, open_iag
from tests.pages.house import a_page_house, said_on
from tests.statements import counted

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

REVIEWER = "iag_member 1"


def a_case(world: World) -> str:
    return a_collaboration(world).id


def a_case_in_review(world: World) -> str:
    row = a_collaboration_at(world, "iag_review")
    open_iag(world, row)
    return row.id


def test_a_case_shows_its_stages_the_next_move_and_who_mends_what(installation: Path) -> None:
    house, case = a_page_house(a_case)
    text = said_on(house.manager.read(f"/cases/{case}"))

    assert "Matchmaking now" in text
    assert "Next: Write the outline" in text
    assert "Nothing speaks against it." in text
    assert "Investment protocol" in text
    assert "PL22" in text


@pytest.mark.parametrize("who", [MANAGER, SECRETARY, PARTNER, OBSERVER, "iag_chair", "wgra_chair", "administrator"])
def test_who_may_read_a_case_reads_its_page_at_every_stage(installation: Path, who: str) -> None:
    house, case = a_page_house(lambda world: a_collaboration_at(world, "bankable").id)
    text = said_on(house.by(who).read(f"/cases/{case}"))

    assert "Centre for Biocompatibility" in text
    assert ("Change the partners" in text) == (who in (MANAGER, "administrator"))


def test_a_reviewer_reads_the_outline_before_the_declaration(installation: Path) -> None:
    house, case = a_page_house(a_case_in_review)
    text = said_on(house.by(REVIEWER).read(f"/cases/{case}"))

    assert "This is the outline." in text
    assert "The dossier opens" in text
    assert "What happened" not in text


def test_a_move_is_checked_confirmed_and_told_with_its_reference(installation: Path) -> None:
    house, case = a_page_house(a_case)
    manager = house.manager
    check = f"/cases/{case}/moves/draft_outline"
    assert "Check what it does, then confirm." in said_on(manager.read(check))
    told = manager.send(f"/cases/{case}/moves", {"move": "draft_outline"}, page=check, follow=True)

    assert "The move is made. Reference: centre, line 1." in said_on(told.text)
    assert "Take it back" in said_on(told.text)


def test_a_move_is_taken_back_with_a_reason(installation: Path) -> None:
    house, case = a_page_house(lambda world: a_collaboration_at(world, "outline").id)
    manager = house.manager
    made = f"/cases/{case}/moves/made/1"
    refused = manager.send(f"/cases/{case}/moves/undoing", {"reason": ""}, page=made)
    assert refused.status_code in (409, 422)
    assert "There is a problem" in said_on(refused.text)
    manager.send(f"/cases/{case}/moves/undoing", {"reason": "The wrong case."}, page=made, follow=True)

    assert "Matchmaking now" in said_on(manager.read(f"/cases/{case}"))


def test_a_closed_move_tells_every_reason_and_leads_to_where_it_is_mended(installation: Path) -> None:
    house, case = a_page_house(lambda world: a_collaboration_at(world, "outline").id)
    text = house.manager.read(f"/cases/{case}/moves")

    assert "Begin the investment protocol" in said_on(text)
    assert f'href="/cases/{case}' in text
    assert "<form method" not in text


def test_the_check_of_a_move_that_is_not_there_leads_to_those_that_are(installation: Path) -> None:
    house, case = a_page_house(a_case)

    assert house.manager.get(f"/cases/{case}/moves/win").headers["Location"] == f"/cases/{case}/moves"


def test_statements_of_a_case_do_not_grow_with_what_lies_in_it(installation: Path) -> None:
    house, (few, many) = a_page_house(
        lambda world: (a_collaboration(world, sites=("gliwice",)).id, a_collaboration(world, slug="many").id)
    )
    manager = house.manager
    manager.read(f"/cases/{few}")
    counts = []
    for case in (few, many):
        with counted() as sent:
            manager.read(f"/cases/{case}")
        counts.append(len(sent))

    assert counts[0] == counts[1]
