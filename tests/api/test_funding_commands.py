"""`bankable funding solve` and `check` as a user reads them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from states.funding.case import FundingCase
from tests.funding.builders import case, instrument, item, partner, scenario

SMALL = case(
    illustrative=True,
    partners=(partner(own_cash="1000000"),),
    cost_items=(item(amount="1000.00"),),
    instruments=(instrument(percent="60"),),
    scenarios=["best", "no_eu_call"],
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path, SMALL)


def written(folder: Path, given_case: FundingCase) -> Path:
    path = folder / "case.json"
    path.write_text(given_case.model_dump_json(), encoding="utf-8")
    return path


def told(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["funding", *map(str, arguments)])


def test_a_case_is_told_mix_by_mix(file: Path) -> None:
    said = told("solve", file)

    assert said.exit_code == 0
    assert "Illustrative: partners, amounts and calls are made up." in said.stdout
    assert "Best: The best by the objectives of the case." in said.stdout
    assert "│ work      │ grant       │ 600.00 │" in said.stdout
    assert "Gap 0.00, own 400.00, cost of capital 0.00 EUR;" in said.stdout
    assert "One EUR more saves 0.00 EUR of gap, 1.00 of private cash" in said.stdout
    assert "No eu call: No real alternative" in said.stdout


def test_a_clash_is_told_with_its_articles(tmp_path: Path) -> None:
    abroad = instrument("grant", consortium={"countries": 2})

    said = told("solve", written(tmp_path, SMALL.changed(instruments=(abroad,), wanted={"use": ["grant"]})))

    assert said.exit_code == 1
    assert "No mix keeps these rules together" in said.stdout
    assert "Terms of Grant" in said.stdout


def test_what_was_solved_is_lawful_and_one_cent_more_is_not(file: Path, tmp_path: Path) -> None:
    answer = json.loads(told("solve", file, "--json").stdout)
    mix = tmp_path / "mix.json"
    mix.write_text(json.dumps(answer["scenarios"][0]["scenario"]), encoding="utf-8")
    greedy = tmp_path / "greedy.json"
    greedy.write_text(
        scenario({("work", "grant"): "600.01"}, own={"work": "399.99"}).model_dump_json(), encoding="utf-8"
    )

    lawful, unlawful = told("check", file, mix), told("check", file, greedy)

    assert (lawful.exit_code, unlawful.exit_code) == (0, 1)
    assert lawful.stdout.endswith("Best: 0 breaches under eu-2023.\n")
    assert unlawful.stdout.endswith("A scenario: 1 breach under eu-2023.\n")


def test_a_case_with_faults_names_them(tmp_path: Path) -> None:
    broken = tmp_path / "case.yaml"
    broken.write_text("name: Nothing in it", encoding="utf-8")

    said = told("solve", broken)

    assert said.exit_code == 2
    assert "partners" in said.stderr


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "case.yaml"
    broken.write_bytes(b"\xff\xfe\x00")

    assert told("solve", broken).exit_code == 2
