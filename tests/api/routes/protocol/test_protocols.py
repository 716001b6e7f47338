"""The investment protocol over HTTP: sections under their own versions, frozen versions, money as text."""

from pathlib import Path

import pytest

from tests.api.house import House, a_house, places, problem
from tests.factories import a_collaboration

COST = {"organisation": "gliwice", "nuts": "PL229", "category": "Equipment", "amount": "1250000.00"}


@pytest.fixture
def furnished(installation: Path) -> tuple[House, str]:
    return a_house(lambda world: f"/collaborations/{a_collaboration(world).id}/protocol")


def _costs(**change: object) -> dict[str, object]:
    return {"content": {"costs": [{**COST, **change}]}}


def test_the_draft_shows_all_sections_and_what_is_missing(furnished: tuple[House, str]) -> None:
    house, path = furnished

    draft = house.manager.get(path).json()

    assert len(draft["sections"]) == 17
    assert [section["version"] for section in draft["sections"]] == [0] * 17
    assert draft["missing"][:2] == ["Identity: Acronym", "Identity: Abstract"]


def test_a_section_is_written_under_its_own_version(furnished: tuple[House, str]) -> None:
    house, path = furnished
    section = f"{path}/sections/investment_plan"

    first = house.manager.put(section, _costs(amount="1.5"), version=0)
    second = house.manager.put(section, {**_costs(), "illustrative": True}, version=1)

    assert (first.status_code, first.headers["ETag"]) == (200, '"1"')
    assert (second.status_code, second.headers["ETag"]) == (200, '"2"')
    read = house.manager.get(section)
    assert read.json() == second.json()
    assert (read.json()["content"], read.json()["illustrative"]) == ({"costs": [COST]}, True)
    assert house.manager.get(section, If_None_Match='"2"').status_code == 304


@pytest.mark.parametrize("version", [1, 7])
def test_a_version_that_was_never_there_writes_nothing(furnished: tuple[House, str], version: int) -> None:
    house, path = furnished
    section = f"{path}/sections/investment_plan"

    assert problem(house.manager.put(section, _costs(), version=version)) == (412, "stale")
    assert house.manager.get(section).json()["content"] == {}


def test_who_read_it_empty_does_not_overwrite(furnished: tuple[House, str]) -> None:
    house, path = furnished
    section = f"{path}/sections/investment_plan"
    house.manager.put(section, _costs(), version=0)

    assert problem(house.manager.put(section, _costs(amount="1.00"), version=0)) == (412, "stale")
    assert house.manager.get(section).json()["content"] == {"costs": [COST]}


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (1250000.0, "request_invalid"),
        (1250000, "request_invalid"),
        ("-1.00", "protocol_section_invalid"),
        ("1.001", "protocol_section_invalid"),
        ("NaN", "protocol_section_invalid"),
        ("a lot", "protocol_section_invalid"),
    ],
)
def test_money_is_text_to_the_cent_and_not_negative(furnished: tuple[House, str], amount: object, code: str) -> None:
    house, path = furnished
    section = f"{path}/sections/investment_plan"

    answer = house.manager.put(section, _costs(amount=amount), version=0)

    assert problem(answer) == (422, code)
    assert house.manager.get(section).json()["content"] == {}


def test_every_fault_of_a_section_comes_at_once(furnished: tuple[House, str]) -> None:
    house, path = furnished
    sent = {"content": {"costs": [{**COST, "amount": "-1.00", "nuts": "Silesia", "colour": "red"}], "sum": "1"}}

    answer = house.manager.put(f"{path}/sections/investment_plan", sent, version=0)

    assert places(answer) == [
        "investment_plan.sum",
        "investment_plan.costs[1].colour",
        "investment_plan.costs[1].nuts",
        "investment_plan.costs[1].amount",
    ]


def test_a_section_that_no_playbook_has_is_missing(furnished: tuple[House, str]) -> None:
    house, path = furnished

    answers = [
        house.manager.get(f"{path}/sections/poetry"),
        house.manager.put(f"{path}/sections/poetry", {"content": {}}, version=0),
    ]

    assert [problem(answer) for answer in answers] == [(404, "missing")] * 2


def test_a_version_is_frozen_once(furnished: tuple[House, str]) -> None:
    house, path = furnished
    house.manager.put(f"{path}/sections/investment_plan", _costs(), version=0)

    frozen = house.manager.post(f"{path}/versions")
    again = house.manager.post(f"{path}/versions")

    version = frozen.json()
    assert (frozen.status_code, version["number"]) == (201, 1)
    assert version["content"]["investment_plan"] == {"costs": [COST]}
    assert problem(again) == (409, "nothing_to_freeze")
    read = house.client.get(frozen.headers["Location"], headers=house.manager.headers)
    assert (read.json(), read.headers["ETag"]) == (version, f'"{version["sha256"]}"')
    assert house.manager.get(f"{path}/versions").json() == {
        "items": [{key: version[key] for key in version if key != "content"}],
        "total": 1,
        "next": None,
    }
    assert problem(house.manager.get(f"{path}/versions/2")) == (404, "missing")


def test_how_far_each_section_is_and_who_wrote_it(furnished: tuple[House, str]) -> None:
    house, path = furnished
    house.by("partner").put(f"{path}/sections/identity", {"content": {"acronym": "BIOCOMP"}}, version=0)
    house.manager.put(f"{path}/sections/investment_plan", _costs(), version=0)

    found = {one["key"]: one for one in house.manager.get(f"{path}/status").json()["sections"]}

    told = {key: (one["state"], one["missing"], one["written_by"]) for key, one in found.items()}
    assert len(told) == 17
    assert told["identity"] == ("in_progress", ["Abstract"], "partner")
    assert told["investment_plan"] == ("complete", [], "project_manager")
    assert told["market"] == ("not_started", ["Users and clients", "Competition", "Evidence of demand"], None)
