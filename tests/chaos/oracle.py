"""What ought to have become of every rung: worked out from the story, hour by hour, without the system's own code.

It says for each line of the ledger whether its fate is the right one, and whether any line is missing or too many.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from states.deadlines.definition import Recipient
from tests.chaos.month import LADDER, Month, Somebody, Waiting

Key = tuple[str, int, int, str, int]
"""Deadline, date in turn, owner in turn (0 for managers), person, rung."""

HOUR = timedelta(hours=1)
_PARTS = {"DE11": ("DE", "BW"), "ITC1": ("IT", None), "BE32": ("BE", None), "PL22": ("PL", None), "FRK2": ("FR", None)}


@dataclass(frozen=True, slots=True)
class Due:
    """One rung that came for one person while it was open for that person, between two instants."""

    person: Somebody
    nuts: str
    starts: datetime
    ends: datetime
    dated: datetime
    opened: datetime
    closed: datetime | None

    @property
    def planned(self) -> datetime:
        """When it was there to be told: its day had begun and it was open."""
        return max(self.starts, self.opened)


@dataclass(frozen=True, slots=True)
class Fate:
    """What the ledger says of a line, when its mail was taken (each time), and if that was unknown till the end."""

    status: str
    why: str
    taken: tuple[datetime, ...]
    ordered: bool = False  # lost by a server and then settled by an operator
    put_off: bool = False  # by a server, at least once


def expected(month: Month, *, until: datetime) -> dict[Key, Due]:
    """Return every rung that came, for everybody whom it had to reach."""
    return dict(pair for one in month.waiting for pair in _came(month, one, until))


def _came(month: Month, one: Waiting, until: datetime) -> Iterator[tuple[Key, Due]]:
    for number, turn in enumerate(one.turns):
        if turn.due is None:
            continue
        later = one.turns[number + 1 :]
        of_date = next(
            (next_.since for next_ in later if next_.date_revision != turn.date_revision or next_.due is None), None
        )
        of_owner = later[0].since if later else None
        dated = min(next_.since for next_ in one.turns if next_.date_revision == turn.date_revision)
        for rung in LADDER:
            day = _shift(turn.due, rung.days, one.nuts)
            told = [(turn.owner_id, turn.owner_revision, turn.since, of_owner)]
            if Recipient.PROJECT_MANAGER in rung.to:
                told += [(key, 0, dated, of_date) for key in month.managers]
            for person_id, owner_revision, opened, closed in told:
                person = month.people[person_id]
                zone = ZoneInfo(person.zone)
                starts, ends = (
                    datetime.combine(day + timedelta(days=days), time(), tzinfo=zone).astimezone(UTC) for days in (0, 1)
                )
                if starts <= (closed or until):
                    due = Due(person, person.nuts or one.nuts, starts, ends, dated, opened, closed)
                    yield (one.id, turn.date_revision, owner_revision, person_id, rung.days), due


def faults(
    came: Mapping[Key, Due], fates: Mapping[Key, Fate], *, until: datetime, closed_office: tuple[datetime, datetime]
) -> list[str]:
    """Return everything that is not as it ought to be: a line missing, one too many, or one with a wrong fate."""
    found = [f"{key}: never planned" for key in came.keys() - fates.keys()]
    found += [f"{key}: planned, though it never came" for key in fates.keys() - came.keys()]
    for key in came.keys() & fates.keys():
        newer = [other for other in _newer(key) if other in came]
        wrong = _wrong(came[key], fates[key], [came[one] for one in newer], until=until, closed_office=closed_office)
        if wrong:
            found.append(f"{key}: {fates[key].status} {fates[key].why}: {wrong}")
    return found


def _newer(key: Key) -> list[Key]:
    return [(*key[:4], rung.days) for rung in LADDER if rung.days > key[4]]


def _wrong(
    due: Due, fate: Fate, newer: Sequence[Due], *, until: datetime, closed_office: tuple[datetime, datetime]
) -> str:
    if fate.status != "sent":
        if fate.taken:
            return f"but the server took it at {fate.taken}"
        return _wrongly_silent(due, fate, newer, until=until, closed_office=closed_office)
    if len(fate.taken) != 1:
        return f"the server took it {len(fate.taken)} times"
    (at,) = fate.taken
    if at < due.planned:
        return f"too early: {at}"
    if not fate.ordered and not _is_open(due.person, due.nuts, at):
        return f"at a wrong hour: {at}"
    if due.closed is not None and at > due.closed:
        return f"at {at}, after {due.closed}, when it was open no more"
    if due.person.opted_out:
        return "to somebody who has opted out"
    return ""


def _wrongly_silent(
    due: Due, fate: Fate, newer: Sequence[Due], *, until: datetime, closed_office: tuple[datetime, datetime]
) -> str:
    could = first_hour(due, after=due.planned)
    while closed_office[0] <= could < closed_office[1]:
        could = first_hour(due, after=could + HOUR)
    if due.person.digest:
        could += timedelta(days=4)  # a digest gathers what came after the last one; a week-end may lie between
    match fate.why:
        case "past":
            right = due.ends <= due.dated
        case "opted_out":
            right = due.person.opted_out
        case "superseded":
            right = any(fate.ordered or fate.put_off or one.planned <= could for one in newer)
        case "done" | "waived" | "moved" | "reassigned":
            right = due.closed is not None and (fate.ordered or fate.put_off or due.closed <= could)
        case "" | "digest" if fate.status == "planned":
            right = fate.ordered or fate.put_off or could > until - HOUR
        case _:
            right = False
    return "" if right else f"it could have been told at {could}"


def first_hour(due: Due, *, after: datetime) -> datetime:
    """Return the first full hour of the story at which its reader may be written to."""
    at = after.replace(minute=0, second=0, microsecond=0)
    at += HOUR * (at < after)
    while not _is_open(due.person, due.nuts, at):
        at += HOUR
    return at


def _is_open(person: Somebody, nuts: str, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(person.zone))
    start, end = person.quiet
    return _works(local.date(), nuts) and end <= local.time() < start


def _shift(day: date, days: int, nuts: str) -> date:
    step, left = timedelta(days=-1 if days < 0 else 1), abs(days)
    while left or not _works(day, nuts):
        day += step
        left -= bool(left) and _works(day, nuts)
    return day


@cache
def _works(day: date, nuts: str) -> bool:
    country, part = _PARTS[nuts]
    return day.weekday() < 5 and day not in holidays.country_holidays(country, subdiv=part, years=day.year)
