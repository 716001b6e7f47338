"""Writes workbooks: the empty one to fill in, and what a partnership has."""

import io
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from sqlmodel import Session

from states.errors import Invalid
from states.matchmaking.suggestions.taxonomy import MOST_NODES, Taxonomy, taxonomy
from states.partners.tables import Partnership
from states.workbook.cells import MOST_CHARACTERS, Written
from states.workbook.files import MOST_ROWS
from states.workbook.importing import EXAMPLE, LEFT_ALONE
from states.workbook.labels import title
from states.workbook.line import Column
from states.workbook.sheet import Sheet
from states.workbook.sheets import SHEETS
from states.workbook.shown import Page, pages
from states.workbook.world import World

_OPTIONAL = PatternFill("solid", fgColor="DCE6F1")
_NEEDED = PatternFill("solid", fgColor="F8D7A0")
_BOLD, _FAINT = Font(bold=True), Font(italic=True, color="808080")
_FORMATS: Mapping[type, str] = {date: "yyyy-mm-dd", Decimal: "#,##0.00", int: "0"}
_LIKE_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_RULES = (
    "Columns with a heading in orange are filled in every line; others may stay empty, or be left out.",
    "A column that is left out stays as it is in Bankable; an empty cell empties it.",
    "Nothing is taken away: a line that is not here stays where it is.",
    f"A line whose first cell begins with {EXAMPLE!r} shows how, and is left out.",
    "Sheets and columns whose name begins with _ are yours, and left alone.",
    "Formulas are not read: write values. Dates are dates, or text such as 2026-05-04.",
)


class CellTooLong(Invalid):
    """A text is longer than a spreadsheet's cell."""

    code = "cell_too_long"


def template(*, language: str = "en", tree: Taxonomy | None = None) -> bytes:
    """Return the workbook to fill in: headings with notes, drop-downs, and an example in each sheet.

    What profiles may be about is listed by `tree`, the taxonomy of the partnership; without one by that for any field.
    """
    rows = {sheet.name: [_example(sheet)] for sheet in SHEETS}
    return _saved(rows, language=language, tree=tree or taxonomy("nace"), examples=True)


def export(session: Session, partnership: Partnership, *, language: str = "en", addresses: bool = True) -> bytes:
    """Return the workbook of all that a partnership has; brought in again, it changes nothing.

    Without `addresses` it leaves people out, and the columns that name them: what is not there stays as it is.
    """
    world = World(session, partnership)
    rows = {
        sheet.name: [sheet.cells_of(world, row) for row in sheet.rows(world)]
        for sheet in SHEETS
        if addresses or sheet.name != "people"
    }
    return _saved(rows, language=language, tree=world.taxonomy, shown=list(pages(world)))


def _example(sheet: Sheet[object]) -> Mapping[str, Written]:
    first, *others = sheet.columns
    marked = f"{EXAMPLE} {first.example or 'empty'}"
    return {first.name: marked} | {column.name: column.example for column in others}


def _saved(
    rows: Mapping[str, Sequence[Mapping[str, Written]]],
    *,
    language: str,
    tree: Taxonomy,
    examples: bool = False,
    shown: Sequence[Page] = (),
) -> bytes:
    book = Workbook()
    guide = book.worksheets[0]
    guide.title = LEFT_ALONE[0]
    _guide(guide, language)
    for sheet in SHEETS:
        if sheet.name not in rows:
            continue
        page = book.create_sheet(title(sheet.name, language))
        columns = [column for column in sheet.columns if column.refers in ("", *rows)]
        _furnish(page, columns, language)
        for number, row in enumerate(rows[sheet.name], start=2):
            for position, column in enumerate(columns, start=1):
                if (value := row[column.name]) is not None:
                    _write(page, number, position, value, faint=examples)
    for one in shown:
        _show(book.create_sheet(one.name), one)
    _list(book.create_sheet(LEFT_ALONE[1]), tree, language)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _show(page: Worksheet, shown: Page) -> None:
    """Write a sheet that an import leaves alone."""
    page.freeze_panes = "B2"
    for position, name in enumerate(shown.columns, start=1):
        page.cell(1, position, name).font = _BOLD
        page.column_dimensions[get_column_letter(position)].width = 18
    for number, row in enumerate(shown.rows, start=2):
        for position, value in enumerate(row, start=1):
            if value is not None:
                _write(page, number, position, value)


def _guide(page: Worksheet, language: str) -> None:
    for letter, width in zip("ABCD", (24, 30, 9, 110), strict=True):
        page.column_dimensions[letter].width = width
    lines: list[tuple[str, ...]] = [(rule,) for rule in _RULES]
    for sheet in SHEETS:
        lines += [(), (title(sheet.name, language), "", "", sheet.says)]
        for column in sheet.columns:
            lines.append(("", title(column.name, language), "needed" if column.required else "", note(column)))
    for number, line in enumerate(lines, start=1):
        for position, text in enumerate(line, start=1):
            if text:
                _write(page, number, position, text)


def _list(page: Worksheet, tree: Taxonomy, language: str) -> None:
    """Write down what may be chosen: each keyword's code, and its label with the levels above by its place."""
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 16, 60
    for number, node in enumerate(tree.nodes.values(), start=1):
        _write(page, number, 1, node.code)
        _write(page, number, 2, tree.label(node.code, language))


def note(column: Column) -> str:
    words = "one of " + ", ".join(column.kind.choices) if column.kind.choices else column.kind.says
    names = f"as in the sheet {column.refers}" if column.refers else ""
    return "; ".join(part for part in (column.note, names, words) if part)


def _furnish(page: Worksheet, columns: Sequence[Column], language: str) -> None:
    page.freeze_panes = "B2"
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        page.column_dimensions[letter].width = column.width
        heading = page.cell(1, number, title(column.name, language))
        heading.font, heading.fill = _BOLD, _NEEDED if column.required else _OPTIONAL
        if text := note(column):
            heading.comment = Comment(text, "Bankable", width=360, height=90)
        if chosen := _drop_down(column, language):
            chosen.add(f"{letter}2:{letter}{MOST_ROWS}")
            page.add_data_validation(chosen)


def _drop_down(column: Column, language: str) -> DataValidation | None:
    if column.kind.choices:
        return DataValidation(type="list", formula1=f'"{",".join(column.kind.choices)}"', allow_blank=True)
    if column.listed:
        # Several may stand in a cell, so another word is no error.
        names = f"'{LEFT_ALONE[1]}'!$A$1:$A${MOST_NODES}"
        return DataValidation(type="list", formula1=names, allow_blank=True, showErrorMessage=False)
    if column.refers:
        names = f"'{title(column.refers, language)}'!$A$2:$A${MOST_ROWS}"
        # What the database has already may be named as well, so another word is no error.
        return DataValidation(type="list", formula1=names, allow_blank=True, showErrorMessage=False)
    return None


def _write(page: Worksheet, row: int, column: int, value: str | int | Decimal | date, *, faint: bool = False) -> None:
    """Fill a cell; a text stays a text, whatever it begins with."""
    if not isinstance(value, str):
        cell = page.cell(row, column, value)
        cell.number_format = _FORMATS[type(value)]
    else:
        text = _LIKE_ESCAPE.sub("_x005F_", value)
        if len(text) > MOST_CHARACTERS:
            place = f"{page.title}, row {row}, column {get_column_letter(column)}"
            raise CellTooLong(
                "cell_too_long", field=place, remedy="shorten_text", length=len(text), most=MOST_CHARACTERS
            )
        cell = page.cell(row, column, text)
        cell.data_type, cell.number_format = "s", "@"  # never a formula
    if faint:
        cell.font = _FAINT
