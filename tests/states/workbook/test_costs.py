"""Costs as people have them in the workbook: in with each fault at its cell, out and in again unchanged."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session

from states.clock import today
from states.collaborations.queries import collaborations_of
from states.errors import Invalid
from states.funding.money.rates import Published, first_of, import_rates
from states.funding.queries import costs_of
from states.partners.tables import Membership
from states.workbook.files import read_file
from states.workbook.importing import import_workbook, read_workbook
from states.workbook.writing import export
from tests.factories import World, a_collaboration, a_world
from tests.states.workbook.sheets_in import Rows, a_workbook

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
HEAD = ["collaboration", "slug", "organisation", "nuts", "activity", "cost_category", "amount", "currency", "stated"]
MORE = ["rate", "rate_on", "rate_source", "vat_percent", "vat_included", "vat_recoverable", "in_kind", "option"]
RIG: list[Any] = ["centre", "rig", "medtech-gliwice", "PL229", "experimental", "equipment", None, "PLN", 1230]
STAFF: list[Any] = ["centre", "staff", "medtech-gliwice", "PL229", "experimental", "personnel", 1000, None, None]
OFFICE: list[Any] = ["centre", "office", "medtech-gliwice", "PL229", "experimental", "overhead", None, None, None]


@pytest.fixture
def world(session: Session) -> World:
    made = a_world(session)
    a_collaboration(made)
    session.add_all(
        Membership(partnership_id=made.partnership.id, organisation_id=row.id) for row in made.organisations.values()
    )
    month = first_of(today())
    import_rates(session, made.partnership, [Published("PLN", month, Decimal("4.25"), "")], source="InforEuro")
    return made


def _bring(world: World, rows: Rows, *, head: list[str] | None = None) -> list[tuple[int, int, int]]:
    book = a_workbook({"costs": [head or [*HEAD, *MORE], *rows]})
    return _take(world, book)


def _take(world: World, book: bytes) -> list[tuple[int, int, int]]:
    read = read_workbook(read_file(book, name="costs.xlsx"))
    reports = import_workbook(world.session, world.partnership, read)
    return [(one.added, one.changed, one.unchanged) for one in reports if one.sheet == "costs"]


def _amounts(world: World) -> dict[str, str]:
    [row] = collaborations_of(world.session, world.partnership.id)
    return {one.slug: f"{one.amount:.2f}" for one in costs_of(world.session, row.id)}


def test_lines_are_brought_in_as_people_have_them_and_go_out_the_same(world: World) -> None:
    own: list[Any] = ["4,10", date(2026, 11, 3), "the bank"]
    brought = _bring(
        world,
        [
            [*RIG, None, None, None, 23, "yes", "yes", None, None],
            [*OFFICE, None, None, None, None, None, None, None, "interreg-office-15"],
            [*STAFF, None, None, None, None, None, None, None, None],
            [*RIG[:1], "own", *RIG[2:], *own, None, None, None, None, None],
            [*STAFF[:1], "hall", *STAFF[2:5], "buildings", 500, None, None, *[None] * 6, "yes", None],
        ],
    )
    again = _take(world, export(world.session, world.partnership))

    assert (brought, again) == ([(5, 0, 0)], [(0, 0, 5)])
    assert _amounts(world) == {
        "rig": "235.29",
        "office": "150.00",
        "staff": "1000.00",
        "own": "300.00",
        "hall": "500.00",
    }


def test_what_was_stated_changes_by_its_cell_and_the_rate_stays(world: World) -> None:
    _bring(world, [[*RIG, *[None] * 8]])
    changed = _bring(world, [[*RIG[:8], 2460]], head=HEAD)

    assert (changed, _amounts(world)) == ([(0, 1, 0)], {"rig": "578.82"})


def test_each_fault_stands_at_its_cell(world: World) -> None:
    rows: list[list[Any]] = [
        [*RIG[:7], "ZZZ", 10, *[None] * 8],
        [*RIG[:1], "vat", *RIG[2:], None, None, None, 23, "yes", None, None, None],
        [*RIG[:1], "half", *RIG[2:], "4.1", None, None, *[None] * 5],
        [*OFFICE, *[None] * 7, "nobody-knows"],
        [*STAFF[:1], "none", *STAFF[2:6], None, None, None, *[None] * 8],
    ]
    with pytest.raises(Invalid) as error:
        _bring(world, rows)

    assert [one.place for one in error.value.faults] == [
        "costs, row 2, currency (H2)",
        "costs, row 3, vat_recoverable (O3)",
        "costs, row 4, rate_on (K4)",
        "costs, row 4, rate_source (L4)",
        "costs, row 5, option (Q5)",
        "costs, row 6, amount (G6)",
    ]
