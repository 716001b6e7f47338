"""Whatever goes wrong answers as problem+json, says nothing of the inside, and never says 200."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from api.http.dependencies import Tx
from states.clock import now
from states.matchmaking.tables import Contact, ContactKind, ContactStatus
from states.settings import settings
from states.storage import engine
from tests.api.house import House, a_house, application, problem


@pytest.fixture
def house(installation: Path) -> House:
    return a_house()[0]


def test_an_unknown_route(house: House) -> None:
    answer = house.client.get("/api/v1/poems")

    assert problem(answer) == (404, "no_such_route")
    assert answer.json() == {
        "type": "/problems/no_such_route",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no GET /api/v1/poems here.",
        "instance": "/api/v1/poems",
        "code": "no_such_route",
        "text": "no_such_route",
        "parameters": {"method": "GET", "path": "/api/v1/poems"},
    }


def test_a_method_that_the_route_does_not_have(house: House) -> None:
    answer = house.manager.send("DELETE", "/partnerships")

    assert (problem(answer), answer.headers["Allow"]) == ((405, "method_not_allowed"), "GET, POST")


def test_every_address_names_all_its_methods(house: House) -> None:
    known = house.app.openapi()["paths"]

    answers = {path: house.client.request("TRACE", re.sub(r"{\w+}", "1", path)) for path in known}

    assert {path: problem(answer) for path, answer in answers.items()} == dict.fromkeys(
        known, (405, "method_not_allowed")
    )
    allowed = {path: {one.lower() for one in answer.headers["Allow"].split(", ")} for path, answer in answers.items()}
    # What another address with a variable in its place takes in is there too: `/rounds/{round_id}` and the like.
    assert {path: set(methods) - allowed[path] for path, methods in known.items() if set(methods) - allowed[path]} == {}


def test_a_surprise_says_nothing_of_the_inside(house: House, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app()

    @app.get("/surprise")
    def surprise() -> None:
        raise RuntimeError("the secret of the house")

    answer = TestClient(app, raise_server_exceptions=False).get("/surprise")

    assert problem(answer) == (500, "unexpected")
    assert "secret" not in answer.text
    assert "the secret of the house" in caplog.text


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_commit_that_fails_is_no_success(house: House) -> None:
    app = create_app()

    @app.post("/late")
    def late(session: Tx) -> str:
        session.execute(text("PRAGMA defer_foreign_keys=ON"))
        session.add(
            Contact(
                partnership_id="nobody",
                kind=ContactKind.MEETING,
                requester_id="nobody",
                host_id="nobody",
                subject="Nothing",
                status=ContactStatus.REQUESTED,
                recorded_at=now(),
            )
        )
        session.flush()
        return "all is well"

    answer = TestClient(app).post("/late")

    assert problem(answer) == (409, "written_at_once")
    assert house.manager.get("/contacts").json()["total"] == 0


@pytest.mark.parametrize("installation", ["postgresql"], indirect=True)
def test_a_value_that_the_database_cannot_keep(house: House) -> None:
    assert problem(house.manager.get("/collaborations/a%00b")) == (422, "value_unfit")


def test_a_database_without_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKABLE_HOME", str(tmp_path))
    monkeypatch.setenv("BANKABLE_DATABASE_URL", "")
    settings.cache_clear()

    answer = TestClient(application()).get("/api/v1/collaborations", headers={"Authorization": "Bearer bkb_x"})

    engine().dispose()
    settings.cache_clear()
    assert (problem(answer), answer.headers["Retry-After"]) == ((503, "database_unavailable"), "5")


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_database_that_is_not_upgraded(house: House) -> None:
    with engine().begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    answer = house.client.get("/api/health")

    assert problem(answer) == (503, "schema_unfit")
    assert re.fullmatch(
        r"The database has schema 0001; this version of Bankable works on schema \d{4} only\. "
        r"Stop whatever works on the database, and run `bankable migrate`\.",
        answer.json()["detail"],
    )


def test_health_needs_no_token(house: House) -> None:
    answer = house.client.get("/api/health")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_what_is_wrong_with_the_form_is_said_by_code_and_in_our_own_words(house: House) -> None:
    sent = {"name": "", "kind": "party", "held_on": 5, "colour": "red"}

    answer = house.manager.send("POST", "/partnerships/medtech/events", sent)

    assert problem(answer) == (422, "request_invalid")
    faults = {one.pop("place"): one for one in answer.json()["faults"]}
    assert faults["colour"] == {
        "code": "not_known_here",
        "message": "is not known here",
        "remedy_code": "leave_out_or_mend_spelling",
        "remedy": "leave it out, or mend its spelling",
        "parameters": {},
    }
    assert (faults["kind"]["code"], faults["held_on"]["code"]) == ("not_one_of", "not_a_text")
    assert faults["kind"]["message"] == f"is none of: {', '.join(faults['kind']['parameters']['known'])}"


def test_a_body_that_is_no_json(house: House) -> None:
    headers = {"Authorization": house.manager.headers["Authorization"], "Content-Type": "application/json"}

    answer = house.client.post("/api/v1/partnerships/medtech/events", content=b"{", headers=headers)

    assert problem(answer) == (422, "request_invalid")
    assert [(one["code"], one["remedy"]) for one in answer.json()["faults"]] == [("not_json", "send JSON")]
