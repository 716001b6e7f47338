"""XLSX and CSV as people's programs write them, and as somebody writes them who means no good."""

import io
import re
import zipfile
from datetime import UTC, date, datetime

import pytest
from openpyxl import Workbook, load_workbook

from states.errors import Fault
from states.packages import FileInvalid
from states.workbook.cells import Oddity
from states.workbook.files import MOST_BYTES, MOST_ROWS, Grid, read_file
from states.workbook.writing import template
from tests.states.workbook.sheets_in import Cell, a_workbook

NAIVE = datetime(2026, 5, 4, 9, 30, tzinfo=UTC).replace(tzinfo=None)  # as spreadsheets keep times


def _only(data: bytes, name: str = "file.xlsx") -> Grid:
    (grid,) = read_file(data, name=name)
    return grid


def _saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_cells_are_values_and_formulas_are_not_evaluated() -> None:
    book = Workbook()
    page = book.worksheets[0]
    values: dict[str, Cell] = {"A1": "  text ", "B1": 7, "C1": 1.5, "D1": True, "E1": NAIVE, "F1": date(2026, 5, 4)}
    for place, value in (values | {"G1": "=1+1", "H1": "#N/A", "A3": " ", "B4": "below"}).items():
        page[place] = value
    page.merge_cells("A6:B7")

    grid = _only(_saved(book))

    day = NAIVE.replace(hour=0, minute=0)
    formula = Oddity("a formula", Fault("", "formula", remedy="copy_and_paste_value"))
    error = Oddity("#N/A", Fault("", "error_of_a_formula", remedy="write_value"))
    first = {1: "  text ", 2: 7, 3: 1.5, 4: True, 5: NAIVE, 6: day, 7: formula, 8: error}
    assert (grid.cells, grid.merged) == ({1: first, 4: {2: "below"}}, ["A6:B7"])


def test_dates_of_both_calendars_are_read() -> None:
    book = Workbook()
    book.epoch = datetime(1904, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    book.worksheets[0]["A1"] = NAIVE

    assert _only(_saved(book)).cells == {1: {1: NAIVE}}


def _archive(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return file.getvalue()


def _package(**parts: str) -> bytes:
    """Return the workbook of one sheet with parts replaced; `sheet` is its cells."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(a_workbook({"calls": [["slug"]]}))) as source, zipfile.ZipFile(file, "w") as made:
        for name in source.namelist():
            text = parts["sheet"] if "sheet" in parts and name.endswith("sheet1.xml") else source.read(name)
            made.writestr(name, text)
    return file.getvalue()


def _sheet(cells: str, head: str = "") -> str:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?>{head}<worksheet xmlns="{space}"><sheetData>{cells}</sheetData></worksheet>'


def test_texts_inside_cells_and_cells_without_places_are_read() -> None:
    cells = '<row><c t="inlineStr"><is><r><t>a</t></r><r><t>b_x000D_</t></r></is></c><c><v>2</v></c></row>'

    assert _only(_package(sheet=_sheet(cells))).cells == {1: {1: "ab\r", 2: 2}}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xd0\xcf\x11\xe0\0\0", "is neither a workbook nor a table"),
        (b"PK\x03\x04 and no more", "is no workbook that can be read"),
        (b"x" * (MOST_BYTES + 1), "has 16 MiB"),
        (b"\xff\xfe\x00", "has an encoding that nobody knows"),
        (_package(sheet=_sheet("<row><c r='A999999'><v>1</v></c></row>")), "has something in row 999999, column 1"),
        (_package(sheet=_sheet("<row><c r='XFD1'><v>1</v></c></row>")), "has something in row 1, column 16384"),
        (_package(sheet=_sheet("", '<!DOCTYPE x [<!ENTITY e "eeee">]>')), "declares a type of document"),
        (_package(sheet="<worksheet>"), "is no workbook that can be read"),
    ],
)  # fmt: skip
def test_what_is_not_read_says_why(data: bytes, said: str) -> None:
    with pytest.raises(FileInvalid) as caught:
        read_file(data, name="file")

    assert caught.value.faults[0].message == said
    assert caught.value.faults[0].remedy != ""


SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
_INLINE = re.compile(r't="inlineStr"><is><t>([^<]*)</t></is>')


def _with_shared_strings(parts: dict[str, str]) -> dict[str, str]:
    """Return the parts of a workbook with its texts apart from its cells, as Excel keeps them."""
    found = _INLINE.findall(parts[SHEET])
    numbers = iter(range(len(found)))
    cells = _INLINE.sub(lambda _: f't="s"><v>{next(numbers)}</v>', parts[SHEET])
    strings = "".join(f"<si><t>{text}</t></si>" for text in found)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    relation = f'<Relationship Type="{kind}" Target="sharedStrings.xml" Id="rId9"/></Relationships>'
    relations = parts[RELATIONS].replace("</Relationships>", relation)
    return parts | {SHEET: cells, STRINGS: f"<sst>{strings}</sst>", RELATIONS: relations}


RELATIONS = "xl/_rels/workbook.xml.rels"


def _renamed(names: dict[str, str], texts: dict[str, tuple[str, str]] | None = None) -> bytes:
    """Return a workbook of one organisation, with parts under other names, and with texts in them changed."""
    book, file = Workbook(), io.BytesIO()
    page = book.worksheets[0]
    page.title = "organisations"
    for row in (["slug", "name", "kind", "nuts", "since"], ["bone", "Bone", "sme", "PL22", date(2026, 5, 4)]):
        page.append(row)
    with zipfile.ZipFile(io.BytesIO(_saved(book))) as source:
        parts = _with_shared_strings({name: source.read(name).decode() for name in source.namelist()})
    with zipfile.ZipFile(file, "w") as made:
        for name, content in parts.items():
            old, new = (texts or {}).get(name, ("", ""))
            assert old in content
            if names.get(name, name):
                made.writestr(names.get(name, name), content.replace(old, new))
    return file.getvalue()


@pytest.mark.parametrize(
    "names",
    [
        {"xl/sharedStrings.xml": "xl/SharedStrings.xml"},
        {"xl/worksheets/sheet1.xml": "xl/worksheets/Sheet1.xml"},
        {"xl/worksheets/sheet1.xml": "xl/WorkSheets/SHEET1.XML"},
        {"xl/workbook.xml": "xl/Workbook.xml"},
        {RELATIONS: "xl/_Rels/Workbook.xml.rels"},
        {"_rels/.rels": "_RELS/.Rels", "xl/styles.xml": "XL/Styles.xml"},
        {"xl/styles.xml": "xl\\styles.xml", "xl/worksheets/sheet1.xml": "xl\\worksheets\\sheet1.xml"},
    ],
)
def test_the_case_of_a_parts_name_does_not_matter(names: dict[str, str]) -> None:
    day = datetime(2026, 5, 4, tzinfo=UTC).replace(tzinfo=None)

    assert _only(_renamed(names)).cells[2] == {1: "bone", 2: "Bone", 3: "sme", 4: "PL22", 5: day}


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("sheet1.xml", "sheet%201.xml", "xl/worksheets/sheet 1.xml"),
        ("sheet1.xml", "sheet1.XML", "xl/worksheets/sheet1.xml"),
        ("/xl/worksheets/sheet1.xml", "worksheets\\sheet1.xml", "xl/worksheets/sheet1.xml"),
        ("/xl/worksheets/sheet1.xml", "./worksheets/../worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
        ("sheet1.xml", "feuille%C3%A9.xml", "xl/worksheets/feuilleé.xml"),
    ],
)
def test_a_part_is_found_however_it_is_referred_to(old: str, new: str, name: str) -> None:
    data = _renamed({"xl/worksheets/sheet1.xml": name}, {RELATIONS: (old, new)})

    assert _only(data).cells[2][2] == "Bone"


@pytest.mark.parametrize(
    "part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml"]
)
def test_a_part_that_is_named_and_absent_is_no_empty_one(part: str) -> None:
    with pytest.raises(FileInvalid) as caught:
        read_file(_renamed({part: ""}), name="file.xlsx")

    assert [one.message for one in caught.value.faults] == [f"names a part that is not in it: {part}"]


def test_what_a_formula_came_to_is_its_value() -> None:
    cells = (
        "<row><c><f>1+1</f><v>2</v></c><c t='str'><f>A1</f><v>text</v></c><c t='e'><f>1/0</f><v>#DIV/0!</v></c></row>"
    )

    row = _only(_package(sheet=_sheet(cells))).cells[1]

    assert (row[1], row[2]) == (2, "text")
    assert isinstance(row[3], Oddity)


def test_a_small_file_that_unpacks_to_very_much_is_refused_unopened() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for number in range(3):
            package.writestr(f"xl/{number}.xml", b" " * (50 << 20))
    assert len(file.getvalue()) < 1 << 20

    with pytest.raises(FileInvalid) as caught:
        read_file(file.getvalue(), name="file.xlsx")

    assert caught.value.faults[0].message == "unpacks to 150 MiB"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_form_of_a_table_is_found_out(delimiter: str, encoding: str) -> None:
    rows = [["Kurzname", "Name", "Art", "NUTS"], ["bone", '"Bone, Wörks; | Ltd\nLabor"', "sme", "PL22"]]
    data = "\r\n".join(delimiter.join(row) for row in rows).encode(encoding)

    grid = _only(data, "Organisationen.csv")

    assert grid.name == "Organisationen"
    assert grid.cells[2] == {1: "bone", 2: "Bone, Wörks; | Ltd\nLabor", 3: "sme", 4: "PL22"}


def test_a_table_without_a_name_is_known_by_its_columns() -> None:
    assert _only(b"email,label,role\n", "list.csv").name == "people"
    assert _only(b"slug,name,kind\n", "list.csv").name == "list"  # of several sheets


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body><table><tr><td>slug</td></tr></table></body></html>",
        b'\xef\xbb\xbf\n<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        b"{\\rtf1 slug}",
        _archive("mimetype", "content.xml", "META-INF/manifest.xml"),  # LibreOffice's own
        _archive("[Content_Types].xml", "xl/workbook.bin"),  # Excel's binary one
        _archive("[Content_Types].xml", "word/document.xml"),
        _archive("Index/Document.iwa", "preview.jpg"),  # Numbers
    ],
)
def test_what_another_program_wrote_is_named_as_none_of_ours(data: bytes) -> None:
    with pytest.raises(FileInvalid) as caught:
        read_file(data, name="organisations.xls")

    assert [one.code for one in caught.value.faults] == ["neither_workbook_nor_table"]


def test_a_mark_of_the_encoding_may_stand_twice() -> None:
    assert _only(b"\xef\xbb\xbf" * 2 + b"slug,name", "organisations.csv").cells == {1: {1: "slug", 2: "name"}}


def test_a_table_that_never_ends_is_refused() -> None:
    with pytest.raises(FileInvalid) as caught:
        read_file(b"slug\n" + b"a\n" * MOST_ROWS, name="calls.csv")

    assert caught.value.faults[0].message == f"is too large at row {MOST_ROWS + 1}"


def test_the_template_helps_whoever_fills_it_in() -> None:
    book = load_workbook(io.BytesIO(template(language="fr")))
    page = book["Organisations"]

    kinds = "sme,large_enterprise,technology_centre,university,cluster,authority,investor,other"
    lists = {str(one.sqref): one.formula1 for one in page.data_validations.dataValidation}
    assert [cell.value for cell in page[1]][:4] == ["Nom court", "Nom", "Nature", "Code NUTS"]
    assert page["A2"].value == "example: acme"
    assert page["C1"].comment is not None
    assert (page.freeze_panes, lists[f"C2:C{MOST_ROWS}"]) == ("B2", f'"{kinds}"')
    assert f"'Organisations'!$A$2:$A${MOST_ROWS}" in {
        one.formula1 for one in book["Profils"].data_validations.dataValidation
    }
    assert (
        max(len(str(one.formula1)) for name in book.sheetnames for one in book[name].data_validations.dataValidation)
        <= 255
    )
