"""Passwords of people: kept by argon2, at least twelve characters, nothing that is guessed soon; no rules of letters.

Hashing takes a twentieth of a second on purpose: it is done outside of transactions.
"""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlmodel import Field, Session, SQLModel, col, select

from states.clock import machine_now
from states.errors import Denied, Fault, Invalid
from states.partners.addresses import address_key
from states.partners.tables import Person
from states.storage import Instant

SHORTEST, LONGEST = 12, 256
# zxcvbn's scale: 1 is what some 10^6 guesses find, which is what lists of the commonest passwords find.
_GUESSED_SOON = 1
_READ_BY_ZXCVBN = 72
_OWN_WORD = 4  # letters from which on a part of an address or a name tells something
_hasher = PasswordHash((Argon2Hasher(),))


class PasswordUnfit(Invalid):
    """This can be nobody's password."""

    code = "password_unfit"


class PasswordWrong(Denied):
    """The password is not that of this address."""

    code = "password_wrong"


class Password(SQLModel, table=True):
    """The password of a person, as argon2 keeps it."""

    __tablename__ = "password"

    person_id: str = Field(foreign_key="person.id", primary_key=True)
    hash: str
    set_at: datetime = Field(sa_type=Instant)


@dataclass(frozen=True, slots=True)
class Lock:
    """What a password is tried on; of an address without one it is the hash of nobody's, which takes as long."""

    person_id: str | None
    hash: str


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))


def lock_of(session: Session, email: str) -> Lock:
    """Return on what a password for this address is tried."""
    query = (
        select(Password)
        .join(Person, col(Person.id) == col(Password.person_id))
        .where(Person.email == address_key(email))
    )
    return _lock(session.exec(query).one_or_none())


def own_lock(session: Session, person_id: str) -> Lock:
    """Return on what a person's own password is tried."""
    return _lock(session.get(Password, person_id))


def _lock(row: Password | None) -> Lock:
    nobodys = _nobodys()  # whoever it is: the first that is asked for takes the time to make it
    return Lock(row.person_id, row.hash) if row is not None else Lock(None, nobodys)


def open_lock(lock: Lock, password: str) -> str:
    """Return whose password it is, or raise `PasswordWrong`; slow, so outside of transactions."""
    fits = _hasher.verify(_normal(password)[:LONGEST], lock.hash)
    if not fits or lock.person_id is None:
        raise PasswordWrong
    return lock.person_id


def hash_fit(person: Person, password: str, *, place: str = "password") -> str:
    """Return how a password of this person is kept, or raise `PasswordUnfit`; slow, so outside of transactions."""
    normal = _normal(password)
    faults = list(_faults(person, normal, place))
    if faults:
        raise PasswordUnfit(faults=faults)
    return _hasher.hash(normal)


def set_password(session: Session, person_id: str, kept: str) -> None:
    """Let this be the person's password from now on, as `hash_fit` made it."""
    row = session.get(Password, person_id) or Password(person_id=person_id, hash=kept, set_at=machine_now())
    row.hash, row.set_at = kept, machine_now()
    session.add(row)
    session.flush()


def remove_password(session: Session, person_id: str) -> None:
    """Let a person sign in by a password no more; who has none has none."""
    row = session.get(Password, person_id)
    if row is not None:
        session.delete(row)
        session.flush()


def _normal(password: str) -> str:
    """Return one spelling for what looks alike, whichever keyboard it was typed on (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def _faults(person: Person, password: str, place: str) -> list[Fault]:
    from zxcvbn import zxcvbn

    if len(password) < SHORTEST:
        return [Fault(place, "password_too_short", remedy="take_several_words", least=SHORTEST)]
    if len(password) > LONGEST:
        return [Fault(place, "password_too_long", remedy="take_several_words", most=LONGEST)]
    own = _own_words(person)
    if len(_without(password, own)) < SHORTEST // 2:
        return [Fault(place, "password_of_oneself", remedy="take_several_words")]
    if zxcvbn(password[:_READ_BY_ZXCVBN], user_inputs=own)["score"] <= _GUESSED_SOON:
        return [Fault(place, "password_guessed_soon", remedy="take_several_words")]
    return []


def _own_words(person: Person) -> list[str]:
    parts = re.split(r"[\W_]+", f"{person.email} {person.label}".casefold())
    whole = (person.email, person.email.partition("@")[0], person.label)
    return sorted({one.casefold() for one in (*whole, *parts) if len(one) >= _OWN_WORD}, key=len, reverse=True)


def _without(password: str, words: list[str]) -> str:
    rest = password.casefold()
    for word in words:
        rest = rest.replace(word, "")
    return rest
