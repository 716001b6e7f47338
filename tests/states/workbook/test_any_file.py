"""No file of any content ends in anything but an import or a list of faults."""

import io
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from states.errors import Fault, Invalid
from states.partners.tables import Partnership
from states.storage import begin
from states.workbook.cells import Oddity, Raw
from states.workbook.files import Grid, read_file
from states.workbook.importing import import_workbook, read_workbook
from states.workbook.sheets import SHEETS
from tests.laws import often
from tests.states.workbook.sheets_in import FULL, a_partnership, a_workbook, bring_in

sqlite = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
_LIKELY = sorted({str(cell) for rows in FULL.values() for row in rows for cell in row if cell is not None})
_CHOICES = sorted({word for sheet in SHEETS for column in sheet.columns for word in column.kind.choices})
_TRICKS = [
    "2026-05-04", "9999-12-31 23:59", "0001-01-01 00:00", "2026-03-29 02:30", "2026-10-25 02:30", "1e999", "-0", "٣",
    "1" * 400, "=1+1", "example: x", "\x00", "\ud800", "x" * 40_000, "a / b", "A | 2026-05-04 09:00 - 08:00 | 0 tables",
    "A | 2026-05-04 09:00 - 23:00 | 999999 tables | breaks 09:00-10:00, 1-2", "2026-05-04 09:00 - 10:00",
    "TOPL99999999999", "0" * 32, "Europe/Warsaw", "/etc/passwd", "../x", "PL22; FI1D7", "x@y", "İ", "%s{0}", "https://x.example",
]  # fmt: skip
_VALUES: st.SearchStrategy[Raw] = st.one_of(
    st.sampled_from(_LIKELY + _CHOICES + _TRICKS),
    st.text(max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.just(Oddity("=1", Fault("", "formula", remedy="write_value"))),
)


# What fits each column, so that a line gets past its first faults.
_FITTING: dict[tuple[str, Raw], list[Raw]] = {
    (name, heading): [raw for row in rows[1:] for raw in row[at : at + 1] if isinstance(raw, str | int | float)]
    for name, rows in FULL.items()
    for at, heading in enumerate(rows[0])
    if isinstance(heading, str)
}


def _cell(sheet: str, heading: Raw) -> st.SearchStrategy[Raw]:
    fitting = st.sampled_from([*_FITTING.get((sheet, heading), []), None])
    return st.one_of(fitting, fitting, fitting, _VALUES)


@st.composite
def grids(draw: st.DrawFn) -> list[Grid]:
    """Return some sheets with most of their columns, filled with what fits, what nearly fits, and anything."""
    made = []
    for sheet in draw(st.lists(st.sampled_from(SHEETS), max_size=4, unique_by=lambda one: one.name)):
        heading: list[Raw] = [column.name for column in sheet.columns if column.required or draw(st.booleans())]
        if draw(st.integers(0, 9)) == 0:
            heading.append(draw(_VALUES))
        rows = draw(st.lists(st.tuples(*(_cell(sheet.name, name) for name in heading)), max_size=4))
        cells: dict[int, dict[int, Raw]] = {
            number: {place: raw for place, raw in enumerate(row, start=1) if raw is not None}
            for number, row in enumerate([heading, *rows], start=1)
        }
        made.append(Grid(sheet.name, cells, ["A1:B2"] if draw(st.integers(0, 19)) == 0 else []))
    return made


@pytest.fixture
def partnership_key(installation: Path) -> str:
    with begin() as session:
        partnership = a_partnership(session)
        bring_in(session, partnership, {name: FULL[name] for name in ("regions", "organisations", "people")})
        return partnership.id


def _try(key: str, found: list[Grid]) -> None:
    """Bring grids in, or say what is wrong with them as a page and a terminal would show it; keep nothing."""
    with begin() as session:
        try:
            import_workbook(session, session.get_one(Partnership, key), read_workbook(found))
            session.flush()
        except Invalid as error:
            "".join(map(str, error.faults)).encode()
        session.rollback()


@sqlite
@settings(max_examples=often(100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=grids())
def test_no_cells_break_the_import(partnership_key: str, found: list[Grid]) -> None:
    _try(partnership_key, found)


@sqlite
@settings(max_examples=often(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_no_table_breaks_the_import(partnership_key: str, data: bytes) -> None:
    for name in ("profiles.csv", "file"):
        with suppress(Invalid):
            _try(partnership_key, list(read_file(data, name=name)))


WORKBOOK = a_workbook({name: FULL[name] for name in ("regions", "profiles")})


@settings(max_examples=often(300), deadline=None)
@given(st.data())
def test_no_damaged_workbook_breaks_the_reader(data: st.DataObject) -> None:
    damaged = bytearray(WORKBOOK)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(4, len(damaged) - 1))] = data.draw(st.integers(0, 255))

    with suppress(Invalid):
        read_file(bytes(damaged), name="file.xlsx")


with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as _package:
    _PARTS = {name: _package.read(name) for name in _package.namelist()}
_PIECES = [b"", b'"', b"<c>", b't="s"', b'r="ZZZ9999999"', b"-1", b"1e9"]


@settings(max_examples=often(300), deadline=None)
@given(st.data())
def test_no_damaged_part_breaks_the_reader(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(_PARTS)))
    text = bytearray(_PARTS[name])
    start = data.draw(st.integers(0, max(len(text) - 1, 0)))
    piece = data.draw(st.binary(max_size=12) | st.sampled_from(_PIECES))
    text[start : start + data.draw(st.integers(0, 20))] = piece
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for part, content in (_PARTS | {name: bytes(text)}).items():
            package.writestr(part, content)

    with suppress(Invalid):
        read_file(file.getvalue(), name="file.xlsx")
