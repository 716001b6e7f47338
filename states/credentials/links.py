"""Signed links for people without an account: for one purpose and one subject, expiring, revocable, used once."""

import base64
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from sqlmodel import Field, Session, SQLModel, col, select

from states.changes import act_as, record
from states.clock import machine_now
from states.errors import BankableError, Denied, Missing
from states.rights.authors import Author, Via
from states.seals.secrets import known_secrets, secret_in_force
from states.storage import EnumText, Instant, bump_version, new_id


class LinkPurpose(StrEnum):
    """What a link may be used for, and nothing else."""

    DECLARE = "declare"
    SIGN_OFF = "sign_off"
    UNSUBSCRIBE = "unsubscribe"
    ROLE = "role"
    EVIDENCE = "evidence"
    PROGRESS = "progress"
    PART = "part"
    QUESTION = "question"
    SET_UP = "set_up"
    SIGN_IN = "sign_in"


class LinkForged(Denied):
    """The link was not made here, or not for this."""

    code = "link_forged"


class LinkEnded(BankableError):
    """The link has expired, was used or was revoked."""

    code = "link_ended"


class SignedLink(SQLModel, table=True):
    """A link that was given out; its text holds the id and a signature, and stands only in the mail that carries it."""

    __tablename__ = "signed_link"

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    purpose: LinkPurpose = Field(sa_type=EnumText(LinkPurpose))
    subject_id: str = Field(index=True)
    made_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1


@dataclass(frozen=True, slots=True)
class LinkFor:
    """Who may do what on which subject."""

    partnership_id: str
    person_id: str
    purpose: LinkPurpose
    subject_id: str


def make_link(session: Session, wanted: LinkFor, *, days: int = 0, minutes: int = 0) -> str:
    """Return the text of a new link; it is good for so long and for one use."""
    row, text = new_link(wanted, days=days, minutes=minutes)
    session.add(row)
    session.flush()
    _record(session, row, "made", row.purpose.value)
    return text


def new_link(wanted: LinkFor, *, days: int = 0, minutes: int = 0) -> tuple[SignedLink, str]:
    """Return the row of a new link and its text, for whoever makes several at once: `make_link` makes one."""
    instant = machine_now()
    row = SignedLink(
        id=new_id(),
        partnership_id=wanted.partnership_id,
        person_id=wanted.person_id,
        purpose=wanted.purpose,
        subject_id=wanted.subject_id,
        made_at=instant,
        expires_at=instant + timedelta(days=days, minutes=minutes),
    )
    return row, text_of(row)


def text_of(row: SignedLink) -> str:
    """Return the text of a link: its id and a signature. It is made anew where it is sent, and kept nowhere."""
    return f"{row.id}.{sign(*_facts(row, row.purpose))}"


def texts_of(session: Session, keys: Collection[str]) -> dict[str, str]:
    """Return the texts of links by their ids."""
    rows = session.exec(select(SignedLink).where(col(SignedLink.id).in_(keys))) if keys else ()
    return {row.id: text_of(row) for row in rows}


def open_link(session: Session, text: str, *, purpose: LinkPurpose) -> SignedLink:
    """Return what a link was made for, used or not; what the session writes from now on is its holder's.

    Raise `LinkForged`, or `LinkEnded` once its time is over.
    """
    key, _, signature = text.partition(".")
    row = session.get(SignedLink, key)
    if row is None or not is_signed(signature, *_facts(row, purpose)):
        raise LinkForged()
    if row.revoked_at is not None:
        raise LinkEnded("link_revoked")
    if row.expires_at <= machine_now():
        raise LinkEnded("link_expired")
    act_as(session, Author(Via.LINK, row.id, partnership_id=row.partnership_id, person_id=row.person_id))
    return row


def good_links(session: Session, *, purpose: LinkPurpose, subject_ids: Collection[str]) -> list[SignedLink]:
    """Return the links that still open these subjects, the one that ends last coming last."""
    query = select(SignedLink).where(
        SignedLink.purpose == purpose,
        col(SignedLink.subject_id).in_(subject_ids),
        col(SignedLink.used_at).is_(None),
        col(SignedLink.revoked_at).is_(None),
        SignedLink.expires_at > machine_now(),
    )
    return list(session.exec(query.order_by(col(SignedLink.expires_at), col(SignedLink.id)))) if subject_ids else []


def need_unused(row: SignedLink) -> None:
    """Raise `LinkEnded` for a link that was used."""
    if row.used_at is not None:
        raise LinkEnded("link_used")


def use_link(session: Session, row: SignedLink) -> None:
    """Use a link up, or raise `LinkEnded`; of two at once, one is `Stale`."""
    need_unused(row)
    bump_version(session, row)
    row.used_at = machine_now()
    session.add(row)
    session.flush()
    _record(session, row, "used_at", row.used_at.isoformat())


def revoke_link(session: Session, link_id: str) -> None:
    """End a link at once, or raise `Missing`."""
    row = session.get(SignedLink, link_id)
    if row is None:
        raise Missing("link", link_id)
    _revoke(session, row)
    session.flush()


def revoke_links(session: Session, *, purpose: LinkPurpose, subject_id: str) -> None:
    """End every link to a subject: newer ones take their place."""
    still_good = (col(SignedLink.used_at).is_(None), col(SignedLink.revoked_at).is_(None))
    wanted = (col(SignedLink.purpose) == purpose, col(SignedLink.subject_id) == subject_id)
    for row in session.exec(select(SignedLink).where(*wanted, *still_good)):
        _revoke(session, row)
    session.flush()


def _revoke(session: Session, row: SignedLink) -> None:
    row.revoked_at = machine_now()
    session.add(row)
    _record(session, row, "revoked_at", row.revoked_at.isoformat())


def _record(session: Session, row: SignedLink, field: str, after: str) -> None:
    """Record what somebody did with a link; those that mails carry are the machine's, and too many."""
    record(session, "signed_link", row.id, field=field, before=None, after=after, partnership_id=row.partnership_id)


def lasting_link(subject_id: str, *, purpose: LinkPurpose) -> str:
    """Return the text of a link that never ends and may be used again: the same for its subject under one secret."""
    return f"{subject_id}.{sign(purpose.value, subject_id)}"


def subject_of(text: str, *, purpose: LinkPurpose) -> str:
    """Return the subject of a lasting link, or raise `LinkForged`."""
    subject_id, _, signature = text.partition(".")
    if not is_signed(signature, purpose.value, subject_id):
        raise LinkForged("link_forged_of_a_mail")
    return subject_id


def sign(*parts: str) -> str:
    """Return the signature of what a link is for, under the secret in force."""
    return _mac(secret_in_force(), *parts)


def is_signed(signature: str, *parts: str) -> bool:
    """Tell whether the secret in force, or a former one, has signed this."""
    sent = signature.encode("utf-8", "replace")
    return any(hmac.compare_digest(_mac(secret, *parts).encode(), sent) for secret in known_secrets())


def _facts(row: SignedLink, purpose: LinkPurpose) -> tuple[str, ...]:
    return row.id, row.partnership_id, row.person_id, purpose.value, row.subject_id, row.expires_at.isoformat()


def _mac(secret: bytes, *parts: str) -> str:
    mac = hmac.new(secret, "\n".join(parts).encode("utf-8", "replace"), sha256).digest()
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")
