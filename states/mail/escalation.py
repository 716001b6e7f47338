"""Who is told of mails that did not arrive: the project managers of the partnership, once, in one mail at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, type_coerce, update
from sqlalchemy import select as plain
from sqlmodel import Session, col, select

from states.clock import now
from states.mail.ledger import enter_mail
from states.mail.sending import DueMail, readable
from states.mail.tables import Mail, MailKind, MailState
from states.partners.queries import holders
from states.partners.tables import Person
from states.rights.access import Role
from states.storage import columns_of, table_of
from states.sweeps.apart import Failed


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What a project manager is to be told: of the oldest such mail, and how many `others` there are.

    `reason` is what the mail server said; empty where nobody knows whether the mail was delivered. A `mail` whose row
    cannot be read is None.
    """

    partnership_id: str
    manager: Person
    mail_id: str
    recipient: str
    kind: str
    mail: DueMail | None
    reason: str
    others: int


def partnerships_untold(session: Session) -> list[str]:
    """Return the partnerships with something to be told, by their ids."""
    query = select(Mail.partnership_id).where(*_untold()).distinct()
    return list(session.exec(query.order_by(col(Mail.partnership_id))))


def take_untold(session: Session, keys: Sequence[str] | None = None) -> list[Undelivered]:
    """Return what is to be told now in these partnerships, or in all, and note that it is: nobody else gets it.

    A mail about an undelivered mail is never among them. Where a partnership has no project manager it waits.
    """
    waiting = partnerships_untold(session) if keys is None else keys
    return [one for partnership_id in waiting for one in _take(session, partnership_id)]


def tell(session: Session, told: Undelivered, *, values: Mapping[str, object]) -> None:
    enter_mail(
        session,
        MailKind.UNDELIVERED,
        key=f"undelivered:{told.mail_id}:{told.manager.id}:{now().isoformat()}",
        person_id=told.manager.id,
        partnership_id=told.partnership_id,
        values=values,
    )


def _take(session: Session, partnership_id: str) -> list[Undelivered]:
    managers = {one.person.id: one.person for one in holders(session, partnership_id, Role.PROJECT_MANAGER)}
    if not managers:
        return []
    taken = session.execute(
        update(Mail)
        .where(col(Mail.partnership_id) == partnership_id, *_untold())
        .values(told_at=now())
        .returning(col(Mail.id))
        .execution_options(synchronize_session=False)
    ).scalars()
    of, person = columns_of(Mail), columns_of(Person)
    query = (
        plain(of.id, of.last_error, of.state, person.label, type_coerce(of.kind, String))
        .join_from(table_of(Mail), table_of(Person), person.id == of.person_id)
        .where(of.id.in_(list(taken)))
        .order_by(of.created_at, of.id)
    )
    rows = session.execute(query).all()
    if not rows:
        return []
    key, last_error, state, recipient, kind = rows[0]
    mail = readable(session, key)
    return [
        Undelivered(
            partnership_id,
            manager,
            key,
            recipient,
            kind,
            None if isinstance(mail, Failed) else mail,
            reason=last_error if state is MailState.FAILED else "",
            others=len(rows) - 1,
        )
        for manager in managers.values()
    ]


def _untold() -> tuple[ColumnElement[bool], ...]:
    return (
        col(Mail.state).in_((MailState.FAILED, MailState.UNCERTAIN)),
        col(Mail.kind) != MailKind.UNDELIVERED,
        col(Mail.told_at).is_(None),
    )
