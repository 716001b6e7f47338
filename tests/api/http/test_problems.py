"""Whatever goes wrong answers as problem+json, says nothing of the inside, and never says 200."""

import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from api.http.dependencies import Tx
from api.http.problems import MOST_FAULTS
from states.clock import now
from states.matchmaking.tables import Contact, ContactKind, ContactStatus
from states.settings import settings
from states.storage import engine
from tests.api.house import House, a_house, application, problem
from tests.factories import a_collaboration
from tests.waiting import wait_until


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

    @app.get("/api/surprise")
    def surprise() -> None:
        raise RuntimeError("the secret of the house")

    answer = TestClient(app, raise_server_exceptions=False).get("/api/surprise")

    assert problem(answer) == (500, "unexpected")
    assert "secret" not in answer.text
    assert "the secret of the house" in caplog.text


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_commit_that_fails_is_no_success(house: House) -> None:
    app = create_app()

    @app.post("/api/late")
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

    answer = TestClient(app).post("/api/late")

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


def test_a_value_that_may_be_a_text_or_a_table_is_told_by_where_it_stands(installation: Path) -> None:
    house, hero = a_house(lambda world: a_collaboration(world).id)
    path = f"/collaborations/{hero}/protocol/sections/investment_plan"

    answers = [
        house.manager.send("PUT", path, {"content": content}, version=0)
        for content in (
            {"costs": [{"organisation": "gliwice", "amount": 400_000}]},
            {"costs": 5},
            {"costs": {"a": "1"}},
        )
    ]

    assert [[(one["place"], one["code"]) for one in answer.json()["faults"]] for answer in answers] == [
        [("content.costs[1].amount", "not_a_text")],
        [("content.costs", "not_a_text"), ("content.costs", "not_a_list")],
        [("content.costs", "not_a_text"), ("content.costs", "not_a_list")],
    ]


@pytest.mark.parametrize("day", ["9999-12-31", "9999-12-30", "2200-01-01", "1899-12-31", "0001-01-01"])
def test_a_year_that_nobody_means_is_refused_at_every_door(house: House, day: str) -> None:
    region = {"slug": "kujawy", "name": "Kujawy", "codes": ["PL61"], "valid_until": day}
    event = {"name": "Fair", "kind": "outreach", "held_on": day}

    answers = [
        house.manager.post("/partnerships/medtech/regions", region),
        house.manager.post("/partnerships/medtech/events", event),
    ]

    told = [(one.status_code, [fault["place"] for fault in one.json()["faults"]]) for one in answers]
    assert told == [(422, ["valid_until"]), (422, ["held_on"])]


EVENT = {"name": "Fair", "kind": "outreach", "held_on": "2027-05-04"}


@pytest.mark.parametrize(
    ("name", "kept", "told"),
    [
        ("\uf0b7 Foire e\u0301trange\u200b", "• Foire étrange", None),
        ("Αθήνα και София", "Αθήνα και София", None),
        ("Fair \U0001f680", "Fair \U0001f680", "U+1F680 ROCKET"),
        ("中文", "中文", "U+4E2D CJK UNIFIED IDEOGRAPH-4E2D, U+6587 CJK UNIFIED IDEOGRAPH-6587"),
        ("יריד", "יריד", "U+05D3 HEBREW LETTER DALET, U+05D9 HEBREW LETTER YOD, U+05E8 HEBREW LETTER RESH"),
    ],
)
def test_a_text_is_tidy_and_what_cannot_be_printed_is_said(
    house: House, name: str, kept: str, told: str | None
) -> None:
    answer = house.manager.post("/partnerships/medtech/events", {**EVENT, "name": name})

    assert (answer.status_code, answer.json()["name"]) == (201, kept)
    said = f'299 bankable "name: a numbered square is printed for {told}"'
    assert answer.headers.get("Warning") == (said if told else None)


@pytest.mark.parametrize("odd", ["\ue000", "\uf8ff", "\U000f0001", "\ud83d"])
def test_a_character_that_means_nothing_is_refused_by_its_field(house: House, odd: str) -> None:
    content = json.dumps({**EVENT, "name": f"Fair {odd}"}).encode()
    headers = house.manager.headers | {"Content-Type": "application/json"}

    answer = house.client.post("/api/v1/partnerships/medtech/events", content=content, headers=headers)

    assert [(one["place"], one["code"]) for one in answer.json()["faults"]] == [("name", "meaningless_character")]


def test_a_body_that_is_no_json(house: House) -> None:
    headers = {"Authorization": house.manager.headers["Authorization"], "Content-Type": "application/json"}

    answer = house.client.post("/api/v1/partnerships/medtech/events", content=b"{", headers=headers)

    assert problem(answer) == (422, "request_invalid")
    assert [(one["code"], one["remedy"]) for one in answer.json()["faults"]] == [("not_json", "send JSON")]


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_of_many_faults_a_hundred_are_shown_and_the_rest_is_counted(house: House) -> None:
    sent = {"text": "Lapland"} | {f"k{number}": 1 for number in range(20_000)}

    answer = house.manager.send("POST", "/region-readings", sent)

    faults = answer.json()["faults"]
    assert (problem(answer), len(faults)) == ((422, "request_invalid"), MOST_FAULTS + 1)
    assert faults[-1]["message"] == "has 19900 faults more"
    assert len(answer.content) < 40_000


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/region-readings", {"text": "Lapland", "k" * 500_000: 1}),
        ("/region-readings", {"text": ["x" * 500_000]}),
        ("/partnerships/medtech/events", {"name": "a", "kind": "x" * 500_000, "held_on": "2027-05-04"}),
        ("/partnerships/medtech/regions", {"name": "x", "codes": ["X" * 100_000] * 5}),
        ("/region-readings", {"text": "X" * 800_000}),
        ("/partnerships/medtech/organisations", {"name": "x", "kind": "sme", "nuts": "Y" * 300_000, "x": "y" * 99_000}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_an_answer_does_not_grow_with_what_was_sent(house: House, path: str, body: dict[str, object]) -> None:
    answer = house.manager.send("POST", path, body)

    assert answer.status_code == 422
    assert len(answer.content) < 20_000


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "query", ["&".join(f"q{number}=" for number in range(9_000)), "x" * 60_000, "limit=1&" * 5_000]
)
def test_a_query_without_end_is_refused_in_short(house: House, query: str) -> None:
    answer = house.manager.get(f"/collaborations?{query}")

    assert answer.status_code == 422
    assert len(answer.content) < 10_000


@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_after_a_surprise_the_connection_goes_on(installation: Path) -> None:
    app = create_app()

    @app.get("/api/surprise")
    def surprise() -> None:
        raise RuntimeError("unforeseen")

    with served(app) as port, closing(HTTPConnection("127.0.0.1", port)) as connection:
        answers = []
        for path in ("/api/surprise", "/api/health", "/api/surprise", "/api/health"):
            connection.request("GET", path)
            one = connection.getresponse()
            one.read()
            answers.append((one.status, connection.sock is not None))

    assert answers == [(500, True), (200, True), (500, True), (200, True)]


@contextmanager
def served(app: FastAPI) -> Iterator[int]:
    """Serve an application as `bankable serve` does, and yield its port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", http="h11"))
    thread = Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started)
    try:
        yield int(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
