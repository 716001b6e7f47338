"""What if: each change of a case, and the difference between two answers as a table."""

from decimal import Decimal

import pytest

from states.errors import Missing
from states.funding.case.case import FundingCase
from states.funding.case.vocabulary import ScenarioKind
from states.funding.solver.answer import Answer
from states.funding.solver.search import Search
from states.funding.solver.what_if import (
    Difference,
    call_closes,
    difference,
    partner_joins,
    partner_leaves,
    rate_changes,
    rules_change,
)
from tests.states.funding.builders import ON, case, instrument, item, partner, rules


def solved(given_case: FundingCase) -> Answer:
    only_best = given_case.changed(scenarios=[ScenarioKind.BEST])
    return Search(only_best, rules(), seconds=20).answer()


def rows(before: FundingCase, after: FundingCase) -> dict[str, tuple[str, str]]:
    found = difference(solved(before), solved(after))
    return {row.what: (str(row.before), str(row.after)) for row in found}


def test_a_rate_that_falls_moves_cost_to_the_partner() -> None:
    before = case(instruments=(instrument(percent="60"),))

    assert rows(before, rate_changes(before, "grant", Decimal(40))) == {
        "own": ("400000.00", "600000.00"),
        "outside": ("600000.00", "400000.00"),
        "grant": ("600000.00", "400000.00"),
    }


def test_a_call_that_closes_leaves_the_partner_alone() -> None:
    before = case(instruments=(instrument(percent="60"),), wanted={"use": ["grant"]})

    after = call_closes(before, "grant")

    assert after.wanted.use == ()
    assert rows(before, after)["own"] == ("400000.00", "1000000.00")


def test_a_partner_that_joins_makes_the_consortium() -> None:
    alone = case(instruments=(instrument("call", "eu_direct", percent="70", consortium={"countries": 2}),))

    together = partner_joins(alone, partner("b", nuts="PL229"), [item("more", of="b")])

    assert rows(alone, together)["call"] == ("0", "1400000.00")


def test_a_partner_that_leaves_takes_its_cost_along_and_stays_behind_others() -> None:
    had = {"recipient": "b", "member_state": "DE", "granted_on": ON, "amount": "1", "basis": "de_minimis"}
    both = case(
        partners=(partner("a"), partner("b")),
        coordinator="b",
        cost_items=(item("one"), item("two", of="b")),
        links=[{"holder": "a", "held": "b", "percent": 60}],
        aid_received=[had],
    )

    left = partner_leaves(both, "b")

    assert [one.id for one in left.partners] == ["a"]
    assert [one.id for one in left.enterprises] == ["b"]
    assert [one.id for one in left.cost_items] == ["one"]
    assert (left.coordinator, left.links, left.aid_received) == (None, both.links, both.aid_received)


def test_another_set_of_rules_is_asked_for_by_its_name() -> None:
    assert rules_change(case(), "eu-2014").rule_set == "eu-2014"


@pytest.mark.parametrize("change", [lambda one: call_closes(one, "none"), lambda one: partner_leaves(one, "none")])
def test_what_is_not_there_cannot_change(change: object) -> None:
    with pytest.raises(Missing):
        change(case())  # type: ignore[operator]


def test_a_mix_that_is_no_more_has_no_figures() -> None:
    before = solved(case(instruments=(instrument(percent="60"),)))
    nothing = before.model_copy(update={"scenarios": ()})

    found = difference(before, nothing)

    assert Difference(kind=ScenarioKind.BEST, what="own", before=Decimal("400000.00"), after=None) in found
