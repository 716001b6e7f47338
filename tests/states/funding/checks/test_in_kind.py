"""What a partner brings in kind: its own contribution, no cash of anybody, and a bound on what others pay."""

from datetime import date
from decimal import Decimal

import pytest

from states.funding.case.case import FundingCase
from states.funding.case.vocabulary import CostCategory, ScenarioKind
from states.funding.checks.checker import check
from states.funding.finance.planning import plan_of_mix
from states.funding.finance.statements import statements
from states.funding.solver.search import Search
from tests.states.funding.builders import case, instrument, item, partner, rules, scenario
from tests.states.funding.plan_samples import given

HALL = item("hall", amount="20000.00", cost_category=CostCategory.BUILDINGS, in_kind=True)
WORK = item(amount="80000.00")


def _case(percent: str = "100", **more: object) -> FundingCase:
    union = instrument("union", "eu_direct", percent=percent, state=None)
    parts: dict[str, object] = {"cost_items": (WORK, HALL), "instruments": (union,), "scenarios": (ScenarioKind.BEST,)}
    return case(**{**parts, **more})


@pytest.mark.parametrize(
    ("work", "hall", "own", "broken"),
    [
        ("80000.00", "0.00", {"hall": "20000.00"}, []),
        ("60000.00", "20000.00", {"work": "20000.00"}, []),  # counted over all cost of the partner
        ("80000.00", "0.01", {"hall": "19999.99"}, ["cpr-in-kind"]),
    ],
)
def test_others_pay_no_more_than_the_cost_without_it(
    work: str, hall: str, own: dict[str, str], broken: list[str]
) -> None:
    paid = {("work", "union"): work, ("hall", "union"): hall}
    mix = scenario({line: amount for line, amount in paid.items() if amount != "0.00"}, own=own)

    assert [one.rule for one in check(_case(), mix, rules=rules()) if one.rule == "cpr-in-kind"] == broken


def test_it_asks_for_no_cash_of_the_partner() -> None:
    poor = _case(partners=(partner(own_cash="0.00"),))
    cash = scenario({("work", "union"): "79999.99"}, own={"hall": "20000.00", "work": "0.01"})
    kind = scenario({("work", "union"): "80000.00"}, own={"hall": "20000.00"})

    assert [[one.rule for one in check(poor, mix, rules=rules())] for mix in (kind, cash)] == [[], ["own-cash"]]


def test_the_solver_counts_it_as_own_contribution_and_as_no_cash() -> None:
    (whole,) = Search(_case(), rules(), seconds=20).answer().scenarios
    (half,) = Search(_case("50"), rules(), seconds=20).answer().scenarios

    assert whole.measures is not None
    assert half.measures is not None
    assert (whole.measures.outside, whole.measures.own, whole.measures.in_kind) == (
        Decimal("80000.00"),
        Decimal("0.00"),
        Decimal("20000.00"),
    )
    assert (half.measures.outside, half.measures.own, half.measures.in_kind, half.measures.gap) == (
        Decimal("50000.00"),
        Decimal("30000.00"),
        Decimal("20000.00"),
        Decimal("0.00"),
    )


def test_it_moves_no_cash_and_stands_in_the_balance_as_capital() -> None:
    there = _case("50", cost_items=(item(amount="80000.00", starts=date(2027, 6, 1)), HALL))
    mix = scenario(
        {("work", "union"): "40000.00", ("hall", "union"): "10000.00"}, own={"work": "40000.00", "hall": "10000.00"}
    )
    made = statements(plan_of_mix(there, mix, given()))
    year, balance = made.cash[0], made.balance[0]

    assert (year.uses, year.grants, year.paid_in) == (Decimal(80000), Decimal(50000), Decimal(30000))
    assert balance.paid_in == Decimal(50000)
    assert balance.assets == balance.liabilities + balance.equity
