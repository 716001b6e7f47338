"""What the code of a problem means is read at the address that the problem names."""

from collections import Counter

import pytest
from fastapi.testclient import TestClient

from api.http.problem_texts import kinds, meanings
from api.http.problems import OF_THE_EDGE
from states.errors import BankableError
from tests.api.house import application, problem


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
    assert {client.get(f"/problems/{code}").status_code for code in meanings()} == {200}


def test_a_code_that_no_problem_has(client: TestClient) -> None:
    assert problem(client.get("/problems/poem")) == (404, "missing")
