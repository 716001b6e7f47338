"""The files inside a document: all that it shows as JSON, and the statements of a financial plan as a workbook.

Equal contexts give equal files: a workbook says no time of its own, and lists its parts with one date.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields
from decimal import Decimal
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from documents.conformance import Attached, Relationship
from documents.formats import in_words
from documents.languages import gettext
from documents.meta import DocumentContext
from documents.proposal.context import ProposalContext
from documents.proposal.finances import FinancialAnalysis
from states.funding.finance.statements import Balance, Cash, Profit

_JSON = "application/json"
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TIME = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")
_DATE = (1980, 1, 1, 0, 0, 0)
_MONEY, _YEAR = "#,##0.00", "0"
# What follows from the other columns, and stands after them.
_CASH = ("operating", "for_debt", "debt_service", "net", "closing")
_PROFIT = ("before_tax", "after_tax")
_BALANCE = ("assets", "liabilities")

Statement = Sequence[Cash] | Sequence[Profit] | Sequence[Balance]


def files_of(context: DocumentContext) -> Iterator[Attached]:
    """Yield what a document carries inside."""
    name = context.meta.kind.value
    shown = context.model_dump_json(indent=1).encode()
    yield Attached(f"{name}.json", _JSON, Relationship.DATA, gettext("All that this document shows"), shown)
    if isinstance(context, ProposalContext) and context.analysis is not None:
        content = statements(context.analysis, title=context.meta.title)
        words = gettext("Cash flow, profit and loss, and balance of the chosen scenario, in EUR")
        yield Attached("cash-flow.xlsx", _WORKBOOK, Relationship.SOURCE, words, content)


def statements(analysis: FinancialAnalysis, *, title: str) -> bytes:
    """Return the statements of a plan as a workbook: a sheet a statement, a line a year, amounts as numbers in EUR."""
    workbook = Workbook(write_only=True)
    _sheet(workbook, "Cash flow", analysis.cash, _CASH)
    _sheet(workbook, "Profit and loss", analysis.profit, _PROFIT)
    _sheet(workbook, "Balance", analysis.balance, _BALANCE)
    workbook.properties.title, workbook.properties.creator = title, "Bankable"
    written = BytesIO()
    workbook.save(written)
    return _without_time(written)


def _sheet(workbook: Workbook, title: str, lines: Statement, further: tuple[str, ...]) -> None:
    sheet: Worksheet = workbook.create_sheet(title)
    sheet.freeze_panes = "B2"
    if not lines:
        return
    columns = [*(one.name for one in fields(lines[0])), *further]
    sheet.append([_bold(sheet, in_words(column).capitalize()) for column in columns])
    for line in lines:
        sheet.append([_number(sheet, getattr(line, column)) for column in columns])


def _bold(sheet: Worksheet, words: str) -> Cell:
    cell = WriteOnlyCell(sheet, words)
    cell.font = Font(bold=True)
    return cell


def _number(sheet: Worksheet, value: Decimal | int) -> Cell:
    cell = WriteOnlyCell(sheet)
    cell.value = value
    cell.number_format = _MONEY if isinstance(value, Decimal) else _YEAR
    return cell


def _without_time(written: BytesIO) -> bytes:
    """Return a workbook without the time of its making, which stands in its properties and beside each part."""
    made = BytesIO()
    with ZipFile(written) as source, ZipFile(made, "w") as target:
        for name in sorted(source.namelist()):
            part = ZipInfo(name, _DATE)
            part.compress_type, part.create_system = ZIP_DEFLATED, 3
            content = source.read(name)
            target.writestr(part, _TIME.sub(b"", content) if name == "docProps/core.xml" else content)
    return made.getvalue()
