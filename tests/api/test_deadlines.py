"""What is due over HTTP, and the ledger of its reminders."""

from datetime import timedelta
from pathlib import Path

import pytest

from states.clock import today
from states.deadlines.reminders import due_reminders, take_reminder
from tests.api.house import OBSERVER, PARTNER, House, a_house, problem
from tests.factories import World, a_collaboration


def _remind(world: World) -> str:
    key = a_collaboration(world).id
    planned = due_reminders(world.session, on=today() + timedelta(days=60))
    for one in planned:
        take_reminder(world.session, one)
    return key


@pytest.fixture
def furnished(installation: Path) -> tuple[House, str]:
    return a_house(_remind)


def test_a_deadline_and_its_ledger(furnished: tuple[House, str]) -> None:
    house, key = furnished

    listed = house.manager.get(f"/deadlines?collaboration={key}").json()
    path = f"/deadlines/{listed['items'][0]['id']}"
    lines = house.manager.get(f"{path}/reminders").json()["items"]

    assert (listed["total"], listed["items"][0]["title"]) == (1, "Centre for Biocompatibility: Matchmaking")
    assert house.manager.get(path).json() == listed["items"][0]
    assert [(line["person"], line["rung"], line["state"]) for line in lines] == [
        ("project_manager", -10, "superseded"),
        ("project_manager", -3, "superseded"),
        ("project_manager", 0, "superseded"),
        ("project_manager", 5, "handed_over"),
    ]


def test_partners_read_their_own_and_observers_none(furnished: tuple[House, str]) -> None:
    house, _ = furnished
    key = house.manager.get("/deadlines").json()["items"][0]["id"]

    totals = [house.by(who).get("/deadlines").json()["total"] for who in (PARTNER, OBSERVER)]

    assert totals == [1, 0]
    assert problem(house.by(OBSERVER).get(f"/deadlines/{key}")) == (403, "denied")


def test_deadlines_of_another_collaboration_are_not_listed(furnished: tuple[House, str]) -> None:
    assert furnished[0].manager.get("/deadlines?collaboration=0").json() == {"items": [], "total": 0}
