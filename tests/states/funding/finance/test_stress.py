"""What becomes of a plan that goes worse: each change by itself, all figures from the statements anew."""

from decimal import Decimal

import pytest

from states.funding.finance.indicators import indicators
from states.funding.finance.plan import Plan
from states.funding.finance.planning import plan_of_mix
from states.funding.finance.statements import statements
from states.funding.finance.stress import (
    a_year_later,
    dearer,
    dearer_loans,
    less_revenue,
    stressed,
    stresses,
    without_largest_grant,
)
from tests.states.funding.plan_samples import WHOLE, given, mixed, two_partners


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_of_mix(two_partners(), mixed(), given(**WHOLE))


def test_as_planned_is_the_plan_itself(plan: Plan) -> None:
    told, first = indicators(plan), stresses(plan)[0]

    assert (first.name, first.npv, first.owners) == ("As planned", told.project.npv, told.of_owners.npv)
    assert (first.cover, first.cover_in) == (
        told.coverage.least,
        min(told.coverage.dscr, key=told.coverage.dscr.__getitem__),
    )
    short = statements(plan).shortfalls
    assert (first.missing, first.missing_in) == (max(short.values()), max(short, key=short.__getitem__))


def test_nothing_that_goes_worse_brings_more(plan: Plan) -> None:
    first, *worse = stresses(plan)

    assert [one.name for one in worse if one.npv > first.npv or one.owners > first.owners] == []
    assert [one.name for one in worse if one.cover is not None and first.cover and one.cover > first.cover] == []
    assert len({one.name for one in worse}) == len(worse) == 8


def test_a_later_start_loses_the_last_year_and_nothing_else(plan: Plan) -> None:
    (revenue,), (later,) = plan.revenues, a_year_later(plan).revenues

    assert later.by_year == {year + 1: amount for year, amount in revenue.by_year.items() if year < plan.calendar[-1]}
    # What does not move with the revenue stays where it was.
    fixed = [one for one in plan.operating_costs if not one.variable]
    assert [one for one in a_year_later(plan).operating_costs if not one.variable] == fixed


def test_less_revenue_takes_the_cost_that_moves_with_it(plan: Plan) -> None:
    changed = less_revenue(plan, Decimal(10))

    assert changed.revenues[0].by_year[2028] == Decimal("360000.00")
    for before, after in zip(plan.operating_costs, changed.operating_costs, strict=True):
        assert (before == after) is (not before.variable)


def test_dearer_work_has_no_source(plan: Plan) -> None:
    short = stressed("x", dearer(plan, Decimal(10)))

    assert short.missing > stressed("x", plan).missing
    assert dearer(plan, Decimal(10)).sources == plan.sources


def test_dearer_loans_and_a_missing_grant_change_their_source_alone(plan: Plan) -> None:
    rates = [one.rate for one in dearer_loans(plan, Decimal(2)).sources if one.kind == "loan"]
    left = without_largest_grant(plan)

    assert rates == [Decimal(7)]
    (gone,) = (one for one in plan.sources if one not in left.sources)
    assert gone.kind == "grant"
    assert len(left.sources) == len(plan.sources) - 1


def test_without_debt_revenue_and_grants_less_can_go_worse() -> None:
    bare = plan_of_mix(two_partners(), mixed(), given(**{**WHOLE, "revenues": [], "uncertain": []}))
    no_money = bare.model_copy(update={"sources": (), "guarantees": ()})

    assert [one.name for one in stresses(no_money)] == [
        "As planned",
        "Investment 10 % dearer",
        "Investment 20 % dearer",
    ]
    assert [one.cover for one in stresses(no_money)] == [None] * 3
