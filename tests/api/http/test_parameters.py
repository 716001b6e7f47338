"""No route passes over a query parameter that it does not know, and none falls over one that cannot be read."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.house import House, a_house, places, problem


@pytest.fixture
def house() -> House:
    return a_house(lambda _: None)[0]


def _reads(house: House) -> Iterator[str]:
    """Yield a path of every GET route under /api/v1, with something in the place of each parameter."""
    for path, methods in house.app.openapi()["paths"].items():
        if "get" in methods and path.startswith("/api/v1"):
            yield re.sub(r"\{\w+\}", "1", path.removeprefix("/api/v1"))


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_every_route_names_what_it_does_not_know(installation: object, house: House) -> None:
    paths = list(_reads(house))
    answers = {path: house.manager.get(f"{path}?stge=outline") for path in paths}

    assert len(paths) > 100
    assert {path: (problem(one), places(one)) for path, one in answers.items()} == {
        path: ((422, "parameter_unknown"), ["query.stge"]) for path in paths
    }


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
