"""The money of a case on pages: made by hand, searched for, chosen, explained; and the catalogue of the partnership."""

import re
from pathlib import Path

import pytest

from tests.api.house import OBSERVER, PARTNER
from tests.api.routes.funding.test_solutions import solved
from tests.factories import World, a_collaboration_at
from tests.pages.house import PageHouse, a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def test_mixes_are_searched_for_made_a_scenario_and_chosen(whole: tuple[PageHouse, str]) -> None:
    house, case = whole
    manager, page = house.manager, f"/cases/{case}/funding"
    begun = manager.send(f"{page}/solving", {"seconds": "60"}, follow=True)
    run = re.search(r"funding-solutions/([0-9a-f]+)/cancellation", begun.text)
    assert run is not None
    solved(run[1])
    done = manager.read(f"{page}/solving")
    adopted = manager.send(
        f"/funding-solutions/{run[1]}/adoption",
        {"kind": "best", "name": "The best mix", "protocol_version": "1"},
        page=f"{page}/solving",
        follow=True,
    )
    scenario = re.search(r"/scenarios/([0-9a-f]+)/choice", adopted.text)
    assert scenario is not None
    chosen = manager.send(f"/scenarios/{scenario[1]}/choice", page=page, follow=True)
    surer = manager.send(f"/scenarios/{scenario[1]}/sources/1", {"status": "committed"}, page=page, follow=True)

    assert 'data-poll="' in begun.text
    assert 'data-poll="' not in done
    assert "EUR 500.05" in said_on(done)
    assert "“The best mix” is chosen" in said_on(chosen.text)
    assert '<option value="committed" selected>' in surer.text
    assert f"/scenarios/{scenario[1]}/choice" not in house.by(PARTNER).read(page)


def test_a_scenario_by_hand_that_does_not_add_up_keeps_what_was_typed(whole: tuple[PageHouse, str]) -> None:
    house, case = whole
    page = f"/cases/{case}/funding/scenarios"
    typed = {
        "name": "By hand",
        "protocol_version": "1",
        "uses.0.organisation": "medtech-gliwice",
        "uses.0.category": "Rigs",
        "uses.0.amount": "1000.10",
        "sources.0.organisation": "medtech-gliwice",
        "sources.0.kind": "own_cash",
        "sources.0.status": "idea",
        "sources.0.amount": "900.00",
        "gap": "0.00",
    }
    wrong = house.manager.send(page, typed)
    made = house.manager.send(page, {**typed, "gap": "100.10"}, follow=True)

    assert wrong.status_code == 422
    assert 'value="900.00"' in wrong.text
    assert "The scenario is recorded." in said_on(made.text)
    assert "EUR 100.10" in said_on(made.text)


def test_each_rule_says_why_and_what_would_change_it(whole: tuple[PageHouse, str]) -> None:
    house, case = whole
    told = said_on(house.manager.read(f"/cases/{case}/funding/rules"))

    assert "medtech-gliwice" in told
    assert "To change it: " in told
    assert house.by(OBSERVER).get(f"/cases/{case}/funding/rules").status_code == 403


def a_bare_case(world: World) -> str:
    return a_collaboration_at(world, "investment_protocol").id


def test_a_case_that_is_not_whole_says_what_is_missing(installation: Path) -> None:
    house, case = a_page_house(a_bare_case)

    assert "The case is not whole yet" in said_on(house.manager.read(f"/cases/{case}/funding/solving"))
    assert "No scenario is chosen yet." in said_on(house.manager.read(f"/cases/{case}/funding"))
    assert house.manager.get(f"/cases/{case}/funding/rules").status_code == 200


def test_the_catalogue_shows_instruments_calls_and_the_law(whole: tuple[PageHouse, str]) -> None:
    house, _ = whole
    told = said_on(house.by(PARTNER).read("/funding"))

    assert told.index("31 Mar 2127") < told.index("Silesian vouchers", told.index("Instruments"))
    assert "holds today" in told
    assert "PL22" in said_on(house.by(PARTNER).read("/funding/instruments/vouchers"))


def test_a_proposal_is_submitted_to_a_call_chosen_by_its_name(whole: tuple[PageHouse, str]) -> None:
    house, case = whole
    call, form = "/funding/instruments/vouchers/calls/new", f"/cases/{case}/submissions"
    house.manager.send(call, {"slug": "2127-2", "closes_on": "2127-12-01"}, follow=True)
    said = {"call": "vouchers/2127-2", "amount": "400 000", "submitted_on": "2026-11-20"}
    submitted = house.manager.send(form, said, follow=True)

    assert "Silesian vouchers: 2127-2" in said_on(house.manager.read(form))
    assert "EUR 400,000.00" in said_on(submitted.text)
    assert "Silesian vouchers, 2127-2" in said_on(submitted.text)
