"""Members and sources go in and out; scenarios, decisions, conditions, evidence and moves are shown, and left alone."""

from collections.abc import Mapping, Sequence

import pytest
from sqlmodel import Session, col, select

from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.errors import Invalid
from states.funding.tables import Source, SourceStatus
from states.partners.tables import Membership
from states.workbook.cells import Raw
from states.workbook.files import Grid, read_file
from states.workbook.importing import import_workbook, read_workbook
from states.workbook.writing import export
from tests.factories import World
from tests.states.casefile.cases import a_case
from tests.states.workbook.sheets_in import Cell, bring_in, counts

Rows = list[list[Raw]]


@pytest.fixture
def world(session: Session) -> tuple[World, Collaboration]:
    made, row = a_case(session)
    session.add_all(
        Membership(partnership_id=made.partnership.id, organisation_id=one.id) for one in made.organisations.values()
    )
    session.flush()
    return made, row


def _grids(world: World) -> dict[str, Grid]:
    data = export(world.session, world.partnership)
    return {grid.name: grid for grid in read_file(data, name="export.xlsx")}


def _rows(grid: Grid) -> Rows:
    return [list(row.values()) for row in grid.cells.values()]


def test_an_export_brought_in_again_changes_nothing(world: tuple[World, Collaboration]) -> None:
    made, _ = world
    grids = _grids(made)

    back = counts(import_workbook(made.session, made.partnership, read_workbook(grids.values())))

    assert {name: found[:2] for name, found in back.items()} == dict.fromkeys(back, (0, 0))
    assert (back["members"], back["sources"][2] > 0, back["costs"][2] > 0) == ((0, 0, 2), True, True)


def test_what_came_of_the_collaborations_is_shown(world: tuple[World, Collaboration]) -> None:
    made, row = world
    grids = _grids(made)

    moves = _rows(grids["_moves"])
    assert [line[3] for line in moves[1:]] == [
        *("draft_outline", "start_protocol", "submit_to_iag", "pass_to_wgra", "endorse", "declare_bankable")
    ]
    assert [line[1] for line in _rows(grids["_decisions"])[1:]] == ["iag", "wgra"]
    assert {line[0] for name in ("_evidence", "_scenarios") for line in _rows(grids[name])[1:]} == {row.slug}


def test_how_sure_money_is_goes_in_and_nothing_else_of_a_source(world: tuple[World, Collaboration]) -> None:
    made, row = world
    head = ["collaboration", "scenario", "position", "status", "amount"]
    source = made.session.exec(select(Source).order_by(col(Source.position))).first()
    assert source is not None
    name = _rows(_grids(made)["sources"])[1][1]
    assert isinstance(name, str)
    line: list[Cell] = [row.slug, name, source.position, "signed"]

    first = bring_in(made.session, made.partnership, {"sources": [head[:4], line]})
    assert (first, source.status) == ({"sources": (0, 1, 0)}, SourceStatus.SIGNED)

    assert _told(made, {"sources": [head, [*line, 1]]}) == [("sources, row 2, amount (E2)", "fixed_in_scenario")]
    absent: list[list[Cell]] = [[*head[:4]], [row.slug, name, 99, "signed"]]
    assert _told(made, {"sources": absent})[0] == ("sources, row 2, position (C2)", "no_such_source")


def test_members_join_and_take_over(world: tuple[World, Collaboration]) -> None:
    made, row = world
    head = ["collaboration", "organisation", "part", "contribution"]
    own = {one.organisation.slug: one.member.part.value for one in members_of(made.session, [row.id])[row.id]}
    [lead] = [slug for slug, part in own.items() if part == "lead"]
    [other] = [one.slug for one in made.organisations.values() if one.slug not in own][:1]

    told = bring_in(made.session, made.partnership, {"members": [head, [row.slug, other, "partner", "a line"]]})

    assert told == {"members": (1, 0, 0)}
    assert other in {one.organisation.slug for one in members_of(made.session, [row.id])[row.id]}
    assert _told(made, {"members": [head, [row.slug, lead, "partner", None]]}) == [
        ("members, row 2, part (C2)", "lead_steps_back")
    ]
    assert _told(made, {"members": [head, ["elsewhere", lead, None, None]]})[0][0] == (
        "members, row 2, collaboration (A2)"
    )


def _told(world: World, sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as told:
        bring_in(world.session, world.partnership, sheets)
    return [(fault.place, fault.code) for fault in told.value.faults]
