"""Exchange rates as the Commission publishes them (InforEuro): JSON, CSV or XLSX, with each fault at row and column.

Two shapes of JSON: the rates of a month (`isoA3Code`, `value`), and the history of a currency (`currencyIso`,
`amount`, `dateStart`). Tables have a heading for the code of the currency and for the rate, and may have one for the
month. A rate is how much of the currency EUR 1 is. Countries that share a currency repeat it.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from states.errors import Fault
from states.funding.money.currencies import EURO
from states.funding.money.rates import MOST_DECIMALS, Published, RatesInvalid, first_of
from states.packages import refuse_file
from states.storage.amounts import NumberUnreadable, read_rate
from states.workbook.cells import Raw, shown
from states.workbook.files import Grid, letters, read_file

_CURRENCY = ("isoa3code", "currencyiso", "isocode", "currencycode", "isocurrencycode", "iso", "code", "currency")
_RATE = ("value", "amount", "rate", "exchangerate", "eurorate", "unitsforeur1")
_MONTH = ("month", "period", "datestart", "validfrom", "from")
_MONTHS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})(?:-\d{1,2})?"),
    re.compile(r"(?:\d{1,2}/)?(?P<month>\d{1,2})/(?P<year>\d{4})"),
    re.compile(r"(?:\d{1,2}\.)?(?P<month>\d{1,2})\.(?P<year>\d{4})"),
)
Place = TypeVar("Place", str, int)
_CODE = re.compile(r"[A-Z]{3}")
_FIGURES = 15
_ASKED = {"currency": _CURRENCY, "rate": _RATE}


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a table or an entry of a list, by what its cells mean; `places` says where each stands."""

    place: str
    cells: Mapping[str, Raw | Decimal]
    places: Mapping[str, str]

    def at(self, name: str) -> str:
        return self.places.get(name, self.place)


def read_rates(data: bytes, *, name: str, month: date | None = None) -> list[Published]:
    """Return the rates of a file; `month` is theirs where the file names none. Raise `RatesInvalid`, `FileInvalid`."""
    rows = _entries(data, name) if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"[", b"{")) else _lines(data, name)
    faults = list[Fault]()
    read = [_published(row, month, faults) for row in rows]
    if faults:
        raise RatesInvalid(faults=faults)
    return [one for one in read if one is not None]


def read_month(text: str) -> date | None:
    """Return the first day of the month that a text names, as 2026-11 or by any of its days, or None."""
    for pattern in _MONTHS:
        if found := pattern.fullmatch(text.strip()):
            try:
                return date(int(found["year"]), int(found["month"]), 1)
            except ValueError:
                return None
    return None


def month_named(text: str | None) -> date | None:
    """Return the month that somebody asks for, None where nobody does; raise `RatesInvalid`."""
    found = None if text is None else read_month(text)
    if text is not None and found is None:
        raise RatesInvalid(faults=[Fault("month", "month_unreadable", remedy="write_month_as", text=text)])
    return found


def _entries(data: bytes, name: str) -> Sequence[_Row]:
    try:
        tree = json.loads(data.decode("utf-8-sig"), parse_float=Decimal, parse_int=Decimal)
    except (ValueError, RecursionError):
        raise refuse_file(name, "not_json", remedy="send_json") from None
    if not isinstance(tree, list):
        raise refuse_file(name, "not_a_list", remedy="give_published_rates")
    rows, faults = list[_Row](), list[Fault]()
    for number, entry in enumerate(tree, start=1):
        place = f"{name}[{number}]"
        if not isinstance(entry, dict):
            faults.append(Fault(place, "not_an_object", remedy="give_published_rates"))
            continue
        headings = {key: key for key in entry}
        columns = _columns(headings)
        lacking = [one for one in _ASKED if one not in columns]
        faults += [Fault(f"{place}.{one}", "missing", remedy="give_published_rates") for one in lacking]
        if not lacking:
            places = {meaning: f"{place}.{key}" for meaning, key in columns.items()}
            rows.append(_Row(place, {meaning: _scalar(entry[key]) for meaning, key in columns.items()}, places))
    if faults:
        raise RatesInvalid(faults=faults)
    return rows


def _scalar(value: object) -> Raw | Decimal:
    return value if isinstance(value, str | Decimal | bool) else None if value is None else str(value)


def _lines(data: bytes, name: str) -> Iterator[_Row]:
    for grid in read_file(data, name=name):
        if not grid.cells:
            continue
        head, columns = _heading(grid)
        if head is None:
            raise RatesInvalid(
                faults=[Fault(f"{grid.name}, row {min(grid.cells)}", "no_rate_headings", remedy="name_rate_columns")]
            )
        for number, cells in sorted(grid.cells.items()):
            note = len(cells) == 1 and not _CODE.fullmatch(_text(cells.get(columns["currency"])).upper())
            if number > head and not note:
                where = f"{grid.name}, row {number}"
                places = {one: f"{where}, {one} ({letters(at)}{number})" for one, at in columns.items()}
                yield _Row(where, {one: cells.get(at) for one, at in columns.items()}, places)


def _heading(grid: Grid) -> tuple[int | None, Mapping[str, int]]:
    """Return the row of the headings and the column of each; a title may stand above them."""
    for number in sorted(grid.cells)[:10]:
        columns = _columns({at: shown(cell) for at, cell in grid.cells[number].items()})
        if columns.keys() >= _ASKED.keys():
            return number, columns
    return None, {}


def _columns(headings: Mapping[Place, str]) -> dict[str, Place]:
    """Return where the code, the rate and the month stand; of several headings for one, the surest."""
    folded = {re.sub(r"[^a-z0-9]", "", heading.casefold()): at for at, heading in headings.items()}
    found = {}
    for meaning, words in ({**_ASKED, "month": _MONTH}).items():
        sure = next((word for word in words if word in folded), None)
        if sure is not None:
            found[meaning] = folded[sure]
    return found


def _published(row: _Row, month: date | None, faults: list[Fault]) -> Published | None:
    before = len(faults)
    code = _text(row.cells.get("currency")).upper()
    if not _CODE.fullmatch(code):
        faults.append(Fault(row.at("currency"), "no_currency", remedy="iso_4217_code", currency=code))
    rate = _number(row, faults)
    named = row.cells.get("month")
    if isinstance(named, datetime):
        meant: date | None = first_of(named.date())
    else:
        meant = month if named is None else read_month(_text(named))
    if meant is None:
        code_of = "month_unreadable" if named is not None else "month_missing"
        faults.append(Fault(row.at("month"), code_of, remedy="write_month_as", text=_text(named)))
    if code == EURO and rate not in (None, Decimal(1)):
        faults.append(Fault(row.at("rate"), "euro_is_one", remedy="units_for_one_euro", rate=str(rate)))
    if len(faults) > before or rate is None or meant is None or code == EURO:
        return None
    return Published(code, meant, rate, row.at("rate"))


def _text(cell: Raw | Decimal) -> str:
    return str(cell) if isinstance(cell, Decimal) else shown(cell).strip()


def _number(row: _Row, faults: list[Fault]) -> Decimal | None:
    cell = row.cells.get("rate")
    if isinstance(cell, Decimal):
        return cell
    text = f"{cell:.{_FIGURES}g}" if isinstance(cell, float) else _text(cell)
    if isinstance(cell, float) and "e" in text:
        text = f"{cell:.{MOST_DECIMALS}f}"
    if not text:
        faults.append(Fault(row.at("rate"), "missing", remedy="units_for_one_euro"))
        return None
    try:
        return read_rate(text)
    except NumberUnreadable as error:
        faults.append(error.fault.at(row.at("rate")))
        return None
