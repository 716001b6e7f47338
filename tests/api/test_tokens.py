"""Who has no good token learns nothing, and who has one of another partnership learns no more."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from states.clock import machine_now
from states.credentials.tokens import revoke_token
from states.partners.tables import AccessToken
from states.storage import begin, new_id
from tests.api.house import House, a_house, furnish, problem
from tests.factories import a_collaboration

CHALLENGE = 'Bearer realm="bankable"'


@pytest.fixture
def house(installation: Path) -> House:
    return a_house()[0]


@pytest.mark.parametrize("header", [{}, {"Authorization": "Basic abc"}, {"Authorization": "Bearer "}])
def test_no_token_is_told_so(house: House, header: dict[str, str]) -> None:
    answer = house.client.get("/api/v1/collaborations", headers=header)

    assert problem(answer) == (401, "token_missing")
    assert answer.headers["WWW-Authenticate"] == CHALLENGE


def test_an_unknown_token_is_refused(house: House) -> None:
    answer = house.client.get("/api/v1/collaborations", headers={"Authorization": "Bearer bkb_guessed"})

    assert problem(answer) == (401, "token_invalid")
    assert answer.headers["WWW-Authenticate"] == f'{CHALLENGE}, error="invalid_token"'


def test_an_expired_token_is_refused(house: House) -> None:
    with begin() as session:
        for row in session.exec(select(AccessToken)):
            row.expires_at = machine_now() - timedelta(seconds=1)
            session.add(row)

    assert problem(house.manager.get("/collaborations")) == (401, "token_invalid")


def test_a_revoked_token_is_refused(house: House) -> None:
    with begin() as session:
        for key in session.exec(select(AccessToken.id)).all():
            revoke_token(session, key)

    assert problem(house.manager.get("/collaborations")) == (401, "token_invalid")


def test_another_partnership_is_missing_in_the_words_of_what_does_not_exist(house: House) -> None:
    with begin() as session:
        other, _ = furnish(session, slug="photonics")
        key = a_collaboration(other, slug="laser").id
    nothing = new_id()

    theirs, none = (house.manager.get(f"/collaborations/{one}") for one in (key, nothing))

    assert problem(theirs) == (404, "missing")
    assert theirs.text.replace(key, "-") == none.text.replace(nothing, "-")


def test_lists_hold_only_the_own_partnership(house: House) -> None:
    with begin() as session:
        other, _ = furnish(session, slug="photonics")
        a_collaboration(other, slug="laser")

    lists = ("/collaborations", "/pipeline", "/contacts", "/deadlines", "/documents", "/instruments", "/reports")
    found = [house.manager.get(path).json() for path in lists]

    assert found == [{"items": [], "total": 0, "next": None}] * len(lists)
    assert problem(house.manager.get("/partnerships/photonics/regions")) == (404, "missing")
