"""Events over HTTP: added with dates as exact as they are known."""

from pathlib import Path

import pytest

from tests.api.house import House, a_house, places, problem

PATH = "/partnerships/medtech/events"
DAY = {"name": "Matchmaking day", "kind": "brokerage", "held_on": "24/10/2019", "place": "Gliwice"}


@pytest.fixture
def house(installation: Path) -> House:
    return a_house()[0]


def test_events_come_in_the_order_of_their_dates(house: House) -> None:
    later = house.manager.post(PATH, {**DAY, "name": "Session", "held_on": "mid-2020"})
    sooner = house.manager.post(PATH, DAY)

    assert (later.status_code, later.json()["held_on"], sooner.json()["held_on"]) == (201, "2020~mid", "2019-10-24")
    assert house.manager.get(PATH).json() == {"items": [sooner.json(), later.json()], "total": 2}


def test_an_event_is_read_where_the_answer_says(house: House) -> None:
    added = house.manager.post(PATH, DAY)

    read = house.manager.get(f"{PATH}/{added.json()['id']}")

    assert added.headers["Location"] == f"/api/v1{PATH}/{added.json()['id']}"
    assert (read.json(), read.headers["ETag"]) == (added.json(), added.headers["ETag"])
    assert problem(house.manager.get(f"{PATH}/1")) == (404, "missing")


def test_an_event_that_does_not_fit_changes_nothing(house: House) -> None:
    house.manager.post(PATH, DAY)

    answers = [house.manager.post(PATH, {**DAY, **change}) for change in ({"held_on": "31 June 2020"}, {})]

    assert [(problem(one), places(one)) for one in answers] == [
        ((422, "registry_invalid"), ["held_on"]),
        ((422, "registry_invalid"), ["name"]),
    ]
    assert house.manager.get(PATH).json()["total"] == 1
