"""Reads of the mail ledger."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import Select

from states.clock import now
from states.errors import Missing
from states.mail.tables import Mail, MailKind, MailState
from states.partners.tables import Person

LATE = timedelta(minutes=30)
NEWEST_FIRST = (col(Mail.created_at).desc(), col(Mail.id))


@dataclass(frozen=True, slots=True)
class MailWanted:
    """Which mails are asked for; None stands for any."""

    partnership_id: str | None = None
    state: MailState | None = None
    kind: MailKind | None = None
    person_id: str | None = None


def mail_by_id(session: Session, key: str) -> tuple[Mail, Person]:
    """Return a mail and whom it goes to, or raise `Missing`."""
    query = select(Mail, Person).join(Person, col(Person.id) == col(Mail.person_id)).where(Mail.id == key)
    found = session.exec(query).one_or_none()
    if found is None:
        raise Missing("mail", key)
    return found


def mails(wanted: MailWanted) -> Select[Mail, Person]:
    """Return the query of these mails with whom they go to, to be read `NEWEST_FIRST`."""
    return select(Mail, Person).join(Person, col(Person.id) == col(Mail.person_id)).where(*_where(wanted))


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A mail as far as one needs it to say what became of it."""

    id: str
    message_id: str
    partnership_id: str
    state: MailState


def uncertain_mails(session: Session, *, via: str) -> list[HandedOver]:
    """Return the mails of unknown fate that were handed over by this way (smtp or folder)."""
    query = select(Mail.id, Mail.message_id, Mail.partnership_id)
    found = session.exec(query.where(Mail.state == MailState.UNCERTAIN, Mail.via == via))
    return [HandedOver(*columns, MailState.UNCERTAIN) for columns in found]


def mails_by_state(session: Session) -> Counter[MailState]:
    """Count the mails of the installation by state."""
    query = select(col(Mail.state), func.count()).group_by(col(Mail.state))
    return Counter(dict(session.exec(query).all()))


def late_mails(session: Session) -> int:
    """Count the mails that a mail server should have had by now: nothing delivers, or it takes nothing from us."""
    late = (Mail.state == MailState.WAITING, col(Mail.not_before) < now() - LATE)
    return session.exec(select(func.count()).select_from(Mail).where(*late)).one()


def _where(wanted: MailWanted) -> list[ColumnElement[bool]]:
    pairs = (
        (col(Mail.partnership_id), wanted.partnership_id),
        (col(Mail.state), wanted.state),
        (col(Mail.kind), wanted.kind),
        (col(Mail.person_id), wanted.person_id),
    )
    return [column == value for column, value in pairs if value is not None]
