"""A funding case as a user solves it: six partners in five countries, thirty cost items, twenty-five instruments."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import app
from states.funding.case.case import FundingCase
from states.funding.solver.what_if import partner_leaves
from tests.journeys.funding_partnership import ON, partnership

pytestmark = pytest.mark.long  # the search alone works for some seconds

BANKABLE = str(Path(sys.executable).with_name("bankable"))
CASE = partnership()


def _solved(folder: Path, case: FundingCase) -> tuple[int, dict[str, Any]]:
    file = folder / "case.json"
    file.write_text(case.model_dump_json(), encoding="utf-8")
    command = [BANKABLE, "funding", "solve", str(file), "--json", "--seconds", "5"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.stderr == ""
    return said.returncode, json.loads(said.stdout)


def test_at_least_four_named_mixes_are_found_explained_and_lawful(tmp_path: Path) -> None:
    status, answer = _solved(tmp_path, CASE)

    mixes = [named for named in answer["scenarios"] if named["scenario"]]
    checks = []
    for number, named in enumerate(mixes):
        file = tmp_path / f"{number}.json"
        file.write_text(json.dumps(named["scenario"]), encoding="utf-8")
        arguments = ["funding", "check", str(tmp_path / "case.json"), str(file)]
        checks.append(CliRunner().invoke(app, arguments).exit_code)
    places = {site.country for partner in CASE.partners for site in partner.sites}
    assert (len(CASE.partners), len(places), len(CASE.cost_items), len(CASE.instruments)) == (6, 5, 30, 25)
    assert (status, answer["complete"], answer["clash"]) == (0, True, [])
    assert [named["kind"] for named in answer["scenarios"]] == list(CASE.scenarios)
    assert len(mixes) >= 4
    assert checks == [0 for _ in mixes]
    assert min(float(named["differs"]) for named in mixes[1:]) >= 15
    assert all(named["statement"] and named["bindings"] for named in mixes)
    assert {line["item"] for line in answer["ceilings"]} == {item.id for item in CASE.cost_items if item.economic}


def _with(case: FundingCase, key: str, **terms: object) -> FundingCase:
    """Change the terms of one instrument."""
    return case.changed(
        instruments=[{**one.model_dump(), **terms} if one.id == key else one.model_dump() for one in case.instruments]
    )


def a_country_too_few() -> FundingCase:
    left = reduce(partner_leaves, ("stuttgart-machines", "modena-coatings", "barcelona-imaging"), CASE)
    return left.changed(wanted={"use": ["horizon-innovation-action"]})


def works_began_before_the_application() -> FundingCase:
    early = [{**item.model_dump(), "starts": ON - timedelta(days=30)} for item in CASE.cost_items]
    return CASE.changed(cost_items=early, wanted={"use": ["de11-research"]})


def de_minimis_is_used_up_by_a_linked_company() -> FundingCase:
    had = {"recipient": "sister", "member_state": "ES", "granted_on": ON, "amount": "300000", "basis": "de_minimis"}
    return CASE.changed(
        enterprises=[{"id": "sister", "name": "Sister in Girona"}],
        links=[{"holder": "sister", "held": "barcelona-imaging", "percent": 75}],
        aid_received=[had],
        wanted={"use": ["es51-vouchers-2027"]},
    )


def two_grants_of_the_union_for_one_line() -> FundingCase:
    one_line = {"activities": ["feasibility"], "whom": {"non_profit": True}, "consortium": {}}
    both = ["horizon-innovation-action", "digital-europe-simple"]
    return _with(_with(CASE, both[0], **one_line), both[1], **one_line).changed(wanted={"use": both})


def only_terms_that_nobody_verified_would_do() -> FundingCase:
    return _with(CASE, "ith5-advice", verified=False).changed(wanted={"use": ["ith5-advice"], "verified_only": True})


@pytest.mark.parametrize(
    ("case", "articles"),
    [
        (a_country_too_few, {"Terms of Horizon Europe, innovation action"}),
        (works_began_before_the_application, {"GBER Art. 6(2)"}),
        (de_minimis_is_used_up_by_a_linked_company, {"Reg. 2023/2831 Art. 3(2)"}),
        (two_grants_of_the_union_for_one_line, {"Reg. (EU, Euratom) 2024/2509 Art. 194"}),
        (only_terms_that_nobody_verified_would_do, {"Terms of Ith5 advice (illustrative)"}),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_cannot_be_is_explained(case: Callable[[], FundingCase], articles: set[str], tmp_path: Path) -> None:
    status, answer = _solved(tmp_path, case())

    assert status == 1
    assert (answer["complete"], answer["clash_is_smallest"], answer["scenarios"]) == (True, True, [])
    assert {ground["article"] for ground in answer["clash"]} == {*articles, "the case itself"}
