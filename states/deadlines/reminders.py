"""The ladder of reminders: which rung is due for whom, each once for ever, and none in a flood after an outage."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from states.access import Role
from states.clock import now
from states.deadlines.definition import Recipient, Rung
from states.deadlines.queries import ledger_of, open_deadlines
from states.deadlines.tables import Deadline, Reminder, ReminderState
from states.partners.calendar import shift
from states.partners.queries import Holder, holders
from states.partners.tables import Person
from states.storage import new_id


@dataclass(frozen=True, slots=True)
class PlannedReminder:
    """A rung that is due today or was missed: for whom, and which older rungs it replaces."""

    deadline: Deadline
    person: Person
    rung: Rung
    planned_for: date
    supersedes: tuple[tuple[int, date], ...]


def due_reminders(session: Session, *, on: date) -> list[PlannedReminder]:
    """Return what is to be sent on that day: of each ladder and recipient the newest rung not yet in the ledger.

    Older rungs that nobody sent (an outage, a late start) are named, to be recorded and not sent.
    """
    deadlines = open_deadlines(session)
    told = {(line.deadline_id, line.person_id, line.rung) for line in ledger_of(session, [row.id for row in deadlines])}
    people: dict[str, Sequence[Holder]] = {}
    planned: list[PlannedReminder] = []
    for deadline in deadlines:
        if deadline.partnership_id not in people:
            people[deadline.partnership_id] = holders(session, deadline.partnership_id, *Role)
        planned += _due(deadline, people[deadline.partnership_id], told, on)
    return planned


def _due(
    deadline: Deadline, people: Sequence[Holder], told: set[tuple[str, str, int]], on: date
) -> Iterator[PlannedReminder]:
    opened = deadline.opened_at.date()
    steps: dict[str, dict[int, tuple[date, Rung, Person]]] = {}
    for raw in deadline.ladder:
        rung = Rung.model_validate(raw)
        day = shift(deadline.due_on, rung.days, nuts=deadline.nuts)
        if opened <= day <= on:  # a rung from before the opening is never sent: it would be for the past
            for person in _recipients(deadline, rung, people):
                steps.setdefault(person.id, {})[rung.days] = (day, rung, person)
    for person_id, by_days in steps.items():
        rungs = [by_days[days] for days in sorted(by_days)]
        newest = rungs[-1]
        if (deadline.id, person_id, newest[1].days) in told:
            continue
        older = tuple(
            (rung.days, day) for day, rung, _ in rungs[:-1] if (deadline.id, person_id, rung.days) not in told
        )
        yield PlannedReminder(deadline, newest[2], newest[1], newest[0], older)


def _recipients(deadline: Deadline, rung: Rung, people: Sequence[Holder]) -> list[Person]:
    found: dict[str, Person] = {}
    for holder in people:
        owner = (
            holder.person.id == deadline.owner_person_id
            if deadline.owner_person_id is not None
            else holder.grant.role is deadline.owner_role
        )
        manager = holder.grant.role is Role.PROJECT_MANAGER
        if (owner and Recipient.OWNER in rung.to) or (manager and Recipient.PROJECT_MANAGER in rung.to):
            found[holder.person.id] = holder.person
    return list(found.values())


def take_reminder(session: Session, planned: PlannedReminder) -> Reminder | None:
    """Enter a reminder in the ledger before it is sent; return None if another runner entered it first."""
    line = _line(planned, planned.rung.days, planned.planned_for, ReminderState.HANDED_OVER)
    line.message_id = f"{line.id}@bankable"
    older = [_line(planned, days, day, ReminderState.SUPERSEDED) for days, day in planned.supersedes]
    try:
        with session.begin_nested():
            session.add_all([line, *older])
    except IntegrityError:
        return None
    return line


def _line(planned: PlannedReminder, rung: int, day: date, state: ReminderState) -> Reminder:
    return Reminder(
        id=new_id(),
        deadline_id=planned.deadline.id,
        person_id=planned.person.id,
        rung=rung,
        state=state,
        planned_for=day,
        at=now(),
    )
