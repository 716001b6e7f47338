"""Exchange rates over HTTP: brought in, superseded, ruled on; and costs that go by them."""

import json
from pathlib import Path

import pytest

from states.clock import today
from tests.api.house import House, a_house, places, problem
from tests.factories import World, a_collaboration

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
RATES = "/partnerships/medtech/exchange-rates"
TERMS = "/partnerships/medtech/money-terms"
LINE = {
    "slug": "rigs",
    "organisation": "medtech-gliwice",
    "nuts": "PL229",
    "activity": "experimental",
    "cost_category": "equipment",
    "currency": "PLN",
    "stated": "1000.00",
}


def _prepare(world: World) -> str:
    return f"/collaborations/{a_collaboration(world).id}"


def _bring(house: House, month: str, **value: float) -> object:
    content = json.dumps([{"isoA3Code": code, "value": rate} for code, rate in value.items()]).encode()
    headers = {**house.manager.headers, "Content-Type": "application/octet-stream"}
    return house.client.post(f"/api/v1{RATES}?month={month}", content=content, headers=headers).json()


def test_a_line_in_zloty_goes_by_an_own_rate_then_by_the_partnerships(installation: Path) -> None:
    house, path = a_house(_prepare)
    manager, partner = house.manager, house.by("partner")
    ruled = manager.put(TERMS, {"rate_rule": "month_of_award"}, version=0)
    own = {"rate": "4.25", "rate_on": "2026-11-03", "rate_source": "the bank"}
    added = partner.post(f"{path}/cost-lines", {**LINE, **own}).json()
    without = partner.patch(f"{path}/cost-lines/rigs", {"rate": None}, version=1)
    brought = _bring(house, f"{today():%Y-%m}", PLN=4, SEK=11)
    tabled = partner.patch(f"{path}/cost-lines/rigs", {"rate": None}, version=1).json()

    claimed = partner.patch(f"{path}/cost-lines/rigs", {"rate_source": "my bank"}, version=2).json()
    half = partner.post(f"{path}/cost-lines", {**LINE, "slug": "half", "rate_source": "my bank"})

    assert (claimed["own_rate"], claimed["rate"], claimed["rate_source"]) == (True, "4", "my bank")
    assert places(half) == ["rate", "rate_on"]
    assert (ruled.status_code, brought) == (200, {"added": 2, "superseded": 0, "unchanged": 0})
    assert (added["amount"], added["own_rate"]) == ("235.29", True)
    assert (problem(without), places(without)) == ((422, "cost_invalid"), ["currency"])
    assert (tabled["amount"], tabled["own_rate"], tabled["rate_source"]) == ("250.00", False, "InforEuro")


def test_the_rates_of_a_month_are_taken_by_the_office_with_the_version_it_read(installation: Path) -> None:
    house, path = a_house(_prepare)
    manager, partner = house.manager, house.by("partner")
    _bring(house, f"{today():%Y-%m}", PLN=4)
    _bring(house, "2020-12", PLN=4.4)
    partner.post(f"{path}/cost-lines", LINE)
    told = partner.get(f"{path}/exchange-rates?month=2020-12").json()
    refused = partner.post(f"{path}/exchange-rates", {"month": "2020-12"}, version=1)
    stale = manager.post(f"{path}/exchange-rates", {"month": "2020-12"}, version=77)
    odd = manager.post(f"{path}/exchange-rates", {"month": "soon"}, version=1)
    version = int(manager.get(path).headers["ETag"].strip('"'))
    taken = manager.post(f"{path}/exchange-rates", {"month": "2020-12"}, version=version)
    listed = manager.get(f"{RATES}?currency=PLN").json()["items"]

    assert (told["difference"], told["lines"][0]["amount_then"]) == ("-22.73", "227.27")
    assert [problem(one)[0] for one in (refused, stale, odd)] == [403, 412, 422]
    assert (taken.status_code, manager.get(f"{path}/cost-lines/rigs").json()["amount"]) == (200, "227.27")
    assert [one["rate"] for one in listed] == ["4", "4.4"]
