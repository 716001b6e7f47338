"""What is due over HTTP: who reads what, how a date moves, who it waits for, and the ledger of its reminders."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from states.clock import at, now, today
from states.deadlines.planning import plan_reminders
from states.places.working_days import shift
from tests.api.house import OBSERVER, PARTNER, SECRETARY, House, a_house, codes, places, problem
from tests.factories import World, a_collaboration, a_collaboration_at, open_iag

SQLITE = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def _remind(world: World) -> str:
    """Open a collaboration so long ago that its stage is overdue today, and plan what is to be told of it."""
    with at(now() - timedelta(days=55)):
        key = a_collaboration(world).id
    plan_reminders(world.session)
    return key


def _at_review(world: World) -> str:
    row = a_collaboration_at(world, "iag_review")
    return open_iag(world, row).id


def found(house: House, kind: str, *, who: str = "project_manager") -> list[Any]:
    items = house.by(who).get("/deadlines?limit=200").json()["items"]
    return [one for one in items if one["kind"] == kind]


@pytest.fixture
def new(installation: Path) -> tuple[House, str]:
    return a_house(_remind)


@pytest.fixture
def reviewed(installation: Path) -> tuple[House, str]:
    return a_house(_at_review)


def test_a_deadline_and_its_ledger(new: tuple[House, str]) -> None:
    house, key = new

    listed = house.manager.get(f"/deadlines?collaboration={key}").json()
    one = listed["items"][0]
    lines = house.manager.get(f"/deadlines/{one['id']}/reminders").json()["items"]

    assert (listed["total"], one["title"]) == (1, "Centre for Biocompatibility: Matchmaking")
    assert (one["owner_role"], one["owner_person"], one["legal"], one["overdue"], one["sequence"]) == (
        "project_manager",
        None,
        False,
        True,
        0,
    )
    assert house.manager.get(f"/deadlines/{one['id']}").json() == one
    assert [(line["person"], line["rung"], line["status"], line["why"]) for line in lines] == [
        ("project_manager", -10, "suppressed", "superseded"),
        ("project_manager", -3, "suppressed", "superseded"),
        ("project_manager", 0, "suppressed", "superseded"),
        ("project_manager", 5, "planned", ""),
    ]


@SQLITE
def test_partners_read_their_own_and_observers_none(new: tuple[House, str]) -> None:
    house, _ = new
    key = found(house, "stage")[0]["id"]

    totals = [house.by(who).get("/deadlines").json()["total"] for who in (PARTNER, OBSERVER)]

    assert totals == [1, 0]
    assert problem(house.by(OBSERVER).get(f"/deadlines/{key}")) == (403, "denied")


@SQLITE
def test_an_unknown_collaboration_has_no_list_of_deadlines(new: tuple[House, str]) -> None:
    answer = new[0].manager.get("/deadlines?collaboration=0")
    assert (problem(answer), places(answer)) == ((422, "unknown_name"), ["query.collaboration"])


@SQLITE
def test_a_reviewer_sees_the_own_seat_and_no_others(reviewed: tuple[House, str]) -> None:
    house, _ = reviewed
    who = "iag_member 1"
    others = [one["id"] for one in found(house, "evaluation") if one["owner_person"] != who]

    own = house.by(who).get("/deadlines").json()["items"]

    assert {(one["kind"], one["owner_person"]) for one in own} == {("declaration", who), ("evaluation", who)}
    assert [problem(house.by(who).get(f"/deadlines/{key}")) for key in others] == [(403, "denied")] * 2
    assert found(house, "declaration", who=PARTNER) == []


def test_a_day_on_which_nobody_works_is_remarked_on(new: tuple[House, str]) -> None:
    house, _ = new
    one = found(house, "stage")[0]
    later = shift(today(), 40, nuts="")
    sunday = later + timedelta(days=6 - later.weekday())

    moved = house.manager.post(
        f"/deadlines/{one['id']}/extension", {"due_on": sunday.isoformat(), "reason": "Spring."}, version=one["version"]
    )

    assert one["remark"] is None
    day = f"{sunday.day} {sunday:%B %Y}"
    assert moved.json()["remark"] == f"{day} is a Sunday on which nobody works where this waits"


def test_a_date_is_moved_with_a_reason_that_stays(new: tuple[House, str]) -> None:
    house, _ = new
    one = found(house, "stage")[0]
    path, later = f"/deadlines/{one['id']}", shift(today(), 40, nuts="").isoformat()

    moved = house.manager.post(f"{path}/extension", {"due_on": later, "reason": "Spring."}, version=one["version"])

    assert (moved.status_code, moved.json()["due_on"], moved.headers["ETag"]) == (200, later, '"2"')
    assert moved.json()["sequence"] == 1
    line = house.manager.get(f"{path}/history").json()["items"][0]
    del line["at"]
    assert line == {
        "number": 1,
        "kind": "extended",
        "before": one["due_on"],
        "after": later,
        "reason": "Spring.",
        "by": "project_manager",
        "person": "project_manager",
    }
    other = {"due_on": shift(today(), 50, nuts="").isoformat(), "reason": "Summer."}
    stale = house.manager.post(f"{path}/extension", other, version=one["version"])
    assert problem(stale) == (412, "stale")


@SQLITE
def test_a_change_says_what_is_missing(new: tuple[House, str]) -> None:
    house, _ = new
    path = f"/deadlines/{found(house, 'stage')[0]['id']}"
    send = house.manager.post

    none = send(f"{path}/waiver", {"reason": "x"})
    bare = send(f"{path}/extension", {"due_on": "1999-12-31", "reason": " "}, version=1)
    nobody = send(f"{path}/assignment", {"person": "x@example.org", "deputy": "y", "reason": "x"}, version=1)

    assert [problem(one) for one in (none, bare, nobody)] == [
        (428, "precondition_required"),
        (422, "invalid"),
        (422, "unknown_name"),
    ]
    assert (places(bare), places(nobody)) == (["reason", "due_on"], ["person", "deputy"])


@SQLITE
def test_it_is_handed_over_and_given_a_deputy(new: tuple[House, str]) -> None:
    house, _ = new
    path = f"/deadlines/{found(house, 'stage')[0]['id']}"
    body = {
        "person": " IAG_Secretary@medtech.example.org",
        "deputy": "partner@medtech.example.org",
        "reason": "Holidays.",
    }

    given = house.manager.post(f"{path}/assignment", body, version=1).json()
    back = house.manager.post(f"{path}/assignment", {"reason": "Back."}, version=2).json()

    assert [(one["owner_person"], one["deputy"]) for one in (given, back)] == [(SECRETARY, PARTNER), (None, None)]
    history = house.manager.get(f"{path}/history").json()["items"]
    assert [(one["before"], one["after"]) for one in history] == [
        ("project_manager", SECRETARY),
        (SECRETARY, "project_manager"),
    ]


@SQLITE
def test_what_is_waived_waits_no_more(new: tuple[House, str]) -> None:
    house, _ = new
    path = f"/deadlines/{found(house, 'stage')[0]['id']}"

    waived = house.manager.post(f"{path}/waiver", {"reason": "Nobody needs it."}, version=1).json()
    again = house.manager.post(f"{path}/waiver", {"reason": "Again."}, version=2)

    assert (waived["state"], found(house, "stage")) == ("waived", [])
    assert (problem(again), codes(again)) == ((409, "deadline_refused"), ["deadline_closed"])


@SQLITE
def test_the_office_moves_what_belongs_to_reviews_alone(reviewed: tuple[House, str]) -> None:
    house, _ = reviewed
    body = {"due_on": shift(today(), 60, nuts="").isoformat(), "reason": "Spring."}

    def send(who: str, kind: str) -> int:
        one = found(house, kind)[0]
        path = f"/deadlines/{one['id']}/extension"
        return house.by(who).post(path, body, version=one["version"]).status_code

    assert (send(SECRETARY, "stage"), send(SECRETARY, "risk_review"), send(PARTNER, "stage")) == (200, 403, 403)
    assert send("project_manager", "evaluation") == 409  # a seat's: the round is extended


def test_a_round_is_extended_with_its_seats(reviewed: tuple[House, str]) -> None:
    house, key = reviewed
    secretary, later = house.by(SECRETARY), shift(today(), 40, nuts="").isoformat()
    version = int(secretary.get(f"/rounds/{key}").json()["version"])

    moved = secretary.post(f"/rounds/{key}/extension", {"due_on": later, "reason": "Spring."}, version=version)

    assert (moved.status_code, moved.json()["due_on"]) == (200, later)
    assert [one["due_on"] for one in found(house, "evaluation")] == [later] * 3


@SQLITE
def test_what_if_tells_which_reminders_move_and_changes_nothing(installation: Path) -> None:
    house, _ = a_house(lambda world: a_collaboration(world).id)
    one = found(house, "stage")[0]
    later = shift(today(), 35, nuts="PL229")

    told = house.manager.get(f"/deadlines/{one['id']}/what-if?due_on={later}").json()
    past = house.manager.get(f"/deadlines/{one['id']}/what-if?due_on=2020-01-01")

    assert ([line["rung"] for line in told["goes"]], told["stays"]) == ([-10, -3, 0, 5], [])
    assert [(line["rung"], line["person"], line["day"], line["due_on"]) for line in told["comes"]] == [
        (days, "project_manager", shift(later, days, nuts="PL229").isoformat(), str(later)) for days in (-10, -3, 0, 5)
    ]
    assert problem(past) == (422, "invalid")
    assert found(house, "stage") == [one]


@SQLITE
def test_the_preview_and_the_ledger_of_all(installation: Path) -> None:
    def prepare(world: World) -> None:
        _remind(world)
        a_collaboration(world, slug="other")

    house, _ = a_house(prepare)

    def total(path: str) -> int:
        return int(house.manager.get(f"/reminders{path}").json()["total"])

    ahead = house.manager.get("/reminders/preview?days=90").json()["items"]
    since = f"?from={today() - timedelta(days=60)}"

    assert [(one["title"], one["rung"], one["channel"]) for one in ahead] == [
        ("Centre for Biocompatibility: Matchmaking", rung, "mail") for rung in (-10, -3, 0, 5)
    ]
    assert total("/preview?days=90&kind=evaluation") == 0
    assert total("/preview?days=90&person=project_manager@medtech.example.org") == 4
    assert [total(since + more) for more in ("", "&status=planned")] == [4, 1]
    assert total(f"?to={today() - timedelta(days=59)}") == 0
    assert problem(house.manager.get("/reminders?from=2020-02-01&to=2020-01-01")) == (422, "invalid")
    assert problem(house.by(SECRETARY).get("/reminders")) == (403, "denied")
