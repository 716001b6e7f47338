"""Digests: what a person wants to read once a day, in one mail a partnership."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import groupby

from sqlalchemy import ColumnElement, true
from sqlmodel import Session, and_, col, exists, or_, select

from states.clock import now
from states.deadlines.mails import digest_key, digest_values
from states.deadlines.queries import readers_of
from states.deadlines.states import REMINDER, SUPPRESS
from states.deadlines.tables import Deadline, DeadlineState, Reminder, ReminderState, Why
from states.machines.stepping import step
from states.mail.ledger import enter_mail
from states.mail.tables import Mail, MailKind, MailState
from states.mail.windows import hour_of_digest, opening
from states.partners.tables import RoleGrant

_Line = tuple[Reminder, Deadline]

_WAITING = (
    col(Reminder.state) == ReminderState.PLANNED,
    col(Reminder.why) == Why.DIGEST,
    col(Reminder.mail_id).is_(None),
)
_LOST_MAIL = (
    col(Mail.kind) == MailKind.DIGEST,
    col(Mail.state) == MailState.WITHDRAWN,
    col(Mail.unwanted) != "",
)
_LOST = select(Mail.id).where(*_LOST_MAIL)


def readers_of_digests(session: Session) -> list[str]:
    """Return for whom a line of a digest waits, or was lost with it, by their ids."""
    query = select(Reminder.person_id).where(or_(and_(*_WAITING), col(Reminder.mail_id).in_(_LOST)))
    return list(session.exec(query.distinct().order_by(col(Reminder.person_id))))


def compose_digests(session: Session, people: Collection[str] | None = None) -> Counter[str]:
    """Write the digest of each of these people, or of all, whose hour has come, where it was not written today.

    It comes on working days only.
    """
    at = now()
    counted: Counter[str] = Counter()
    release(session, people)
    for partnership_id, waiting in _by_partnership(session, people):
        readers = {reader.person.id: reader for reader in readers_of(session, [partnership_id])[partnership_id]}
        for person_id, group in groupby(waiting, key=lambda pair: pair[0].person_id):
            lines, reader = list(group), readers.get(person_id)
            if reader is None:
                if not _holds_a_role(session, person_id, partnership_id):  # else it cannot be read, and its lines wait
                    _drop(session, lines)
                    counted["dropped"] += len(lines)
                continue
            preference, zone = reader.preference, reader.person.time_zone
            hour = hour_of_digest(at, preference=preference, time_zone=zone)
            site = reader.nuts or lines[0][1].nuts
            if hour <= at == opening(at, preference=preference, time_zone=zone, nuts=site):
                counted.update(_write(session, lines, at.astimezone(reader.zone).date(), partnership_id, site=site))
    return counted


def _holds_a_role(session: Session, person_id: str, partnership_id: str) -> bool:
    grants = exists().where(col(RoleGrant.person_id) == person_id, col(RoleGrant.partnership_id) == partnership_id)
    return session.exec(select(grants.where(or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > now())))).one()


def release(session: Session, people: Collection[str] | None = None) -> None:
    """Free the lines of digests that were lost, of these people or of all; the next one tells what is to be told still.

    Sent again as they were they would tell of what is over.
    """
    query = (
        select(Reminder, Deadline, Mail.why)
        .join(Deadline, col(Deadline.id) == col(Reminder.deadline_id))
        .join(Mail, col(Mail.id) == col(Reminder.mail_id))
        .where(*_LOST_MAIL, _of(people))
        .with_for_update(of=Reminder, skip_locked=True)
    )
    for line, deadline, why in session.exec(query).all():
        line.mail_id = None
        if not _is_to_be_told(line, deadline):
            line.state, line.why = step(REMINDER, line.state, SUPPRESS), Why(why)
        session.add(line)
    session.flush()


def _is_to_be_told(line: Reminder, deadline: Deadline) -> bool:
    same_owner = line.escalation or line.owner_revision == deadline.owner_revision
    return deadline.state is DeadlineState.OPEN and line.date_revision == deadline.date_revision and same_owner


def _by_partnership(session: Session, people: Collection[str] | None) -> Iterator[tuple[str, Sequence[_Line]]]:
    query = (
        select(Reminder, Deadline)
        .join(Deadline, col(Deadline.id) == col(Reminder.deadline_id))
        .where(*_WAITING, _of(people))
        .order_by(col(Deadline.partnership_id), col(Reminder.person_id), col(Reminder.id))
        .with_for_update(of=Reminder, skip_locked=True)
    )
    for partnership_id, group in groupby(session.exec(query).all(), key=lambda pair: pair[1].partnership_id):
        yield partnership_id, list(group)


def _of(people: Collection[str] | None) -> ColumnElement[bool]:
    return true() if people is None else col(Reminder.person_id).in_(people)


def _write(session: Session, lines: Sequence[_Line], day: date, partnership_id: str, *, site: str) -> Counter[str]:
    person_id = lines[0][0].person_id
    mail = enter_mail(
        session,
        MailKind.DIGEST,
        key=digest_key(person_id, partnership_id, day),
        person_id=person_id,
        partnership_id=partnership_id,
        values=digest_values(lines, on=day),
        site=site,
        optional=True,
    )
    if mail is None:
        return Counter()  # today's is written: the next one takes these lines
    for line, _ in lines:
        line.mail_id = mail.id
        session.add(line)
    session.flush()
    return Counter(digests=1, lines=len(lines))


def _drop(session: Session, lines: Sequence[_Line]) -> None:
    """Suppress what waits for somebody who holds no role here any more."""
    for line, _ in lines:
        line.state, line.why = step(REMINDER, line.state, SUPPRESS), Why.REASSIGNED
        session.add(line)
    session.flush()
