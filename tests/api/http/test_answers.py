"""Every answer says how it may be kept and shown, whatever it is."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.http.answers import ALWAYS, CONTENT
from states.settings import settings
from tests.api.house import House, a_house, problem

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def house(installation: Path) -> House:
    return a_house()[0]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/health", 200),
        ("GET", "/api/v1/me", 200),
        ("GET", "/api/v1/poems", 404),
        ("PATCH", "/api/v1/me", 405),
        ("GET", "/api/v1/me?a=b", 422),
        ("GET", "/api/openapi.json", 200),
        ("GET", "/problems/stale", 200),
        ("GET", "/calendars/nobody.ics", 404),
    ],
)
def test_an_answer_is_kept_by_nobody_and_shown_as_what_it_is(house: House, method: str, path: str, status: int) -> None:
    answer = house.client.request(method, path, headers=house.manager.headers)

    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in ALWAYS} == dict(ALWAYS)
    assert (answer.headers["Cache-Control"], answer.headers["Content-Security-Policy"]) == ("no-store", CONTENT)
    assert "server" not in answer.headers
    assert "strict-transport-security" not in answer.headers


def test_whoever_comes_by_https_is_told_to_keep_to_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    by_https = TestClient(house.client.app, base_url="https://testserver").get("/api/health")
    monkeypatch.setenv("BANKABLE_PUBLIC_URL", "https://bankable.example")
    settings.cache_clear()
    behind_a_proxy = house.client.get("/api/health")

    settings.cache_clear()
    told = [answer.headers.get("Strict-Transport-Security") for answer in (by_https, behind_a_proxy)]
    assert told == ["max-age=31536000"] * 2


def test_a_surprise_has_the_headers_too(installation: Path) -> None:
    app = create_app()

    @app.get("/api/surprise")
    def surprise() -> None:
        raise RuntimeError("unforeseen")

    answer = TestClient(app).get("/api/surprise")

    assert problem(answer) == (500, "unexpected")
    assert (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
