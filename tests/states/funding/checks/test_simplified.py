"""Simplified costs under State aid: the Regulation asks for a fund of the Union that allows them."""

import pytest

from states.funding.checks.checker import open_points
from tests.states.funding.builders import case, instrument, item, rules, scenario

AID, UNION = instrument("grant", percent="50"), instrument("union", "eu_direct", percent="50", state=None)


@pytest.mark.parametrize(
    ("option", "payer", "points"),
    [
        ("interreg-office-15", "grant", ["Reg. 651/2014 Art. 7(1), fourth sentence"]),
        ("interreg-office-15", "union", []),
        ("gber-overheads-20", "grant", []),
        ("", "grant", []),
    ],
)
def test_who_relies_on_it_shows_the_fund(option: str, payer: str, points: list[str]) -> None:
    there = case(cost_items=(item(simplified=option),), instruments=(AID, UNION))
    mix = scenario({("work", payer): "500000.00"}, own={"work": "500000.00"})

    found = open_points(there, mix, rules=rules())
    assert [one.article for one in found if one.rule == "gber-simplified"] == points
