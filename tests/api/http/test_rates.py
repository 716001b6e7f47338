"""Whoever guesses, or asks again and again for what is dear, is told to wait; nobody else is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.http import windows
from states.settings import settings
from tests.api.house import House, a_house, problem

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def house(installation: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    yield a_house()[0]
    settings.cache_clear()


@pytest.fixture
def client(house: House, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("BANKABLE_GUESSES_PER_MINUTE", "3")
    monkeypatch.setenv("BANKABLE_DEAR_PER_MINUTE", "2")
    settings.cache_clear()
    return TestClient(create_app(), client=("192.0.2.1", 1))


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/v1/me", {"Authorization": "Bearer bkb_guessed"}),
        ("/api/v1/me", {}),
        ("/api/v1/links/sign-off/x.y", {}),
        ("/api/v1/unsubscribe/x.y", {}),
        ("/calendars/guessed.ics", {}),
    ],
)
def test_who_guesses_waits_and_others_do_not(
    house: House, client: TestClient, monkeypatch: pytest.MonkeyPatch, path: str, headers: dict[str, str]
) -> None:
    clock = [1_000.0]
    monkeypatch.setattr(windows, "monotonic", lambda: clock[0])
    guesses = [client.get(path, headers=headers).status_code for _ in range(3)]
    refused = client.get("/api/v1/me", headers=house.manager.headers)
    other = TestClient(client.app, client=("192.0.2.2", 1)).get("/api/v1/me", headers=house.manager.headers)
    clock[0] += 60
    later = client.get("/api/v1/me", headers=house.manager.headers)

    assert set(guesses) <= {401, 403, 404}
    assert (problem(refused), refused.headers["Retry-After"]) == ((429, "too_many_requests"), "61")
    assert refused.headers["Cache-Control"] == "no-store"
    assert (other.status_code, later.status_code) == (200, 200)


def test_who_was_let_in_before_is_not_stopped_by_a_neighbour_who_guesses(house: House, client: TestClient) -> None:
    before = client.get("/api/v1/me", headers=house.manager.headers)
    guesses = [client.get("/api/v1/me", headers={"Authorization": f"Bearer bkb_{n}"}) for n in range(4)]
    after = client.get("/api/v1/me", headers=house.manager.headers)

    assert [one.status_code for one in guesses] == [401, 401, 401, 429]
    assert (before.status_code, after.status_code) == (200, 200)


def test_what_is_dear_is_counted_by_its_bearer(house: House, client: TestClient) -> None:
    path = "/api/v1/partnerships/medtech/export.xlsx"
    mine = [client.get(path, headers=house.manager.headers).status_code for _ in range(3)]
    anothers = client.get(path, headers=house.by("administrator").headers).status_code
    cheap = client.get("/api/v1/me", headers=house.manager.headers).status_code

    assert (mine, anothers, cheap) == ([200, 200, 429], 200, 200)


def test_of_too_many_the_oldest_is_forgotten(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "MOST_KEYS", 2)
    window = windows.Window()

    for key in ("a", "b", "c"):
        window.count(key)

    assert [window.wait(key, 1) > 0 for key in ("a", "b", "c")] == [False, True, True]
    assert window.wait("c", 0) == 0
