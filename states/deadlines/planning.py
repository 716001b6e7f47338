"""Plan what is to be told: deadlines whose time to be looked at has come, in batches, each line once for ever."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from states.clock import now
from states.deadlines.ladder import Reader, StepKey, Verdict, next_look, steps_of, verdicts
from states.deadlines.mails import reminder_key, reminder_values
from states.deadlines.queries import told_of
from states.deadlines.readers import readers_of
from states.deadlines.states import LEAVE_OUT, PLAN, REMINDER, SUPPRESS
from states.deadlines.tables import Deadline, DeadlineState, Reminder, ReminderState, Why
from states.machines.stepping import begin, step
from states.mail.ledger import NewMail, enter_mails, withdraw_mails
from states.mail.preferences import is_opted_out
from states.mail.tables import MailKind
from states.mail.windows import opening
from states.storage import new_id

BATCH = 200
_LONGEST_DUE = col(Deadline.next_check_at), col(Deadline.id)
_NOBODY_AGAIN = timedelta(days=1)
_Ladder = tuple[str, int, str]  # deadline, date_revision, person
_Line = tuple[Reminder, Deadline, Reader]


def deadlines_to_check(session: Session) -> list[str]:
    """Return the open deadlines whose time to be looked at has come, the longest due first, by their ids."""
    return list(session.exec(select(Deadline.id).where(*_to_check(now())).order_by(*_LONGEST_DUE)))


def plan_reminders(session: Session, keys: Collection[str] | None = None) -> Counter[str]:
    """Plan these, or one batch, of the deadlines whose time has come; count the verdicts, and the `deadlines`.

    A deadline that another runner plans in this moment is left to it; each line is unique in the ledger besides.
    """
    at = now()
    query = select(Deadline).where(*_to_check(at)).order_by(*_LONGEST_DUE).with_for_update(skip_locked=True)
    query = query.limit(BATCH) if keys is None else query.where(col(Deadline.id).in_(keys))
    batch = session.exec(query).all()
    readers = readers_of(session, {row.partnership_id for row in batch})
    told = told_of(session, batch)
    counted = Counter(deadlines=len(batch))
    lines: list[_Line] = []
    for row in batch:
        lines += _plan(session, row, readers[row.partnership_id], told[row.id], at)
    counted.update(line.why.value or "planned" for line, _, _ in lines)
    _enter_mails(session, [one for one in lines if one[0].why is Why.NONE], at)
    session.add_all(line for line, _, _ in lines)
    session.flush()
    planned = [line for line, _, _ in lines if line.state is ReminderState.PLANNED]
    _supersede(session, {_ladder(line): line.rung for line in planned})
    return counted


def _to_check(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(Deadline.state) == DeadlineState.OPEN, col(Deadline.next_check_at) <= at


def _supersede(session: Session, newest: Mapping[_Ladder, int]) -> None:
    """Withdraw what still waits of the same ladder for the same person: the newer rung says it all."""
    query = select(Reminder).where(
        col(Reminder.deadline_id).in_({deadline_id for deadline_id, _, _ in newest}),
        Reminder.state == ReminderState.PLANNED,
    )
    older = [line for line in session.exec(query) if line.rung < newest.get(_ladder(line), line.rung)]
    withdraw_mails(session, [reminder_key(line) for line in older], why=Why.SUPERSEDED.value)
    for line in older:
        if line.mail_id is None:
            line.state, line.why = step(REMINDER, line.state, SUPPRESS), Why.SUPERSEDED
            session.add(line)
    session.flush()


def _ladder(line: Reminder) -> _Ladder:
    return (line.deadline_id, line.date_revision, line.person_id)


def _plan(session: Session, row: Deadline, readers: Sequence[Reader], told: set[StepKey], at: datetime) -> list[_Line]:
    steps = steps_of(row, readers)
    judged = verdicts(steps, told, since=row.date_revised_at, at=at)
    row.next_check_at = next_look(steps, after=at) if steps else at + _NOBODY_AGAIN
    session.add(row)
    return [(_line(row, verdict, at), row, verdict.step.reader) for verdict in judged]


def _line(row: Deadline, verdict: Verdict, at: datetime) -> Reminder:
    step, preference = verdict.step, verdict.step.reader.preference
    why = verdict.why
    if why is Why.NONE and not row.legal:
        opted_out = is_opted_out(preference, f"{MailKind.REMINDER}.{row.kind}")
        why = Why.OPTED_OUT if opted_out else Why.DIGEST if preference.digest else why
    return Reminder(
        id=new_id(),
        deadline_id=row.id,
        date_revision=row.date_revision,
        owner_revision=step.owner_revision,
        person_id=step.reader.person.id,
        rung=step.rung,
        planned_for=step.day,
        escalation=step.escalation,
        state=begin(REMINDER, PLAN if why in (Why.NONE, Why.DIGEST) else LEAVE_OUT),
        why=why,
        at=at,
    )


def _enter_mails(session: Session, lines: Sequence[_Line], at: datetime) -> None:
    """Enter the mails of a batch together, each for when its reader may be written to."""
    opens: dict[tuple[str, str], datetime] = {}
    wanted = {}
    for line, row, reader in lines:
        person, nuts = reader.person, reader.nuts or row.nuts
        if (person.id, nuts) not in opens:
            zone = person.time_zone
            opens[person.id, nuts] = opening(at, preference=reader.preference, time_zone=zone, nuts=nuts)
        wanted[line.id] = NewMail(
            reminder_key(line),
            person.id,
            row.partnership_id,
            reminder_values(row, line, role=reader.grant.role),
            not_before=opens[person.id, nuts],
            site=nuts,
            optional=not row.legal,
            topic=row.kind,
        )
    entered = enter_mails(session, MailKind.REMINDER, list(wanted.values()))
    for line, _, _ in lines:
        mail = entered.get(wanted[line.id].key)
        line.mail_id = mail.id if mail is not None else None
