"""Funding over HTTP: a catalogue of instruments, scenarios to the cent, the choice of one."""

from pathlib import Path
from typing import Any

import pytest

from tests.api.house import House, a_house, places, problem
from tests.factories import a_collaboration_at

GRANT = {
    "slug": "regional-grant",
    "name": "Regional grant",
    "programme": "ERDF",
    "kind": "grant",
    "territory": ["PL22"],
    "maximum_rate": "50.00",
    "maximum_amount": "500000.00",
    "illustrative": True,
}
USE = {"organisation": "medtech-gliwice", "category": "Equipment", "amount": "1000.10"}
SOURCES = [
    {
        "organisation": "medtech-gliwice",
        "kind": "grant",
        "status": "applied",
        "amount": "500.05",
        "instrument": "regional-grant",
    },
    {"organisation": "medtech-gliwice", "kind": "own_cash", "status": "committed", "amount": "500.05"},
]
SCENARIO = {"name": "Grant and cash", "protocol_version": 1, "uses": [USE], "sources": SOURCES, "illustrative": True}


@pytest.fixture
def furnished(installation: Path) -> tuple[House, str]:
    house, key = a_house(lambda world: a_collaboration_at(world, "iag_review").id)
    made = house.manager.post("/instruments", GRANT)
    assert made.status_code == 201
    assert house.client.get(made.headers["Location"], headers=house.manager.headers).json() == made.json()
    return house, f"/collaborations/{key}/scenarios"


def test_a_scenario_adds_up_and_is_chosen(furnished: tuple[House, str]) -> None:
    house, path = furnished

    made = house.manager.post(path, SCENARIO)

    row = made.json()
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    assert (row["uses"], row["gap"], row["total"], row["chosen"]) == ([USE], "0.00", "1000.10", False)
    assert row["sources"] == [SOURCES[0], {**SOURCES[1], "instrument": None}]
    assert house.client.get(made.headers["Location"], headers=house.manager.headers).json() == row
    chosen = house.manager.post(f"/scenarios/{row['id']}/choice", version=1)
    assert chosen.json() == {**row, "chosen": True, "version": 2}
    assert house.manager.get(path).json() == {"items": [chosen.json()], "total": 1, "next": None}


def test_another_choice_takes_over(furnished: tuple[House, str]) -> None:
    house, path = furnished
    keys = [house.manager.post(path, {**SCENARIO, "name": name}).json()["id"] for name in ("A", "B")]

    for key in keys:
        house.manager.post(f"/scenarios/{key}/choice", version=1)

    assert [one["chosen"] for one in house.manager.get(path).json()["items"]] == [False, True]


def test_a_choice_wants_the_version_and_the_right_one(furnished: tuple[House, str]) -> None:
    house, path = furnished
    key = house.manager.post(path, SCENARIO).json()["id"]

    answers = [house.manager.post(f"/scenarios/{key}/choice", version=version) for version in (None, 2)]

    assert [problem(answer) for answer in answers] == [(428, "precondition_required"), (412, "stale")]
    assert house.manager.get(f"/scenarios/{key}").json()["chosen"] is False


@pytest.mark.parametrize(
    ("change", "expected", "where"),
    [
        ({"gap": "0.01"}, (422, "scenario_invalid"), ["sources"]),
        ({"uses": [{**USE, "amount": "1000.11"}]}, (422, "scenario_invalid"), ["sources"]),
        ({"uses": [{**USE, "amount": "-1000.10"}]}, (422, "scenario_invalid"), ["uses[1].amount"]),
        ({"uses": [{**USE, "amount": 1000.1}]}, (422, "request_invalid"), ["uses[1].amount"]),
        ({"uses": [{**USE, "amount": "1000.101"}]}, (422, "request_invalid"), ["uses[1].amount"]),
        ({"uses": [{**USE, "amount": "10000000000000.00"}]}, (422, "request_invalid"), ["uses[1].amount"]),
        ({"uses": [{**USE, "organisation": "atlantis"}]}, (422, "scenario_invalid"), ["uses[1].organisation"]),
        (
            {"sources": [{**SOURCES[0], "instrument": "lottery"}]},
            (422, "scenario_invalid"),
            ["sources[1].instrument"],
        ),
        ({"uses": []}, (422, "scenario_invalid"), ["uses"]),
        ({"total": "1000.10"}, (422, "request_invalid"), ["total"]),
    ],
)
def test_a_scenario_that_does_not_fit_is_not_kept(
    furnished: tuple[House, str], change: dict[str, Any], expected: tuple[int, str], where: list[str]
) -> None:
    house, path = furnished

    answer = house.manager.post(path, {**SCENARIO, **change})

    assert problem(answer) == expected
    assert places(answer) == where
    assert house.manager.get(path).json()["total"] == 0


def test_one_cent_is_named(furnished: tuple[House, str]) -> None:
    house, path = furnished

    fault = house.manager.post(path, {**SCENARIO, "gap": "0.01"}).json()["faults"][0]

    assert fault["message"] == "uses are EUR 1,000.10, sources with the gap EUR 1,000.11: EUR -0.01 apart"


def test_a_version_that_was_never_frozen_is_missing(furnished: tuple[House, str]) -> None:
    house, path = furnished

    assert problem(house.manager.post(path, {**SCENARIO, "protocol_version": 2})) == (404, "missing")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({}, ["slug"]),
        ({"slug": "b", "maximum_rate": "0"}, ["maximum_rate"]),
        ({"slug": "b", "maximum_amount": "-5.00"}, ["maximum_amount"]),
        ({"slug": "b", "maximum_rate": 50.0}, ["maximum_rate"]),
        ({"slug": "b", "territory": ["Silesia"]}, ["territory[1]"]),
    ],
)
def test_an_instrument_that_does_not_fit(
    furnished: tuple[House, str], change: dict[str, object], where: list[str]
) -> None:
    house, _ = furnished

    answer = house.manager.post("/instruments", {**GRANT, **change})

    assert (answer.status_code, places(answer)) == (422, where)
    assert house.manager.get("/instruments").json()["total"] == 1


def test_an_instrument_that_nobody_recorded_is_missing(furnished: tuple[House, str]) -> None:
    assert problem(furnished[0].manager.get("/instruments/lottery")) == (404, "missing")
