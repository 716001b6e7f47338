"""Sessions of browsers: begun at a sign-in, kept as a digest, acting by one of the person's role grants at a time."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import Field, Session, SQLModel, col, select
from sqlmodel.sql.expression import Select

from states.changes import act_as, record
from states.clock import machine_now, now
from states.credentials.tokens import TokenInvalid, digest
from states.errors import Denied, Missing
from states.partners.tables import Partnership, Person, RoleGrant
from states.rights.actors import Actor, Role
from states.rights.authors import Author, Via
from states.settings import settings
from states.storage import EnumText, Instant, new_id

LASTS = timedelta(days=14)
FRESH = timedelta(minutes=15)
SEEN_AGAIN = timedelta(minutes=5)
_LONGEST_BROWSER = 200


class Means(StrEnum):
    """By what somebody signed in."""

    LINK = "link"
    PASSWORD = "password"
    PASSKEY = "passkey"
    ISSUER = "issuer"


class SignInAnew(Denied):
    """Somebody signed in too long ago for this."""

    code = "sign_in_anew"


class BrowserSession(SQLModel, table=True):
    """A browser in which somebody is signed in; `grant_id` is the role in force there, one of the person's own."""

    __tablename__ = "browser_session"

    id: str = Field(default_factory=new_id, primary_key=True)
    digest: str = Field(unique=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    grant_id: str = Field(foreign_key="role_grant.id")
    browser: str = Field(default="", description="what it calls itself")
    means: Means = Field(default=Means.LINK, sa_type=EnumText(Means))
    made_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant, description="when something was done in it last, to five minutes")
    expires_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def ends_at(self) -> datetime:
        """When it ends if nobody does anything in it."""
        idle = settings().session_idle_minutes
        return min(self.expires_at, self.seen_at + timedelta(minutes=idle)) if idle else self.expires_at


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody in a browser: by which session, who, in which role and for what; good beyond its rows."""

    session_id: str
    grant_id: str
    person_id: str
    label: str
    language: str
    time_zone: str
    role: Role
    partnership: str
    partnership_slug: str
    actor: Actor
    seen_at: datetime


def start_session(session: Session, grant: RoleGrant, *, means: Means = Means.LINK, browser: str = "") -> str:
    """Sign a person in by one of the grants and return the text of the cookie: only now is it to be seen."""
    text, instant = secrets.token_urlsafe(32), machine_now()
    row = BrowserSession(
        digest=digest(text),
        person_id=grant.person_id,
        grant_id=grant.id,
        browser=browser[:_LONGEST_BROWSER],
        means=means,
        made_at=instant,
        seen_at=instant,
        expires_at=instant + LASTS,
    )
    session.add(row)
    session.flush()
    act_as(session, _author(row, grant))
    _record(session, row, grant, "made", instant)
    return text


_WHOSE = (
    select(BrowserSession, Person, RoleGrant, Partnership)
    .join(Person, col(Person.id) == col(BrowserSession.person_id))
    .join(RoleGrant, col(RoleGrant.id) == col(BrowserSession.grant_id))
    .join(Partnership, col(Partnership.id) == col(RoleGrant.partnership_id))
    .where(col(BrowserSession.digest) == bindparam("digest"))
)


def signed_in_by(session: Session, text: str) -> SignedIn:
    """Return who is signed in by this cookie, or raise `TokenInvalid`; what the session writes now is theirs."""
    found = session.exec(_WHOSE, params={"digest": digest(text)}).one_or_none()
    if found is None:
        raise TokenInvalid("session_unknown")
    row, person, grant, partnership = found
    if row.revoked_at is not None or row.ends_at <= machine_now() or (grant.until and grant.until <= now()):
        raise TokenInvalid("session_ended")
    act_as(session, _author(row, grant))
    return SignedIn(
        row.id,
        grant.id,
        person.id,
        person.label,
        person.language,
        person.time_zone,
        grant.role,
        partnership.name,
        partnership.slug,
        grant.actor(dormant=partnership.closed_at is not None),
        row.seen_at,
    )


def grants_in_force(session: Session, person_id: str) -> Sequence[tuple[RoleGrant, Partnership]]:
    """Return the roles that a person may act in, by the partnership's name and by role."""
    query = (
        select(RoleGrant, Partnership)
        .join(Partnership, col(Partnership.id) == col(RoleGrant.partnership_id))
        .where(RoleGrant.person_id == person_id)
        .order_by(col(Partnership.name), col(RoleGrant.role), col(RoleGrant.id))
    )
    return [(grant, where) for grant, where in session.exec(query) if grant.until is None or grant.until > now()]


def take_role(session: Session, row: BrowserSession, grant_id: str) -> RoleGrant:
    """Let a browser act by another of the person's roles from now on, or raise `Missing`."""
    grants = (grant for grant, _ in grants_in_force(session, row.person_id) if grant.id == grant_id)
    grant = next(grants, None)
    if grant is None:
        raise Missing("role_grant", grant_id)
    row.grant_id = grant.id
    session.add(row)
    session.flush()
    return grant


def end_session(session: Session, row: BrowserSession) -> None:
    """Sign a browser out; a second time changes nothing."""
    if row.revoked_at is None:
        row.revoked_at = machine_now()
        session.add(row)
        session.flush()
        _record(session, row, session.get_one(RoleGrant, row.grant_id), "revoked_at", row.revoked_at)


def session_by(session: Session, text: str) -> BrowserSession | None:
    """Return the session of a cookie, good or not; what the session writes from now on is its holder's."""
    row = session.exec(select(BrowserSession).where(BrowserSession.digest == digest(text))).one_or_none()
    if row is not None:
        act_as(session, _author(row, session.get_one(RoleGrant, row.grant_id)))
    return row


def is_to_note(one: SignedIn) -> bool:
    """Tell whether it was noted minutes ago that somebody did something in a browser."""
    return one.seen_at <= machine_now() - SEEN_AGAIN


def note_seen(session: Session, session_id: str) -> None:
    """Note that somebody has done something in a browser; of what comes within minutes, once."""
    row = session.get_one(BrowserSession, session_id)
    if row.seen_at <= machine_now() - SEEN_AGAIN:
        row.seen_at = machine_now()
        session.add(row)


def find_sessions(person_id: str) -> Select[BrowserSession, RoleGrant, Partnership]:
    """Return the query of where a person is signed in."""
    return (
        select(BrowserSession, RoleGrant, Partnership)
        .join(RoleGrant, col(RoleGrant.id) == col(BrowserSession.grant_id))
        .join(Partnership, col(Partnership.id) == col(RoleGrant.partnership_id))
        .where(
            BrowserSession.person_id == person_id,
            col(BrowserSession.revoked_at).is_(None),
            col(BrowserSession.expires_at) > machine_now(),
            *_not_idle(),
        )
    )


def _not_idle() -> list[ColumnElement[bool]]:
    idle = settings().session_idle_minutes
    return [col(BrowserSession.seen_at) > machine_now() - timedelta(minutes=idle)] if idle else []


def sessions_of(session: Session, person_id: str) -> Sequence[tuple[BrowserSession, RoleGrant, Partnership]]:
    """Return where a person is signed in, the last seen first."""
    order = (col(BrowserSession.seen_at).desc(), col(BrowserSession.id))
    return session.exec(find_sessions(person_id).order_by(*order)).all()


def own_session(session: Session, person_id: str, key: str) -> BrowserSession:
    """Return a session of this person, or raise `Missing`."""
    row = session.get(BrowserSession, key)
    if row is None or row.person_id != person_id:
        raise Missing("browser_session", key)
    return row


def end_sessions(session: Session, person_id: str, *, but: str = "", grant_id: str | None = None) -> int:
    """Sign a person out everywhere `but` in one session, or where one role is in force; return of how many browsers."""
    query = select(BrowserSession).where(
        BrowserSession.person_id == person_id, col(BrowserSession.id) != but, col(BrowserSession.revoked_at).is_(None)
    )
    rows = session.exec(query if grant_id is None else query.where(BrowserSession.grant_id == grant_id)).all()
    for row in rows:
        end_session(session, row)
    return len(rows)


def is_fresh(row: BrowserSession) -> bool:
    """Tell whether somebody signed in only just: what opens the account for longer asks for that."""
    return row.made_at > machine_now() - FRESH


def need_fresh(row: BrowserSession) -> None:
    """Raise `SignInAnew` unless somebody signed in only just."""
    if not is_fresh(row):
        raise SignInAnew


def _author(row: BrowserSession, grant: RoleGrant) -> Author:
    return Author(
        Via.SESSION,
        row.id,
        role=grant.role.value,
        partnership_id=grant.partnership_id,
        person_id=grant.person_id,
        organisation_id=grant.organisation_id,
    )


def _record(session: Session, row: BrowserSession, grant: RoleGrant, field: str, at: datetime) -> None:
    """Record that a browser was signed in or out; which role it acts in stands with whatever it writes."""
    record(
        session,
        "browser_session",
        row.id,
        field=field,
        before=None,
        after=at.isoformat(),
        partnership_id=grant.partnership_id,
    )
