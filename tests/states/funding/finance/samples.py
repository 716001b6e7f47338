"""Plans for the tests: a small one to change, and a partnership's one with every kind of source."""

from decimal import Decimal

from states.funding.finance.plan import Plan
from states.funding.finance.reading import plan_of


def tree(**changed: object) -> dict[str, object]:
    """Describe a plan of one asset of 1,000.00 EUR, written off in four years, that earns 400.00 a year."""
    return {
        "name": "A plan",
        "first_year": 2027,
        "years": 5,
        "prices": "real",
        "price_year": 2026,
        "discount_rate": 4,
        "tax_rate": 0,
        "uses": [use()],
        "sources": [{"kind": "own_cash", "name": "Own", "partner": "A", "payments": {2027: 1000}}],
        "revenues": [{"name": "Sales", "by_year": dict.fromkeys(range(2028, 2032), 400)}],
        **changed,
    }


def plan(**changed: object) -> Plan:
    return plan_of(tree(**changed))


def use(**changed: object) -> dict[str, object]:
    return {
        "partner": "A",
        "region": "ITC4C",
        "category": "equipment",
        "year": 2027,
        "amount": 1000,
        "life": 4,
        "in_service": 2028,
        **changed,
    }


def loan(**changed: object) -> dict[str, object]:
    return {"kind": "loan", "name": "Bank", "payments": {2027: 100000}, "rate": 5, "years": 3, **changed}


def partnership(**changed: object) -> Plan:
    """Return a plan of three partners in three countries over ten years, with every kind of source; illustrative."""
    amounts = {
        "name": "Guided implants",
        "illustrative": True,
        "years": 10,
        "tax_rate": 25,
        "reference_rate": Decimal("3.79"),
        "residual_value": 150000,
        "uses": [
            use(partner="A", region="ITC4C", amount=900000, life=8, in_service=2029),
            use(partner="B", region="DE212", category="personnel", amount=600000, life=0, in_service=None),
            use(partner="B", region="DE212", category="personnel", year=2028, amount=500000, life=0, in_service=None),
            use(partner="C", region="ES211", category="land", year=2028, amount=200000, life=None, in_service=None),
        ],
        "sources": [
            {"kind": "grant", "name": "I3", "eu": True, "payments": {2027: 500000, 2028: 200000}},
            {"kind": "grant", "name": "Region", "region": "ITC4C", "payments": {2028: 150000}},
            loan(name="Bank", payments={2027: 400000, 2028: 200000}, rate=4, grace=1, years=6),
            loan(name="Agency", payments={2027: 100000}, rate=1, years=5, repayment="linear", public=True)
            | {"market_rate": 5},
            {"kind": "equity", "name": "Fund", "payments": {2027: 400000}},
            {"kind": "own_cash", "name": "Own", "partner": "A", "payments": {2027: 150000, 2028: 150000}},
        ],
        "guarantees": [{"name": "Cover", "loan": "Bank", "cover": 60, "premium": 1, "market_premium": 3}],
        "revenues": [
            {"name": "Implants", "by_year": {year: 300000 + 90000 * (year - 2029) for year in range(2029, 2037)}},
            {"name": "Training", "by_year": dict.fromkeys(range(2030, 2037), 80000)},
        ],
        "operating_costs": [
            {"name": "Material", "by_year": {year: 90000 + 27000 * (year - 2029) for year in range(2029, 2037)}}
            | {"variable": True},
            {"name": "Staff", "by_year": dict.fromkeys(range(2029, 2037), 120000)},
        ],
        "working_capital": {"receivable_days": 60, "inventory_days": 30, "payable_days": 45},
        "jobs": [{"partner": "A", "region": "ITC4C", "fte": 12}, {"partner": "B", "region": "DE212", "fte": "4.5"}],
    }
    return plan(**{**amounts, **changed})
