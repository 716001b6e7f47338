"""Costs in a browser: entered as people write numbers, changed, withdrawn; each partner's own, with VAT and rates."""

from pathlib import Path

import pytest

from tests.api.house import OBSERVER
from tests.factories import World, a_collaboration, a_cost_line
from tests.pages.house import a_page_house, said_on
from tests.pages.test_protocol import MARKUP, MARSEILLE, speak_for_marseille

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

LINE = {
    "slug": "test-rig",
    "organisation": "medtech-marseille",
    "nuts": "FRL04",
    "activity": "experimental",
    "cost_category": "equipment",
    "amount": "180,000.00",
    "starts_on": "2027-09-01",
    "economic": "true",
    "currency": "EUR",
}


def a_case(world: World) -> str:
    speak_for_marseille(world)
    row = a_collaboration(world)
    a_cost_line(world, row)
    return row.id


def test_a_cost_line_is_entered_as_people_write_it_and_changed(installation: Path) -> None:
    house, case = a_page_house(a_case)
    manager, page = house.manager, f"/cases/{case}/costs"
    added = manager.send(f"/cases/{case}/new-cost", {**LINE, "title": MARKUP}, follow=True)
    assert "EUR 181,000.10 eligible" in said_on(added.text)
    assert "<script>alert" not in added.text

    form = f"{page}/test-rig"
    assert 'value="180000.00"' in manager.read(form)
    changed = manager.send(form, {**LINE, "amount": "195 000,50", "title": "Test rig", "in_kind": "true"}, follow=True)
    told = said_on(changed.text)
    assert "Changed." in told
    assert "195,000.50" in told
    assert "In kind" in told
    manager.send(f"{form}/withdrawal", page=form)
    assert "Test rig" not in manager.read(page)


def test_what_may_be_thousands_or_decimals_is_asked_back(installation: Path) -> None:
    house, case = a_page_house(a_case)
    answer = house.manager.send(f"/cases/{case}/new-cost", {**LINE, "amount": "180.000", "stated": "400.000"})

    assert answer.status_code == 422
    assert 'href="#f-amount"' in answer.text
    assert 'href="#f-stated"' in answer.text
    assert 'value="180.000"' in answer.text


def test_a_partner_enters_its_own_costs_and_no_others(installation: Path) -> None:
    house, case = a_page_house(a_case)
    marseille, page = house.by(MARSEILLE), f"/cases/{case}/new-cost"
    assert 'value="medtech-gliwice"' not in marseille.read(page)
    assert marseille.send(page, LINE).status_code == 303
    assert marseille.send(page, {**LINE, "slug": "other", "organisation": "medtech-gliwice"}).status_code == 403
    assert marseille.send(f"/cases/{case}/costs/equipment", {"amount": "1.00"}).status_code == 403


def test_who_may_not_read_costs_is_told_so(installation: Path) -> None:
    house, case = a_page_house(a_case)

    assert house.by(OBSERVER).get(f"/cases/{case}/costs").status_code == 403
    assert house.by(OBSERVER).get(f"/cases/{case}/new-cost").status_code == 403


def test_vat_that_comes_back_is_said_once_for_an_organisation(installation: Path) -> None:
    house, case = a_page_house(a_case)
    page = "/partnerships/medtech/organisations/medtech-marseille/vat-status"
    marseille = house.by(MARSEILLE)
    assert marseille.send(page, {"source": "a register"}).status_code == 422
    assert "Saved" in said_on(marseille.send(page, {"recovers": "true", "source": "a register"}, follow=True).text)
    fields = {name: value for name, value in LINE.items() if name != "amount"}
    with_vat = {**fields, "stated": "1200", "vat_percent": "20", "vat_included": "true"}
    assert "1,000.00" in said_on(marseille.send(f"/cases/{case}/new-cost", with_vat, follow=True).text)
    assert marseille.get(page.replace("marseille", "gliwice")).status_code == 403


def test_no_line_goes_by_a_rate_where_none_is_in_another_currency(installation: Path) -> None:
    house, case = a_page_house(a_case)

    assert "No line goes by a rate" in said_on(house.manager.read(f"/cases/{case}/exchange-rates"))


PLAN = {
    "horizon.first_year": "2027",
    "horizon.years": "3",
    "horizon.prices": "real",
    "horizon.price_year": "2026",
    "horizon.illustrative": "true",
    "rates.discount": "4",
    "rates.tax": "19",
    "rates.source": "reference rate of the Commission",
    "draws.seed": "1",
    "draws.runs": "500",
    "draws.measure": "project",
}


def test_what_is_assumed_is_said_by_year_with_its_source(installation: Path) -> None:
    house, case = a_page_house(a_case)
    manager, page = house.manager, f"/cases/{case}/finances"
    revenue = {"revenues.0.name": MARKUP, "revenues.0.by_year.2028": "90,000.00", "revenues.0.illustrative": "true"}
    answer = manager.send(page, PLAN | revenue, follow=True)
    assert "Saved." in said_on(answer.text)
    assert 'name="revenues.0.by_year.2028" value="90000.00"' in answer.text
    assert "<script>alert" not in answer.text

    removed = manager.send(page, PLAN | revenue | {"remove": "revenues.0"}, follow=True)
    assert "90000.00" not in removed.text


def test_an_assumption_without_a_source_is_asked_back_with_all_that_was_typed(installation: Path) -> None:
    house, case = a_page_house(a_case)
    page = f"/cases/{case}/finances"
    wrong = {**PLAN, "revenues.4.name": "Tests", "revenues.4.by_year.2028": "ninety", "rates.discount": "many"}
    answer = house.manager.send(page, wrong)

    assert answer.status_code == 422
    assert 'href="#f-revenues-0-by_year-2028"' in answer.text
    assert 'name="revenues.0.name" value="Tests"' in answer.text
    bare = {name: value for name, value in PLAN.items() if name != "rates.source"}
    assert house.manager.send(page, bare).status_code == 422


def test_a_partner_that_does_not_lead_reads_what_is_assumed(installation: Path) -> None:
    house, case = a_page_house(a_case)
    house.manager.send(f"/cases/{case}/finances", PLAN)
    read = house.by(MARSEILLE).read(f"/cases/{case}/finances")

    assert "<fieldset disabled>" in read
