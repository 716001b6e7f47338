"""Regions over HTTP: those of a partnership, NUTS units, lists of regions."""

from pathlib import Path

import pytest

from tests.api.house import OBSERVER, House, a_house, places, problem
from tests.factories import REGIONS

PATH = "/partnerships/medtech/regions"


@pytest.fixture
def house(installation: Path) -> House:
    return a_house()[0]


def test_regions_come_with_their_codes(house: House) -> None:
    items = house.manager.get(PATH).json()["items"]

    assert {one["slug"]: one["codes"] for one in items} == {slug: [code] for slug, (_, code) in REGIONS.items()}


def test_a_region_is_added_and_read_where_the_answer_says(house: House) -> None:
    added = house.manager.post(PATH, {"slug": "lapland", "name": "Lapland", "codes": ["FI1D7"]})
    read = house.by(OBSERVER).client.get(added.headers["Location"], headers=house.by(OBSERVER).headers)

    assert (added.status_code, added.headers["Location"]) == (201, f"/api/v1{PATH}/lapland")
    assert (read.json(), read.headers["ETag"]) == (added.json(), added.headers["ETag"])
    assert (read.json()["country"], house.manager.get(PATH).json()["total"]) == ("FI", len(REGIONS) + 1)


def test_a_region_that_nobody_knows_comes_back_with_suggestions_and_changes_nothing(house: House) -> None:
    sent = {"slug": "Two Words", "name": "Nowhere", "codes": ["PL99", "Uper Silesia", "PL22"]}

    refused = house.manager.post(PATH, sent)

    assert (problem(refused), places(refused)) == (
        (422, "registry_invalid"),
        ["slug", "codes[1]", "codes[2]", "codes[3]"],
    )
    assert [fault["remedy"] for fault in refused.json()["faults"]][2:] == ["perhaps PL22 (Śląskie)", "leave it out"]
    assert house.manager.get(PATH).json()["total"] == len(REGIONS)


def test_only_who_may_edit_the_partnership_adds_a_region(house: House) -> None:
    refused = house.by(OBSERVER).post(PATH, {"slug": "lapland", "name": "Lapland", "codes": ["FI1D7"]})

    assert problem(refused) == (403, "denied")
    assert problem(house.manager.get(f"{PATH}/lapland")) == (404, "missing")


def test_a_list_of_regions_drops_nothing(house: House) -> None:
    answer = house.manager.post("/region-readings", {"text": "Vastra Götaland (SWE), Atlantis (FR)"}).json()

    assert (answer["codes"], [one["text"] for one in answer["unread"]]) == (["SE232"], ["Atlantis (FR)"])


def test_a_region_that_nobody_knows(house: House) -> None:
    known, unknown = house.manager.get("/nuts/PL22"), house.manager.get("/nuts/XX99")

    assert known.json() == {"code": "PL22", "name": "Śląskie", "level": 2, "country": "PL"}
    assert (problem(unknown), places(unknown)) == ((422, "nuts_code_unknown"), ["nuts_code"])
