"""Passwords: what may be one, whose it is, and that nobody learns from the answer whether an address is known."""

import pytest
from sqlmodel import Session, select

from states.changes.tables import ChangeRecord
from states.credentials import passwords
from states.credentials.passwords import (
    Password,
    PasswordUnfit,
    PasswordWrong,
    hash_fit,
    lock_of,
    open_lock,
    own_lock,
    remove_password,
    set_password,
)
from states.partners.people import person_by_email
from states.partners.tables import Person
from tests.expect import places

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

GOOD = "seven otters on the weir"


@pytest.fixture
def person(session: Session) -> Person:
    return person_by_email(session, email="office@fields.example", label="head of the Kraków laboratory")


def test_a_password_opens_for_its_address_alone(session: Session, person: Person) -> None:
    other = person_by_email(session, email="other@fields.example", label="other")
    set_password(session, person.id, hash_fit(person, GOOD))

    assert open_lock(lock_of(session, " Office@Fields.EXAMPLE"), GOOD) == person.id
    assert open_lock(own_lock(session, person.id), GOOD) == person.id
    for lock in (lock_of(session, other.email), lock_of(session, "nobody@fields.example"), own_lock(session, other.id)):
        with pytest.raises(PasswordWrong):
            open_lock(lock, GOOD)
    for wrong in ("", GOOD.upper(), GOOD + " ", GOOD * 1000):
        with pytest.raises(PasswordWrong):
            open_lock(lock_of(session, person.email), wrong)


def test_an_unknown_address_costs_as_much_as_a_known_one(session: Session, person: Person) -> None:
    set_password(session, person.id, hash_fit(person, GOOD))
    known, unknown = lock_of(session, person.email), lock_of(session, "nobody@fields.example")

    assert known.hash.split("$")[:4] == unknown.hash.split("$")[:4]  # the same work, by argon2's own words
    assert unknown.hash == lock_of(session, "other@fields.example").hash


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("eleven char", "fewer than 12"),
        ("x" * 257, "more than 256"),
        ("office@fields.example", "your own address"),
        ("OFFICE@fields.example!", "your own address"),
        ("Fields-office-1", "your own address"),
        ("krakówlaboratory", "your own address"),
        ("password1234", "guessed first"),
        ("passwordpassword", "guessed first"),
        ("qwertyuiop[]", "guessed first"),
        ("123456789012", "guessed first"),
        ("aaaaaaaaaaaaaaaa", "guessed first"),
        ("iloveyou1234", "guessed first"),
    ],
)
def test_what_is_guessed_first_is_no_password(session: Session, person: Person, password: str, fault: str) -> None:
    with pytest.raises(PasswordUnfit, match=fault) as refused:
        hash_fit(person, password, place="new_password")
    assert places(refused.value) == ["new_password"]


@pytest.mark.parametrize(
    "password", [GOOD, "zażółć gęślą jaźń", "correct horse battery", "x7!kQ-92#vTz", "трава у дома 19"]
)
def test_no_kind_of_letter_is_asked_for(session: Session, person: Person, password: str) -> None:
    set_password(session, person.id, hash_fit(person, password))
    assert open_lock(lock_of(session, person.email), password) == person.id


def test_what_looks_alike_is_the_same_password(session: Session, person: Person) -> None:
    set_password(session, person.id, hash_fit(person, "Kra\u0301l na za\u0301mku nad r\u030cekou"))
    assert open_lock(lock_of(session, person.email), "Král na zámku nad řekou") == person.id


def test_only_a_hash_is_kept_and_no_record_holds_it(session: Session, person: Person) -> None:
    for step in (hash_fit(person, GOOD), hash_fit(person, GOOD + "!"), None, None):
        if step:
            set_password(session, person.id, step)
        else:
            remove_password(session, person.id)
        session.commit()

    assert session.exec(select(Password)).all() == []
    records = session.exec(select(ChangeRecord).where(ChangeRecord.noun == "password")).all()
    assert [row.kind.value for row in sorted(records, key=lambda row: row.at)] == ["created", "changed", "removed"]
    assert "argon2" not in repr([row.model_dump() for row in records])
    assert passwords._nobodys().startswith("$argon2id$")
