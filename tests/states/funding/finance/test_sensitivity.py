"""What moves a plan: by hand, and each switching value brings NPV to zero."""

from decimal import Decimal

import pytest

from states.funding.finance.reading import PlanInvalid
from states.funding.finance.sensitivity import Measure, net_present_value, sensitivity, variables
from states.funding.finance.simulation import Spread, quantile, simulate
from tests.states.funding.finance.samples import loan, partnership, plan, use

SPREADS = [Spread("Revenue: Implants", Decimal(-30), Decimal(20)), Spread("Loan rates", Decimal(0), Decimal(50))]


def test_one_percent_by_hand() -> None:
    found = {row.variable: row for row in sensitivity(plan())}

    revenue, cost = found["Revenue: Sales"], found["Investment: equipment"]
    # NPV 451.96 is 1,451.96 less 1,000: one percent moves it by 14.52 and by 10.
    assert (revenue.fallen, revenue.risen, revenue.moved) == tuple(map(Decimal, ("437.44", "466.48", "3.2127")))
    assert (cost.fallen, cost.risen, cost.critical) == (Decimal("461.96"), Decimal("441.96"), True)
    assert round(revenue.switching or 0, 1) == Decimal("-31.1")  # 451.96 over 1,451.96
    assert round(cost.switching or 0, 1) == Decimal("45.2")
    assert found["Discount rate"].critical is False
    assert round(found["Discount rate"].switching or 0, 1) == Decimal("446.6")  # 4 percent become the IRR, 21.8623


def test_what_is_critical_does_not_hang_on_the_change() -> None:
    made = partnership(tax_rate=0)

    once, tenfold = ({row.variable: row.critical for row in sensitivity(made, change=Decimal(by))} for by in (1, 10))

    straight = [name for name in once if name.startswith(("Revenue", "Investment", "Operating"))]
    assert [(name, tenfold[name]) for name in straight] == [(name, once[name]) for name in straight]
    assert set(once.values()) == {True, False}


def test_the_widest_comes_first() -> None:
    spans = [row.span for row in sensitivity(partnership(), change=Decimal(10), switching=False)]

    assert spans == sorted(spans, reverse=True)


@pytest.mark.parametrize("measure", list(Measure))
def test_a_switching_value_brings_npv_to_zero(measure: Measure) -> None:
    made = partnership()
    change = variables(made)

    for row in sensitivity(made, measure=measure):
        if row.switching is not None:
            left = net_present_value(change[row.variable](made, 1 + row.switching / 100), measure)
            assert abs(left) < 5, row.variable  # EUR, of an NPV of hundreds of thousands


def test_a_variable_that_never_brings_npv_to_zero_says_so() -> None:
    lent = plan(sources=[loan(payments={2027: 1000})])  # without tax, interest is no matter of the project's

    found = {row.variable: row for row in sensitivity(lent)}["Loan rates"]

    assert (found.moved, found.critical, found.switching) == (Decimal(0), False, None)


def test_an_npv_of_zero_has_no_percent() -> None:
    even = plan(discount_rate=0, revenues=[{"name": "Sales", "by_year": {2028: 1000}}])

    found = sensitivity(even)[0]

    assert (found.variable, found.moved, found.critical, found.switching) == ("Revenue: Sales", None, True, None)


def test_every_variable_moves_the_plan_that_it_names() -> None:
    made = partnership()

    assert [name for name, vary in variables(made).items() if vary(made, Decimal(2)) == made] == []
    assert list(variables(made)) == [
        "Revenue: Implants",
        "Revenue: Training",
        "Operating cost: Material",
        "Operating cost: Staff",
        "Investment: equipment",
        "Investment: personnel",
        "Investment: land",
        "Grants",
        "Loan rates",
        "Residual value",
        "Tax rate",
        "Discount rate",
    ]


def test_no_tax_takes_more_than_the_profit() -> None:
    taxed = plan(tax_rate=30)

    assert variables(taxed)["Tax rate"](taxed, Decimal(9)).tax_rate == 100


@pytest.mark.parametrize(("percent", "strained"), [(-11, 0), (-12, 100)])
def test_a_run_strains_where_the_least_dscr_is_below_120(percent: int, strained: int) -> None:
    # 450 over a third of 1,000 is 1.35: less 11 percent 1.2015, less 12 percent 1.188.
    lent = plan(
        sources=[loan(payments={2027: 1000}, rate=0)],
        revenues=[{"name": "Sales", "by_year": dict.fromkeys(range(2028, 2032), 450)}],
    )

    found = simulate(
        lent, [Spread("Revenue: Sales", Decimal(percent), Decimal(percent), Decimal(percent))], seed=1, runs=2
    )

    assert found.strains == strained


def test_runs_with_several_rates_of_return_have_none_to_tell() -> None:
    two = plan(
        uses=[use(amount=100)],
        revenues=[{"name": "Sales", "by_year": {2028: 230}}],
        operating_costs=[{"name": "Clearing", "by_year": {2029: 132}}],
    )

    found = simulate(two, [Spread("Discount rate", Decimal(-5), Decimal(5))], seed=1, runs=3)

    assert (len(found.npv), found.irr) == (3, ())


def test_the_same_seed_gives_the_same_runs() -> None:
    made = partnership()
    first, again, other = (simulate(made, SPREADS, seed=seed, runs=40) for seed in (7, 7, 8))

    assert first == again
    assert first.npv != other.npv


def test_a_variable_that_does_not_spread_gives_the_plan_itself() -> None:
    made = plan(sources=[])

    found = simulate(made, [Spread("Revenue: Sales", Decimal(0), Decimal(0))], seed=1, runs=3)

    assert found.npv == (net_present_value(made, Measure.PROJECT),) * 3
    assert (found.mean, found.loses, found.strains) == (Decimal("451.96"), Decimal(0), None)


def test_chances_are_those_of_the_drawn_triangle() -> None:
    # NPV is 1,451.96 f - 1,000: below zero for f < 0.68873. In the triangle 0.4, 1, 1 that is 0.28873^2 / 0.6^2.
    spread = Spread("Revenue: Sales", Decimal(-60), Decimal(0))

    found = simulate(plan(), [spread], seed=1, runs=1500)

    assert abs(found.loses - Decimal("23.16")) < 4  # percent; three standard errors are 3.3
    assert len(found.irr) == found.runs
    assert list(found.npv) == sorted(found.npv)
    assert found.npv[0] > Decimal("-419.22")  # at f = 0.4


def test_quantiles_by_nearest_rank() -> None:
    values = [Decimal(n) for n in range(1, 11)]

    assert [quantile(values, percent) for percent in (0, 5, 10, 11, 50, 100)] == [1, 1, 1, 2, 5, 10]


def test_spreads_that_do_not_hold() -> None:
    spreads = [
        Spread("Revenue: Sales", Decimal(5), Decimal(-5)),
        Spread("Revenue: Sales", Decimal(-5), Decimal(5)),
        Spread("Weather", Decimal(-5), Decimal(5)),
    ]

    with pytest.raises(PlanInvalid) as caught:
        simulate(plan(), spreads, seed=1, runs=0)

    assert list(map(str, caught.value.faults)) == [
        "runs: 0 runs (take 1 to 20000)",
        "spreads[0]: is out of order (give -100 <= low <= likely <= high, in percent)",
        "spreads[1].variable: 'Revenue: Sales' stands twice (take one out)",
        "spreads[2].variable: there is no 'Weather' (take Revenue: Sales, Investment: equipment, Discount rate)",
    ]
