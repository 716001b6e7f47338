"""Plan what is to be told: deadlines whose time to be looked at has come, in batches, each line once for ever.

Everything of a batch is read in a few statements of plain columns, and written in as many: there may be a hundred
thousand on one morning.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Text, cast, update
from sqlalchemy import select as plain
from sqlmodel import Session, col, select

from states.clock import now
from states.deadlines.ladder import Step, StepKey, Verdict, next_look, steps_of, verdicts
from states.deadlines.mails import reminder_key, reminder_values
from states.deadlines.queries import readers_of
from states.deadlines.states import LEAVE_OUT, PLAN, REMINDER, SUPPRESS
from states.deadlines.tables import Deadline, DeadlineState, Reminder, ReminderState, Why
from states.machines.bulk import stepped
from states.machines.stepping import begin
from states.mail.ledger import NewMail, enter_mails, withdraw_mails
from states.mail.preferences import is_opted_out
from states.mail.tables import MailKind
from states.mail.windows import opening
from states.rights.access import Role
from states.storage import columns_of, insert_columns, is_one_of, new_id, table_of

BATCH = 2000
_LONGEST_DUE = col(Deadline.next_check_at), col(Deadline.id)
_NOBODY_AGAIN = timedelta(days=1)
_PLANNED, _LEFT_OUT = begin(REMINDER, PLAN), begin(REMINDER, LEAVE_OUT)
_Ladder = tuple[str, int, str]  # deadline, date_revision, person


@dataclass(frozen=True, slots=True)
class _Due:
    """The columns of a deadline that its reminders depend on."""

    id: str
    partnership_id: str
    collaboration_id: str | None
    kind: str
    title: str
    owner_role: Role
    owner_organisation_id: str | None
    owner_person_id: str | None
    deputy_person_id: str | None
    chair_role: Role | None
    personal: bool
    legal: bool
    ladder_text: str
    nuts: str
    due_on: date
    due_time: time | None
    time_zone: str
    date_revision: int
    date_revised_at: datetime
    owner_revision: int

    @property
    def ladder(self) -> list[dict[str, object]]:
        """Parse the ladder, which many deadlines have in common."""
        ladder: list[dict[str, object]] = json.loads(self.ladder_text)
        return ladder


@dataclass(frozen=True, slots=True)
class _Before:
    """A line of the ledger that is there already."""

    id: str
    deadline_id: str
    date_revision: int
    owner_revision: int
    person_id: str
    rung: int
    state: ReminderState
    mail_id: str | None

    @property
    def ladder(self) -> _Ladder:
        return (self.deadline_id, self.date_revision, self.person_id)

    @property
    def key(self) -> str:
        return reminder_key(self.deadline_id, self.date_revision, self.owner_revision, self.person_id, self.rung)


@dataclass(slots=True)
class _Line:
    """A new line of the ledger: a verdict on a step of a deadline."""

    due: _Due
    step: Step
    why: Why
    mail_id: str | None = None

    @property
    def key(self) -> str:
        one = self.step
        return reminder_key(self.due.id, self.due.date_revision, one.owner_revision, one.person_id, one.rung)

    @property
    def ladder(self) -> _Ladder:
        return (self.due.id, self.due.date_revision, self.step.person_id)

    @property
    def is_planned(self) -> bool:
        return self.why in (Why.NONE, Why.DIGEST)


def deadlines_to_check(session: Session) -> list[str]:
    """Return the open deadlines whose time to be looked at has come, the longest due first, by their ids."""
    return list(session.exec(select(Deadline.id).where(*_to_check(now())).order_by(*_LONGEST_DUE)))


def plan_reminders(session: Session, keys: Collection[str] | None = None) -> Counter[str]:
    """Plan these, or one batch, of the deadlines whose time has come; count the verdicts, and the `deadlines`.

    A deadline that another runner plans in this moment is left to it; each line is unique in the ledger besides.
    """
    at = now()
    batch = _claimed(session, keys, at)
    readers = readers_of(session, {due.partnership_id for due in batch})
    before = _ledger(session, [due.id for due in batch])
    lines: list[_Line] = []
    looks: dict[datetime | None, list[str]] = defaultdict(list)
    climbed: dict[object, list[Step]] = {}
    for due in batch:
        alike = _alike(due)
        if alike not in climbed:
            climbed[alike] = steps_of(due, readers[due.partnership_id])
        steps = climbed[alike]
        told = {_step_of(one) for one in before[due.id] if one.date_revision == due.date_revision}
        lines += [_line(due, one) for one in verdicts(steps, told, since=due.date_revised_at, at=at)]
        looks[next_look(steps, after=at) if steps else at + _NOBODY_AGAIN].append(due.id)
    _look_again(session, looks)
    _enter_mails(session, [line for line in lines if line.why is Why.NONE], at)
    _supersede(session, before, {line.ladder: line.step.rung for line in lines if line.is_planned})
    if lines:
        _enter(session, lines, at)
    counted = Counter(line.why.value or "planned" for line in lines)
    counted["deadlines"] = len(batch)
    return counted


def _to_check(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(Deadline.state) == DeadlineState.OPEN, col(Deadline.next_check_at) <= at


def _claimed(session: Session, keys: Collection[str] | None, at: datetime) -> list[_Due]:
    of = columns_of(Deadline)
    read = {name: of[name] for name in _Due.__slots__ if name != "ladder_text"}
    read["ladder_text"] = cast(of.ladder, Text)
    query = plain(*(read[name] for name in _Due.__slots__)).where(*_to_check(at)).order_by(*_LONGEST_DUE)
    query = query.limit(BATCH) if keys is None else query.where(is_one_of(of.id, keys))
    return [_Due(*columns) for columns in session.execute(query.with_for_update(skip_locked=True))]


def _ledger(session: Session, keys: Sequence[str]) -> dict[str, list[_Before]]:
    """Return what is in the ledger of each of these deadlines."""
    of = columns_of(Reminder)
    found: dict[str, list[_Before]] = {key: [] for key in keys}
    for columns in session.execute(
        plain(*(of[name] for name in _Before.__slots__)).where(is_one_of(of.deadline_id, keys))
    ):
        line = _Before(*columns)
        found[line.deadline_id].append(line)
    return found


def _step_of(line: _Before) -> StepKey:
    return (line.owner_revision, line.person_id, line.rung)


def _alike(due: _Due) -> object:
    """Return what all deadlines have in common that have the same steps."""
    owner = (due.owner_role, due.owner_organisation_id, due.owner_person_id, due.deputy_person_id, due.chair_role)
    return (due.partnership_id, due.personal, due.due_on, due.nuts, due.owner_revision, *owner, due.ladder_text)


def _line(due: _Due, verdict: Verdict) -> _Line:
    preference, why = verdict.step.reader.preference, verdict.why
    if why is Why.NONE and not due.legal:
        opted_out = is_opted_out(preference, f"{MailKind.REMINDER}.{due.kind}")
        why = Why.OPTED_OUT if opted_out else Why.DIGEST if preference.digest else why
    return _Line(due, verdict.step, why)


def _enter(session: Session, lines: Sequence[_Line], at: datetime) -> None:
    """Enter new lines into the ledger."""
    each: dict[str, Sequence[object]] = {
        "id": [new_id() for _ in lines],
        "deadline_id": [line.due.id for line in lines],
        "date_revision": [line.due.date_revision for line in lines],
        "owner_revision": [line.step.owner_revision for line in lines],
        "person_id": [line.step.person_id for line in lines],
        "rung": [line.step.rung for line in lines],
        "planned_for": [line.step.day for line in lines],
        "escalation": [line.step.escalation for line in lines],
        "state": [_PLANNED if line.is_planned else _LEFT_OUT for line in lines],
        "why": [line.why for line in lines],
        "mail_id": [line.mail_id for line in lines],
    }
    insert_columns(session, table_of(Reminder), each=each, same={"at": at})


def _look_again(session: Session, looks: Mapping[datetime | None, Sequence[str]]) -> None:
    """Note when each deadline is to be looked at again."""
    for instant, keys in looks.items():
        session.execute(
            update(Deadline)
            .where(is_one_of(col(Deadline.id), keys))
            .values(next_check_at=instant)
            .execution_options(synchronize_session=False)
        )


def _supersede(session: Session, before: Mapping[str, Iterable[_Before]], newest: Mapping[_Ladder, int]) -> None:
    """Withdraw what still waits of the same ladder for the same person: the newer rung says it all."""
    older = [
        line
        for key in {deadline_id for deadline_id, _, _ in newest}
        for line in before[key]
        if line.state is _PLANNED and line.rung < newest.get(line.ladder, line.rung)
    ]
    withdraw_mails(session, [line.key for line in older], why=Why.SUPERSEDED.value)
    waiting = [line.id for line in older if line.mail_id is None]
    if waiting:
        session.execute(
            update(Reminder)
            .where(col(Reminder.id).in_(waiting))
            .values(state=stepped(col(Reminder.state), SUPPRESS), why=Why.SUPERSEDED)
            .execution_options(synchronize_session="fetch")
        )


def _enter_mails(session: Session, lines: Sequence[_Line], at: datetime) -> None:
    """Enter the mails of a batch together, each for when its reader may be written to."""
    opens: dict[tuple[str, str], datetime] = {}
    wanted = []
    for line in lines:
        due, reader = line.due, line.step.reader
        nuts = reader.nuts or due.nuts
        wanted.append(
            NewMail(
                line.key,
                line.step.person_id,
                due.partnership_id,
                reminder_values(due, rung=line.step.rung, escalation=line.step.escalation, role=reader.grant.role),
                not_before=_opening(opens, line.step, nuts, at),
                site=nuts,
                optional=not due.legal,
                topic=due.kind,
            )
        )
    entered = enter_mails(session, MailKind.REMINDER, wanted)
    for line, mail in zip(lines, wanted, strict=True):
        line.mail_id = entered.get(mail.key)


def _opening(known: dict[tuple[str, str], datetime], step: Step, nuts: str, at: datetime) -> datetime:
    key = (step.person_id, nuts)
    if key not in known:
        reader = step.reader
        known[key] = opening(at, preference=reader.preference, time_zone=reader.person.time_zone, nuts=nuts)
    return known[key]
