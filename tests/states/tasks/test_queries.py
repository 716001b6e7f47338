"""What waits for whom: the most urgent first, each with the place where it is done."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from states.clock import at, today
from states.collaborations.tables import Collaboration
from states.crossings.review.reviewer_assignment import fill_seats
from states.crossings.review.rounds import open_requested_round
from states.review.queries import seats_of
from states.review.seats import Place, end_seat
from states.review.service import close_round
from states.review.states import REMOVE
from states.rights.access import Actor, Role
from states.tasks.queries import tasks_of
from states.tasks.task import Task, TaskKind, TaskState
from tests.factories import REVIEWERS, World, a_collaboration_at, a_world, clear, evaluate, open_iag, s3

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _reviewer(world: World, name: str = "iag_member 1") -> Actor:
    return world.actor(Role.IAG_MEMBER, person=name)


def _what(tasks: list[Task]) -> list[tuple[TaskKind, TaskState]]:
    return [(task.kind, task.state) for task in tasks]


@pytest.fixture
def reviewed(session: Session) -> tuple[World, Collaboration]:
    with at(START):
        world = a_world(session)
        return world, a_collaboration_at(world, "iag_review")


def test_a_reviewer_agrees_declares_and_evaluates(reviewed: tuple[World, Collaboration]) -> None:
    world, row = reviewed
    with at(START):
        opened = open_iag(world, row)
        before = tasks_of(world.session, _reviewer(world))
        clear(world, row, opened, "iag_member 1")
        cleared = tasks_of(world.session, _reviewer(world))
        evaluate(world, row, opened, "iag_member 1")
        done = tasks_of(world.session, _reviewer(world))

    assert _what(before) == [
        (TaskKind.AGREE, TaskState.OPEN),
        (TaskKind.DECLARE, TaskState.OPEN),
        (TaskKind.EVALUATE, TaskState.WAITING),
    ]
    assert [task.path for task in before] == [
        "/me/agreement",
        f"/rounds/{opened.id}/declaration",
        f"/rounds/{opened.id}/evaluations",
    ]
    assert _what(cleared) == [(TaskKind.EVALUATE, TaskState.OPEN)]
    assert (cleared[0].collaboration_id, cleared[0].round_id, cleared[0].due_on) == (row.id, opened.id, opened.due_on)
    assert done == []


def test_a_day_that_has_passed_is_overdue(reviewed: tuple[World, Collaboration]) -> None:
    world, row = reviewed
    with at(START):
        opened = open_iag(world, row)
        clear(world, row, opened, "iag_member 1")
    last = datetime.combine(opened.due_on, START.timetz())

    with at(last):
        [on_time] = tasks_of(world.session, _reviewer(world))
        assert (on_time.due_on, on_time.overdue) == (today(), False)
    with at(last + timedelta(days=1)):
        [late] = tasks_of(world.session, _reviewer(world))
        assert late.overdue


def test_an_office_goes_on_where_a_round_is_closed(reviewed: tuple[World, Collaboration]) -> None:
    world, row = reviewed
    with at(START):
        opened = open_iag(world, row)
        for name in REVIEWERS:
            clear(world, row, opened, name)
            evaluate(world, row, opened, name)
        waiting = tasks_of(world.session, world.actor(Role.IAG_SECRETARY))
        close_round(world.session, opened, panel=s3().panels["iag"])
        found = tasks_of(world.session, world.actor(Role.IAG_SECRETARY))

    assert _what(waiting) == [(TaskKind.FILL_SEATS, TaskState.OPEN)]
    assert _what(found) == [(TaskKind.RECORD_CONSENSUS, TaskState.OPEN)]
    assert found[0].path == f"/rounds/{opened.id}/consensus"
    assert tasks_of(world.session, world.actor(Role.OBSERVER)) == []


def test_a_secretary_fills_the_seats_that_stay_open(reviewed: tuple[World, Collaboration]) -> None:
    world, row = reviewed
    secretary, manager = world.actor(Role.IAG_SECRETARY), world.actor(Role.PROJECT_MANAGER)
    with at(START):
        opened = open_iag(world, row)
        found = tasks_of(world.session, secretary)
        others = tasks_of(world.session, manager)
        free = [Place(world.people[name].id, why=("for a test",)) for name in ("observer", "wgra_chair")]
        fill_seats(world.session, opened.id, places=free)
        filled = tasks_of(world.session, secretary)

    assert _what(found) == [(TaskKind.FILL_SEATS, TaskState.OPEN)]
    assert (found[0].path, found[0].round_id) == (f"/rounds/{opened.id}/seats", opened.id)
    assert TaskKind.FILL_SEATS not in {task.kind for task in others}
    assert filled == []


def test_a_region_that_nobody_speaks_for_is_an_open_seat(session: Session) -> None:
    with at(START):
        world = a_world(session)
        row = a_collaboration_at(world, "wgra_review")
        opened = open_requested_round(session, row.id, "wgra")
        full = tasks_of(session, world.actor(Role.IAG_SECRETARY))
        [(seat, _), *_] = seats_of(session, opened.id)
        end_seat(session, opened, seat, REMOVE, because="left the region", collaboration=row)
        short = tasks_of(session, world.actor(Role.IAG_SECRETARY))

    assert full == []
    assert _what(short) == [(TaskKind.FILL_SEATS, TaskState.OPEN)]
