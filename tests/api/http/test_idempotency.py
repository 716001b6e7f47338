"""Idempotency keys: one effect, one answer; another request under the key is refused."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from states.clock import machine_now
from states.credentials.idempotency_records import KeptAnswer
from states.storage import begin
from tests.api.house import MANAGER, SECRETARY, House, a_house, problem
from tests.expect import race
from tests.factories import World, a_collaboration_at, open_iag

CONTACT = {
    "kind": "meeting",
    "requester": "medtech-gliwice",
    "host": "medtech-marseille",
    "subject": "Testing",
    "status": "held",
    "held_on": "2020-01-15",
}


def _post(house: House, who: str, path: str, body: object, *, key: str) -> httpx.Response:
    return house.by(who).send("POST", path, body, headers={"Idempotency-Key": key})


def _total(house: House) -> int:
    total: int = house.manager.get("/contacts").json()["total"]
    return total


def test_the_same_request_has_one_effect_and_one_answer(installation: Path) -> None:
    house, _ = a_house()

    first, second = (_post(house, MANAGER, "/contacts", CONTACT, key="a") for _ in range(2))

    assert (first.status_code, second.status_code, _total(house)) == (201, 201, 1)
    assert (second.content, second.headers["Location"]) == (first.content, first.headers["Location"])
    assert ("Idempotency-Replayed" in first.headers, second.headers["Idempotency-Replayed"]) == (False, "true")


def test_another_request_under_the_key_is_refused(installation: Path) -> None:
    house, _ = a_house()
    _post(house, MANAGER, "/contacts", CONTACT, key="a")

    other = _post(house, MANAGER, "/contacts", {**CONTACT, "subject": "Another"}, key="a")

    assert (problem(other), _total(house)) == ((422, "idempotency_key_reused"), 1)


def test_a_key_is_of_one_token(installation: Path) -> None:
    house, _ = a_house()

    made = [_post(house, who, "/contacts", CONTACT, key="a").json()["id"] for who in (MANAGER, "administrator")]

    assert (len(set(made)), _total(house)) == (2, 2)


def test_without_a_key_twice_is_twice(installation: Path) -> None:
    house, _ = a_house()

    for _ in range(2):
        house.manager.post("/contacts", CONTACT)

    assert _total(house) == 2


def test_what_is_shown_once_is_kept_under_the_callers_cipher(installation: Path) -> None:
    house, (round_id, person_id) = a_house(
        lambda world: (open_iag(world, a_collaboration_at(world, "iag_review")).id, world.people["iag_member 1"].id)
    )
    path, sent = f"/rounds/{round_id}/links", {"person": person_id}

    made, again = (_post(house, SECRETARY, path, sent, key="a") for _ in range(2))

    with begin(read_only=True) as session:
        kept = session.exec(select(KeptAnswer)).one()
    assert made.json() == again.json()
    assert [part for part in made.json().values() if str(part) in kept.model_dump_json()] == []


def test_an_answer_that_an_older_release_kept_is_given_again(installation: Path) -> None:
    house, _ = a_house()
    made = _post(house, MANAGER, "/contacts", CONTACT, key="a")
    with begin() as session:
        session.exec(select(KeptAnswer)).one().body = made.text

    assert _post(house, MANAGER, "/contacts", CONTACT, key="a").json() == made.json()


def test_a_refused_request_keeps_nothing(installation: Path) -> None:
    house, _ = a_house()

    refused = _post(house, MANAGER, "/contacts", {**CONTACT, "host": "nobody"}, key="a")
    mended = _post(house, MANAGER, "/contacts", CONTACT, key="a")

    assert (problem(refused)[0], mended.status_code, _total(house)) == (422, 201, 1)


def test_a_key_is_forgotten_after_a_day(installation: Path) -> None:
    house, _ = a_house()
    _post(house, MANAGER, "/contacts", CONTACT, key="a")
    with begin() as session:
        session.exec(select(KeptAnswer)).one().kept_at = machine_now() - timedelta(hours=24)

    again = _post(house, MANAGER, "/contacts", CONTACT, key="a")

    assert (again.status_code, "Idempotency-Replayed" in again.headers, _total(house)) == (201, False, 2)


def test_of_two_at_once_one_has_the_effect(installation: Path) -> None:
    house, _ = a_house()

    def send() -> Callable[[], httpx.Response]:
        return lambda: _post(house, MANAGER, "/contacts", CONTACT, key="a")

    answers = race(send(), send())

    assert [answer.content for answer in answers] == [answers[0].content] * 2  # type: ignore[union-attr]
    assert _total(house) == 1


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_an_answer_is_not_given_again_once_the_right_is_gone(installation: Path) -> None:
    def prepare(world: World) -> str:
        return f"/rounds/{open_iag(world, a_collaboration_at(world, 'iag_review')).id}"

    house, path = a_house(prepare)
    links = f"{path}/links"
    secretary = house.by("iag_secretary")
    person = secretary.get(path).json()["seats"][0]["person_id"]

    made = _post(house, "iag_secretary", links, {"person": person}, key="b")
    other = _post(house, "observer", links, {"person": person}, key="b")

    assert (made.status_code, problem(other)) == (201, (403, "denied"))


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_round_is_opened_once_under_a_key(installation: Path) -> None:
    house, key = a_house(lambda world: a_collaboration_at(world, "iag_review").id)
    path = f"/collaborations/{key}/rounds"

    answers = [_post(house, "iag_secretary", path, {"panel": "iag"}, key="a") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].json() == answers[0].json()
    assert (answers[1].headers["Location"], answers[1].headers["Idempotency-Replayed"]) == (
        answers[0].headers["Location"],
        "true",
    )
    assert house.by("iag_secretary").get(path).json()["total"] == 1
