"""A plan that does not hold is refused with every fault, its place and the remedy."""

import json
from decimal import Decimal

import pytest

from states.errors import Fault
from states.funding.finance.plan import Plan
from states.funding.finance.reading import PlanInvalid, plan_of
from tests.states.funding.finance.samples import loan, partnership, tree, use


def faults(**changed: object) -> list[Fault]:
    with pytest.raises(PlanInvalid) as caught:
        plan_of(tree(**changed))
    return list(caught.value.faults)


def test_a_plan_survives_json_to_the_cent() -> None:
    made = partnership(discount_rate=Decimal("3.75"))

    assert plan_of(json.loads(made.model_dump_json())) == made
    assert set(Plan.model_json_schema()["required"]) <= set(tree())


def test_faults_of_shape_come_together() -> None:
    found = faults(
        uses=[use(amount="1.005"), {"partner": "A"}],
        sources=[{"kind": "gift", "name": "G"}, {"name": "H"}, loan(rat=1, payments={"soon": 1})],
        tax_rate=101,
    )

    assert [(fault.place, fault.remedy) for fault in found] == [
        ("tax_rate", "mend it; the message says how"),
        ("uses[0].amount", "give EUR to the cent, percentages to two decimals"),
        ("uses[1].region", "give it"),
        ("uses[1].category", "give it"),
        ("uses[1].year", "give it"),
        ("uses[1].amount", "give it"),
        ("uses[1].life", "give it"),
        ("sources[0]", "take grant, loan, equity or own_cash"),
        ("sources[1]", "say its kind: grant, loan, equity or own_cash"),
        ("sources[2].payments.soon", "mend it; the message says how"),
        ("sources[2].rat", "take it out, or mend its name"),
    ]


def test_years_outside_the_plan() -> None:
    found = faults(
        uses=[use(year=2026)],
        sources=[{"kind": "equity", "name": "E", "payments": {2032: 1}}],
        revenues=[{"name": "Sales", "by_year": {2040: 1}}],
        operating_costs=[{"name": "Staff", "by_year": {2026: 1}}],
    )

    remedy = "mend the year, or the plan's years"
    assert list(map(str, found)) == [
        f"uses[0].year: 2026 lies outside the plan, 2027 to 2031 ({remedy})",
        f"revenues[0].by_year.2040: 2040 lies outside the plan, 2027 to 2031 ({remedy})",
        f"operating_costs[0].by_year.2026: 2026 lies outside the plan, 2027 to 2031 ({remedy})",
        f"sources[0].payments.2032: 2032 lies outside the plan, 2027 to 2031 ({remedy})",
    ]


def test_uses_that_do_not_hold() -> None:
    found = faults(
        uses=[use(life=0), use(year=2029), use(region="XX999")],
        jobs=[{"partner": "A", "region": "ITZZZ", "fte": 1}],
    )

    assert [(fault.place, fault.message) for fault in found] == [
        ("uses[0].in_service", "stands beside no life to write off over"),
        ("uses[1].in_service", "lies before it is paid for in 2029"),
        ("uses[2].region", "'XX999' is not a code of NUTS 2024"),
        ("jobs[0].region", "'ITZZZ' is not a code of NUTS 2024"),
    ]


def test_sources_that_do_not_hold() -> None:
    found = faults(
        sources=[
            loan(payments={2027: 1, 2028: 1}, years=4),
            loan(years=5),
            {"kind": "equity", "name": "E", "eu": True, "payments": {2027: 1}},
            {"kind": "grant", "name": "G", "region": "DE212", "payments": {2027: 1}},
        ],
        guarantees=[{"name": "Cover", "loan": "Fund", "cover": 80, "premium": 1}],
    )

    assert [(fault.place, fault.message) for fault in found] == [
        ("sources and guarantees", "'Bank' stands 2 times"),
        ("sources[0].payments", "2028 is paid out when it is paid back already, from 2028 on"),
        ("sources[1].years", "runs to 2032, the plan to 2031: its cover cannot be judged"),
        ("sources[2].public", "is false, but money of the Union is public"),
        ("sources[3].region", "nothing is spent in DE212"),
        ("guarantees[0].loan", "there is no loan 'Fund'"),
    ]
