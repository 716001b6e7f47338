"""What authorities say, each for its own region, side by side; the review of a case; what reviewers say once a year."""

import re
from pathlib import Path

import pytest

from states.archive.service import Rendered, record_document
from states.archive.store import keep_bytes
from states.archive.tables import BETWEEN, DocumentClass, DocumentKind
from states.crossings.review.rounds import open_requested_round
from states.review.tables import ReviewRound
from tests.api.house import OBSERVER, PARTNER, SECRETARY
from tests.factories import PRINTING, World, a_collaboration_at, clear
from tests.pages.house import a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def a_regional_round(world: World) -> tuple[str, str]:
    row = a_collaboration_at(world, "wgra_review")
    opened = open_requested_round(world.session, row.id, "wgra")
    for name in ("upper-silesia", "paca"):
        clear(world, row, opened, name)
    return row.id, opened.id


def test_a_region_states_restates_and_then_sees_the_others(installation: Path) -> None:
    house, (_, key) = a_page_house(a_regional_round)
    path = f"/rounds/{key}/positions"
    silesia, paca = house.by("upper-silesia"), house.by("paca")
    paca.send(f"{path}/own", {"willingness": "no", "priority_match": "none"})
    hidden = silesia.read(path)
    conditions = {"willingness": "if", "priority_match": "full", "maximum_amount": "400000.00"}
    bare = silesia.send(f"{path}/own", conditions)
    stated = silesia.send(f"{path}/own", {**conditions, "condition": "Once the call is open."}, follow=True)
    form = silesia.read(f"{path}/own")
    silesia.send(f"{path}/own", {"willingness": "yes", "priority_match": "full", "maximum_amount": ""})

    assert "Not at all" not in said_on(hidden)
    assert (bare.status_code, 'href="#f-condition"' in bare.text) == (422, True)
    assert 'value="400000.00"' in bare.text
    assert "EUR 400,000.00" in said_on(stated.text)
    assert "differ" in said_on(stated.text)
    assert 'value="400000.00"' in form
    again = said_on(silesia.read(path))
    assert "EUR 400,000.00" not in again
    assert "Once the call is open." not in again


def a_briefed_round(world: World) -> tuple[str, dict[str, str]]:
    """Open a round with the briefing of each region issued."""
    case, key = a_regional_round(world)
    version, briefings = world.session.get_one(ReviewRound, key).protocol_version_id, {}
    for name in ("upper-silesia", "paca"):
        content = f"%PDF {name}".encode()
        keep_bytes(content)
        subject = f"{version}{BETWEEN}{world.regions[name].id}"
        made = Rendered(DocumentKind.BRIEFING, DocumentClass.CONFIDENTIAL, name, subject, name, content, PRINTING)
        issued = record_document(world.session, made, partnership_id=world.partnership.id, collaboration_id=case)
        briefings[name] = issued.id
    return key, briefings


def test_the_form_of_a_position_leads_to_the_own_regions_briefing_alone(installation: Path) -> None:
    house, (key, briefings) = a_page_house(a_briefed_round)

    forms = {name: house.by(name).read(f"/rounds/{key}/positions/own") for name in briefings}

    led = {
        name: [one for one, issued in briefings.items() if f"/documents/{issued}/content" in form]
        for name, form in forms.items()
    }
    assert led == {"upper-silesia": ["upper-silesia"], "paca": ["paca"]}
    assert house.by("paca").get(f"/documents/{briefings['upper-silesia']}/content").status_code == 403


def test_nobody_speaks_for_a_region_but_its_own_member(installation: Path) -> None:
    house, (_, key) = a_page_house(a_regional_round)

    assert house.by(SECRETARY).get(f"/rounds/{key}/positions/own").status_code == 403
    assert house.by("iag_member 1").get(f"/rounds/{key}/positions").status_code == 403
    assert "Nothing is open to you yet of" in said_on(house.by(SECRETARY).read(f"/rounds/{key}/positions"))


def test_the_review_of_a_case_holds_every_round_and_what_was_decided(installation: Path) -> None:
    house, (case, key) = a_page_house(a_regional_round)
    office, partner = house.by(SECRETARY).read(f"/cases/{case}/review"), house.by(PARTNER).read(f"/cases/{case}/review")

    assert said_on(office).index("Working Group of Regional Authorities") < said_on(office).index("Thresholds are met.")
    assert f"/rounds/{key}" in office
    assert "Thresholds are met." in said_on(partner)
    assert "Open a round" not in said_on(partner)
    assert house.by(OBSERVER).get(f"/cases/{case}/review").status_code == 403


def in_review(world: World) -> str:
    return a_collaboration_at(world, "iag_review").id


def test_who_should_sit_is_proposed_before_a_round_is_opened(installation: Path) -> None:
    house, case = a_page_house(in_review)
    page = f"/cases/{case}/review/opening?panel=iag"
    proposed = house.by(SECRETARY).read(page)
    opened = house.by(SECRETARY).send(f"/cases/{case}/review/opening", {"panel": "iag"}, page=page, follow=True)

    assert "iag_member 1" in said_on(proposed)
    assert "The round is open" in said_on(opened.text)
    assert house.by(PARTNER).get(page).status_code == 403


def test_a_reviewer_agrees_for_the_year_and_names_ties(installation: Path) -> None:
    house, _ = a_page_house()
    first = house.by("iag_member 1")
    first.send("/reviewing/agreement", page="/reviewing")
    bare = first.send("/reviewing", {"organisation": "medtech-gliwice", "since": "2024-05-01"})
    done = first.send(
        "/reviewing", {"organisation": "medtech-gliwice", "tie": "contract", "since": "2024-05-01"}, follow=True
    )

    assert (bare.status_code, 'value="2024-05-01"' in bare.text, 'href="#f-tie"' in bare.text) == (422, True, True)
    assert "The tie is on record" in said_on(done.text)
    assert "Agreed" in said_on(done.text)
    assert house.by(SECRETARY).get("/reviewing").status_code == 403


def test_the_list_of_documents_says_for_which_region_a_briefing_is(installation: Path) -> None:
    house, (key, _) = a_page_house(a_briefed_round)
    case = re.search(r'href="/cases/([0-9a-f]{32})', house.manager.read(f"/rounds/{key}"))
    assert case is not None

    listed = said_on(house.manager.read(f"/cases/{case[1]}/documents"))

    assert "Briefing: upper-silesia (PDF)" in listed
    assert "Briefing: paca (PDF)" in listed


def test_a_document_is_printed_with_what_stands_behind_it_by_who_may_read_it(installation: Path) -> None:
    house, (_, briefings) = a_page_house(a_briefed_round)
    page = f"/documents/{briefings['paca']}"
    assert f'href="{page}/bundle"' in house.manager.read(page)

    printed = house.manager.get(f"{page}/bundle")
    assert (printed.headers["Content-Type"], printed.content[:4]) == ("application/pdf", b"%PDF")
    assert house.by("upper-silesia").get(f"{page}/bundle").status_code == 403
