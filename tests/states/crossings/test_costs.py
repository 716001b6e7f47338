"""Costs are entered once: as cost lines or in the protocol's table, and the other one shows them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.crossings.consortium import open_points
from states.crossings.costs import add_cost, change_cost, freeze, typed_apart, withdraw_cost, write_protocol
from states.errors import Refused
from states.funding.case.gathering import case_of
from states.funding.case.reader import CaseInvalid
from states.funding.case.vocabulary import Activity, CostCategory
from states.funding.inputs.cost_lines import CostPlan, plan_of
from states.funding.queries import costs_of
from states.playbooks.editions import playbook_of
from states.protocol.content import Row, SectionInvalid
from states.protocol.queries import drafts_of
from states.protocol.service import write_section
from tests.factories import World, a_collaboration, a_world, s3

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
PLAN = next(section for section in s3().protocol if section.key == "investment_plan")
RIGS = {"organisation": "gliwice", "nuts": "PL229", "category": "Equipment", "amount": "1000.00"}
STAFF = {"organisation": "marseille", "nuts": "FRL04", "category": "Personnel", "amount": "500.50"}


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


@pytest.fixture
def row(world: World) -> Collaboration:
    return a_collaboration(world)


def _line(world: World, **change: object) -> CostPlan:
    key = world.organisations["gliwice"].id
    plan = CostPlan("rigs", key, "PL229", Activity.EXPERIMENTAL, Decimal("1000.00"), date(2027, 3, 1))
    return replace(plan, cost_category=CostCategory.EQUIPMENT, **change)  # type: ignore[arg-type]


def _table(world: World, row: Collaboration) -> list[Row]:
    drafts = {one.key: one.content for one in drafts_of(world.session, [row.id])[row.id]}
    return drafts.get("investment_plan", {}).get("costs", [])  # type: ignore[return-value]


def _typed(world: World, row: Collaboration, *rows: Row) -> None:
    """Type a table as releases before did, which knew nothing of cost lines."""
    write_section(world.session, row, "investment_plan", {"costs": list(rows)}, sections=[PLAN])


def _lines(world: World, row: Collaboration) -> list[tuple[str, str, str, Decimal, date | None]]:
    return [
        (one.slug, one.cost_category.value, one.title, one.amount, one.starts_on)
        for one in costs_of(world.session, row.id)
    ]


def test_a_cost_line_stands_in_the_protocol_until_it_goes(world: World, row: Collaboration) -> None:
    line = add_cost(world.session, row, _line(world))
    added, frozen = _table(world, row), freeze(world.session, row)
    withdraw_cost(world.session, row, line)

    assert (added, _table(world, row)) == ([RIGS], [])
    assert frozen.content == {"investment_plan": {"costs": [RIGS]}}


def test_what_is_written_into_the_table_is_a_cost_line(world: World, row: Collaboration) -> None:
    odd = {**STAFF, "category": "Testing"}
    write_protocol(world.session, row, PLAN, {"costs": [RIGS, odd]})

    assert _lines(world, row) == [
        ("cost-001", "equipment", "", Decimal("1000.00"), None),
        ("cost-002", "other", "Testing", Decimal("500.50"), None),
    ]
    assert _table(world, row) == [RIGS, odd]
    with pytest.raises(CaseInvalid) as caught:
        case_of(world.session, row)
    assert [fault.place for fault in caught.value.faults] == [
        "cost_items[cost-001].starts",
        "cost_items[cost-002].starts",
    ]


def test_a_row_that_is_changed_keeps_what_else_its_line_says(world: World, row: Collaboration) -> None:
    add_cost(world.session, row, _line(world))
    add_cost(world.session, row, _line(world, slug="old", nuts="PL22A"))
    version = drafts_of(world.session, [row.id])[row.id][0].version

    wanted = [{**RIGS, "amount": "1500.00", "category": "Buildings"}, STAFF]
    write_protocol(world.session, row, PLAN, {"costs": wanted}, expected_version=version)

    assert _lines(world, row) == [
        ("cost-001", "personnel", "", Decimal("500.50"), None),
        ("rigs", "buildings", "", Decimal("1500.00"), date(2027, 3, 1)),
    ]
    assert _table(world, row) == [STAFF, wanted[0]]


def test_what_cannot_be_a_line_is_refused_by_its_row(world: World, row: Collaboration) -> None:
    with pytest.raises(SectionInvalid) as caught:
        write_protocol(world.session, row, PLAN, {"costs": [RIGS, {**STAFF, "nuts": "FR", "amount": "0"}]})

    assert [fault.place for fault in caught.value.faults] == [
        "investment_plan.costs[2].nuts",
        "investment_plan.costs[2].amount",
    ]


def test_what_was_typed_stays_until_both_come_to_the_same(world: World, row: Collaboration) -> None:
    _typed(world, row, RIGS, STAFF)
    alone = typed_apart(world.session, row)
    first = add_cost(world.session, row, _line(world))
    apart, kept = open_points(world.session, row), _table(world, row)
    with pytest.raises(Refused) as refused:
        freeze(world.session, row)
    change_cost(world.session, row, first, replace(plan_of(first), amount=Decimal("1500.50")))

    assert (alone, kept) == (None, [RIGS, STAFF])
    assert [one.code for one in (*apart, *refused.value.reasons)] == ["costs_apart", "costs_apart"]
    assert (open_points(world.session, row), _table(world, row)) == ([], [{**RIGS, "amount": "1500.50"}])


def test_writing_the_table_brings_the_lines_to_what_was_typed(world: World, row: Collaboration) -> None:
    _typed(world, row, RIGS, STAFF)
    add_cost(world.session, row, _line(world, amount=Decimal("7.00")))

    write_protocol(world.session, row, PLAN, {"costs": [RIGS, STAFF]})  # as it stood: nobody has decided anything
    before = [one[3] for one in _lines(world, row)]
    write_protocol(world.session, row, PLAN, {"costs": [RIGS, {**STAFF, "amount": "500.00"}]})

    assert before == [Decimal("7.00")]
    assert [one[3] for one in _lines(world, row)] == [Decimal("500.00"), Decimal("1000.00")]
    assert typed_apart(world.session, row) is None


def test_a_table_without_sites_is_the_cost_lines_too(world: World) -> None:
    """As in the playbook `lean`: a new line is at the organisation's own site, one that is known keeps its own."""
    world.partnership.playbook = "lean"
    row = a_collaboration(world)
    budget = next(section for section in playbook_of(world.session, row).protocol if section.key == "budget")
    wanted = [{key: one[key] for key in ("organisation", "category", "amount")} for one in (RIGS, STAFF)]
    change = {"costs": [{**wanted[0], "amount": "900.00"}, wanted[1]]}

    add_cost(world.session, row, _line(world, nuts="PL22A"))
    [draft] = drafts_of(world.session, [row.id])[row.id]
    shown = draft.content["costs"]
    write_protocol(world.session, row, budget, change, expected_version=draft.version)

    assert shown == wanted[:1]
    assert [(one.slug, one.nuts, one.amount) for one in costs_of(world.session, row.id)] == [
        ("cost-001", "FRL04", Decimal("500.50")),
        ("rigs", "PL22A", Decimal("900.00")),
    ]
    assert freeze(world.session, row).content == {"budget": {"costs": change["costs"][::-1]}}
