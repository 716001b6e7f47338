"""What the code of a problem means is read at the address that the problem names."""

from collections import Counter

import pytest
from fastapi.testclient import TestClient

from api.http.problem_texts import kinds, meanings
from api.http.problems import OF_THE_EDGE
from states.errors import BankableError
from states.texts.catalogue import entries
from tests.api.house import application, places, problem


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(application())


def test_a_problem_leads_to_its_meaning(client: TestClient) -> None:
    address = client.get("/api/v1/partnerships").json()["type"]

    answer = client.get(address)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert answer.text == "token_missing\n\nThe request names nobody.\n"


def test_every_code_has_a_meaning_of_its_own(client: TestClient) -> None:
    own = [kind.code for kind in kinds(BankableError) if "code" in vars(kind)]

    assert [code for code, times in Counter([*own, *OF_THE_EDGE]).items() if times > 1] == []
    assert [code for code, meaning in meanings().items() if not meaning.endswith(".")] == []
    assert {"no_lead", "scenario_stale", "request_invalid", "missing"} <= meanings().keys()
    assert {client.get(f"/problems/{code}").status_code for code in meanings()} == {200}


def test_a_code_that_no_problem_has(client: TestClient) -> None:
    assert problem(client.get("/problems/poem")) == (404, "missing")


def test_every_sentence_of_a_problem_can_be_read_by_its_code(client: TestClient) -> None:
    read = client.get("/problems").json()

    found = {(one["kind"], one["code"]): (one["forms"], one["parameters"], one["language"]) for one in read}
    assert found.keys() == {(one.kind, one.code) for one in entries()}
    assert found["refusal", "no_lead"] == (["No lead partner is named."], [], "en")
    assert found["missing", "sources"] == (["sources for {amount:eur}"], ["amount"], "en")
    assert found["fault", "text_too_long"] == (
        ["is longer than {count} character", "is longer than {count} characters"],
        ["count"],
        "en",
    )


def test_a_language_without_a_catalogue_is_refused(client: TestClient) -> None:
    answer = client.get("/problems", params={"language": "tlh"})

    assert (problem(answer), places(answer)) == ((422, "language_unknown"), ["query.language"])
    assert answer.json()["faults"][0]["remedy"] == "one of de, en, es, fr, it, pl"
