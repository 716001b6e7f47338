"""Profit and loss, cash flow and balance: by hand, and the balance balances whatever is planned."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from states.funding.finance.plan import Plan
from states.funding.finance.sources import Loan
from states.funding.finance.statements import statements
from tests.laws import often
from tests.states.funding.finance.samples import loan, partnership, plan, use

FIRST, YEARS = 2027, 8
euros = st.decimals(min_value=0, max_value=10**8, places=2)
percents = st.decimals(min_value=0, max_value=100, places=2)
years = st.integers(min_value=FIRST, max_value=FIRST + YEARS - 1)
yearly = st.dictionaries(years, euros, min_size=1)


def d(*amounts: str) -> list[Decimal]:
    return [Decimal(amount) for amount in amounts]


@st.composite
def a_use(draw: st.DrawFn) -> dict[str, object]:
    life, year = draw(st.sampled_from([0, 1, 3, 7, 20, None])), draw(years)
    in_service = draw(st.integers(min_value=year, max_value=FIRST + YEARS)) if life else None
    return use(amount=draw(euros), year=year, life=life, in_service=in_service)


@st.composite
def a_loan(draw: st.DrawFn) -> dict[str, object]:
    grace = draw(st.integers(min_value=0, max_value=2))
    begins = draw(st.integers(min_value=FIRST, max_value=FIRST + 2))
    paid = {begins: draw(euros), begins + draw(st.integers(min_value=0, max_value=grace)): draw(euros)}
    kind = draw(st.sampled_from(["annuity", "linear"]))
    length = draw(st.integers(min_value=1, max_value=FIRST + YEARS - 1 - begins - grace))
    return loan(payments=paid, grace=grace, years=length, rate=draw(percents), repayment=kind)


@st.composite
def a_plan(draw: st.DrawFn) -> Plan:
    days = st.integers(min_value=0, max_value=365)
    return plan(
        years=YEARS,
        tax_rate=draw(percents),
        uses=draw(st.lists(a_use(), min_size=1, max_size=4)),
        sources=[
            {"kind": "grant", "name": "G", "payments": draw(yearly)},
            {"kind": "equity", "name": "E", "payments": draw(yearly)},
            *draw(st.lists(a_loan(), max_size=1)),
        ],
        revenues=[{"name": "Sales", "by_year": draw(yearly)}],
        operating_costs=[{"name": "Staff", "by_year": draw(yearly)}],
        working_capital={name: draw(days) for name in ("receivable_days", "inventory_days", "payable_days")},
    )


@given(a_plan())
@settings(max_examples=often(150), deadline=None)
def test_the_balance_balances_to_the_cent_every_year(made: Plan) -> None:
    found = statements(made)

    for line in found.balance:
        assert line.assets == line.liabilities + line.equity
        assert line.assets == round(line.assets, 2)
        assert min(line.fixed_assets, line.deferred_grants, line.loans) >= 0
    assert [one.closing[-1] for one in found.loans] == [0 for _ in made.of(Loan)]
    assert found.shortfalls == {line.year: -line.cash for line in found.balance if line.cash < 0}


def test_the_partnership_balances_with_every_kind_of_source() -> None:
    found = statements(partnership())

    assert [line.assets - line.liabilities - line.equity for line in found.balance] == [0] * 10


def test_a_grant_becomes_income_as_its_asset_is_written_off() -> None:
    grant = {"kind": "grant", "name": "G", "payments": {2027: 500}}
    found = statements(plan(uses=[use(amount=1000, life=3)], sources=[grant]))

    assert [line.depreciation for line in found.profit] == d("0", "333.33", "333.34", "333.33", "0")
    assert [line.grants_released for line in found.profit] == d("0.00", "166.67", "166.67", "166.66", "0.00")
    assert [line.deferred_grants for line in found.balance] == d("500", "333.33", "166.66", "0.00", "0.00")


def test_a_late_grant_is_income_when_it_comes_and_that_for_land_never() -> None:
    grant = {"kind": "grant", "name": "G", "payments": {2028: 500}}
    uses = [use(amount=600, life=0, in_service=None), use(amount=400, life=None, in_service=None)]
    found = statements(plan(uses=uses, sources=[grant]))

    assert [line.grants_released for line in found.profit] == d("0.00", "300.00", "0", "0", "0")
    assert found.balance[-1].deferred_grants == Decimal("200.00")
    assert found.balance[-1].fixed_assets == Decimal("400")


def test_tax_is_paid_once_earlier_losses_are_used_up() -> None:
    found = statements(plan(tax_rate=25, uses=[use(life=0, in_service=None)]))

    # Minus 1,000 in 2027, then 400 a year: 200 of 2030 is taxed, and all of 2031.
    assert [line.tax for line in found.profit] == d("0.00", "0.00", "0.00", "50.00", "100.00")
    assert [line.after_tax for line in found.profit] == d("-1000", "400", "400", "350.00", "300.00")


def test_working_capital_binds_cash_and_gives_it_back() -> None:
    found = statements(
        plan(
            revenues=[{"name": "Sales", "by_year": {2028: 365, 2029: 730}}],
            operating_costs=[{"name": "Staff", "by_year": {2028: 73}}],
            working_capital={"receivable_days": 30, "inventory_days": 10, "payable_days": 20},
        )
    )

    # Owed 30 and 60, in stock 2, owing 4.
    assert [line.working_capital for line in found.cash] == d("0", "28.00", "32.00", "-60.00", "0.00")
    assert [line.operating for line in found.cash] == d("0", "264.00", "698.00", "60.00", "0.00")


def test_cash_below_zero_is_reported() -> None:
    found = statements(plan(sources=[{"kind": "own_cash", "name": "Own", "partner": "A", "payments": {2027: 500}}]))

    assert found.shortfalls == {2027: Decimal(500), 2028: Decimal(100)}
    assert [line.closing for line in found.cash] == d("-500", "-100", "300", "700", "1100")
