"""The figures of a plan, by hand and by the identities that tie them together."""

from decimal import Decimal

from states.funding.finance.indicators import (
    FundingGap,
    GrantEquivalent,
    Region,
    grant_equivalents,
    indicators,
    regions,
)
from states.funding.finance.plan import Plan
from states.funding.finance.returns import npv
from states.funding.finance.statements import statements
from tests.states.funding.finance.samples import loan, partnership, plan, use


def d(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(amount) for amount in amounts)


def aid_in(made: Plan) -> list[GrantEquivalent]:
    return grant_equivalents(made, statements(made))


def test_a_small_plan_by_hand() -> None:
    found = indicators(plan())

    # Minus 1,000 and four times 400 at 4 percent: factor 3.629895.
    assert found.project.flows == d("-1000", "400", "400", "400", "400")
    assert found.project.npv == Decimal("451.96")
    assert found.project.irr == d("21.8623")
    assert found.payback == Decimal("2.5000")
    assert found.discounted_payback == Decimal("2.6906")  # 245.56 open after two years, 355.60 in the third
    assert found.funding_gap == FundingGap(cost=Decimal("1000.00"), net_revenue=Decimal("1451.96"))
    assert (found.funding_gap.gap, found.funding_gap.rate) == d("0", "0.0000")


def test_returns_are_told_apart_by_tax_grant_and_loan() -> None:
    sources = [
        {"kind": "grant", "name": "EU", "eu": True, "payments": {2027: 300}},
        {"kind": "grant", "name": "State", "payments": {2027: 100}},
        loan(payments={2027: 400}, rate=10, years=1),
        {"kind": "own_cash", "name": "Own", "partner": "A", "payments": {2027: 200}},
    ]
    found = indicators(plan(tax_rate=20, sources=sources, residual_value=50))

    # Profit: 400 + 100 released - 250 written off, less 40 interest in 2028: tax 42, then 50 a year.
    assert found.on_investment.flows == d("-1000", "400", "400", "400", "450")
    assert found.project.flows == d("-1000", "358.00", "350.00", "350.00", "400.00")
    assert found.on_national_capital.flows == d("-300", "-40.00", "400", "400", "450")
    assert found.of_owners.flows == d("-200", "-82.00", "350.00", "350.00", "400.00")
    assert (found.leverage.private, found.leverage.public, found.leverage.eu) == d("600", "400", "300")
    assert (found.leverage.private_per_public, found.leverage.eu_multiplier) == d("1.5000", "3.3333")


def test_the_funding_gap_is_what_fnpv_of_the_investment_lacks() -> None:
    made = partnership(residual_value=0, revenues=[], operating_costs=[])
    poor, found = indicators(made), indicators(partnership())

    assert found.funding_gap.cost - found.funding_gap.net_revenue == -found.on_investment.npv
    assert (poor.funding_gap.gap, poor.funding_gap.rate) == (poor.funding_gap.cost, Decimal("100.0000"))
    assert poor.on_investment.irr == ()


def test_running_at_a_loss_widens_no_gap_beyond_the_cost() -> None:
    made = plan(revenues=[], operating_costs=[{"name": "Staff", "by_year": {2028: 104}}])

    found = indicators(made).funding_gap

    assert (found.net_revenue, found.gap, found.rate) == d("-100.00", "1000.00", "100.0000")


def test_interest_and_premiums_are_borne_by_the_owners_and_raise_the_break_even() -> None:
    lent = plan(
        sources=[loan(payments={2027: 1000}, rate=10, years=1)],
        guarantees=[{"name": "Cover", "loan": "Bank", "cover": 50, "premium": 2}],
    )

    found = indicators(lent)

    # 2028: 1,000 back with 100 of interest, and 2 percent on 500; 250 are written off.
    assert found.on_national_capital.flows == d("0", "-710.00", "400", "400", "400")
    assert found.of_owners.flows == found.on_national_capital.flows
    assert found.break_even[2028] == Decimal("360.00")


def test_the_aid_gap_looks_at_eligible_cost_only() -> None:
    made = plan(uses=[use(amount=1800), use(amount=200, eligible=False)])

    found = indicators(made)

    assert found.aid_gap == FundingGap(cost=Decimal("1800.00"), net_revenue=Decimal("1451.96"))
    assert (found.aid_gap.gap, found.aid_gap.rate) == d("348.04", "19.3356")
    assert found.funding_gap.gap == Decimal("548.04")


def test_the_first_year_may_be_discounted_too() -> None:
    now, later = indicators(plan()), indicators(plan(discount_first_year=True))

    assert later.project.npv == npv(now.project.flows, Decimal(4), first=1) == Decimal("434.58")
    assert later.project.irr == now.project.irr


def test_break_even_is_fixed_cost_over_the_margin() -> None:
    costs = [
        {"name": "Material", "by_year": {2028: 100, 2029: 400, 2030: 500}, "variable": True},
        {"name": "Staff", "by_year": {2028: 50}},
    ]
    found = indicators(plan(operating_costs=costs))

    # 2028: 50 and 250 written off, over a margin of 75 percent; 2029 and 2030: no margin.
    assert found.break_even == {
        2027: None,
        2028: Decimal("400.00"),
        2029: None,
        2030: None,
        2031: Decimal("250.00"),
    }


def test_gross_grant_equivalent_of_each_form() -> None:
    made = plan(
        reference_rate=5,
        sources=[
            {"kind": "grant", "name": "Grant", "payments": {2027: 1000, 2028: 1050}},
            {"kind": "grant", "name": "Foundation", "public": False, "payments": {2027: 1000}},
            loan(name="Soft", payments={2027: 1000}, rate=1, years=2, repayment="linear", public=True, market_rate=5),
            loan(name="Dear", payments={2027: 1000}, rate=6, years=2, public=True, market_rate=5),
            loan(name="Bank", payments={2027: 1000}, rate=1, years=2, repayment="linear"),
        ],
        guarantees=[{"name": "Cover", "loan": "Bank", "cover": 80, "premium": 1, "market_premium": 3}],
    )

    # Soft: 40 / 1.05 + 20 / 1.05^2. Cover: 2 percent of 800, then of 400: 16 / 1.05 + 8 / 1.05^2.
    assert aid_in(made) == [
        GrantEquivalent("Grant", Decimal("2000.00")),
        GrantEquivalent("Soft", Decimal("56.24")),
        GrantEquivalent("Dear", Decimal("0")),
        GrantEquivalent("Cover", Decimal("22.49")),
    ]


def test_instalments_are_discounted_to_the_award() -> None:
    grant = {"kind": "grant", "name": "Grant", "payments": {2027: 1050}}

    assert aid_in(plan(reference_rate=5, award_year=2026, sources=[grant])) == [
        GrantEquivalent("Grant", Decimal("1000.00"))
    ]


def test_a_missing_rate_leaves_the_aid_unknown() -> None:
    sources = [loan(public=True)]
    cover = [{"name": "Cover", "loan": "Bank", "cover": 80, "premium": 1}]
    known = {"market_rate": 6}

    assert aid_in(plan(reference_rate=5, sources=sources, guarantees=cover)) == [
        GrantEquivalent("Bank", None, "market_rate"),
        GrantEquivalent("Cover", None, "market_premium"),
    ]
    assert aid_in(plan(sources=[sources[0] | known])) == [GrantEquivalent("Bank", None, "reference_rate")]


def test_regions_share_cost_grants_and_jobs_to_the_cent() -> None:
    assert regions(partnership()) == [
        Region("DE212", Decimal(1100000), Decimal("350000.00"), Decimal("4.5")),
        Region("ES211", Decimal(200000), Decimal("63636.36"), Decimal(0)),
        Region("ITC4C", Decimal(900000), Decimal("436363.64"), Decimal(12)),
    ]
