"""A sweep keeps what it could do: the transaction that fails takes nothing from those before, after and beside it."""

import errno
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlmodel import Session, col, select

from flows.sweep import MOST_IN_A_ROW, AllFail, Sweep, sweep
from states import clock
from states.errors import Stale
from states.outbox.tables import OutboxMessage
from states.partners.tables import Region
from states.storage import begin, table_of
from states.sweeps.apart import read_apart
from states.sweeps.queries import find_faults
from states.sweeps.service import LONGEST_PAUSE, retry_fault
from states.sweeps.tables import SweepFault
from tests.factories import a_world

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
NAMES = "abcde"


@pytest.fixture
def partnership_id(simulated_clock: Path) -> str:
    with begin() as session:
        return a_world(session).partnership.id


def kept() -> str:
    """Return which regions of the sweep are there, in a transaction of its own."""
    with begin(read_only=True) as session:
        found = session.exec(select(Region.slug).where(col(Region.slug).in_(list(NAMES))).order_by(col(Region.slug)))
        return "".join(found)


def faults(*, ended: bool = False) -> list[SweepFault]:
    with begin(read_only=True) as session:
        return list(session.exec(find_faults(ended=ended).order_by(col(SweepFault.subject_id))))


class Making:
    """A sweep that makes regions of letters; `wrong` ones fail, and `tried` holds every transaction."""

    def __init__(self, partnership_id: str, wrong: str = "", *, error: Exception | None = None) -> None:
        self.partnership_id, self.wrong, self.tried = partnership_id, wrong, list[str]()
        self.error = error or ArithmeticError("for a test")
        self.due = list(NAMES)

    def sweep(self, at_once: int) -> str:
        self.tried.clear()
        return "".join(sweep(Sweep("making", "region", lambda _: [*self.due], self._do, at_once)))

    def _do(self, session: Session, keys: Sequence[str]) -> str:
        self.tried.append("".join(keys))
        for key in keys:
            session.add(Region(partnership_id=self.partnership_id, slug=key, name=key, country="PL", codes=["PL22"]))
        session.flush()
        if set(self.wrong) & set(keys):
            raise self.error
        self.due = [key for key in self.due if key not in keys]
        return "".join(keys)


@pytest.mark.parametrize(
    ("wrong", "at_once", "transactions"),
    [
        ("", 2, ["ab", "cd", "e"]),
        ("c", 2, ["ab", "cd", "c", "d", "e"]),
        ("c", 1, ["a", "b", "c", "d", "e"]),
        ("d", 5, ["abcde", "ab", "cde", "c", "de", "d", "e"]),
        (NAMES, 5, ["abcde", "ab", "a", "b", "cde", "c", "de", "d", "e"]),
    ],
)
def test_what_fails_concerns_itself_alone(
    partnership_id: str, wrong: str, at_once: int, transactions: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    making = Making(partnership_id, wrong)

    done = making.sweep(at_once)

    right = "".join(name for name in NAMES if name not in wrong)
    assert (done, kept(), making.tried) == (right, right, transactions)
    assert [(row.sweep, row.noun, row.subject_id, row.error) for row in faults()] == [
        ("making", "region", name, "ArithmeticError: for a test") for name in wrong
    ]
    assert ("for a test" in caplog.text) is bool(wrong)


def test_what_fails_is_tried_later_each_time_alone_and_ends_as_it_passes(partnership_id: str) -> None:
    making = Making(partnership_id, "c")
    begun = clock.now()
    making.sweep(5)

    pauses = []
    for _ in range(14):
        (row,) = faults()
        pauses.append(row.next_at - clock.now())
        making.sweep(5)
        assert making.tried == []  # not before its pause is over
        clock.set_simulated(row.next_at)
        making.sweep(5)
        assert making.tried == ["c"]

    minutes = [timedelta(minutes=2**number) for number in range(10)]
    assert pauses == [*minutes, *[LONGEST_PAUSE] * 4]
    assert (faults()[0].first_at, faults()[0].times) == (begun, 15)
    making.wrong = ""
    with begin() as session:
        retry_fault(session, faults()[0].id)
    assert (making.sweep(5), kept(), faults()) == ("c", NAMES, [])
    (over,) = faults(ended=True)
    assert (over.subject_id, over.ended_at) == ("c", clock.now())


def test_what_is_due_no_more_fails_no_more_and_what_fails_anew_begins_anew(partnership_id: str) -> None:
    making = Making(partnership_id, "c")
    making.sweep(1)
    making.due = []
    making.sweep(1)
    assert ([row.subject_id for row in faults(ended=True)], faults()) == (["c"], [])

    making.due = ["c"]
    making.sweep(1)

    assert [row.times for row in faults()] == [1]


def test_a_cursor_that_was_left_open_holds_nothing_up(partnership_id: str) -> None:
    def do(session: Session, keys: Sequence[str]) -> str:
        message = table_of(OutboxMessage)
        rows = [
            {"id": f"{key}{number}", "name": "thing.happened", "partnership_id": partnership_id, "payload": {}}
            | {"created_at": clock.now(), "tries_started": 0, "tries_failed": 0, "last_error": ""}
            for key in keys
            for number in range(2)
        ]
        for row in session.execute(insert(message).returning(message.c.id), rows):
            if row.id == "b0":
                raise ArithmeticError(row)
        return "".join(keys)

    assert sweep(Sweep("making", "region", lambda _: list("abc"), do, 3)) == ["a", "c"]
    assert [row.subject_id for row in faults()] == ["b"]


def test_an_outage_ends_the_sweep_and_is_nobody_s_fault(partnership_id: str) -> None:
    making = Making(partnership_id, "c", error=OSError(errno.ENOSPC, "No space left on device"))

    with pytest.raises(OSError, match="No space left"):
        making.sweep(2)

    assert (kept(), making.tried, faults()) == ("ab", ["ab", "cd"], [])
    making.wrong = ""
    assert (making.sweep(2), kept()) == ("cde", NAMES)


def test_who_was_faster_is_no_fault(partnership_id: str) -> None:
    making = Making(partnership_id, "c", error=Stale("region"))

    assert (making.sweep(2), faults()) == ("abde", [])


def test_where_all_fails_the_sweep_ends_and_the_next_goes_on_behind(partnership_id: str) -> None:
    tried: list[str] = []

    def fail(_: Session, keys: Sequence[str]) -> None:
        tried.extend(keys)
        raise ArithmeticError

    broken = Sweep("broken", "region", lambda _: [f"{number:03}" for number in range(250)], fail, 1)
    for count in (MOST_IN_A_ROW, 2 * MOST_IN_A_ROW):
        with pytest.raises(AllFail, match="broken: 100 rows failed one after the other"):
            sweep(broken)
        assert len(tried) == len(faults()) == count
    sweep(broken)
    assert sorted(tried) == sorted({*tried}) == [row.subject_id for row in faults()]


def test_a_part_that_cannot_be_read_is_left_out_and_noted_until_it_can(partnership_id: str) -> None:
    wrong = {"y"}

    def read(_: Session, keys: Sequence[str]) -> list[str]:
        if wrong & set(keys):
            raise LookupError(f"{keys}")
        return list(keys)

    def do(session: Session, _: Sequence[str]) -> str:
        return "".join(read_apart("region", ["x", "y", "z"], lambda some: read(session, some)))

    parted = Sweep("parted", "partnership", lambda _: [partnership_id], do, parts={"region": read})

    assert sweep(parted) == sweep(parted) == ["xz"]
    assert [(row.noun, row.subject_id, row.times) for row in faults()] == [("region", "y", 1)]
    wrong.clear()
    assert (sweep(parted), faults()) == (["xyz"], [])


def test_one_that_was_done_does_not_wait_for_the_others(partnership_id: str) -> None:
    seen = []

    def do(session: Session, keys: Sequence[str]) -> None:
        seen.append(kept())
        session.add(Region(partnership_id=partnership_id, slug=keys[0], name="R", country="PL", codes=["PL22"]))

    sweep(Sweep("making", "region", lambda _: list(NAMES), do, 1))

    assert seen == ["", "a", "ab", "abc", "abcd"]


def test_where_nothing_is_due_nothing_is_done(installation: object) -> None:
    due: Callable[[Session], list[str]] = lambda _: []  # noqa: E731
    assert sweep(Sweep("making", "region", due, lambda _, keys: keys)) == []
