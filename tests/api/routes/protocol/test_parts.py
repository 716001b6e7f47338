"""A partner writes its own rows and costs; the lead and the office write all, and every answer says whose a row is."""

from pathlib import Path

import httpx
import pytest

from tests.api.house import PARTNER, House, a_house, places, problem
from tests.api.two_partners import OTHER, speak_for_marseille
from tests.factories import a_collaboration

GLIWICE = {"organisation": "gliwice", "role": "leads", "nuts": "PL229", "commitment": "cash"}
MARSEILLE = {"organisation": "marseille", "role": "tests", "nuts": "FRL04", "commitment": "staff"}
COST = {"slug": "rig", "nuts": "FRL04", "activity": "experimental", "amount": "1000.00"}

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def furnished(installation: Path) -> tuple[House, str]:
    """Return the house, and the path of a collaboration that Gliwice leads and in which Marseille takes part."""
    house, (token, path) = a_house(
        lambda world: (speak_for_marseille(world), f"/collaborations/{a_collaboration(world).id}")
    )
    house.tokens[OTHER] = token
    return house, path


def _roles(house: House, path: str, *rows: dict[str, str], by: str = OTHER, version: int = 1) -> httpx.Response:
    return house.by(by).put(f"{path}/protocol/sections/partners", {"content": {"roles": list(rows)}}, version=version)


def test_a_partner_changes_its_own_row_beside_those_of_others(furnished: tuple[House, str]) -> None:
    house, path = furnished
    _roles(house, path, GLIWICE, MARSEILLE, by=PARTNER, version=0)
    mine = MARSEILLE | {"commitment": "staff and cash"}

    answer = _roles(house, path, GLIWICE, mine)

    assert answer.json()["content"] == {"roles": [GLIWICE, mine]}
    assert answer.json()["owners"] == {
        "roles": [
            {"organisation": "medtech-gliwice", "name": "gliwice", "yours": False},
            {"organisation": "medtech-marseille", "name": "marseille", "yours": True},
        ],
        "team": [],
    }
    assert answer.json()["yours"] == ["roles", "team"]


@pytest.mark.parametrize(
    ("rows", "place", "code"),
    [
        ([GLIWICE | {"role": "follows"}, MARSEILLE], "partners.roles[1]", "row_of_another"),
        ([MARSEILLE, GLIWICE, GLIWICE], "partners.roles[3]", "row_of_another"),
        ([MARSEILLE | {"organisation": "gliwice"}, GLIWICE], "partners.roles[1]", "row_of_another"),
        ([MARSEILLE], "partners.roles", "row_of_another_gone"),
    ],
)
def test_a_row_of_another_is_not_changed_added_or_left_out(
    furnished: tuple[House, str], rows: list[dict[str, str]], place: str, code: str
) -> None:
    house, path = furnished
    _roles(house, path, GLIWICE, MARSEILLE, by=PARTNER, version=0)

    answer = _roles(house, path, *rows)

    assert problem(answer) == (403, "part_of_another")
    assert (place, code) in [(one["place"], one["code"]) for one in answer.json()["faults"]]
    assert "gliwice" in answer.json()["detail"]
    assert house.manager.get(f"{path}/protocol/sections/partners").json()["content"] == {"roles": [GLIWICE, MARSEILLE]}


def test_texts_are_the_leads_and_what_stands_may_be_sent_along(furnished: tuple[House, str]) -> None:
    house, path = furnished
    section = f"{path}/protocol/sections/identity"
    house.by(PARTNER).put(section, {"content": {"acronym": "BIOCOMP", "abstract": "Old."}}, version=0)

    refused = house.by(OTHER).put(section, {"content": {"acronym": "OTHER", "abstract": "Old."}}, version=1)
    same = house.by(OTHER).put(section, {"content": {"abstract": "Old."}}, version=1)

    assert (problem(refused), places(refused)) == ((403, "part_of_another"), ["identity.acronym"])
    assert same.json()["content"] == {"acronym": "BIOCOMP", "abstract": "Old."}
    assert (house.by(OTHER).get(section).json()["yours"], house.by(PARTNER).get(section).json()["yours"]) == (
        [],
        ["acronym", "abstract", "contact"],
    )


def test_an_organisation_that_was_renamed_keeps_its_rows(furnished: tuple[House, str]) -> None:
    house, path = furnished
    _roles(house, path, GLIWICE, MARSEILLE, by=PARTNER, version=0)
    organisation = "/partnerships/medtech/organisations/medtech-gliwice"
    house.manager.patch(organisation, {"name": "Gliwice Implants"}, version=1)

    answer = _roles(house, path, GLIWICE, MARSEILLE | {"role": "tests more"})

    assert [one["organisation"] for one in answer.json()["content"]["roles"]] == ["Gliwice Implants", "marseille"]


def test_a_partner_enters_its_own_costs_and_nothing_of_others(furnished: tuple[House, str]) -> None:
    house, path = furnished
    lines = f"{path}/cost-lines"
    own = house.by(OTHER).post(lines, COST | {"organisation": "medtech-marseille"})
    house.by(PARTNER).post(lines, COST | {"slug": "hall", "nuts": "PL229", "organisation": "medtech-gliwice"})

    answers = [
        house.by(OTHER).post(lines, COST | {"slug": "more", "organisation": "medtech-gliwice"}),
        house.by(OTHER).patch(f"{lines}/hall", {"amount": "1.00"}, version=1),
        house.by(OTHER).patch(f"{lines}/rig", {"organisation": "medtech-gliwice"}, version=1),
        house.by(OTHER).send("DELETE", f"{lines}/hall", version=1),
    ]

    assert own.status_code == 201
    assert [problem(one) for one in answers] == [(403, "denied")] * 4
    assert {"gliwice" in one.json()["detail"] for one in answers} == {True}
    assert house.by(OTHER).patch(f"{lines}/rig", {"amount": "2.00"}, version=1).json()["amount"] == "2.00"
    assert house.by(PARTNER).patch(f"{lines}/rig", {"title": "Rig"}, version=2).json()["title"] == "Rig"


def test_costs_in_the_protocol_are_the_same_costs(furnished: tuple[House, str]) -> None:
    house, path = furnished
    section = f"{path}/protocol/sections/investment_plan"
    hall = {"organisation": "gliwice", "nuts": "PL229", "category": "Equipment", "amount": "500.00"}
    rig = {"organisation": "marseille", "nuts": "FRL04", "category": "Equipment", "amount": "100.00"}
    house.by(PARTNER).put(section, {"content": {"costs": [hall]}}, version=0)

    added = house.by(OTHER).put(section, {"content": {"costs": [hall, rig]}}, version=1)
    refused = house.by(OTHER).put(section, {"content": {"costs": [hall | {"amount": "1.00"}, rig]}}, version=2)

    assert added.json()["content"] == {"costs": [hall, rig]}
    assert (problem(refused), places(refused)[0]) == ((403, "part_of_another"), "investment_plan.costs[1]")
    lines = house.manager.get(f"{path}/cost-lines").json()["items"]
    assert [(one["organisation"], one["amount"]) for one in lines] == [
        ("medtech-gliwice", "500.00"),
        ("medtech-marseille", "100.00"),
    ]
