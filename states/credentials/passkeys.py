"""Passkeys of people: listed, named and removed. How one is made and shown stands in `passkey_ceremonies.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from states.errors import Denied, Invalid, Missing
from states.storage import Instant, Json, new_id, new_list

LONGEST_NAME = 80


class PasskeyRefused(Denied):
    """The passkey does not open this."""

    code = "passkey_refused"


class Passkey(SQLModel, table=True):
    """A passkey of a person: the public half, and how often its authenticator says that it was used."""

    __tablename__ = "passkey"

    id: str = Field(default_factory=new_id, primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    site: str = Field(description="host for which it was made")
    credential_id: str = Field(unique=True, description="base64url, as its authenticator names it")
    public_key: str = Field(description="COSE, in base64url")
    sign_count: int = 0
    transports: list[str] = Field(default_factory=new_list, sa_type=Json)
    name: str = ""
    made_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class PasskeyChallenge(SQLModel, table=True):
    """What an authenticator is to sign, once and soon; with a person where a passkey is made."""

    __tablename__ = "passkey_challenge"

    id: str = Field(default_factory=new_id, primary_key=True)
    challenge: str = Field(description="base64url")
    person_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    expires_at: datetime = Field(sa_type=Instant, index=True)


@dataclass(frozen=True, slots=True)
class Site:
    """For what passkeys are made: the host, and the origin of its pages."""

    host: str
    origin: str
    name: str = "Bankable"


def passkeys_of(session: Session, person_id: str) -> Sequence[Passkey]:
    """Return the passkeys of a person, the oldest first."""
    query = select(Passkey).where(Passkey.person_id == person_id)
    return session.exec(query.order_by(col(Passkey.made_at), col(Passkey.id))).all()


def own_passkey(session: Session, person_id: str, key: str) -> Passkey:
    """Return a passkey of this person, or raise `Missing`."""
    row = session.get(Passkey, key)
    if row is None or row.person_id != person_id:
        raise Missing("passkey", key)
    return row


def name_passkey(session: Session, row: Passkey, name: str) -> None:
    """Call a passkey by another name, or raise `Invalid`."""
    row.name = read_name(name)
    session.add(row)
    session.flush()


def remove_passkey(session: Session, row: Passkey) -> None:
    """Let nobody sign in by this passkey any more."""
    session.delete(row)
    session.flush()


def read_name(written: str) -> str:
    """Return a passkey's name as it is kept, or raise `Invalid`."""
    name = " ".join(written.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid("passkey_name_unfit", field="name", remedy="name_within", most=LONGEST_NAME)
    return name
