"""A month of deadlines with workers that die and a mail server that is down: each rung reaches its reader once.

`make chaos` lives through both months in which clocks change, on SQLite and on PostgreSQL, with 500 deadlines; the
`make long` through some days with fewer. The seed is fixed, the moments are not: the workers run as fast as they can.
"""

import os
import time as machine
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import quantiles

import pytest
from rich.console import Console
from rich.table import Table
from sqlmodel import col, exists, select

from states import clock
from states.deadlines.ledger import ledger_of
from states.deadlines.tables import Deadline, DeadlineState, Reminder
from states.mail.resolving import resolve_by_log
from states.mail.sending import mark_unclear
from states.mail.tables import Mail, MailState
from states.settings import settings
from states.storage import begin, engine
from tests.chaos.month import Month, schedule
from tests.chaos.oracle import HOUR, Due, Fate, Key, expected, faults, first_hour
from tests.chaos.post_office import Moment, PostOffice
from tests.chaos.workers import Crew
from tests.flows.conftest import free_port
from tests.waiting import HANG_SECONDS

SPRING = datetime(2026, 3, 6, 0, 0, tzinfo=UTC)  # North America changes its clocks on the 8th, Europe on the 29th
AUTUMN = datetime(2026, 10, 9, 0, 0, tzinfo=UTC)  # Europe on the 25th of October, North America on the 1st of November
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Size:
    """How long the story is and how much happens in it."""

    days: int
    deadlines: int
    people: int
    kills: int
    apart: int  # mails between two deaths, at most


FULL, SMALL = Size(31, 500, 48, 40, apart=24), Size(2, 40, 24, 4, apart=4)


class Story:
    """One month, lived through."""

    def __init__(self, start: datetime, size: Size, seed: int, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
        self.start, self.size, self.random = start, size, Random(seed)
        self.until = start + timedelta(days=size.days)
        self.office = PostOffice(free_port(), self._killings())
        for name, value in {
            "CLOCK_FILE": str(home / "clock"),
            "SMTP_URL": f"smtp://127.0.0.1:{self.office.port}",
            "MAIL_LEASE_SECONDS": "3",
            "MAIL_BATCH": "20",
        }.items():
            monkeypatch.setenv(f"BANKABLE_{name}", value)
        settings.cache_clear()
        clock.set_simulated(start)
        self.month = Month(self.random)
        closes = start + timedelta(days=size.days // 2, hours=7)
        self.closed = (closes, closes + timedelta(hours=6))
        self.uncertain = 0
        self.ordered: set[Key] = set()

    def _killings(self) -> Iterator[Moment | None]:
        """Yield for each mail whether somebody dies over it: often enough that all the deaths are died."""
        moments = [moment for moment in Moment for _ in range(self.size.kills // len(Moment))]
        self.random.shuffle(moments)
        for moment in moments:
            yield from [None] * self.random.randrange(self.size.apart)
            yield moment

    def live(self) -> None:
        self.month.settle_in(self.size.people)
        plan = defaultdict(list)
        for at, what in schedule(self.random, start=self.start, days=self.size.days, deadlines=self.size.deadlines):
            plan[at].append(what)
        self.office.open()
        self.crew = Crew(WORKERS, {key: value for key, value in os.environ.items() if key.startswith("BANKABLE_")})
        self.office.kill = self._kill
        try:
            for hours in range(self.size.days * 24 + 1):
                self._hour(self.start + timedelta(hours=hours), plan)
            self._resolve()
        finally:
            self.crew.dismiss()
            self.office.close()

    def _kill(self) -> None:
        """Kill one of them or all: whoever hands over the mail is among them, or is not."""
        self.crew.kill(*self.random.choice([(0,), (1,), (0, 1), (0, 1)]))

    def _hour(self, at: datetime, plan: dict[datetime, list[str]]) -> None:
        clock.set_simulated(at)
        if at == self.closed[0]:
            self.office.close()
        if at == self.closed[1]:
            self.office.open()
        self._wait()
        for what in plan[at]:
            if what == "open":
                self.month.open(at, within=self.size.days)
            else:
                self.month.disturb(at)
        if plan[at]:
            self._wait()

    def _wait(self) -> None:
        """Wait until every worker has gone round once more, and nothing is left to do at this hour."""
        seen, patience = self.crew.rounds(), machine.monotonic() + HANG_SECONDS
        while True:
            self.crew.replace_the_dead()
            rounds = self.crew.rounds()
            seen = [min(before, now) for before, now in zip(seen, rounds, strict=True)]  # a new one begins at none
            if all(now >= before + 2 for before, now in zip(seen, rounds, strict=True)) and self._is_quiet():
                return
            assert machine.monotonic() < patience, "the workers do not come to rest"
            machine.sleep(0.005)

    def _is_quiet(self) -> bool:
        with begin(read_only=True) as session:
            asks = col(Deadline.state) == DeadlineState.OPEN, col(Deadline.next_check_at) <= clock.now()
            if session.exec(select(exists().where(*asks))).one():
                return False
            if self.closed[0] <= clock.now() < self.closed[1]:
                return True
            due = (col(Mail.state) == MailState.WAITING) & (col(Mail.not_before) <= clock.now())
            busy = select(Mail.id).where(due | (col(Mail.state) == MailState.OFFERED))
            return session.exec(busy.limit(1)).first() is None

    def _resolve(self) -> None:
        """Do as an operator does: give the system the mail server's log; what is not in it is sent again."""
        with begin() as session:
            mark_unclear(session)
            lost = session.exec(select(Mail.message_id).where(Mail.state == MailState.UNCERTAIN)).all()
            self.uncertain = len(lost)
            # What an operator orders goes out at once, at any hour; of a digest what is still to be told, with the next
            taken = {one.message_id for one in self.office.accepted}
            told = select(Reminder).join(Mail, col(Mail.id) == col(Reminder.mail_id))
            again = told.where(col(Mail.message_id).in_(set(lost) - taken))
            self.ordered = {
                (line.deadline_id, line.date_revision, line.owner_revision, line.person_id, line.rung)
                for line in session.exec(again)
            }
            resolve_by_log(session, self.office.log())
        self._wait()

    def fates(self) -> dict[Key, Fate]:
        taken: dict[str, list[datetime]] = defaultdict(list)
        for one in self.office.accepted:
            taken[one.message_id].append(one.at)
        with begin(read_only=True) as session:
            keys = {line.id: line for line in session.exec(select(Reminder))}
            put_off = set(session.exec(select(Mail.message_id).where(col(Mail.tries_failed) > 0)))
            lines = ledger_of(session, [one.id for one in self.month.waiting])
        assert len(keys) == len(lines)
        fates = {}
        for line in lines:
            key = (line.deadline.id, line.date_revision, line.owner_revision, line.person.id, line.rung)
            fates[key] = Fate(
                line.status.value,
                "" if line.status.value == "sent" else line.why,
                tuple(taken[line.message_id]) if line.message_id else (),
                key in self.ordered,
                line.message_id in put_off,
            )
        return fates


def report(story: Story, came: dict[Key, Due], fates: dict[Key, Fate], seconds: float) -> None:
    table = Table(title=f"{engine().dialect.name}, {story.start.date()} and {story.size.days} days")
    table.add_column("what")
    table.add_column("count", justify="right")
    rows: list[tuple[str, object]] = [("deadlines", len(story.month.waiting)), ("rungs that came", len(came))]
    rows += sorted((f"{fate.status} {fate.why}", count) for fate, count in _counted(fates).items())
    rows += [("mails that the server took", len(story.office.accepted)), ("workers killed", story.crew.kills)]
    rows += sorted((f"killed {moment.value}", count) for moment, count in Counter(story.office.killed).items())
    rows.append(("uncertain until the server's log was read", story.uncertain))
    delays = [
        (fate.taken[0] - first_hour(came[key], after=came[key].planned)) / HOUR
        for key, fate in fates.items()
        if fate.taken and not came[key].person.digest
    ]
    cuts = quantiles(delays, n=20)
    rows += [("hours from opening to delivery, p50", cuts[9]), ("p95", cuts[18]), ("most", max(delays))]
    rows.append(("seconds", round(seconds, 1)))
    for what, count in rows:
        table.add_row(what, str(count))
    Console().print(table)


def _counted(fates: dict[Key, Fate]) -> Counter[Fate]:
    return Counter(Fate(fate.status, fate.why, ()) for fate in fates.values())


def live(start: datetime, size: Size, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    story, begun = Story(start, size, 20260306, monkeypatch, home), machine.monotonic()

    story.live()

    came, fates = expected(story.month, until=story.until), story.fates()
    report(story, came, fates, machine.monotonic() - begun)
    assert faults(came, fates, until=story.until, closed_office=story.closed) == []
    assert Counter(story.office.killed) == {moment: size.kills // len(Moment) for moment in Moment}
    messages = Counter(one.message_id for one in story.office.accepted)
    assert [key for key, times in messages.items() if times > 1] == []
    with begin(read_only=True) as session:
        sent = session.exec(select(Mail.message_id).where(Mail.state == MailState.SENT)).all()
    assert sorted(sent) == sorted(messages)


@pytest.mark.chaos
@pytest.mark.parametrize("start", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_a_month_of_chaos(start: datetime, monkeypatch: pytest.MonkeyPatch, installation: Path) -> None:
    live(start, FULL, monkeypatch, installation)


@pytest.mark.long
def test_days_of_chaos(monkeypatch: pytest.MonkeyPatch, installation: Path) -> None:
    live(SPRING + timedelta(days=2), SMALL, monkeypatch, installation)
