"""A partnership over HTTP: itself and its working areas."""

from pathlib import Path

import pytest

from tests.api.house import House, a_house


@pytest.fixture
def house(installation: Path) -> House:
    return a_house()[0]


def test_the_token_opens_one_partnership(house: House) -> None:
    listed = house.manager.get("/partnerships").json()

    assert (listed["total"], listed["items"][0]["slug"]) == (1, "medtech")
    assert house.manager.get("/partnerships/medtech").json() == listed["items"][0]


def test_areas_come_with_their_regions(house: House) -> None:
    areas = house.manager.get("/partnerships/medtech/working-areas").json()

    assert [(one["number"], one["in_charge"]) for one in areas["items"]] == [(2, [])]
