"""Enter mails and withdraw them: each is entered once for ever, and its Message-ID follows from its key."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from functools import lru_cache
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, case, null, or_, update
from sqlalchemy import select as plain
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, exists, select

from states.clock import now
from states.machines.bulk import leaves, stepped
from states.machines.stepping import begin
from states.mail.preferences import OPTED_OUT, is_opted_out, preference_of
from states.mail.states import ENTER, HOLD_BACK, MAIL, UNWANT, WITHDRAW
from states.mail.tables import Mail, MailKind, MailPreference, MailState
from states.settings import settings
from states.storage import insert_columns, new_id, table_of

_ID_DIGITS = 32
_MAIL = table_of(Mail)
_ENTERED, _HELD_BACK = begin(MAIL, ENTER), begin(MAIL, HOLD_BACK)


# What a mail has that nobody has handed over yet.
_NEW: dict[str, Any] = {
    **dict.fromkeys(("unwanted", "via", "last_error", "resolved_by"), ""),
    **dict.fromkeys(("leased_by", "leased_until", "sent_at", "told_at")),
    "tries_failed": 0,
}


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail to be entered, as `enter_mail` takes it."""

    key: str
    person_id: str
    partnership_id: str
    values: Mapping[str, object]
    not_before: datetime | None = None
    site: str | None = None
    optional: bool = False
    topic: str = ""
    attachment: str = ""


def enter_mail(
    session: Session,
    kind: MailKind,
    *,
    key: str,
    person_id: str,
    partnership_id: str,
    values: Mapping[str, object],
    not_before: datetime | None = None,
    site: str | None = None,
    optional: bool = False,
    topic: str = "",
    attachment: str = "",
) -> Mail | None:
    """Enter a mail, to be sent from `not_before` on (at once without it); return None if its key is there already.

    With a `site` (NUTS) no try of it disturbs its reader outside of working days there, or in quiet hours.
    `topic` narrows what an optional mail may be opted out of (a deadline's kind). Where the person has opted out, the
    mail is entered as withdrawn: the ledger tells that it was held back, and nothing enters it again.
    """
    wanted = NewMail(key, person_id, partnership_id, values, not_before, site, optional, topic, attachment)
    preference = preference_of(session, person_id) if optional else None
    return _enter(session, Mail(**_columns(kind, wanted, preference, now())))


def enter_mails(session: Session, kind: MailKind, wanted: Sequence[NewMail]) -> dict[str, str]:
    """Enter many mails in one statement and return the id of each by key; what is there already is left out."""
    if not wanted:
        return {}
    people = {one.person_id for one in wanted if one.optional}
    wishes = select(MailPreference).where(col(MailPreference.person_id).in_(people))
    preferences = {row.person_id: row for row in session.exec(wishes)} if people else {}
    at = now()
    # In one order, so that two who enter at once do not wait in a ring.
    ordered = sorted({one.key: one for one in reversed(wanted)}.values(), key=lambda one: one.key)
    held_back = [_is_held_back(kind, one, preferences.get(one.person_id)) for one in ordered]
    keys = {one.key: new_id() for one in ordered}
    each: dict[str, Sequence[object]] = {
        "id": list(keys.values()),
        "key": list(keys),
        "topic": [_topic(kind, one) for one in ordered],
        "partnership_id": [one.partnership_id for one in ordered],
        "person_id": [one.person_id for one in ordered],
        "values": [dict(one.values) for one in ordered],
        "optional": [one.optional for one in ordered],
        "attachment": [one.attachment for one in ordered],
        "message_id": [message_id(key) for key in keys],
        "not_before": [one.not_before or at for one in ordered],
        "site": [one.site for one in ordered],
        "state": [_HELD_BACK if held else _ENTERED for held in held_back],
        "why": [OPTED_OUT if held else "" for held in held_back],
    }
    same = {**_NEW, "kind": kind, "created_at": at}
    if insert_columns(session, _MAIL, each=each, same=same, unless="key") == len(keys):
        return keys
    here = session.execute(plain(_MAIL.c.key).where(_MAIL.c.id.in_(each["id"]))).scalars()
    return {key: keys[key] for key in here}


def _enter(session: Session, row: Mail) -> Mail | None:
    key = row.key
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        if session.exec(select(exists().where(col(Mail.key) == key))).one():
            return None
        raise
    return row


def _columns(kind: MailKind, wanted: NewMail, preference: MailPreference | None, at: datetime) -> dict[str, Any]:
    """Return every column of a new mail."""
    held_back = _is_held_back(kind, wanted, preference)
    return {
        **_NEW,
        "id": new_id(),
        "key": wanted.key,
        "kind": kind,
        "topic": _topic(kind, wanted),
        "partnership_id": wanted.partnership_id,
        "person_id": wanted.person_id,
        "values": dict(wanted.values),
        "optional": wanted.optional,
        "attachment": wanted.attachment,
        "message_id": message_id(wanted.key),
        "created_at": at,
        "not_before": wanted.not_before or at,
        "site": wanted.site,
        "state": _HELD_BACK if held_back else _ENTERED,
        "why": OPTED_OUT if held_back else "",
    }


def _topic(kind: MailKind, wanted: NewMail) -> str:
    return f"{kind.value}.{wanted.topic}" if wanted.topic else kind.value


def _is_held_back(kind: MailKind, wanted: NewMail, preference: MailPreference | None) -> bool:
    return wanted.optional and preference is not None and is_opted_out(preference, _topic(kind, wanted))


def withdraw_mails(session: Session, keys: Collection[str], *, why: str) -> set[str]:
    """Withdraw those of these mails that still wait, and return their keys: what is being sent cannot be called back.

    `why` is the key of a reason: done, moved, superseded, opted_out. What is being sent is not sent once more, should
    it turn out not to have arrived.
    """
    return withdraw_matching(session, [(col(Mail.key).in_(keys), why)]) if keys else set()


def withdraw_matching(session: Session, unwanted: Sequence[tuple[ColumnElement[bool], str]]) -> set[str]:
    """Withdraw mails as `withdraw_mails` does, each that a condition fits for the reason that stands beside it."""
    if not unwanted:
        return set()
    waits = leaves(col(Mail.state), WITHDRAW)
    why = case(*unwanted) if len(unwanted) > 1 else unwanted[0][1]
    # One statement: between two, a runner might offer the mail, and neither would find it.
    touched = session.execute(
        update(Mail)
        .where(or_(*(condition for condition, _ in unwanted)), waits | leaves(col(Mail.state), UNWANT))
        .values(
            state=stepped(col(Mail.state), WITHDRAW),
            why=case((waits, why), else_=col(Mail.why)),
            leased_by=case((waits, null()), else_=col(Mail.leased_by)),
            leased_until=case((waits, null()), else_=col(Mail.leased_until)),
            unwanted=case((waits, col(Mail.unwanted)), else_=why),
        )
        .returning(col(Mail.key), col(Mail.state))
        .execution_options(synchronize_session="fetch")
    )
    return {key for key, state in touched if state is MailState.WITHDRAWN}


def drop_unwanted(session: Session, mail_ids: Collection[str]) -> None:
    """Withdraw those of these mails that wait again though they were withdrawn while they were handed over."""
    session.execute(
        update(Mail)
        .where(col(Mail.id).in_(mail_ids), leaves(col(Mail.state), WITHDRAW), col(Mail.unwanted) != "")
        .values(state=stepped(col(Mail.state), WITHDRAW), why=Mail.unwanted)
        .execution_options(synchronize_session=False)
    )


def message_id(key: str) -> str:
    """Return the Message-ID of the mail with this key, without angle brackets: the same at every try."""
    return f"{sha256(key.encode()).hexdigest()[:_ID_DIGITS]}@{_domain(settings().mail_from)}"


@lru_cache(maxsize=4)
def _domain(sender: str) -> str:
    return parseaddr(sender)[1].partition("@")[2] or "localhost"
