"""Costs in another currency: converted by the month that the rule says, tried before they are taken, shown in EUR."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlmodel import Session

from states.clock import at
from states.collaborations.tables import Collaboration
from states.crossings.consortium import open_points
from states.crossings.costs import add_cost, at_rates_of, change_cost, freeze, take_rates_of, write_protocol
from states.errors import Refused
from states.funding.case.vocabulary import Activity, CostCategory
from states.funding.inputs.cost_lines import CostInvalid, CostPlan, plan_of
from states.funding.money.options import rule
from states.funding.money.rates import (
    Imported,
    Published,
    RatesInvalid,
    editions_of,
    import_rates,
    month_for,
    rate_in,
    terms_of,
)
from states.funding.money.tables import RateRule
from states.protocol.content import SectionInvalid
from states.protocol.queries import drafts_of
from tests.factories import World, a_collaboration, a_world, s3

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
PLAN = next(section for section in s3().protocol if section.key == "investment_plan")
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


@pytest.fixture
def world(session: Session) -> World:
    made = a_world(session)
    _import(made, ("PLN", NOVEMBER, "4.25"), ("PLN", DECEMBER, "4.40"), ("SEK", NOVEMBER, "11.0"))
    return made


@pytest.fixture
def row(world: World) -> Collaboration:
    return a_collaboration(world)


def _import(world: World, *rates: tuple[str, date, str]) -> Imported:
    published = [Published(code, month, Decimal(rate), f"row {n}") for n, (code, month, rate) in enumerate(rates)]
    return import_rates(world.session, world.partnership, published, source="InforEuro")


def _line(world: World, slug: str = "rigs", **change: object) -> CostPlan:
    key = world.organisations["gliwice"].id
    plan = CostPlan(slug, key, "PL229", Activity.EXPERIMENTAL, None, date(2027, 3, 1))
    plan = replace(plan, cost_category=CostCategory.EQUIPMENT, currency="PLN", stated=Decimal("1000.00"))
    return replace(plan, **change)  # type: ignore[arg-type]


def _costs(world: World, row: Collaboration) -> object:
    drafts = {one.key: one.content for one in drafts_of(world.session, [row.id])[row.id]}
    return [one["amount"] for one in drafts["investment_plan"]["costs"]]  # type: ignore[attr-defined]


def _faults(error: CostInvalid | SectionInvalid) -> list[tuple[str, str]]:
    return [(one.place, one.code) for one in error.faults]


def test_a_line_goes_by_the_rate_of_the_month_of_its_entry_and_keeps_it(world: World, row: Collaboration) -> None:
    with at(datetime(2026, 11, 20, 12, tzinfo=UTC)):
        line = add_cost(world.session, row, _line(world))
    entered = (line.amount, line.rate, line.rate_on, line.rate_source, line.own_rate)
    with at(datetime(2026, 12, 3, 12, tzinfo=UTC)):
        change_cost(world.session, row, line, replace(plan_of(line), stated=Decimal("2000.00")))

    assert entered == (Decimal("235.29"), Decimal("4.25"), NOVEMBER, "InforEuro", False)
    assert (line.amount, line.rate_on) == (Decimal("470.59"), NOVEMBER)
    assert _costs(world, row) == ["470.59"]


def test_a_corrected_rate_supersedes_and_no_line_moves_by_itself(world: World, row: Collaboration) -> None:
    with at(datetime(2026, 11, 20, 12, tzinfo=UTC)):
        line = add_cost(world.session, row, _line(world))
        made = _import(world, ("PLN", NOVEMBER, "4.00"), ("SEK", NOVEMBER, "11.0"))

    editions = editions_of(world.session, world.partnership.id, currency="PLN", month=NOVEMBER)
    assert made == Imported(added=0, superseded=1, unchanged=1)
    assert [(one.edition, one.rate) for one in editions] == [(2, Decimal("4.00")), (1, Decimal("4.25"))]
    assert line.amount == Decimal("235.29")
    assert [(one.amount, one.rate) for one in at_rates_of(world.session, row, NOVEMBER)] == [
        (Decimal("250.00"), Decimal("4.00"))
    ]


def test_what_changes_by_a_month_is_told_before_it_is_taken(world: World, row: Collaboration) -> None:
    own = _line(world, "own", rate=Decimal(4), rate_on=date(2026, 11, 3), rate_source="the bank", own_rate=True)
    with at(datetime(2026, 11, 20, 12, tzinfo=UTC)):
        line = add_cost(world.session, row, _line(world))
        add_cost(world.session, row, own)
    told = [(one.line.slug, one.amount) for one in at_rates_of(world.session, row, DECEMBER)]
    before = line.amount
    take_rates_of(world.session, row, DECEMBER)

    assert told == [("rigs", Decimal("227.27"))]
    assert (before, line.amount, line.rate_on) == (Decimal("235.29"), Decimal("227.27"), DECEMBER)
    assert _costs(world, row) == ["250.00", "227.27"]


def test_without_a_rate_each_line_says_so(world: World, row: Collaboration) -> None:
    with at(datetime(2026, 11, 20, 12, tzinfo=UTC)):
        add_cost(world.session, row, _line(world))
        with pytest.raises(CostInvalid) as add:
            add_cost(world.session, row, _line(world, "ore", currency="HUF"))
    with pytest.raises(CostInvalid) as month:
        at_rates_of(world.session, row, date(2025, 1, 1))

    assert _faults(add.value) == [("currency", "no_rate_of_month")]
    assert [str(one) for one in month.value.faults] == [
        "rigs.currency: the partnership has no rate of PLN for 2025-01 "
        "(bring the rates of that month in, or give a rate with its day and source)"
    ]


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"currency": "ZZZ"}, [("currency", "no_currency")]),
        ({"stated": Decimal("10.005")}, [("stated", "finer_than_currency")]),
        ({"stated": Decimal(0)}, [("stated", "amount_out_of_range")]),
        ({"stated": None}, [("stated", "missing")]),
        ({"stated": None, "amount": Decimal(5)}, [("stated", "missing")]),
        ({"amount": Decimal(5)}, [("amount", "amount_is_computed")]),
        ({"stated": Decimal("0.01")}, [("amount", "amount_out_of_range")]),
        ({"own_rate": True}, [("rate", "missing"), ("rate_on", "missing"), ("rate_source", "missing")]),
        (
            {"own_rate": True, "rate": Decimal(0), "rate_on": date(1200, 1, 1), "rate_source": "x"},
            [("rate", "rate_out_of_range"), ("rate_on", "day_out_of_range")],
        ),
        (
            {"currency": "EUR", "own_rate": True, "rate": Decimal(1), "rate_on": NOVEMBER, "rate_source": "x"},
            [("rate", "euro_has_no_rate")],
        ),
        ({"percent": Decimal(3)}, [("percent", "only_simplified")]),
    ],
)
def test_what_cannot_be_converted_is_named(
    world: World, row: Collaboration, change: dict[str, object], faults: list[tuple[str, str]]
) -> None:
    with at(datetime(2026, 11, 20, 12, tzinfo=UTC)), pytest.raises(CostInvalid) as error:
        add_cost(world.session, row, replace(_line(world), **change))  # type: ignore[arg-type]

    assert _faults(error.value) == faults


def test_the_protocol_shows_eur_and_changes_none_that_follow(world: World, row: Collaboration) -> None:
    with at(datetime(2026, 11, 20, 12, tzinfo=UTC)):
        add_cost(world.session, row, _line(world))
        shown = {"organisation": "gliwice", "nuts": "PL229", "category": "Equipment", "amount": "300.00"}
        with pytest.raises(SectionInvalid) as error:
            write_protocol(world.session, row, PLAN, {"costs": [shown]})
        write_protocol(world.session, row, PLAN, {"costs": [{**shown, "amount": "235.29", "category": "Land"}]})

    assert _faults(error.value) == [("investment_plan.costs[1].amount", "amount_is_computed")]
    assert _costs(world, row) == ["235.29"]


def test_by_the_month_of_the_submission_no_version_is_frozen_with_another(world: World, row: Collaboration) -> None:
    with at(datetime(2026, 11, 20, 12, tzinfo=UTC)):
        add_cost(world.session, row, _line(world))
    terms = terms_of(world.session, world.partnership.id)
    rule(world.session, world.partnership, rate_rule=RateRule.SUBMISSION, options=[], expected_version=terms.version)
    with at(datetime(2026, 12, 9, 12, tzinfo=UTC)):
        with pytest.raises(Refused) as error:
            freeze(world.session, row)
        points = [one.code for one in open_points(world.session, row)]
        take_rates_of(world.session, row, month_for(world.session, row))
        frozen = freeze(world.session, row)

    assert [(one.code, one.missing) for one in error.value.reasons] == [("rates_apart", ("rigs: PLN, 2026-11",))]
    assert points == ["rates_apart"]
    assert frozen.content["investment_plan"]["costs"][0]["amount"] == "227.27"  # type: ignore[index]


def test_rates_that_contradict_each_other_are_named_with_both_places(world: World) -> None:
    with pytest.raises(RatesInvalid) as error:
        _import(world, ("PLN", NOVEMBER, "4.25"), ("PLN", NOVEMBER, "4.26"), ("SEK", NOVEMBER, "0"))

    assert [str(one) for one in error.value.faults] == [
        "row 1: another rate of PLN than at row 0: 4.25 (leave one of the two)",
        "row 2: 0 is no rate (how many units of the currency EUR 1 is: more than 0, at most ten decimals)",
    ]
    assert rate_in(world.session, world.partnership.id, "PLN", NOVEMBER) is not None
