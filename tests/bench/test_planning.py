"""What planning reminders costs: with many open deadlines of which few or all are due, beside writing the same rows."""

import gc
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter, process_time

import pytest
from sqlalchemy import insert

from flows.reminders import REMIND
from flows.sweep import sweep
from states.clock import at
from states.deadlines.tables import Deadline, Reminder
from states.mail.tables import Mail
from states.rights.access import Role
from states.storage import begin, engine, new_id, table_of
from tests.bench.size import sized
from tests.factories import World, a_world
from tests.statements import counted

pytestmark = [pytest.mark.bench, pytest.mark.usefixtures("installation")]

DAY = date(2020, 3, 2)
AT = datetime.combine(DAY, time(9), tzinfo=UTC)
LADDER: list[dict[str, object]] = [{"days": days, "to": ["owner"]} for days in (-10, -3, 0, 5)]
DUE = sized(1000)
OPEN = sized(10_000), sized(100_000)
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


def _plan_all() -> tuple[float, float, int, int]:
    """Plan all that is due as the flow does; return seconds, of these the processor's, statements, planned lines."""
    gc.collect()
    gc.freeze()  # as the runner does when it starts
    began, busy = perf_counter(), process_time()
    with at(AT), counted() as statements:
        told = sum(sweep(REMIND), Counter())
    return perf_counter() - began, process_time() - busy, len(statements), told["planned"]


def _write_anew() -> tuple[float, float, int]:
    """Write the rows that were planned once more, as bare as it goes; return seconds, the processor's, and how many."""
    tables = table_of(Mail), table_of(Reminder)
    with begin(read_only=True) as session:
        rows = [[dict(row) for row in session.execute(table.select()).mappings()] for table in tables]
    with begin() as session:
        for table in reversed(tables):
            session.execute(table.delete())
    began, busy = perf_counter(), process_time()
    for table, of in zip(tables, rows, strict=True):
        for first in range(0, len(of), PAGE):
            with begin() as session:
                session.execute(insert(table), of[first : first + PAGE])
    return perf_counter() - began, process_time() - busy, sum(map(len, rows))


@pytest.mark.parametrize("due", [DUE, None], ids=["as many due", "all due"])
def test_planning_beside_writing_the_same_rows(due: int | None) -> None:
    took: dict[int, float] = {}
    for number, count in enumerate(OPEN):
        with begin() as session:
            world = a_world(session, slug=f"w{number}")
        _open(world, count, due=due or count)
        took[count], busy, statements, planned = _plan_all()
        bare, bare_busy, rows = _write_anew()
        print(
            f"\n{count:,} open, {planned:,} due ({engine().dialect.name}): {took[count]:.2f} s ({busy:.2f} of this "
            f"process), {statements:,} statements; {took[count] / bare:.2f} times writing the same {rows:,} rows "
            f"({bare:.2f} s, {bare_busy:.2f} of this process)"
        )
        assert planned == (due or count)
        with begin() as session:
            for table in (Reminder, Mail, Deadline):
                session.execute(table_of(table).delete())
    print(f"ten times as many open: {took[OPEN[1]] / took[OPEN[0]]:.2f} times as long")
