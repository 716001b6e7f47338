"""Plan what is to be told: deadlines whose time to be looked at has come, in batches, each line once for ever."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, exists, select

from states.clock import now
from states.deadlines.ladder import Reader, StepKey, Verdict, next_look, steps_of, verdicts
from states.deadlines.mails import reminder_key, reminder_values
from states.deadlines.queries import told_of
from states.deadlines.readers import readers_of
from states.deadlines.tables import Deadline, DeadlineState, Reminder, ReminderState, Why
from states.mail.ledger import enter_mail, withdraw_mails
from states.mail.preferences import is_opted_out
from states.mail.tables import MailKind
from states.mail.windows import opening
from states.storage import new_id

BATCH = 200
_NOBODY_AGAIN = timedelta(days=1)
_Ladder = tuple[str, int, str]  # deadline, edition, person


def plan_reminders(session: Session) -> Counter[str]:
    """Plan one batch of the deadlines whose time to be looked at has come; count the verdicts, and the `deadlines`.

    A deadline that another runner plans in this moment is left to it; each line is unique in the ledger besides.
    """
    at = now()
    query = (
        select(Deadline)
        .where(Deadline.state == DeadlineState.OPEN, col(Deadline.look_at) <= at)
        .order_by(col(Deadline.look_at), col(Deadline.id))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    batch = session.exec(query).all()
    readers = readers_of(session, {row.partnership_id for row in batch})
    told = told_of(session, batch)
    counted = Counter(deadlines=len(batch))
    newest: dict[_Ladder, int] = {}
    for row in batch:
        found = _plan(session, row, readers[row.partnership_id], told[row.id], at)
        counted.update(line.why.value or "planned" for line in found)
        newest |= {_ladder(line): line.rung for line in found if line.state is ReminderState.PLANNED}
    session.flush()
    _supersede(session, newest)
    return counted


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
            line.state, line.why = ReminderState.SUPPRESSED, Why.SUPERSEDED
            session.add(line)
    session.flush()


def _ladder(line: Reminder) -> _Ladder:
    return (line.deadline_id, line.edition, line.person_id)


def to_plan(session: Session) -> bool:
    """Tell whether any deadline asks to be looked at now: a cheap look before planning is started."""
    waiting = exists().where(col(Deadline.state) == DeadlineState.OPEN, col(Deadline.look_at) <= now())
    return session.exec(select(waiting)).one()


def _plan(
    session: Session, row: Deadline, readers: Sequence[Reader], told: set[StepKey], at: datetime
) -> list[Reminder]:
    steps = steps_of(row, readers)
    lines = [_enter(session, row, one, at) for one in verdicts(steps, told, since=row.edition_at, at=at)]
    row.look_at = next_look(steps, after=at) if steps else at + _NOBODY_AGAIN
    session.add(row)
    return lines


def _enter(session: Session, row: Deadline, verdict: Verdict, at: datetime) -> Reminder:
    step, preference = verdict.step, verdict.step.reader.preference
    why = verdict.why
    if why is Why.NONE and not row.legal:
        opted_out = is_opted_out(preference, f"{MailKind.REMINDER}.{row.kind}")
        why = Why.OPTED_OUT if opted_out else Why.DIGEST if preference.digest else why
    line = Reminder(
        id=new_id(),
        deadline_id=row.id,
        edition=row.edition,
        handover=step.handover,
        person_id=step.reader.person.id,
        rung=step.rung,
        planned_for=step.day,
        escalation=step.escalation,
        state=ReminderState.PLANNED if why in (Why.NONE, Why.DIGEST) else ReminderState.SUPPRESSED,
        why=why,
        at=at,
    )
    if why is Why.NONE:
        line.mail_id = _mail(session, row, line, step.reader, at)
    session.add(line)
    return line


def _mail(session: Session, row: Deadline, line: Reminder, reader: Reader, at: datetime) -> str | None:
    person = reader.person
    opens = opening(at, preference=reader.preference, time_zone=person.time_zone, nuts=reader.nuts or row.nuts)
    mail = enter_mail(
        session,
        MailKind.REMINDER,
        key=reminder_key(line),
        person_id=person.id,
        partnership_id=row.partnership_id,
        values=reminder_values(row, line, role=reader.grant.role),
        not_before=opens,
        optional=not row.legal,
        topic=row.kind,
    )
    return mail.id if mail is not None else None
