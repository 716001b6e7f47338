"""The description of the API is whole: every operation says how it may refuse."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.http.problems import MEDIA_TYPE
from tests.api.house import application

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    answer = TestClient(application()).get("/api/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def operations(described: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{method} {path}": operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    }


def test_every_operation_declares_its_problems(described: dict[str, Any]) -> None:
    protected = {name: one for name, one in operations(described).items() if "/api/v1" in name}

    lacking = [name for name, one in protected.items() if not {"401", "403", "404", "422"} <= set(one["responses"])]
    plain = [
        f"{name} {status}"
        for name, one in operations(described).items()
        for status, answer in one["responses"].items()
        if int(status) >= 400 and list(answer["content"]) != [MEDIA_TYPE]
    ]

    assert (lacking, plain) == ([], [])


def test_what_takes_a_version_declares_its_absence(described: dict[str, Any]) -> None:
    conditional = [
        one
        for one in operations(described).values()
        if any(parameter["name"] == "if-match" for parameter in one.get("parameters", []))
    ]

    assert len(conditional) == 62
    assert [one["operationId"] for one in conditional if not {"400", "412", "428"} <= set(one["responses"])] == []


def test_what_takes_a_body_declares_that_it_may_be_too_large(described: dict[str, Any]) -> None:
    with_body = {name for name, one in operations(described).items() if "requestBody" in one}

    assert {name for name, one in operations(described).items() if "413" in one["responses"]} == with_body


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    references = {part.split('"')[0] for part in json.dumps(described).split('"$ref": "#/components/schemas/')[1:]}

    assert references - set(described["components"]["schemas"]) == set()


def test_every_operation_says_what_it_does_and_who_may(described: dict[str, Any]) -> None:
    found = operations(described)

    assert [name for name, one in found.items() if not one.get("description")] == []
    assert [
        name for name, one in found.items() if "/api/v1" in name and "{token}" not in name and not one.get("security")
    ] == []
    assert len({one["operationId"] for one in found.values()}) == len(found)


def test_no_schema_is_named_by_its_module(described: dict[str, Any]) -> None:
    """Two schemas of one name would both be called after the modules that hold them."""
    assert [name for name in described["components"]["schemas"] if name.startswith(("api__", "states__"))] == []


def test_money_is_text(described: dict[str, Any]) -> None:
    money = described["components"]["schemas"]["UseIn"]["properties"]["amount"]

    assert (money["type"], money["pattern"]) == ("string", r"^-?\d{1,13}(\.\d{1,2})?$")
