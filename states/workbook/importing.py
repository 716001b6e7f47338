"""Bring tables into a partnership: all of them, or nothing and a list of every fault."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import NoReturn

from sqlmodel import Session, select

from states.errors import Fault, Invalid, Refused, Stale
from states.mail.tables import Mail, MailState
from states.partners.queries import person_labels
from states.partners.tables import Partnership
from states.rights.access import Role
from states.workbook.cells import Raw, Written, shown, tidy
from states.workbook.files import Grid, letters
from states.workbook.labels import meant, nearest
from states.workbook.line import CellFault, Column, Line, Values
from states.workbook.sheet import Sheet
from states.workbook.sheets import SHEETS
from states.workbook.world import World

MOST_FAULTS = 1000  # more than anybody mends at once
MOST_AT_ONCE = 2_000  # lines in one transaction: on SQLite nobody else writes meanwhile
EXAMPLE = "example:"
LEFT_ALONE = ("guide", "lists")
EVERY_ROLE = frozenset(Role) - {Role.CLOCK}


class ImportInvalid(Invalid):
    """Something in the file cannot be kept so; nothing of it was."""

    code = "import_invalid"


class Change(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(slots=True)
class SheetReport:
    """What a sheet did: lines of each kind; examples are left out. `mails` wait because of it, to `told`."""

    sheet: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    examples: int = 0
    mails: int = 0
    told: tuple[str, ...] = ()


@dataclass(slots=True)
class Table:
    """A sheet of a file as it was read: lines with the values of their cells, and what is wrong so far.

    `absent` are the columns that it has not and a new line needs.
    """

    sheet: Sheet[object]
    lines: list[Line] = field(default_factory=list)
    absent: frozenset[str] = frozenset()
    faults: list[Fault] = field(default_factory=list)
    examples: int = 0


@dataclass(slots=True)
class Workbook:
    """A file as it was read, to be brought in once."""

    tables: list[Table]
    faults: list[Fault]

    def copied(self) -> "Workbook":
        """Return the file for a rehearsal, which leaves this one as it was read."""
        return Workbook([replace(one, lines=[line.copied() for line in one.lines]) for one in self.tables], self.faults)

    def parts(self) -> list["Workbook"]:
        """Return the file in parts of `MOST_AT_ONCE` lines, each to be brought in before the next."""
        found, room = [Workbook([], self.faults)], MOST_AT_ONCE
        for table in self.tables:
            size = MOST_AT_ONCE if table.sheet.divisible else max(len(table.lines), 1)
            for at in range(0, max(len(table.lines), 1), size):
                lines = table.lines[at : at + size]
                if len(lines) > room and found[-1].tables:
                    found.append(Workbook([], []))
                    room = MOST_AT_ONCE
                examples, faults = (0, []) if at else (table.examples, table.faults)
                found[-1].tables.append(replace(table, lines=lines, examples=examples, faults=faults))
                room -= len(lines)
        return found


def read_workbook(grids: Iterable[Grid]) -> Workbook:
    """Read the cells of every table that is a sheet of the workbook: all that needs no database.

    Raise `ImportInvalid` where there is no such sheet, or more is wrong already than anybody mends at once.
    """
    names = [sheet.name for sheet in SHEETS]
    faults: list[Fault] = []
    found: dict[str, Grid] = {}
    for grid in grids:
        name = meant(grid.name, names)
        if name is None:
            if grid.cells and not (grid.hidden or grid.name.startswith("_") or grid.name in LEFT_ALONE):
                faults.append(
                    Fault(
                        grid.name[:100],
                        "no_sheet_of_workbook",
                        remedy="sheet_left_alone",
                        near=nearest(grid.name, names),
                    )
                )
        elif name in found:
            faults.append(Fault(grid.name, "second_sheet", remedy="put_both_into_one", name=name))
        else:
            found[name] = grid
    tables = [_read(sheet, found[sheet.name]) for sheet in SHEETS if sheet.name in found]
    if not found and not faults:
        faults.append(Fault("file", "without_sheets", remedy="name_one_of_sheets", names=tuple(names)))
    known = sum(len(table.faults) + sum(len(line.faults) for line in table.lines) for table in tables)
    if not found or known + len(faults) > MOST_FAULTS:
        _refuse([*faults, *(fault for table in tables for fault in _faults_of(table))])
    return Workbook(tables, faults)


def import_workbook(
    session: Session, partnership: Partnership, book: Workbook, *, grantable: Iterable[Role] = EVERY_ROLE
) -> list[SheetReport]:
    """Bring a workbook in and report by sheet, or raise `ImportInvalid` with every fault.

    The caller's transaction ends without effect then: rows may have been flushed before the last fault was found.
    `grantable` are the roles that whoever brings the file may give to people. `bring_in` does this without
    keeping others from writing.
    """
    world, faults = World(session, partnership, grantable=grantable), list(book.faults)
    reports = []
    for table in book.tables:
        report, before = SheetReport(table.sheet.name, examples=table.examples), _mails(session, partnership)
        faults += _bring_in(world, table, report)
        fresh = [person for key, person in _mails(session, partnership).items() if key not in before]
        report.mails, report.told = len(fresh), tuple(sorted(person_labels(session, set(fresh)).values()))
        reports.append(report)
    if faults:
        _refuse(faults)
    return reports


def _mails(session: Session, partnership: Partnership) -> dict[str, str]:
    """Return to whom each mail that waits goes."""
    waiting = (Mail.partnership_id == partnership.id, Mail.state == MailState.WAITING)
    return dict(session.exec(select(Mail.id, Mail.person_id).where(*waiting)).all())


def _refuse(faults: list[Fault]) -> NoReturn:
    if len(faults) > MOST_FAULTS:
        more = Fault("file", "more_faults", remedy="mend_these_first", more=len(faults) - MOST_FAULTS)
        faults = [*faults[:MOST_FAULTS], more]
    raise ImportInvalid(faults=faults)


def _read(sheet: Sheet[object], grid: Grid) -> Table:
    if not grid.cells:
        return Table(sheet)
    heading, faults = _heading(sheet, grid)
    faults += [Fault(f"{sheet.name}, {one}", "merged", remedy="unmerge_cells_and_fill_each_one") for one in grid.merged]
    absent = frozenset(column.name for column in sheet.columns if column.required) - set(heading.values())
    keys = [column.name for column in sheet.columns if column.name in absent and column.key]
    table, wrong = Table(sheet, absent=absent, faults=faults + [_absent(sheet, name) for name in keys]), 0
    for line in () if keys else _lines(table, grid, heading):
        line.read(sheet.columns)
        sheet.prepare(line)
        table.lines.append(line)
        wrong += len(line.faults)
        if wrong > MOST_FAULTS:
            break  # nobody is told of more
    return table


def _bring_in(world: World, table: Table, report: SheetReport) -> list[Fault]:
    touched: dict[int, int] = {}
    told: list[str] = []
    for line in table.lines:
        change = _take(world, table, line, touched)
        if isinstance(change, Change):
            setattr(report, change.value, getattr(report, change.value) + 1)
        else:
            told += [name for name in change if name not in told]
    table.sheet.finish(world)
    return [*_faults_of(table), *(_absent(table.sheet, name) for name in told)]


def _faults_of(table: Table) -> list[Fault]:
    return [*table.faults, *(fault for line in table.lines for fault in line.faults)]


def _absent(sheet: Sheet[object], name: str) -> Fault:
    return CellFault(sheet.name, 1, Fault("", "no_column", remedy="add_it_as_in_template", column=name))


def _heading(sheet: Sheet[object], grid: Grid) -> tuple[dict[int, str], list[Fault]]:
    """Return the columns that the first filled row names, by their numbers; whatever has another heading is a fault."""
    names = [column.name for column in sheet.columns]
    found: dict[int, str] = {}
    faults: list[Fault] = []
    top = min(grid.cells)
    first = grid.cells[top]
    for number in sorted({column for row in grid.cells.values() for column in row}):
        heading = tidy(shown(first.get(number)))
        if heading.startswith("_"):
            continue
        name = meant(heading, names)
        if name is not None and name not in found.values():
            found[number] = name
            continue
        fault = (
            Fault("", "heading_twice", remedy="keep_one_of_them", heading=heading)
            if name
            else Fault(
                "", "heading_unknown", remedy="column_left_alone", heading=heading[:60], near=nearest(heading, names)
            )
        )
        faults.append(CellFault(sheet.name, top, fault, column=heading[:60] or "a column", letter=letters(number)))
    return found, faults


def _lines(table: Table, grid: Grid, heading: dict[int, str]) -> Iterator[Line]:
    places = {name: letters(number) for number, name in heading.items()}
    for number in sorted(grid.cells)[1:]:
        row = grid.cells[number]
        leftmost = row[min(row)] if row else None
        cells = {name: row.get(column) for column, name in heading.items()}
        if isinstance(leftmost, str) and leftmost.strip().casefold().startswith(EXAMPLE):
            table.examples += 1
        elif any(raw is not None for raw in cells.values()):
            yield Line(table.sheet.name, number, cells, places)


def _take(world: World, table: Table, line: Line, touched: dict[int, int]) -> Change | Sequence[str]:
    """Bring one line in; return what it did, or the columns that a new one lacks."""
    sheet = table.sheet
    sheet.refer(world, line)
    row = sheet.find(world, line)
    key = _identity(row)
    if row is not None and key in touched:
        line.fault(sheet.handle[0], "stands_in_row_already", remedy="keep_one_lines", row=touched[key])
        return ()
    if row is None and table.absent:
        return sorted(table.absent)
    present = {} if row is None else _as_read(sheet.columns, sheet.values_of(world, row))
    line.changed = tuple(name for name, value in line.values.items() if present.get(name) != value)
    line.values = {column.name: column.kind.empty for column in sheet.columns} | present | line.values
    sheet.check(world, line, row)
    if line.faults or line.waits:
        world.doubtful.add((sheet.name, "\n".join(line.text(name) for name in sheet.handle)))
        return ()
    if row is not None:
        touched[key] = line.number
        if not line.changed:
            return Change.UNCHANGED
    try:
        kept = sheet.keep(world, line, row)
    except Invalid as error:
        line.blame(error.faults)
    except Refused as error:
        line.blame(Fault("", "refused", remedy="see_rules_of_step", reason=reason.text) for reason in error.reasons)
    except Stale:
        line.blame([Fault("", "stale", remedy="bring_file_in_again")])
    else:
        touched[_identity(kept)] = line.number
        return Change.CHANGED if row is not None else Change.ADDED
    return ()


def _identity(row: object) -> int:
    # A person with two roles stands on two lines: the second of a pair is what the line is about.
    return id(row[1]) if isinstance(row, tuple) else id(row)


def _as_read(columns: Sequence[Column], values: Values) -> dict[str, object]:
    """Return what is there as it would come back from a file that was exported."""
    read: dict[str, object] = {}
    for column in columns:
        written = column.kind.write(values[column.name])
        read[column.name] = column.kind.empty if written is None else column.kind.read(_raw(written))
    return read


def _raw(written: Written) -> Raw:
    if isinstance(written, bool | int | str):
        return written
    return f"{written:f}" if isinstance(written, Decimal) else str(written)
