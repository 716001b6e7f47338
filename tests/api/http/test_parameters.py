"""No route passes over a query parameter that it does not know, and none falls over one that cannot be read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.everything import everything
from tests.api.house import House, a_house, places, problem


@pytest.fixture
def house() -> House:
    return a_house(lambda _: None)[0]


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_every_route_names_what_it_does_not_know(installation: object, house: House) -> None:
    described = house.app.openapi()["paths"]
    asked = [(method, path) for path, methods in described.items() for method in methods]

    answers = {
        (method, path): house.client.request(
            method, re.sub(r"\{\w+\}", "1", path), params={"stge": "outline"}, headers=house.manager.headers
        )
        for method, path in asked
    }

    assert len(asked) > 250
    assert {route: (problem(one), places(one)) for route, one in answers.items()} == dict.fromkeys(
        asked, ((422, "parameter_unknown"), ["query.stge"])
    )


# What is looked for, or given a name: any text is one; ids of what may be gone since; what a record calls a field; what
# a list of operations says of all of them.
ANY_TEXT = {"q", "name", "after", "email", "subject", "subject_id", "person", "act", "field"}
ANY_TEXT |= {"fund", "intervention", "objective"}


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_no_route_passes_over_a_value_that_names_nothing(installation: object) -> None:
    house, keys = a_house(everything)
    asked = [
        (method, path, parameter["name"])
        for path, methods in house.app.openapi()["paths"].items()
        for method, operation in methods.items()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query" and parameter["name"] not in {*ANY_TEXT, "limit"}
    ]

    answers = {
        (method, path, name): house.client.request(
            method, path.format(**keys, token="1", secret="1"), params={name: "~"}, headers=house.manager.headers
        )
        for method, path, name in asked
    }

    passed = {
        asked: one.status_code
        for asked, one in answers.items()
        if one.status_code not in (403, 404, 409, 412, 422, 428)
    }
    assert len(asked) > 30
    assert passed == {}


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_the_answer_names_the_parameters_that_there_are(installation: object, house: House) -> None:
    answer = house.manager.get("/collaborations?stge=outline").json()

    (fault,) = answer["faults"]
    assert fault["place"] == "query.stge"
    assert fault["remedy"].startswith("did you mean stage? this address takes after, limit, ")


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@given(after=st.text(max_size=40))
def test_no_text_as_a_place_in_a_list_breaks_one(installation: object, house: House, after: str) -> None:
    answer = house.client.get("/api/v1/collaborations", params={"after": after}, headers=house.manager.headers)

    assert problem(answer)[0] == 422
