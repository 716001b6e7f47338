"""The financial plan over HTTP and on the command line: assumptions with a version, figures, and what is missing."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from states.clock import today
from states.protocol.queries import latest_versions
from tests.api.house import House, a_house, places, problem
from tests.factories import World, a_collaboration_at, a_lawful_scenario, a_scenario

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

YEAR = today().year + 1
MADE_UP = {"illustrative": True}
GIVEN: dict[str, Any] = {
    "horizon": {"first_year": YEAR, "years": 4, "prices": "real", "price_year": YEAR, **MADE_UP},
    "rates": {"discount": "4", "tax": "19", "reference": "3.79", "source": "reference rate of the Commission"},
    "lives": [{"category": "equipment", "life": 2, **MADE_UP}],
    "revenues": [{"name": "Tests", "by_year": {YEAR + 1: "900.00", YEAR + 2: "900.00"}, **MADE_UP}],
    "jobs": [{"partner": "medtech-gliwice", "region": "PL22", "fte": "2.5", **MADE_UP}],
    "uncertain": [{"variable": "Revenue: Tests", "low": "-40", "high": "10", **MADE_UP}],
    "draws": {"seed": 3, "runs": 50},
}


@pytest.fixture
def furnished(installation: Path) -> tuple[House, dict[str, str]]:
    return a_house(_prepared)


def _prepared(world: World) -> dict[str, str]:
    row = a_collaboration_at(world, "iag_review")
    version = latest_versions(world.session, [row.id])[row.id]
    made = {"lawful": a_lawful_scenario(world, row, version), "by_hand": a_scenario(world, row, version)}
    return {"path": f"/collaborations/{row.id}/financial-assumptions", **{name: one.id for name, one in made.items()}}


def kept(house: House, keys: dict[str, str], **parts: object) -> None:
    assert house.manager.put(keys["path"], {**GIVEN, **parts}, version=0).status_code == 200


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["funding", "finances", *arguments])


def test_assumptions_begin_at_nothing_and_are_replaced_with_the_version_read(
    furnished: tuple[House, dict[str, str]],
) -> None:
    house, keys = furnished

    empty = house.manager.get(keys["path"])
    made = house.manager.put(keys["path"], GIVEN, version=0)
    late = [house.manager.put(keys["path"], GIVEN, version=version) for version in (None, 0, 7)]

    assert (empty.json(), empty.headers["ETag"]) == ({"assumptions": None, "changed_at": None, "version": 0}, '"0"')
    assert (made.status_code, made.headers["ETag"]) == (200, '"1"')
    assert [problem(one) for one in late] == [(428, "precondition_required"), (412, "stale"), (412, "stale")]
    read = house.manager.get(keys["path"]).json()
    assert (read, read["assumptions"]["rates"]["tax"]) == (made.json(), "19")


@pytest.mark.parametrize(
    ("parts", "expected", "where"),
    [
        ({"rates": {"discount": "4", "tax": "19"}}, (422, "request_invalid"), ["rates"]),
        ({"rates": {"discount": "4", "tax": "119", **MADE_UP}}, (422, "request_invalid"), ["rates.tax"]),
        ({"luck": 1}, (422, "request_invalid"), ["luck"]),
        ({"lives": [GIVEN["lives"][0]] * 2}, (422, "financial_plan_invalid"), ["lives"]),
        ({"jobs": [{**GIVEN["jobs"][0], "source": "\0"}]}, (422, "request_invalid"), ["body"]),
    ],
)
def test_what_makes_no_sense_is_not_kept(
    furnished: tuple[House, dict[str, str]], parts: dict[str, Any], expected: tuple[int, str], where: list[str]
) -> None:
    house, keys = furnished

    answer = house.manager.put(keys["path"], {**GIVEN, **parts}, version=0)

    assert (problem(answer), places(answer)) == (expected, where)
    assert house.manager.get(keys["path"]).json()["version"] == 0


def test_figures_of_a_scenario(furnished: tuple[House, dict[str, str]]) -> None:
    house, keys = furnished
    kept(house, keys)

    found = house.manager.get(f"/scenarios/{keys['lawful']}/finances").json()

    assert (found["illustrative"], found["first_year"], found["last_year"]) == (True, YEAR, YEAR + 3)
    assert found["sources"] == [
        {
            "kind": "own_cash",
            "name": "Own cash of gliwice",
            "public": False,
            "eu": False,
            "payments": {str(YEAR): "1000.10"},
            "total": "1000.10",
        }
    ]
    # Minus 500.05, then 399.95: 100.10 of the loss are left, and 19 percent are paid on 900.00 less that.
    assert [one["tax"] for one in found["profit"]] == ["0.00", "0.00", "151.98", "0.00"]
    assert found["indicators"]["project"]["flows"] == ["-1000.10", "900.00", "748.02", "0.00"]
    assert found["indicators"]["coverage"] == {"dscr": {}, "least": None, "average": None, "llcr": None}
    assert found["regions"] == [{"region": "PL22", "cost": "1000.10", "grant": "0.00", "jobs": "2.5"}]
    assert found["sensitivity"][0]["variable"] == "Revenue: Tests"
    assert (found["simulation"]["runs"], list(found["simulation"]["npv"])) == (50, ["5", "25", "50", "75", "95"])
    assert found["assumptions"]["rates"]["source"] == "reference rate of the Commission"


def test_what_is_missing_is_said_in_place_of_figures(furnished: tuple[House, dict[str, str]]) -> None:
    house, keys = furnished

    before = house.manager.get(f"/scenarios/{keys['lawful']}/finances")
    by_hand = house.manager.get(f"/scenarios/{keys['by_hand']}/finances")
    kept(house, keys, jobs=[{**GIVEN["jobs"][0], "partner": "somebody"}])
    after = house.manager.get(f"/scenarios/{keys['lawful']}/finances")

    assert [problem(one) for one in (before, by_hand, after)] == [
        (422, "no_finances"),
        (422, "no_finances"),
        (422, "financial_plan_invalid"),
    ]
    assert [places(one) for one in (before, by_hand, after)] == [
        ["assumptions"],
        ["scenario", "assumptions"],
        ["jobs[0].partner"],
    ]


def test_the_command_prints_the_tables(furnished: tuple[House, dict[str, str]]) -> None:
    house, keys = furnished
    kept(house, keys)

    answer = run("centre", "--scenario", "Own means")

    assert answer.exit_code == 0, answer.output
    said = " ".join(answer.stdout.split())
    titles = ("Uses, EUR", "Profit and loss, EUR", "Cash flow, EUR", "Balance, EUR", "By region", "What moves NPV")
    assert [title for title in titles if title not in said] == []
    assert "illustrative: parts of it are made up" in said
    assert "Own cash of gliwice" in said


def test_the_command_takes_the_chosen_scenario_or_asks_which(furnished: tuple[House, dict[str, str]]) -> None:
    house, keys = furnished
    kept(house, keys)

    unsaid, unknown = run("centre"), run("centre", "--scenario", "Lottery")
    house.manager.post(f"/scenarios/{keys['lawful']}/choice", version=1)
    chosen = run("centre")

    named = "--scenario: no scenario is chosen (name one: Own means, Grants)"
    assert (unsaid.exit_code, unsaid.stderr.strip()) == (2, named)
    assert (unknown.exit_code, unknown.stderr.strip()) == (2, "There is no scenario 'Lottery' here.")
    assert (chosen.exit_code, "Own means" in chosen.stdout) == (0, True)
