"""Enter mails and withdraw them: each is entered once for ever, and its Message-ID follows from its key."""

from collections.abc import Collection, Mapping
from datetime import datetime
from email.utils import parseaddr
from hashlib import sha256

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, exists, select

from states.clock import now
from states.mail.preferences import OPTED_OUT, is_opted_out, preference_of
from states.mail.tables import Mail, MailKind, MailState
from states.settings import settings

_ID_DIGITS = 32


def enter_mail(
    session: Session,
    kind: MailKind,
    *,
    key: str,
    person_id: str,
    partnership_id: str,
    values: Mapping[str, object],
    not_before: datetime | None = None,
    optional: bool = False,
    topic: str = "",
    attachment: str = "",
) -> Mail | None:
    """Enter a mail, to be sent from `not_before` on (at once without it); return None if its key is there already.

    `topic` narrows what an optional mail may be opted out of (a deadline's kind). Where the person has opted out, the
    mail is entered as withdrawn: the ledger tells that it was held back, and nothing enters it again.
    """
    full_topic = f"{kind.value}.{topic}" if topic else kind.value
    held_back = optional and is_opted_out(preference_of(session, person_id), full_topic)
    instant = now()
    row = Mail(
        key=key,
        kind=kind,
        topic=full_topic,
        partnership_id=partnership_id,
        person_id=person_id,
        values=dict(values),
        optional=optional,
        attachment=attachment,
        message_id=message_id(key),
        created_at=instant,
        not_before=not_before or instant,
        state=MailState.WITHDRAWN if held_back else MailState.WAITING,
        why=OPTED_OUT if held_back else "",
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        if session.exec(select(exists().where(col(Mail.key) == key))).one():
            return None
        raise
    return row


def withdraw_mails(session: Session, keys: Collection[str], *, why: str) -> set[str]:
    """Withdraw those of these mails that still wait, and return their keys: what is being sent cannot be called back.

    `why` is the key of a reason: done, moved, merged, opted_out.
    """
    withdrawn = session.execute(
        update(Mail)
        .where(col(Mail.key).in_(keys), col(Mail.state) == MailState.WAITING)
        .values(state=MailState.WITHDRAWN, why=why, leased_by=None, leased_until=None)
        .returning(col(Mail.key))
        .execution_options(synchronize_session="fetch")
    )
    return set(withdrawn.scalars())


def message_id(key: str) -> str:
    """Return the Message-ID of the mail with this key, without angle brackets: the same at every try."""
    domain = parseaddr(settings().mail_from)[1].partition("@")[2]
    return f"{sha256(key.encode()).hexdigest()[:_ID_DIGITS]}@{domain or 'localhost'}"
