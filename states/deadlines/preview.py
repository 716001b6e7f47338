"""What would be told to whom, when and why: over the next days as things stand, or if a date were moved."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial

from sqlmodel import Session

from states.clock import now
from states.deadlines.ladder import Reader, Step, StepKey, steps_of, verdicts
from states.deadlines.queries import open_deadlines, readers_of, told_of
from states.deadlines.tables import Deadline, Why
from states.mail.preferences import is_opted_out
from states.mail.tables import MailKind
from states.mail.windows import hour_of_digest, opening
from states.partners.tables import Person
from states.sweeps.apart import Failed, attempt, leave_out


class Channel(StrEnum):
    MAIL = "mail"
    DIGEST = "digest"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A reminder that would go out: when (UTC), to whom, for which rung and day; `none` where the person opted out."""

    deadline: Deadline
    due_on: date
    person: Person
    rung: int
    day: date
    at: datetime
    channel: Channel
    escalation: bool

    @property
    def key(self) -> str:
        """What tells this reminder from any other."""
        return f"{self.deadline.id}:{self.person.id}:{self.rung}:{self.day}"


def foresee(session: Session, *, partnership_id: str, days: int) -> list[Foreseen]:
    """Return what would go out in so many days if nothing were done, extended or changed until then, earliest first.

    A deadline of which that cannot be said is left out.
    """
    found: list[Foreseen] = []
    readers = readers_of(session, [partnership_id])[partnership_id]
    rows = open_deadlines(session, partnership_id)
    told = told_of(session, rows)
    for row in rows:
        ahead = attempt(partial(_as_it_is, row, readers, told[row.id], days=days))
        if isinstance(ahead, Failed):
            leave_out("deadline", row.id, ahead.error)
        else:
            found += ahead
    return sorted(found, key=lambda one: (one.at, one.deadline.id, one.person.label, one.rung))


def what_if(session: Session, row: Deadline, *, due_on: date) -> tuple[list[Foreseen], list[Foreseen]]:
    """Return what would go out for a deadline as it is, and if it were due on another day."""
    readers = readers_of(session, [row.partnership_id])[row.partnership_id]
    far = 2 * 366 + max((due_on - now().date()).days, 0)
    as_it_is = _ahead(row, steps_of(row, readers), told_of(session, [row])[row.id], days=far)
    moved = _ahead(row, steps_of(row, readers, due_on=due_on), set(), days=far, since=now(), due_on=due_on)
    return list(as_it_is), list(moved)


def _as_it_is(row: Deadline, readers: Sequence[Reader], told: Set[StepKey], *, days: int) -> list[Foreseen]:
    return list(_ahead(row, steps_of(row, readers), told, days=days))


def _ahead(
    row: Deadline,
    steps: Sequence[Step],
    told: Set[StepKey],
    *,
    days: int,
    since: datetime | None = None,
    due_on: date | None = None,
) -> Iterator[Foreseen]:
    at = now()
    late = {
        one.step.key for one in verdicts(steps, told, since=since or row.date_revised_at, at=at) if one.why is Why.NONE
    }
    for step in steps:
        if step.key in late or at < step.starts_at <= at + timedelta(days=days):
            yield _foreseen(row, due_on or row.due_on, step, max(at, step.starts_at))


def _foreseen(row: Deadline, due_on: date, step: Step, at: datetime) -> Foreseen:
    channel, reader, preference = Channel.MAIL, step.reader, step.reader.preference
    if not row.legal and is_opted_out(preference, f"{MailKind.REMINDER}.{row.kind}"):
        channel = Channel.NONE
    elif not row.legal and preference.digest:
        channel = Channel.DIGEST
        at = max(at, hour_of_digest(at, preference=preference, time_zone=reader.person.time_zone))
    opens = opening(at, preference=preference, time_zone=reader.person.time_zone, nuts=reader.nuts or row.nuts)
    return Foreseen(row, due_on, reader.person, step.rung, step.day, opens, channel, step.escalation)
