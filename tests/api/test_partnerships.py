"""The registry over HTTP: regions, areas, organisations, events, NUTS units, lists of regions."""

from pathlib import Path

import pytest

from tests.api.house import House, a_house, places, problem
from tests.factories import REGIONS


@pytest.fixture
def house(installation: Path) -> House:
    return a_house()[0]


def test_the_token_opens_one_partnership(house: House) -> None:
    listed = house.manager.get("/partnerships").json()

    assert (listed["total"], listed["items"][0]["slug"]) == (1, "medtech")
    assert house.manager.get("/partnerships/medtech").json() == listed["items"][0]


def test_regions_come_with_their_codes(house: House) -> None:
    items = house.manager.get("/partnerships/medtech/regions").json()["items"]

    assert {one["slug"]: one["codes"] for one in items} == {slug: [code] for slug, (_, code) in REGIONS.items()}


def test_areas_organisations_and_events(house: House) -> None:
    areas, organisations, events = (
        house.manager.get(f"/partnerships/medtech/{noun}").json()
        for noun in ("working-areas", "organisations", "events")
    )

    assert [(one["number"], one["in_charge"]) for one in areas["items"]] == [(2, [])]
    assert [(one["slug"], one["part"], one["turnover"]) for one in organisations["items"]] == [
        ("medtech-gliwice", "member", None),
        ("medtech-katowice", "member", None),
        ("medtech-marseille", "member", None),
    ]
    assert events == {"items": [], "total": 0}


def test_a_list_of_regions_drops_nothing(house: House) -> None:
    answer = house.manager.post("/region-readings", {"text": "Vastra Götaland (SWE), Atlantis (FR)"}).json()

    assert (answer["codes"], [one["text"] for one in answer["unread"]]) == (["SE232"], ["Atlantis (FR)"])


def test_a_region_that_nobody_knows(house: House) -> None:
    known, unknown = house.manager.get("/nuts/PL22"), house.manager.get("/nuts/XX99")

    assert known.json() == {"code": "PL22", "name": "Śląskie", "level": 2, "country": "PL"}
    assert (problem(unknown), places(unknown)) == ((422, "unknown-nuts-code"), ["nuts_code"])
