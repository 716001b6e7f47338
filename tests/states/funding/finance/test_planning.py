"""From a mix to a plan: no cent is lost on the way, money comes when it can, and each fault has its place."""

import re
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st
from pydantic import ValidationError

from states.funding.case.instruments import Call
from states.funding.case.partners import AidReceived
from states.funding.case.reader import read_shape
from states.funding.case.vocabulary import FinanceKind
from states.funding.finance.indicators import Region, indicators, regions
from states.funding.finance.plan import Use
from states.funding.finance.planning import plan_of_mix
from states.funding.finance.reading import PlanInvalid
from states.funding.finance.sources import Equity, Grant, Guarantee, Loan, OwnCash
from states.funding.finance.statements import statements
from states.funding.inputs.assumptions import Assumptions, assumption_faults
from tests.expect import places
from tests.laws import often
from tests.states.funding.builders import case, instrument, item, scenario
from tests.states.funding.plan_samples import ASSET, LOAN, MADE_UP, SPENT, WHOLE, given, mixed, total, two_partners


def test_uses_go_by_partner_region_category_and_year() -> None:
    plan = plan_of_mix(two_partners(), mixed(), given(**WHOLE))

    assert [
        (use.partner, use.region, use.category, use.year, use.amount, use.life, use.in_service) for use in plan.uses
    ] == [
        ("Partner a", "ITC4", "equipment", 2027, Decimal("900000.00"), 5, 2028),
        ("Partner b", "DE21", "personnel", 2027, Decimal("199980.00"), 0, None),
        ("Partner b", "DE21", "personnel", 2028, Decimal("199980.01"), 0, None),
        ("Partner b", "DE21", "personnel", 2029, Decimal("200040.00"), 0, None),
    ]


def test_money_comes_with_the_cost_and_no_earlier_than_its_call() -> None:
    plan = plan_of_mix(two_partners(), mixed(), given(**WHOLE))

    assert {one.name: one.payments for one in plan.sources} == {
        "Union, ITC4": {2027: Decimal("300000.00")},
        "Bank": {2027: Decimal("500000.00")},
        "Own cash of Partner a": {2027: Decimal("100000.00")},
        # 33.33, 33.33 and 33.34 percent of 400,000.00; the call pays 14 months after November 2027: from 2029 on.
        "Union, DE21": {2027: Decimal("133320.00"), 2028: Decimal("133320.00"), 2029: Decimal("133360.00")},
        "Later--2027": {2029: Decimal("150000.00")},
        "Own cash of Partner b": {2027: Decimal("16631.67"), 2028: Decimal("16631.67"), 2029: Decimal("16636.66")},
    }
    # What the late call and nobody pay of 199,980.00; from 2028 on the revenue carries it.
    assert statements(plan).shortfalls == {2027: Decimal("50028.33")}


def test_what_each_source_is() -> None:
    found = {one.name: one for one in plan_of_mix(two_partners(), mixed(), given(**WHOLE)).sources}

    union, bank, own, later = (found[name] for name in ("Union, ITC4", "Bank", "Own cash of Partner a", "Later--2027"))
    assert isinstance(union, Grant)
    assert (union.region, union.public, union.eu) == ("ITC4", True, True)
    assert isinstance(bank, Loan)
    assert (bank.rate, bank.grace, bank.years, bank.public) == (Decimal(5), 1, 5, False)
    assert isinstance(own, OwnCash)
    assert own.partner == "Partner a"
    assert isinstance(later, Grant)
    assert (later.public, later.eu) == (True, False)


def test_a_guarantee_covers_a_loan_of_a_bank_and_equity_stays_equity() -> None:
    cover = instrument("cover", "gber-17", kind=FinanceKind.GUARANTEE)
    fund = instrument("fund", "market", kind=FinanceKind.EQUITY, state=None)
    mix = scenario({("work", "cover"): "600000.00", ("work", "fund"): "400000.00"})
    terms = {**LOAN, "instrument": "cover", "cover": "80", "premium": "1", "market_premium": "2.5"}

    plan = plan_of_mix(case(instruments=(cover, fund)), mix, given(loans=[terms]))

    lent, share = plan.sources
    assert isinstance(lent, Loan)
    assert lent.public is False
    assert isinstance(share, Equity)
    assert plan.guarantees == (
        Guarantee(
            name="Cover: Cover",
            loan="Cover",
            cover=Decimal(80),
            premium=Decimal(1),
            market_premium=Decimal("2.5"),
            public=True,
        ),
    )


def test_what_was_granted_before_is_a_source_of_its_own() -> None:
    aid = AidReceived(
        recipient="a",
        member_state="DE",
        granted_on=date(2026, 1, 5),
        amount=Decimal("400000.00"),
        basis="gber-25",
        cost_item="work",
    )
    mix = scenario({("work", "grant"): "600000.00"})

    plan = plan_of_mix(case(aid_received=(aid,)), mix, given())

    assert {one.name: total(one.payments.values()) for one in plan.sources} == {
        "Grant": Decimal("600000.00"),
        "Granted to a on 2026-01-05 (gber-25) for work": Decimal("400000.00"),
    }


def test_two_calls_of_one_name_are_told_apart() -> None:
    calls = tuple(instrument(f"state--{n}", "gber-25", name="State") for n in (1, 2))
    mix = scenario({("work", "state--1"): "600000.00", ("work", "state--2"): "400000.00"})

    plan = plan_of_mix(case(instruments=calls), mix, given())

    assert [one.name for one in plan.sources] == ["State (state--1)", "State (state--2)"]


def test_regions_get_what_is_spent_and_granted_there() -> None:
    plan = plan_of_mix(two_partners(), mixed(), given(**WHOLE))

    assert regions(plan) == [
        Region("DE21", Decimal("600000.01"), Decimal("550000.00"), Decimal("4.5")),
        Region("ITC4", Decimal("900000.00"), Decimal("300000.00"), Decimal(0)),
    ]
    found = indicators(plan).leverage
    assert (found.eu, found.public, found.private) == (Decimal(700000), Decimal(850000), Decimal("649900.00"))


def test_an_asset_in_service_before_it_is_bought_wears_from_its_year_on_and_land_never() -> None:
    land = item("land", cost_category="land", amount="10.00", starts=date(2029, 1, 1))
    rigs = item("rigs", cost_category="equipment", amount="10.00", starts=date(2030, 1, 1))

    plan = plan_of_mix(case(cost_items=(land, rigs)), scenario({}), given(lives=[ASSET]))

    assert [(use.life, use.in_service) for use in plan.uses] == [(None, None), (5, 2030)]


PERCENTS = st.lists(st.integers(0, 5000), min_size=1, max_size=5).map(
    lambda parts: [*parts, 10_000 - sum(parts)] if sum(parts) < 10_000 else [10_000]
)


@over(
    cents=st.lists(st.integers(1, 10**9), min_size=1, max_size=4),
    cuts=st.lists(st.integers(0, 100), min_size=3, max_size=3),
    percents=PERCENTS,
)
@settings(deadline=None, max_examples=often(150))
def test_no_cent_is_lost_and_none_is_invented(cents: list[int], cuts: list[int], percents: list[int]) -> None:
    """Uses are the cost lines, each source is what the mix says, and no year's money differs from its cost."""
    items = tuple(item(f"i{n}", amount=str(Decimal(one).scaleb(-2))) for n, one in enumerate(cents))
    low, middle, high = sorted(cuts)
    money, own = {}, {}
    for one in items:
        marks = [(one.amount * cut / 100).quantize(Decimal("0.01")) for cut in (low, middle, high)]
        money[one.id, "grant"], money[one.id, "union"] = str(marks[0]), str(marks[1] - marks[0])
        own[one.id] = str(one.amount - marks[1])
    paid = {line: amount for line, amount in money.items() if Decimal(amount)}
    by_year = {2027 + n: str(Decimal(one).scaleb(-2)) for n, one in enumerate(percents)}
    spending = [{"item": one.id, "by_year": by_year, **MADE_UP} for one in items]
    made = case(cost_items=items, instruments=(instrument(), instrument("union", "eu_direct", state=None)))

    plan = plan_of_mix(made, scenario(paid, own=own), given(spending=spending))

    assert total(use.amount for use in plan.uses) == total(one.amount for one in items)
    found: dict[str, Decimal] = defaultdict(Decimal)
    for source in plan.sources:
        found[source.name] += total(source.payments.values())
    assert found.get("Grant", Decimal(0)) == total(Decimal(a) for (_, key), a in paid.items() if key == "grant")
    assert found.get("Union", Decimal(0)) == total(Decimal(a) for (_, key), a in paid.items() if key == "union")
    assert {line.net for line in statements(plan).cash} == {Decimal(0)}


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        ({"spending": [{**SPENT, "item": "rent"}]}, "spending[0].item"),
        ({"spending": [SPENT, SPENT]}, "spending"),
        ({"spending": [{**SPENT, "by_year": {2050: "100"}}]}, "spending[0].by_year.2050"),
        ({"lives": [{**ASSET, "category": "land"}]}, "lives[0]"),
        ({"loans": [LOAN, {**LOAN, "instrument": "lottery"}]}, "loans[1].instrument"),
        ({"loans": []}, "loans"),
        ({"loans": [{**LOAN, "years": 12}]}, "loans[0].years"),
        ({"jobs": [{"partner": "z", "region": "DE21", "fte": 1, **MADE_UP}]}, "jobs[0].partner"),
        ({"jobs": [{"partner": "a", "region": "DE9Z", "fte": 1, **MADE_UP}]}, "jobs[0].region"),
        ({"revenues": [{"name": "Tests", "by_year": {2026: 1}, **MADE_UP}]}, "revenues[0].by_year.2026"),
        ({"uncertain": [{"variable": "Luck", "low": -1, "high": 1, **MADE_UP}]}, "uncertain[0].variable"),
        ({"uncertain": [{"variable": "Grants", "low": 2, "high": 1, **MADE_UP}]}, "uncertain[0]"),
        (
            {"horizon": {"first_year": 2027, "years": 2, "prices": "real", "price_year": 2026, **MADE_UP}}
            | {"spending": [], "revenues": [], "operating_costs": []},
            "horizon.years",
        ),
        (
            {"horizon": {"first_year": 2028, "years": 9, "prices": "real", "price_year": 2026, **MADE_UP}}
            | {"spending": []},
            "spending",
        ),
    ],
)
def test_what_does_not_fit_is_named(parts: dict[str, object], place: str) -> None:
    with pytest.raises(PlanInvalid) as refused:
        plan_of_mix(two_partners(), mixed(), given(**{**WHOLE, **parts}))

    assert set(places(refused.value)) == {place}


def test_loan_rates_may_be_uncertain_where_nobody_lends() -> None:
    spread = {"variable": "Loan rates", "low": -10, "high": 10, **MADE_UP}

    assert plan_of_mix(case(), scenario({("work", "grant"): "1000000.00"}), given(uncertain=[spread])).sources


def test_a_guarantee_needs_its_cover() -> None:
    cover = instrument("cover", "gber-17", kind=FinanceKind.GUARANTEE, call=Call())

    with pytest.raises(PlanInvalid) as refused:
        plan_of_mix(
            case(instruments=(cover,)),
            scenario({("work", "cover"): "1.00"}),
            given(loans=[{**LOAN, "instrument": "cover"}]),
        )

    fault = "loans[0].cover: a guarantee needs its cover and premium (give both, in percent)"
    assert list(map(str, refused.value.faults)) == [fault]


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ({"rates": {"discount": "4", "tax": "0"}}, "neither its source nor that it is illustrative"),
        ({"rates": {"discount": "4", "tax": "0", "source": "  "}}, "neither its source nor that it is illustrative"),
        ({"spending": [{**SPENT, "by_year": {2027: "99.99"}}]}, "adds up to 99.99 percent"),
    ],
)
def test_an_assumption_stands_on_something(part: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        given(**part)


def test_assumptions_come_back_from_json_as_they_were() -> None:
    whole = given(**WHOLE)

    assert Assumptions.model_validate(whole.model_dump(mode="json")) == whole
    assert (whole.illustrative, [place for place, one in whole.sourced if one.source]) == (True, ["loans[0]"])


def test_a_use_of_nothing_is_none() -> None:
    spread = {"item": "work", "by_year": {2027: "0", 2028: "100"}, **MADE_UP}

    plan = plan_of_mix(case(), scenario({}), given(spending=[spread]))

    assert [(use.year, use.amount) for use in plan.uses] == [(2028, Decimal("1000000.00"))]
    assert all(isinstance(use, Use) for use in plan.uses)


def test_the_example_of_the_documentation_is_read() -> None:
    text = (Path(__file__).parents[4] / "docs" / "background" / "financial-plan.md").read_text(encoding="utf-8")

    (example,) = re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)

    found = read_shape(example, Assumptions)
    assert assumption_faults(found) == []
    assert {place.partition("[")[0] for place, _ in found.sourced} | {"draws"} == set(Assumptions.model_fields)
