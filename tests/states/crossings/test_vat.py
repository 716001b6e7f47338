"""VAT of cost lines: what comes back is no cost, and lines follow what their organisation says."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.crossings.costs import add_cost, change_cost, follow_vat
from states.funding.case.gathering import case_of
from states.funding.case.vocabulary import Activity, CostCategory
from states.funding.inputs.cost_lines import CostInvalid, CostPlan, plan_of
from states.funding.inputs.cost_values import parts_of
from states.funding.inputs.tables import CostLine
from states.funding.money.vat import VatInvalid, record_vat_status
from states.protocol.queries import drafts_of
from tests.factories import World, a_collaboration, a_world

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


@pytest.fixture
def row(world: World) -> Collaboration:
    return a_collaboration(world)


def _line(world: World, slug: str = "rigs", **change: object) -> CostPlan:
    key = world.organisations["gliwice"].id
    plan = CostPlan(slug, key, "PL229", Activity.EXPERIMENTAL, Decimal("1230.00"), date(2027, 3, 1))
    plan = replace(plan, cost_category=CostCategory.EQUIPMENT, vat_percent=Decimal(23), vat_included=True)
    return replace(plan, **change)  # type: ignore[arg-type]


def _recovers(world: World, *, recovers: bool) -> None:
    organisation = world.organisations["gliwice"]
    record_vat_status(world.session, organisation, recovers=recovers, source="register")
    follow_vat(world.session, organisation.id)


def _parts(line: CostLine) -> tuple[Decimal, Decimal, Decimal]:
    found = parts_of(line)
    assert found is not None
    return found.net, found.vat, found.gross


def test_a_line_comes_to_net_or_gross_by_who_bears_the_vat(world: World, row: Collaboration) -> None:
    _recovers(world, recovers=True)
    line = add_cost(world.session, row, _line(world))
    before = line.amount
    own = add_cost(world.session, row, _line(world, "hall", vat_included=False, vat_recoverable=False))
    _recovers(world, recovers=False)
    shown = {one.key: one.content for one in drafts_of(world.session, [row.id])[row.id]}["investment_plan"]["costs"]

    assert (before, line.amount) == (Decimal("1000.00"), Decimal("1230.00"))
    assert _parts(line) == (Decimal("1000.00"), Decimal("230.00"), Decimal("1230.00"))
    assert (own.amount, _parts(own)) == (
        Decimal("1512.90"),
        (Decimal("1230.00"), Decimal("282.90"), Decimal("1512.90")),
    )
    assert [one["amount"] for one in shown] == ["1512.90", "1230.00"]  # type: ignore[attr-defined]


def test_until_somebody_says_who_bears_it_there_is_no_line(world: World, row: Collaboration) -> None:
    with pytest.raises(CostInvalid) as error:
        add_cost(world.session, row, _line(world))
    with pytest.raises(VatInvalid) as source:
        record_vat_status(world.session, world.organisations["gliwice"], recovers=True, source=" ")

    assert [str(one) for one in error.value.faults] == [
        "vat_recoverable: nobody has said whether this VAT comes back "
        "(say it for this line, or once for the organisation)"
    ]
    assert [one.place for one in source.value.faults] == ["source"]


def test_vat_can_be_taken_away_again_and_then_the_amount_stands(world: World, row: Collaboration) -> None:
    line = add_cost(world.session, row, _line(world, vat_recoverable=True))
    with pytest.raises(CostInvalid) as typed:
        change_cost(world.session, row, line, replace(plan_of(line), amount=Decimal(900)))
    plain = replace(plan_of(line), vat_percent=None, vat_included=False, vat_recoverable=None, stated=None)
    change_cost(world.session, row, line, plain)
    plainly = (line.amount, line.stated, parts_of(line))
    change_cost(world.session, row, line, replace(plan_of(line), amount=Decimal(900)))

    assert [one.code for one in typed.value.faults] == ["amount_is_computed"]
    assert (plainly, line.amount) == ((Decimal("1000.00"), None, None), Decimal(900))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"vat_percent": Decimal("100.5")}, ("vat_percent", "percent_out_of_range")),
        ({"vat_percent": Decimal("7.123")}, ("vat_percent", "percent_out_of_range")),
        ({"vat_percent": None}, ("vat_percent", "missing")),
    ],
)
def test_vat_that_cannot_be_is_named(
    world: World, row: Collaboration, change: dict[str, object], fault: tuple[str, str]
) -> None:
    with pytest.raises(CostInvalid) as error:
        add_cost(world.session, row, replace(_line(world, vat_recoverable=True), **change))  # type: ignore[arg-type]

    assert [(one.place, one.code) for one in error.value.faults] == [fault]


def test_a_case_is_of_eligible_cost_and_says_what_is_in_kind(world: World, row: Collaboration) -> None:
    add_cost(world.session, row, _line(world, vat_recoverable=True))
    plain = {"vat_percent": None, "vat_included": False}
    add_cost(world.session, row, _line(world, "hall", amount=Decimal(500), in_kind=True, **plain))

    assert [(one.id, one.amount, one.in_kind) for one in case_of(world.session, row).cost_items] == [
        ("hall", Decimal("500.00"), True),
        ("rigs", Decimal("1000.00"), False),
    ]
