"""Assumptions for the tests: the least, and whole ones for a case of two partners in two regions."""

from datetime import date
from decimal import Decimal

from states.funding.case.case import FundingCase, FundingScenario
from states.funding.case.instruments import Call
from states.funding.case.vocabulary import CostCategory, FinanceKind
from states.funding.inputs.assumptions import Assumptions
from tests.states.funding.builders import case, instrument, item, partner, scenario

MADE_UP = {"illustrative": True}


def given(**parts: object) -> Assumptions:
    """Return the least assumptions there are, ten years from 2027, changed in some parts."""
    usual: dict[str, object] = {
        "horizon": {"first_year": 2027, "years": 10, "prices": "real", "price_year": 2026, **MADE_UP},
        "rates": {"discount": "4", "tax": "0", **MADE_UP},
    }
    return Assumptions.model_validate({**usual, **parts})


def two_partners(**parts: object) -> FundingCase:
    """Return a laboratory in Lombardy and tests in Bavaria: a grant of each state, a loan, and a guarantee."""
    usual: dict[str, object] = {
        "partners": (partner("a", nuts="ITC4C"), partner("b", nuts="DE212")),
        "cost_items": (
            item("rigs", of="a", amount="900000.00", cost_category=CostCategory.EQUIPMENT),
            item("staff", of="b", amount="600000.01", cost_category=CostCategory.PERSONNEL),
        ),
        "instruments": (
            instrument("union", "eu_direct", state=None, eu_grant=True),
            instrument("bank", "market", kind=FinanceKind.LOAN, state=None),
            instrument("later--2027", "gber-25", call=Call(closes=date(2027, 11, 30), months_to_money=14)),
        ),
    }
    return case(**{**usual, **parts})


def mixed() -> FundingScenario:
    """Return a mix of the two partners' case: what is left of `staff` is a gap of 100.01 EUR."""
    return scenario(
        {
            ("rigs", "union"): "300000.00",
            ("rigs", "bank"): "500000.00",
            ("staff", "union"): "400000.00",
            ("staff", "later--2027"): "150000.00",
        },
        own={"rigs": "100000.00", "staff": "49900.00"},
        gap={"staff": "100.01"},
    )


LOAN = {"instrument": "bank", "rate": "5", "years": 5, "grace": 1, "source": "term sheet of 3 May"}
ASSET = {"category": "equipment", "life": 5, "in_service": 2028, **MADE_UP}
SPENT = {"item": "staff", "by_year": {2027: "33.33", 2028: "33.33", 2029: "33.34"}, **MADE_UP}
WHOLE: dict[str, object] = {
    "spending": [SPENT],
    "lives": [ASSET],
    "loans": [LOAN],
    "revenues": [{"name": "Tests", "by_year": dict.fromkeys(range(2028, 2037), "400000"), **MADE_UP}],
    "operating_costs": [{"name": "Staff", "by_year": dict.fromkeys(range(2028, 2037), "90000"), **MADE_UP}],
    "working_capital": {"receivable_days": 30, **MADE_UP},
    "jobs": [{"partner": "b", "region": "DE212", "fte": "4.5", **MADE_UP}],
    "residual": {"amount": "50000", **MADE_UP},
    "uncertain": [{"variable": "Revenue: Tests", "low": "-30", "high": "10", **MADE_UP}],
    "draws": {"seed": 7, "runs": 40},
}


def total(amounts: object) -> Decimal:
    return sum(amounts, Decimal(0))  # type: ignore[call-overload,no-any-return]
