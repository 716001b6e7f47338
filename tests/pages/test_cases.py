"""The pages of a case and of its moves: what each role sees there, and what each form does and refuses."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from states.clock import now
from states.collaborations.service import edit_collaboration
from tests.api.house import MANAGER, OBSERVER, PARTNER, SECRETARY
from tests.factories import World, a_collaboration, a_collaboration_at, open_iag
from tests.pages.house import Reader, a_page_house, said_on
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
    assert refused.status_code == 422
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


def test_partners_join_change_and_leave(installation: Path) -> None:
    house, case = a_page_house(a_case)
    manager, members = house.manager, f"/cases/{case}/members"
    fields = {"organisation": "medtech-katowice", "part": "partner", "contribution": "Clinical tests"}
    assert "It takes part now." in said_on(manager.send(members, fields, follow=True).text)
    changed = manager.send(
        f"{members}/medtech-katowice", {"part": "partner", "contribution": ""}, page=members, follow=True
    )
    assert "Clinical tests" not in changed.text
    left = manager.send(f"{members}/medtech-katowice/leaving", {"next_lead": "", "costs_to": ""}, page=members)

    assert left.headers["Location"] == f"{members}?told=left"
    assert "Let it leave : katowice" not in said_on(manager.read(members))


def test_a_lead_leaves_once_the_next_one_is_named(installation: Path) -> None:
    house, case = a_page_house(lambda world: a_collaboration(world, sites=("gliwice", "marseille", "katowice")).id)
    manager, members = house.manager, f"/cases/{case}/members"
    refused = manager.send(f"{members}/medtech-gliwice/leaving", {"next_lead": ""}, page=members)
    assert refused.status_code == 409
    assert "There is a problem" in said_on(refused.text)
    manager.send(f"{members}/medtech-gliwice/leaving", {"next_lead": "medtech-marseille"}, page=members, follow=True)

    assert "Lead marseille" in said_on(manager.read(f"/cases/{case}"))


def test_a_case_is_given_another_title_and_a_summary_taken_away(installation: Path) -> None:
    house, case = a_page_house(lambda world: a_collaboration_at(world, "investment_protocol").id)
    manager, edit = house.manager, f"/cases/{case}/edit"
    fields = {"title": "Centre for Coatings", "summary": "", "working_area": "2", "merges_into": ""}
    told = said_on(manager.send(edit, fields, follow=True).text)
    assert "Centre for Coatings It is saved." in told.replace("Cases ", "") or "It is saved." in told
    assert "A shared centre." not in told
    wrong = manager.send(edit, fields | {"title": " "})

    assert wrong.status_code == 422
    assert "Error:" in wrong.text


def test_a_case_has_an_officer_and_a_deputy_with_a_reason(installation: Path) -> None:
    def people(world: World) -> tuple[str, str, str]:
        return a_collaboration(world).id, world.people[MANAGER].id, world.people[SECRETARY].id

    house, (case, manager_id, secretary_id) = a_page_house(people)
    manager, officer = house.manager, f"/cases/{case}/officer"
    fields = {"person": manager_id, "deputy": secretary_id, "reason": ""}
    assert manager.send(officer, fields).status_code == 422
    manager.send(officer, fields | {"reason": "Knows the field."}, follow=True)
    text = said_on(manager.read(f"/cases/{case}"))
    assert "Officer project_manager, deputy iag_secretary" in text
    manager.send(officer, {"person": "", "deputy": "", "reason": "Leaves."}, follow=True)

    assert "nobody yet" in said_on(manager.read(f"/cases/{case}"))


def test_a_whole_case_is_taken_out_by_who_may(installation: Path) -> None:
    house, case = a_page_house(a_case)

    assert house.manager.get(f"/cases/{case}/case-file").content[:2] == b"PK"
    assert house.by(PARTNER).get(f"/cases/{case}/case-file").content[:2] == b"PK"
    assert house.by(OBSERVER).get(f"/cases/{case}/case-file").status_code == 403
    assert Reader().get(f"/cases/{case}/case-file").status_code == 303


def test_a_deadline_is_looked_at_under_another_day_and_then_extended(installation: Path) -> None:
    house, case = a_page_house(a_case)
    manager = house.manager
    listed = manager.read(f"/cases/{case}/deadlines")
    deadline = listed.partition('href="/deadlines/')[2].partition('"')[0]
    asked = f"/deadlines/{deadline}?due_on=2027-06-30"
    assert "Due on 30 Jun 2027" in said_on(manager.read(asked))
    sent = {"due_on": "2027-06-30", "reason": ""}
    assert manager.send(f"/deadlines/{deadline}/extension", sent, page=asked).status_code == 422
    told = manager.send(f"/deadlines/{deadline}/extension", sent | {"reason": "Asked."}, page=asked, follow=True)

    assert "It has another last day." in said_on(told.text)
    assert "Asked." in said_on(told.text)
    waived = manager.send(f"/deadlines/{deadline}/waiver", {"reason": "Done on paper."}, page=asked, follow=True)
    assert "It is waived." in said_on(waived.text)
    assert "Another day" not in said_on(house.by(PARTNER).read(f"/deadlines/{deadline}"))


def test_a_document_is_asked_for_and_its_making_is_shown(installation: Path) -> None:
    house, case = a_page_house(lambda world: a_collaboration_at(world, "iag_review").id)
    manager, documents = house.manager, f"/cases/{case}/documents"
    told = said_on(manager.send(documents, {"kind": "investment-protocol"}, follow=True).text)
    assert "It is asked for." in told
    assert "being made." in told
    refused = manager.send(documents, {"kind": "proposal"})

    assert refused.status_code == 409
    assert "Ask for one" not in said_on(house.by(PARTNER).read(documents))


def test_the_history_tells_every_change_and_how_a_case_stood(installation: Path) -> None:
    def renamed(world: World) -> str:
        row = a_collaboration_at(world, "outline")
        edit_collaboration(world.session, row, title="Centre for Coatings")
        return row.id

    house, case = a_page_house(renamed)
    manager, today_ = house.manager, now().astimezone(ZoneInfo("Europe/Brussels")).date().isoformat()
    text = said_on(manager.read(f"/cases/{case}/history?on={today_}&noun=collaboration"))
    assert "Centre for Coatings" in text
    assert "Stage Outline" in text
    assert "Partners gliwice (Lead), marseille" in text
    assert "The case was not open yet" in said_on(manager.read(f"/cases/{case}/history?on=2020-01-01"))
    assert manager.read(f"/cases/{case}/history?on=never&since=x")  # what is no day asks for nothing

    assert house.by(OBSERVER).get(f"/cases/{case}/history").status_code == 403


def test_a_form_that_was_overtaken_comes_back_with_what_was_typed_and_says_so(installation: Path) -> None:
    house, case = a_page_house(a_case)
    edit = f"/cases/{case}/edit"
    house.manager.send(edit, {"title": "A centre for coatings", "summary": "Coatings."}, follow=True)
    late = house.manager.send(edit, {"version": "1", "title": "A centre for films", "summary": "Films."})

    told = said_on(late.text)
    assert (late.status_code, "Somebody else changed this first" in told) == (412, True)
    assert 'value="A centre for films"' in late.text
    assert "Read what stands there now" in told
    assert "A centre for coatings" in house.manager.read(edit)
