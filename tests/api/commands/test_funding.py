"""`bankable funding solve` and `check` as a user reads them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from states.funding.case.case import FundingCase
from tests.states.funding.builders import case, instrument, item, partner, scenario

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


OPEN = "line 2: follows on a bracket that is not closed, or lacks a comma (close the bracket, or write the comma)"
GIVE = "(give keys and values, as docs/reference/funding-case.md shows)"
SIZE = "(give EUR below ten thousand million, percentages up to 100)"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [f"the document: is no mapping of keys to values {GIVE}"]),
        ("- a list", [f"the document: is no mapping of keys to values {GIVE}"]),
        (
            "name: [open\nmore: 1",
            [OPEN],
        ),
        ('{"name": 1, "name": 2}', ["line 1: 'name' stands here twice (see line 1)"]),
        (
            "name: Nothing in it",
            [f"{key}: is missing (give it)" for key in ("date", "partners", "cost_items")],
        ),
        (
            SMALL.model_dump_json().replace('"amount":"1000.00"', '"amount":"10000000000.00"'),
            [f"cost_items[0].amount: has more than 10 digits before the decimals {SIZE}"],
        ),
        (
            SMALL.changed(cost_items=[item(key, amount="9999999999.99") for key in ("one", "two")]).model_dump_json(),
            [
                "cost_items: they come to 19,999,999,999.98 EUR "
                "(divide it: more than 9,999,999,999.99 EUR cannot be reckoned to the cent)"
            ],
        ),
    ],
    ids=["empty", "a list", "not YAML", "twice", "nothing in it", "too large an amount", "too large a sum"],
)
def test_a_case_with_faults_names_each_on_a_line(text: str, faults: list[str], tmp_path: Path) -> None:
    broken = tmp_path / "case.yaml"
    broken.write_text(text, encoding="utf-8")

    said = told("solve", broken)

    assert (said.exit_code, said.stdout) == (2, "")
    assert said.stderr.splitlines() == faults


def test_the_largest_amounts_are_reckoned_to_the_cent(tmp_path: Path) -> None:
    loan = {"kind": "loan", "grant_equivalent": "6.53", "cost_of_capital": "99.99"}
    slow = instrument("slow", "market", state=None, kind="loan", cost_of_capital="9.05", call={"months_to_money": 60})
    large = SMALL.changed(
        partners=(partner(own_cash="9999999999.99"),),
        cost_items=[item("one", amount="9999999999.98"), item("two", amount="0.01")],
        instruments=(instrument(percent="60"), instrument("loan", **loan), slow),
        scenarios=["best"],
    )

    said = told("solve", written(tmp_path, large), "--json")

    mix = tmp_path / "mix.json"
    mix.write_text(json.dumps(json.loads(said.stdout)["scenarios"][0]["scenario"]), encoding="utf-8")
    assert said.exit_code == 0
    assert told("check", tmp_path / "case.json", mix).exit_code == 0


def test_without_any_instrument_there_is_one_mix_and_no_alternative(tmp_path: Path) -> None:
    answer = json.loads(told("solve", written(tmp_path, SMALL.changed(instruments=())), "--json").stdout)

    assert [bool(one["scenario"]) for one in answer["scenarios"]] == [True, False]
    assert answer["scenarios"][0]["measures"]["own"] == "1000.00"


def test_where_all_is_paid_already_no_mix_differs(tmp_path: Path) -> None:
    had = {"recipient": "a", "member_state": "DE", "granted_on": "2026-01-01", "amount": "1000", "basis": "gber-25"}
    paid = SMALL.changed(aid_received=[{**had, "cost_item": "work"}])

    answer = json.loads(told("solve", written(tmp_path, paid), "--json").stdout)

    assert [bool(one["scenario"]) for one in answer["scenarios"]] == [True, False]


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "case.yaml"
    broken.write_bytes(b"\xff\xfe\x00")

    assert told("solve", broken).exit_code == 2
