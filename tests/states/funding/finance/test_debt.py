"""Loans by hand, and coverage on a worked loan."""

from decimal import Decimal

import numpy_financial as npf
import pytest
import pyxirr

from states.funding.finance.indicators import Coverage, coverage
from states.funding.finance.plan import Plan
from states.funding.finance.sources import Loan
from states.funding.finance.statements import premiums, schedule, statements
from tests.states.funding.finance.samples import loan, plan, use


def d(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(amount) for amount in amounts)


def lent(**changed: object) -> Plan:
    """Return a plan that a loan alone pays for, which earns 50,000.00 EUR a year from 2028 on."""
    revenue = {"name": "Sales", "by_year": dict.fromkeys(range(2028, 2032), 50000)}
    return plan(uses=[use(amount=100000)], revenues=[revenue], sources=[loan(**changed)])


def only_loan(made: Plan) -> Loan:
    return made.of(Loan)[0]


def test_an_annuity_ends_at_nothing() -> None:
    made = lent()

    found = schedule(made, only_loan(made))

    # 100,000 at 5 percent over three years: 36,720.86 a year (factor 2.723248), a cent less in the last.
    assert found.interest == d("0.00", "5000.00", "3413.96", "1748.61", "0.00")
    assert found.repaid == d("0", "31720.86", "33306.90", "34972.24", "0")
    assert found.closing == d("100000", "68279.14", "34972.24", "0.00", "0.00")


@pytest.mark.parametrize(("rate", "years", "owed"), [("3.75", 4, 1234567), ("0.5", 2, 99), ("12", 3, 250000)])
def test_an_annuity_equals_two_independent_libraries(rate: str, years: int, owed: int) -> None:
    made = lent(payments={2027: owed}, rate=rate, years=years)

    found = schedule(made, only_loan(made))

    payment = found.interest[1] + found.repaid[1]
    assert float(payment) == pytest.approx(-npf.pmt(float(rate) / 100, years, owed), abs=0.006)
    assert float(payment) == pytest.approx(-(pyxirr.pmt(float(rate) / 100, years, owed) or 0), abs=0.006)
    assert sum(found.repaid) == owed


def test_a_linear_loan_with_grace() -> None:
    made = lent(repayment="linear", grace=1)

    found = schedule(made, only_loan(made))

    assert found.interest == d("0.00", "5000.00", "5000.00", "3333.33", "1666.67")
    assert found.repaid == d("0", "0", "33333.33", "33333.33", "33333.34")


def test_grace_takes_a_second_payment() -> None:
    made = lent(payments={2027: 60000, 2028: 40000}, grace=1, rate=0)

    found = schedule(made, only_loan(made))

    assert found.closing == d("60000", "100000", "66666.67", "33333.34", "0.00")
    assert found.interest == d("0.00", "0.00", "0.00", "0.00", "0.00")


def test_coverage_on_the_worked_loan() -> None:
    made = lent()

    # Each year 50,000 over 36,720.86 (36,720.85 in the last); LLCR is 50,000 x 2.723248 over 100,000.
    assert coverage(made, statements(made)) == Coverage(
        dscr={year: Decimal("1.3616") for year in (2028, 2029, 2030)},
        least=Decimal("1.3616"),
        average=Decimal("1.3616"),
        llcr=Decimal("1.3616"),
    )


def test_coverage_differs_by_year_where_the_loan_is_linear() -> None:
    made = lent(repayment="linear", grace=1)

    found = coverage(made, statements(made))

    # 50,000 over 5,000; 38,333.33; 36,666.66; 35,000.01. LLCR over four years: 3.545951 x 0.5.
    assert found.dscr == dict(zip(range(2028, 2032), d("10.0000", "1.3043", "1.3636", "1.4286"), strict=True))
    assert (found.least, found.average, found.llcr) == d("1.3043", "3.5241", "1.7730")


def test_llcr_begins_after_the_last_payment_at_the_mean_rate() -> None:
    other = loan(name="Fund", payments={2028: 50000}, rate=8, years=3)
    made = plan(years=6, sources=[loan(rate=2, years=3), other], revenues=[])
    made = made.model_copy(update={"revenues": lent().revenues})

    found = coverage(made, statements(made))

    # End of 2028: 67,324.53 owed at 2 and 50,000 at 8 percent, 4.5570 together: factor 2.746013 on 50,000.
    assert found.llcr == Decimal("1.1703")


def test_without_a_loan_there_is_no_coverage() -> None:
    made = plan()

    assert coverage(made, statements(made)) == Coverage({}, None, None, None)


def test_a_guarantee_costs_its_premium_on_the_covered_debt() -> None:
    made = lent()
    guarantee = {"name": "Cover", "loan": "Bank", "cover": 80, "premium": "1.5"}
    made = plan(
        uses=[use(amount=100000)],
        revenues=[{"name": "Sales", "by_year": made.revenues[0].by_year}],
        sources=[loan()],
        guarantees=[guarantee],
    )

    # 80 percent of 100,000.00, 68,279.14, 34,972.24, at 1.5 percent.
    assert premiums(made, [schedule(made, only_loan(made))]) == list(d("0", "1200.00", "819.35", "419.67", "0"))
    assert [line.premiums for line in statements(made).profit][1] == Decimal("1200.00")
    assert coverage(made, statements(made)).dscr[2028] == Decimal("1.3289")  # 48,800 over 36,720.86
