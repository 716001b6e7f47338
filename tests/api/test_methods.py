"""Every address answers every method: with what it has, or with 405 and the methods that it knows."""

from collections import defaultdict
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from starlette.routing import compile_path, replace_params

from tests.api.everything import everything
from tests.api.house import House, a_house

pytestmark = [pytest.mark.long, pytest.mark.parametrize("installation", ["sqlite"], indirect=True)]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def addresses(house: House, keys: dict[str, str]) -> dict[str, set[str]]:
    """Return every address of the application with the methods that its routes have."""
    known: dict[str, set[str]] = defaultdict(set)
    for route in iter_route_contexts(house.app.routes):
        _, form, convertors = compile_path(str(route.path))
        values = {name: keys.get(name, "x.y") for name in convertors}
        known[replace_params(form, convertors, values)[0]] |= set(route.methods or ())
    return known


def test_every_address_answers_every_method_and_says_which_it_knows(installation: Path) -> None:
    house, keys = a_house(everything)
    client = TestClient(house.app, raise_server_exceptions=False, follow_redirects=False)
    known = addresses(house, keys)
    assert len(known) > 200

    wrong = []
    for address, methods in known.items():
        allowed = set(client.request("BREW", address).headers["Allow"].split(", "))
        assert methods <= allowed <= {*METHODS}
        another = next(method for method in reversed(METHODS) if method not in allowed)
        for method in ("HEAD", "OPTIONS", another, *(allowed - methods)):
            answer = client.request(method, address, headers=house.manager.headers if method == "HEAD" else {})
            told = answer.headers.get("Allow")
            if method in allowed:
                wrong += [(method, address, answer.status_code)] * (answer.status_code in (405, 501, 500, 503))
            elif (answer.status_code, told) != (405, ", ".join(sorted(allowed))):
                wrong.append((method, address, answer.status_code))
    assert wrong == []


def test_what_knows_head_says_in_it_what_it_says_to_get(installation: Path) -> None:
    house, keys = a_house(everything)
    with_head = [address for address, methods in addresses(house, keys).items() if "HEAD" in methods]
    assert with_head

    for address in with_head:
        head, got = (house.client.request(method, address) for method in ("HEAD", "GET"))
        assert (head.status_code, head.headers["Content-Type"]) == (got.status_code, got.headers["Content-Type"])
