"""Passkeys: made and used by a real key, each challenge once, and every way in which an answer does not fit."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from states.clock import machine_now
from states.credentials.passkey_ceremonies import (
    add_passkey,
    ask_for_known,
    ask_for_new,
    person_of_passkey,
    use_challenge,
)
from states.credentials.passkeys import (
    Passkey,
    PasskeyChallenge,
    PasskeyRefused,
    Site,
    name_passkey,
    own_passkey,
    passkeys_of,
    remove_passkey,
)
from states.errors import Invalid, Missing
from states.partners.people import person_by_email
from states.partners.tables import Person
from tests.authenticator import Authenticator

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

HERE = Site("pages.example", "https://pages.example")


@pytest.fixture
def person(session: Session) -> Person:
    return person_by_email(session, email="lab@soil.example", label="head of laboratory")


def made(session: Session, person: Person, device: Authenticator, site: Site = HERE) -> Passkey:
    asked = ask_for_new(session, person, site)
    challenge = use_challenge(session, asked.challenge_id, person.id)
    return add_passkey(session, person, site, challenge=challenge, answer=device.make(asked.options))


def used(session: Session, device: Authenticator, site: Site = HERE) -> str:
    asked = ask_for_known(session, site)
    challenge = use_challenge(session, asked.challenge_id)
    return person_of_passkey(session, site, challenge=challenge, answer=device.use(asked.options))


def test_a_passkey_is_made_and_signs_its_person_in(session: Session, person: Person) -> None:
    device = Authenticator(HERE.origin)
    row = made(session, person, device)

    assert [used(session, device), used(session, device)] == [person.id, person.id]
    assert (row.sign_count, row.used_at is not None, row.site) == (2, True, HERE.host)


def test_a_challenge_is_good_once_and_for_its_purpose_and_person(session: Session, person: Person) -> None:
    other = person_by_email(session, email="other@soil.example", label="other")
    for_new, for_known = ask_for_new(session, person, HERE), ask_for_known(session, HERE)

    for wrong in ((for_new.challenge_id, None), (for_new.challenge_id, other.id), (for_known.challenge_id, person.id)):
        with pytest.raises(PasskeyRefused, match="too long, or was answered"):
            use_challenge(session, *wrong)
    assert use_challenge(session, for_known.challenge_id)
    with pytest.raises(PasskeyRefused, match="too long, or was answered"):
        use_challenge(session, for_known.challenge_id)


def test_a_challenge_ends_after_minutes_and_is_cleared_away(session: Session) -> None:
    late = ask_for_known(session, HERE)
    session.exec(select(PasskeyChallenge)).one().expires_at = machine_now() - timedelta(seconds=1)
    session.flush()

    with pytest.raises(PasskeyRefused):
        use_challenge(session, late.challenge_id)
    ask_for_known(session, HERE)
    assert len(session.exec(select(PasskeyChallenge)).all()) == 1


@pytest.mark.parametrize(
    "device", [Authenticator("https://elsewhere.example"), Authenticator(HERE.origin, verifies=False)]
)
def test_another_origin_or_nobody_verified_makes_no_passkey(
    session: Session, person: Person, device: Authenticator
) -> None:
    with pytest.raises(PasskeyRefused):
        made(session, person, device)
    assert passkeys_of(session, person.id) == []


def test_another_site_an_old_answer_and_a_counter_that_goes_back_are_refused(session: Session, person: Person) -> None:
    device = Authenticator(HERE.origin)
    made(session, person, device)
    device.counter = 7
    asked = ask_for_known(session, HERE)
    answer, challenge = device.use(asked.options), use_challenge(session, asked.challenge_id)
    person_of_passkey(session, HERE, challenge=challenge, answer=answer)

    elsewhere = Site("pages.test", "https://pages.test")
    with pytest.raises(PasskeyRefused, match="not known here"):
        used(session, Authenticator(elsewhere.origin, keys=device.keys), elsewhere)
    other = use_challenge(session, ask_for_known(session, HERE).challenge_id)
    with pytest.raises(PasskeyRefused):
        person_of_passkey(session, HERE, challenge=other, answer=answer)
    device.counter = 3  # a copy of the device
    with pytest.raises(PasskeyRefused):
        used(session, device)


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", "7", '{"id": 1}', '{"id":"AA","rawId":"AA","response":{}}'])
def test_what_no_authenticator_says_is_refused(session: Session, person: Person, answer: str) -> None:
    with pytest.raises(PasskeyRefused):
        person_of_passkey(session, HERE, challenge=b"0" * 32, answer=answer)
    with pytest.raises(PasskeyRefused):
        add_passkey(session, person, HERE, challenge=b"0" * 32, answer=answer)


def test_one_device_holds_one_passkey_and_nobody_takes_anothers(session: Session, person: Person) -> None:
    device = Authenticator(HERE.origin)
    row = made(session, person, device)
    other = person_by_email(session, email="other@soil.example", label="other")

    assert row.credential_id in ask_for_new(session, person, HERE).options
    assert row.credential_id not in ask_for_new(session, other, HERE).options
    asked = ask_for_new(session, other, HERE)
    answer = device.make(asked.options, called=row.credential_id)
    with pytest.raises(PasskeyRefused, match="kept already"):
        add_passkey(session, other, HERE, challenge=use_challenge(session, asked.challenge_id, other.id), answer=answer)


def test_a_passkey_is_named_and_removed_by_its_person_alone(session: Session, person: Person) -> None:
    row = made(session, person, Authenticator(HERE.origin))
    other = person_by_email(session, email="other@soil.example", label="other")
    session.commit()

    name_passkey(session, own_passkey(session, person.id, row.id), "  office \n laptop ")
    session.commit()
    assert row.name == "office laptop"
    for wrong in (" ", "x" * 81):
        with pytest.raises(Invalid, match="no letters, or too many"):
            name_passkey(session, row, wrong)
    with pytest.raises(Missing):
        own_passkey(session, other.id, row.id)
    remove_passkey(session, row)
    assert passkeys_of(session, person.id) == []
