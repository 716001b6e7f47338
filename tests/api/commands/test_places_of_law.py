"""What the law knows of a place, told with its source and whether it was read."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from states.storage import begin
from tests.factories import a_world
from tests.rule_documents import CATEGORIES, in_force


def _place(*options: str) -> Result:
    return CliRunner().invoke(app, ["funding", "place", *options])


@pytest.mark.parametrize(
    ("code", "on", "says", "verified"),
    [
        pytest.param(
            "PL229", "2026-11-30", "PL22 is an area of Article 107(3)(a) TFEU, with 30 percent", True, id="read"
        ),
        pytest.param("PL925", "2026-11-30", "50 in the subregion of Siedlce.", True, id="a part with another rate"),
        pytest.param("SK021", "2023-12-31", "with 30 percent for large enterprises", True, id="before the review"),
        pytest.param("SK021", "2024-01-01", "with 40 percent for large enterprises", True, id="since"),
        pytest.param("BG411", "2026-11-30", "with a rate that was not found for large", False, id="no rate"),
        pytest.param("RO121", "2026-11-30", "RO12 is an area of Article 107(3)(a)", False, id="computed"),
        pytest.param(
            "DE111", "2026-11-30", "No area of the map around DE111 is known on 2026-11-30", False, id="unknown"
        ),
        pytest.param(
            "PL229", "2028-01-01", "No area of the map around PL229 is known on 2028-01-01", False, id="ended"
        ),
    ],
)
def test_where_a_place_lies_on_the_aid_map(code: str, on: str, says: str, verified: bool) -> None:
    area = json.loads(_place(code, "--on", on, "--json").stdout)["findings"][0]

    assert says in area["sentence"]
    assert area["verified"] is verified


@pytest.mark.parametrize(
    ("code", "category", "most"),
    [
        pytest.param("PL229", "PL22 is a less developed region (", "85 percent", id="less developed"),
        pytest.param("ES620", "ES62 is a transition region (", "60 percent from the ERDF, and 70", id="Murcia"),
        pytest.param("SE211", "SE21 is a more developed region (", "40 percent from the ERDF, and 50", id="more"),
        pytest.param("FRY20", "FRY2 is a transition region, and an outermost region (", "85 percent", id="outermost"),
    ],
)
def test_the_cohesion_category_and_what_the_funds_pay_at_most(code: str, category: str, most: str) -> None:
    _, known, paid = json.loads(_place(code, "--on", "2026-11-30", "--json").stdout)["findings"]

    assert known["sentence"].startswith(category)
    assert most in paid["sentence"]


def test_outside_of_the_union_nothing_is_known() -> None:
    told = [one["answer"] for one in json.loads(_place("CH011", "--json").stdout)["findings"]]

    assert told == ["unknown", "unknown"]


def test_it_is_a_table_to_read() -> None:
    answer = _place("PL229", "--on", "2026-11-30")

    assert answer.exit_code == 0
    assert "Regional aid map 2022-2027, PL22" in answer.stdout


def test_a_code_that_is_none_is_refused() -> None:
    answer = _place("XX99")

    assert answer.exit_code != 0
    assert "XX99" in f"{answer.output}{answer.exception}"


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_an_office_asks_by_its_own_categories(installation: Path) -> None:
    with begin() as session:
        in_force(a_world(session), CATEGORIES)

    own, shipped = (_place("PL229", "--on", "2028-06-01", *of) for of in (("--of", "medtech"), ()))

    assert "PL22 is a transition region" in " ".join(own.stdout.split())
    assert "The cohesion category of PL229 is not known on 2028-06-01" in " ".join(shipped.stdout.split())
