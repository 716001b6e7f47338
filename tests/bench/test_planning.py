"""What planning reminders costs: with many open deadlines of which few or all are due, beside reading the rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from states.clock import at
from states.deadlines.planning import plan_reminders
from states.deadlines.tables import Deadline
from states.rights.access import Role
from states.storage import begin, engine, new_id
from tests.factories import World, a_world

pytestmark = [pytest.mark.bench, pytest.mark.usefixtures("installation")]

DAY = date(2020, 3, 2)
AT = datetime.combine(DAY, time(9), tzinfo=UTC)
LADDER: list[dict[str, object]] = [{"days": days, "to": ["owner"]} for days in (-10, -3, 0, 5)]
DUE = 1000
PAGE = 5000


def _open(world: World, count: int, *, due: int) -> None:
    """Open so many deadlines of one person each, of which so many have a rung today."""
    people = [person.id for person in world.people.values()]
    with begin() as session:
        for first in range(0, count, PAGE):
            session.add_all(
                _deadline(world, people[number % len(people)], DAY if number < due else DAY + timedelta(days=90))
                for number in range(first, min(first + PAGE, count))
            )
            session.flush()
            session.expunge_all()


def _deadline(world: World, person_id: str, due_on: date) -> Deadline:
    opened = AT - timedelta(days=1)
    return Deadline(
        partnership_id=world.partnership.id,
        kind="evaluation",
        subject_id=new_id(),
        title="A deadline",
        owner_role=Role.IAG_MEMBER,
        owner_person_id=person_id,
        ladder=LADDER,
        due_on=due_on,
        date_revised_at=opened,
        opened_at=opened,
        changed_at=opened,
        next_check_at=AT if due_on == DAY else AT + timedelta(days=60),
    )


@contextmanager
def _statements() -> Iterator[list[int]]:
    counted = [0]

    def count(*_: object) -> None:
        counted[0] += 1

    event.listen(engine(), "before_cursor_execute", count)
    try:
        yield counted
    finally:
        event.remove(engine(), "before_cursor_execute", count)


def _plan_all() -> tuple[float, int, int]:
    """Plan until nothing is left; return seconds, statements and planned lines."""
    planned, began = 0, perf_counter()
    with at(AT), _statements() as counted:
        while True:
            with begin() as session:
                told = plan_reminders(session)
            planned += told["planned"]
            if not told["deadlines"]:
                return perf_counter() - began, counted[0], planned


def _read(limit: int) -> float:
    """Read as many rows, as bare as it goes."""
    began = perf_counter()
    with begin(read_only=True) as session:
        session.exec(select(Deadline).order_by(col(Deadline.id)).limit(limit)).all()
    return perf_counter() - began


@pytest.mark.parametrize("due", [DUE, None], ids=["as many due", "all due"])
def test_planning_beside_reading_the_rows(due: int | None) -> None:
    took: dict[int, float] = {}
    for number, count in enumerate((10_000, 100_000)):
        with begin() as session:
            world = a_world(session, slug=f"w{number}")
        _open(world, count, due=due or count)
        seconds, statements, planned = _plan_all()
        bare = _read(due or count)
        took[count] = seconds
        print(
            f"\n{count:,} open, {planned:,} due ({engine().dialect.name}): {seconds:.2f} s, {statements:,} statements "
            f"({statements / planned:.2f} a line), {seconds / bare:.1f} times reading as many rows ({bare:.2f} s)"
        )
        assert planned == (due or count)
    print(f"ten times as many open: {took[100_000] / took[10_000]:.2f} times as long")
