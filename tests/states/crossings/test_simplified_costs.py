"""Costs by flat rate, unit cost and lump sum: computed with their base, and never counted beside real ones."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.crossings.costs import add_cost, change_cost, withdraw_cost, write_protocol
from states.errors import Missing
from states.funding.case.gathering import case_of
from states.funding.case.vocabulary import Activity, CostCategory
from states.funding.inputs.cost_lines import CostInvalid, CostPlan, cost_by_slug, plan_of
from states.funding.money.options import (
    OptionInvalid,
    OptionPlan,
    OptionRefused,
    add_option,
    end_option,
    option_row,
    rule,
    withdraw_option,
)
from states.funding.money.tables import OptionKind, RateRule
from states.protocol.content import SectionInvalid
from states.protocol.queries import drafts_of
from tests.factories import World, a_collaboration, a_world, s3

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
PLAN = next(section for section in s3().protocol if section.key == "investment_plan")
STAFF, OFFICE, TRAVEL = CostCategory.PERSONNEL, CostCategory.OVERHEAD, CostCategory.TRAVEL


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


@pytest.fixture
def row(world: World) -> Collaboration:
    return a_collaboration(world)


def _line(world: World, slug: str, category: CostCategory, amount: str | None, **change: object) -> CostPlan:
    key = world.organisations["gliwice"].id
    eur = None if amount is None else Decimal(amount)
    plan = CostPlan(slug, key, "PL229", Activity.EXPERIMENTAL, eur, date(2027, 3, 1), category)
    return replace(plan, **change)  # type: ignore[arg-type]


def _add(world: World, row: Collaboration, *plans: CostPlan) -> None:
    for plan in plans:
        add_cost(world.session, row, plan)


def _amounts(world: World, row: Collaboration) -> dict[str, str]:
    drafts = {one.key: one.content for one in drafts_of(world.session, [row.id])[row.id]}
    shown = drafts["investment_plan"]["costs"]
    return {one["category"]: one["amount"] for one in shown}  # type: ignore[attr-defined]


def _programme(world: World, slug: str = "hour", **change: object) -> OptionPlan:
    plan = OptionPlan(
        slug,
        "An hour of work",
        OptionKind.UNIT_COST,
        (STAFF,),
        "programme manual, page 12",
        date(2026, 1, 1),
        amount=Decimal("43.21"),
        unit="hour",
    )
    return replace(plan, **change)  # type: ignore[arg-type]


def test_a_flat_rate_follows_its_base_in_the_table_and_the_case(world: World, row: Collaboration) -> None:
    office = _line(world, "office", OFFICE, None, option="interreg-office-15")
    _add(world, row, _line(world, "staff", STAFF, "1000.33"), office)
    first = _amounts(world, row)
    staff = cost_by_slug(world.session, row, "staff")
    change_cost(world.session, row, staff, replace(plan_of(staff), amount=Decimal("2000.00")))
    second = _amounts(world, row)
    withdraw_cost(world.session, row, staff)

    assert first == {"Overhead": "150.04", "Personnel": "1000.33"}  # 150.0495, cut: never over 15 percent
    assert second == {"Overhead": "300.00", "Personnel": "2000.00"}
    assert _amounts(world, row) == {"Overhead": "0.00"}


def test_a_flat_rate_of_nothing_is_no_cost_of_a_case(world: World, row: Collaboration) -> None:
    rig = _line(world, "rig", CostCategory.EQUIPMENT, "500.00")
    _add(world, row, rig, _line(world, "office", OFFICE, None, option="interreg-office-15"))

    assert [one.id for one in case_of(world.session, row).cost_items] == ["rig"]


def test_flat_rates_follow_each_other_in_their_order(world: World, row: Collaboration) -> None:
    less = {"option": "cpr-indirect-7", "percent": Decimal(5)}
    _add(
        world, row, _line(world, "all", OFFICE, None, **less), _line(world, "staff", STAFF, None, option="cpr-staff-20")
    )
    _add(world, row, _line(world, "rig", CostCategory.EQUIPMENT, "10000.00"))

    assert _amounts(world, row) == {"Overhead": "600.00", "Personnel": "2000.00", "Equipment": "10000.00"}


def test_a_base_is_of_one_partner_and_one_activity(world: World, row: Collaboration) -> None:
    other = _line(world, "other", STAFF, "900.00", organisation_id=world.organisations["marseille"].id, nuts="FRL04")
    research = _line(world, "research", STAFF, "700.00", activity=Activity.INDUSTRIAL)
    office = _line(world, "office", OFFICE, None, option="interreg-office-15")
    _add(world, row, other, research, _line(world, "staff", STAFF, "100.00"), office)

    assert cost_by_slug(world.session, row, "office").amount == Decimal("15.00")


def test_no_cost_is_counted_beside_the_flat_rate_that_stands_for_it(world: World, row: Collaboration) -> None:
    office = _line(world, "office", OFFICE, None, option="interreg-office-15")
    _add(world, row, _line(world, "staff", STAFF, "1000.00"), office)
    with pytest.raises(CostInvalid) as real:
        _add(world, row, _line(world, "rent", OFFICE, "50.00"))
    with pytest.raises(CostInvalid) as rest:
        _add(world, row, _line(world, "rest", CostCategory.OTHER, None, option="cpr-rest-40"))
    typed = {"organisation": "gliwice", "nuts": "PL229", "category": "Overhead", "amount": "50.00"}
    whole = {"costs": [*_rows(world, row), typed]}
    with pytest.raises(SectionInvalid) as table:
        write_protocol(world.session, row, PLAN, whole)
    _add(world, row, _line(world, "elsewhere", OFFICE, "50.00", activity=Activity.TRAINING))

    assert [str(one) for one in real.value.faults] == [
        "cost_category: overhead is counted twice: office stands for it by Reg. 2021/1059 Art. 40(2), with "
        "Reg. 2021/1060 Art. 54, first paragraph, point (b), and rent counts it once more "
        "(Reg. 2021/1060 Art. 53(1)(e)) (take one of the two lines out)"
    ]
    assert [(one.place, one.code) for one in rest.value.faults] == [("cost_category", "covered_by_option")]
    assert [one.place for one in table.value.faults] == ["investment_plan.costs[3].category"]


def _rows(world: World, row: Collaboration) -> list[object]:
    drafts = {one.key: one.content for one in drafts_of(world.session, [row.id])[row.id]}
    return [*drafts["investment_plan"]["costs"]]  # type: ignore[misc]


def test_flat_rates_in_a_circle_are_refused(world: World, row: Collaboration) -> None:
    _add(world, row, _line(world, "staff", STAFF, None, option="cpr-staff-20"))
    with pytest.raises(CostInvalid) as error:
        _add(world, row, _line(world, "travel", TRAVEL, None, option="interreg-travel-15"))

    assert [str(one) for one in error.value.faults] == [
        "option: staff and travel are each a part of the other (take one of them out)"
    ]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"option": "nobody-knows"}, ("option", "no_option")),
        ({"option": "gber-overheads-20", "starts_on": date(2027, 3, 1)}, ("option", "option_not_valid")),
        ({"option": "interreg-travel-15"}, ("cost_category", "category_not_covered")),
        ({"percent": Decimal(16)}, ("percent", "more_than_article_allows")),
        ({"units": Decimal(3)}, ("units", "only_of_a_unit_cost")),
        ({"amount": Decimal(10)}, ("amount", "amount_is_of_flat_rate")),
        ({"in_kind": True}, ("in_kind", "simplified_not_in_kind")),
        ({"currency": "PLN", "stated": Decimal(3)}, ("stated", "simplified_in_euro")),
        ({"vat_percent": Decimal(23)}, ("vat_percent", "simplified_in_euro")),
    ],
)
def test_what_an_option_does_not_let_is_named(
    world: World, row: Collaboration, change: dict[str, object], fault: tuple[str, str]
) -> None:
    plan = replace(_line(world, "office", OFFICE, None, option="interreg-office-15"), **change)  # type: ignore[arg-type]
    with pytest.raises(CostInvalid) as error:
        _add(world, row, plan)

    assert [(one.place, one.code) for one in error.value.faults] == [fault]


def test_unit_costs_and_lump_sums_of_a_programme_stand_side_by_side(world: World, row: Collaboration) -> None:
    add_option(world.session, world.partnership, _programme(world))
    add_option(world.session, world.partnership, _programme(world, "lab-hour", amount=Decimal("60.00")))
    lump = {"kind": OptionKind.LUMP_SUM, "amount": Decimal(8000), "unit": "", "covers": (CostCategory.OTHER,)}
    add_option(world.session, world.partnership, _programme(world, "launch", **lump))
    _add(
        world,
        row,
        _line(world, "clerks", STAFF, None, option="hour", units=Decimal("10.55")),
        _line(world, "lab", STAFF, None, option="lab-hour", units=Decimal(3)),
        _line(world, "launch", CostCategory.OTHER, None, option="launch"),
    )
    with pytest.raises(CostInvalid) as odd:
        _add(world, row, _line(world, "more", STAFF, None, option="hour", units=Decimal("0.001")))
    with pytest.raises(CostInvalid) as real:
        _add(world, row, _line(world, "real", STAFF, "5.00"))

    found = {slug: cost_by_slug(world.session, row, slug).amount for slug in ("clerks", "lab", "launch")}
    assert found == {"clerks": Decimal("455.86"), "lab": Decimal("180.00"), "launch": Decimal("8000.00")}
    assert [(one.place, one.code) for one in odd.value.faults] == [("units", "units_out_of_range")]
    assert {one.code for one in real.value.faults} == {"covered_by_option"}


def test_an_option_that_was_added_keeps_the_bounds_of_its_article(world: World) -> None:
    flat = {"kind": OptionKind.FLAT_RATE, "amount": None, "unit": "", "under": "interreg-travel-15"}
    bold = _programme(
        world, "bold", **flat, percent=Decimal(22), base=(STAFF, OFFICE), covers=(TRAVEL,), valid_from=date(2020, 1, 1)
    )
    with pytest.raises(OptionInvalid) as error:
        add_option(world.session, world.partnership, bold)
    meek = replace(bold, slug="meek", percent=Decimal(10), base=(STAFF,), valid_from=date(2027, 1, 1))
    made = add_option(world.session, world.partnership, meek)

    assert [(one.place, one.code) for one in error.value.faults] == [
        ("percent", "more_than_article_allows"),
        ("base", "base_beyond_article"),
        ("valid_to", "outside_validity_of_article"),
    ]
    assert made.under == "interreg-travel-15"


def test_what_a_partnership_chose_is_what_new_lines_may_use(world: World, row: Collaboration) -> None:
    office = _line(world, "office", OFFICE, None, option="interreg-office-15")
    _add(world, row, _line(world, "staff", STAFF, "1000.00"), office)
    chosen = ["cpr-indirect-7"]
    rule(world.session, world.partnership, rate_rule=RateRule.ENTRY, options=chosen, expected_version=0)
    with pytest.raises(CostInvalid) as error:
        _add(world, row, replace(office, slug="again", activity=Activity.TRAINING))
    line = cost_by_slug(world.session, row, "office")
    change_cost(world.session, row, line, replace(plan_of(line), percent=Decimal(10)))

    assert [(one.place, one.code) for one in error.value.faults] == [("option", "no_option")]
    assert line.amount == Decimal("100.00")


def test_an_option_that_nobody_uses_can_be_taken_out(world: World) -> None:
    withdraw_option(world.session, add_option(world.session, world.partnership, _programme(world)))

    with pytest.raises(Missing):
        option_row(world.session, world.partnership.id, "hour")


def test_an_option_ends_for_new_lines_and_stays_for_those_that_use_it(world: World, row: Collaboration) -> None:
    made = add_option(world.session, world.partnership, _programme(world))
    _add(world, row, _line(world, "clerks", STAFF, None, option="hour", units=Decimal(10)))
    with pytest.raises(OptionRefused):
        withdraw_option(world.session, made)
    end_option(world.session, made, valid_to=date(2026, 12, 31))
    with pytest.raises(CostInvalid) as late:
        _add(world, row, _line(world, "late", STAFF, None, option="hour", units=Decimal(1), activity=Activity.TRAINING))
    line = cost_by_slug(world.session, row, "clerks")
    change_cost(world.session, row, line, replace(plan_of(line), units=Decimal(20)))

    assert [(one.place, one.code) for one in late.value.faults] == [("option", "option_not_valid")]
    assert line.amount == Decimal("864.20")
