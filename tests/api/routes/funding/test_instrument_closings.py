"""When a call closes, over HTTP: set, moved, refused; who counts on it has a deadline that moves along."""

from pathlib import Path
from typing import Any

import pytest

from tests.api.house import House, a_house, places, problem
from tests.api.routes.funding.test_scenarios import GRANT, SCENARIO
from tests.factories import a_collaboration_at

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
CLOSING = {"closes_on": "2030-09-16", "closes_at": "17:00:00", "time_zone": "Europe/Brussels"}
PATH = f"/instruments/{GRANT['slug']}"


@pytest.fixture
def chosen(installation: Path) -> House:
    """A house whose collaboration has chosen a scenario that counts on an instrument without a date."""
    house, key = a_house(lambda world: a_collaboration_at(world, "iag_review").id)
    house.manager.post("/instruments", GRANT)
    made = house.manager.post(f"/collaborations/{key}/scenarios", SCENARIO).json()
    assert house.manager.post(f"/scenarios/{made['id']}/choice", version=1).status_code == 200
    return house


def closings(house: House) -> list[Any]:
    items = house.manager.get("/deadlines").json()["items"]
    return [one for one in items if one["kind"] == "call_closing"]


def test_a_closing_is_set_and_moved_with_the_deadline_on_it(chosen: House) -> None:
    before = closings(chosen)
    made = chosen.manager.put(f"{PATH}/closing", CLOSING, version=1)
    first = closings(chosen)
    moved = chosen.manager.put(f"{PATH}/closing", {"closes_on": "2030-10-01"}, version=2)
    second = closings(chosen)
    history = chosen.manager.get(f"/deadlines/{second[0]['id']}/history").json()["items"]

    assert (before, made.json()["closes_at"], moved.headers["ETag"]) == ([], "17:00:00", '"3"')
    assert [(one["due_on"], one["due_time"], one["time_zone"], one["legal"]) for one in (*first, *second)] == [
        ("2030-09-16", "17:00:00", "Europe/Brussels", True),
        ("2030-10-01", None, "", True),
    ]
    assert [(one["kind"], one["by"], one["person"]) for one in history] == [("moved", "clock", None)]


def test_nobody_extends_or_waives_what_a_call_sets(chosen: House) -> None:
    chosen.manager.put(f"{PATH}/closing", CLOSING, version=1)
    path = f"/deadlines/{closings(chosen)[0]['id']}"

    answers = [
        chosen.manager.post(f"{path}/extension", {"due_on": "2030-12-02", "reason": "x"}, version=1),
        chosen.manager.post(f"{path}/waiver", {"reason": "x"}, version=1),
    ]

    assert [problem(one) for one in answers] == [(409, "deadline_refused")] * 2


def test_a_closing_that_makes_no_sense(chosen: House) -> None:
    day = {"closes_on": "2030-09-16"}
    sent = (
        {**day, "closes_at": "17:00"},
        {**day, "time_zone": "Europe/Brussels"},
        {**day, "closes_at": "17:00", "time_zone": "Mars/Base"},
        {"closes_on": "2300-01-01"},
    )

    answers = [chosen.manager.put(f"{PATH}/closing", one, version=1) for one in sent]

    assert [problem(one) for one in answers] == [(422, "invalid")] * 3 + [(422, "request_invalid")]
    assert [places(one) for one in answers] == [["closes_at"], ["closes_at"], ["time_zone"], ["closes_on"]]
    assert closings(chosen) == []


def test_an_instrument_may_be_made_with_its_closing(chosen: House) -> None:
    made = chosen.manager.post("/instruments", {**GRANT, "slug": "other", **CLOSING})
    timed = chosen.manager.post("/instruments", {**GRANT, "slug": "third", "time_zone": "Europe/Brussels"})

    assert {name: made.json()[name] for name in CLOSING} == CLOSING
    assert (problem(timed), places(timed)) == ((422, "invalid"), ["closes_on", "closes_at"])
