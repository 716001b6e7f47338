"""Files as people damage them: each fault names sheet and cell, or heading, and what to do; nothing else is said."""

import copy
import io
from collections.abc import Callable
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from docx import Document
from docx.document import Document as DocumentObject
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.text.paragraph import Paragraph
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from states.packages import FileInvalid
from states.protocol.content import table_rows
from states.protocol_files.base import ProtocolFileInvalid
from states.protocol_files.reading import Format, read_protocol_file
from tests.states.protocol_files.filed import CONTENT, SECTIONS, differences, faults_of, taken_out

Fault = tuple[str, str]
WHY, TABLE = "heading Why (Work plan)", "heading Work packages (Work plan)"


def book(edit: Callable[[Workbook], object]) -> bytes:
    """Return the workbook after an edit."""
    found = load_workbook(io.BytesIO(taken_out(Format.XLSX)))
    edit(found)
    file = io.BytesIO()
    found.save(file)
    return file.getvalue()


def plan(edit: Callable[[Worksheet], object]) -> bytes:
    """Return the workbook after an edit of the sheet `Work plan`: row 3 is Why, row 8 the first of the table."""
    return book(lambda found: edit(found["Work plan"]))


def put(cell: str, value: str | datetime) -> Callable[[Worksheet], object]:
    return lambda page: page.__setitem__(cell, value)


def twice(page: Worksheet) -> None:
    page["A2"], page["B2"] = "plan.why", "Why"


def with_risk(page: Worksheet) -> None:
    page.insert_cols(4)
    page["D7"], page["D8"] = "Risk", "low"


WORKBOOKS: dict[str, tuple[Callable[[], bytes], list[Fault]]] = {
    "a heading that says another thing": (
        lambda: plan(put("B3", "Wherefore")),
        [("sheet Work plan, cell B3", "heading_changed")],
    ),
    "a field that was deleted": (
        lambda: plan(lambda page: page.delete_rows(3)),
        [("sheet Work plan", "heading_missing")],
    ),
    "a field that is there twice": (
        lambda: plan(twice),
        [("sheet Work plan, Why (row 3)", "heading_twice")],
    ),
    "a key that nobody knows": (
        lambda: plan(put("A3", "plan.because")),
        [("sheet Work plan, cell A3", "no_heading_of_protocol"), ("sheet Work plan", "heading_missing")],
    ),
    "a sheet that was deleted": (
        lambda: book(lambda found: found.remove(found["Identity"])),
        [("file", "sheet_missing")],
    ),
    "a sheet that was copied": (
        lambda: book(lambda found: found.copy_worksheet(found["Identity"])),
        [("sheet Identity Copy", "heading_twice")],
    ),
    "a sheet of somebody's own": (
        lambda: book(lambda found: found.create_sheet("Notes").append([None, "mine"])),
        [("sheet Notes", "no_section_of_protocol")],
    ),
    "a column that was renamed": (
        lambda: plan(put("E7", "Euro")),
        [("sheet Work plan, cell E7", "heading_changed")],
    ),
    "a column that was deleted": (
        lambda: plan(lambda page: page.delete_cols(4)),
        [("sheet Work plan, cell B7", "column_missing")],
    ),
    "a column that was added": (
        lambda: plan(with_risk),
        [("sheet Work plan, cell D7", "column_unknown")],
    ),
    "a number as a text that may be read in two ways": (
        lambda: plan(put("E8", "1.250")),
        [("sheet Work plan, cell E8", "may_be_thousands_or_decimals")],
    ),
    "a formula that was never computed": (
        lambda: plan(put("E8", "=1+1")),
        [("sheet Work plan, cell E8", "formula")],
    ),
    "a time where a day is wanted": (
        lambda: plan(put("H8", datetime(2026, 5, 4, 12, 30))),  # noqa: DTZ001 - a cell has no zone
        [("sheet Work plan, cell H8", "time_not_day")],
    ),
    "merged cells": (
        lambda: plan(lambda page: page.merge_cells("C8:D8")),
        [("sheet Work plan, cells C8:D8", "merged")],
    ),
    "a text beyond its limit": (
        lambda: plan(put("C3", "word " * 6_000)),
        [("sheet Work plan, Why (row 3)", "too_many_characters")],
    ),
    "a text beside the table": (
        lambda: plan(put("Z8", "see above")),
        [("sheet Work plan, cell Z8", "text_outside_fields")],
    ),
    "a comment": (
        lambda: plan(lambda page: setattr(page["C3"], "comment", _comment())),
        [("sheet Work plan, cell C3", "comment_unresolved")],
    ),
}


def _comment() -> object:
    from openpyxl.comments import Comment

    return Comment("Really?", "A reader")


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_workbook_names_sheet_and_cell(name: str) -> None:
    make, expected = WORKBOOKS[name]

    assert faults_of(make()) == expected


def document(edit: Callable[[DocumentObject], object]) -> bytes:
    """Return the document after an edit."""
    found = Document(io.BytesIO(taken_out(Format.DOCX)))
    edit(found)
    file = io.BytesIO()
    found.save(file)
    return file.getvalue()


def style_of(paragraph: Paragraph) -> str:
    return str(paragraph.style.name if paragraph.style else "")


def heading(found: DocumentObject, title: str) -> Paragraph:
    return next(one for one in found.paragraphs if one.text.startswith(title) and style_of(one).startswith("Heading"))


def below(found: DocumentObject, title: str) -> Paragraph:
    """Return the first paragraph of a field: below its heading and the note."""
    all_of_them = found.paragraphs
    at = next(number for number, one in enumerate(all_of_them) if one._p is heading(found, title)._p)
    return all_of_them[at + 2]


def holding(tag: str, *inside: str) -> Callable[[DocumentObject], object]:
    """Return the edit that puts an element into the text of Why."""

    def edit(found: DocumentObject) -> None:
        element = OxmlElement(tag)
        for one in inside:
            element.append(OxmlElement(one))
        below(found, "Why").runs[0]._r.append(element)

    return edit


def tracked(found: DocumentObject) -> None:
    run = below(found, "Why").runs[0]._r
    change = parse_xml(f'<w:ins {nsdecls("w")} w:id="1" w:author="A"><w:r><w:t>new</w:t></w:r></w:ins>')
    run.addnext(change)


def retitled(found: DocumentObject, title: str, text: str, *, marked: bool = True) -> None:
    paragraph = heading(found, title)
    paragraph.runs[0].text = text
    if not marked:
        paragraph.runs[1]._r.getparent().remove(paragraph.runs[1]._r)


def doubled(found: DocumentObject) -> None:
    last = found.paragraphs[-1]._p
    for one in (heading(found, "Why"), below(found, "Why")):
        last.addprevious(copy.deepcopy(one._p))


def without(paragraph: Callable[[DocumentObject], Paragraph]) -> Callable[[DocumentObject], object]:
    def edit(found: DocumentObject) -> None:
        element = paragraph(found)._p
        element.getparent().remove(element)

    return edit


def field_code(found: DocumentObject) -> None:
    run = below(found, "Why").runs[0]._r
    for kind in ("begin", "end"):
        char = OxmlElement("w:fldChar")
        char.set(qn("w:fldCharType"), kind)
        run.append(char)


def table_in_text(found: DocumentObject) -> None:
    table = found.add_table(rows=1, cols=1)
    below(found, "Why")._p.addnext(table._tbl)


def second_table(found: DocumentObject) -> None:
    found.tables[0]._tbl.addnext(copy.deepcopy(found.tables[0]._tbl))


def picture(found: DocumentObject) -> None:
    holding("w:drawing")(found)


def cell(row: int, column: int, text: str) -> Callable[[DocumentObject], object]:
    return lambda found: setattr(found.tables[0].cell(row, column), "text", text)


DOCUMENTS: dict[str, tuple[Callable[[DocumentObject], object], list[Fault]]] = {
    "a heading that says another thing": (
        lambda found: retitled(found, "Why", "Wherefore"),
        [("heading Wherefore", "heading_changed")],
    ),
    "a heading without its mark that says another thing": (
        lambda found: retitled(found, "Why", "Wherefore", marked=False),
        [("heading Wherefore", "no_heading_of_protocol"), ("heading Work plan", "heading_missing")],
    ),
    "a heading that was deleted": (
        without(lambda found: heading(found, "Why")),
        [
            ("heading Work plan", "text_outside_fields"),
            ("heading Work plan", "heading_missing"),
        ],
    ),
    "a field that is there twice": (
        doubled,
        [("heading Why", "heading_twice")],
    ),
    "a heading of somebody's own": (
        lambda found: below(found, "Why").insert_paragraph_before("Reasons", style="Heading 2"),
        [("heading Reasons", "no_heading_of_protocol")],
    ),
    "a table head that says another thing": (
        lambda found: setattr(found.tables[0].cell(0, 3).paragraphs[0].runs[0], "text", "Euro"),
        [(f"{TABLE}, column 4 of the table's head", "heading_changed")],
    ),
    "a column that was deleted": (
        lambda found: [row._tr.remove(row._tr.tc_lst[2]) for row in found.tables[0].rows],
        [(f"{TABLE}, column 1 of the table's head", "column_missing")],
    ),
    "a table that was deleted": (
        lambda found: found.tables[0]._tbl.getparent().remove(found.tables[0]._tbl),
        [(TABLE, "table_missing")],
    ),
    "a second table": (second_table, [(TABLE, "second_table")]),
    "a table in a text": (table_in_text, [(WHY, "table_in_text")]),
    "merged cells": (
        lambda found: found.tables[0].cell(1, 1).merge(found.tables[0].cell(1, 2)),
        [(f"{TABLE}, row 1, column Title", "merged")],
    ),
    "a tracked change": (tracked, [(WHY, "tracked_change")]),
    "a comment": (holding("w:commentReference"), [(WHY, "comment_unresolved")]),
    "a footnote": (holding("w:footnoteReference"), [(WHY, "footnote_in_field")]),
    "a picture": (picture, [(WHY, "picture_in_field")]),
    "an equation": (holding("m:oMath"), [(WHY, "equation_in_field")]),
    "a computed field without a value": (field_code, [(WHY, "field_without_value")]),
    "a text beyond its limit": (
        lambda found: setattr(below(found, "Why"), "text", "word " * 6_000),
        [(WHY, "too_many_characters")],
    ),
    "a text below a table": (
        lambda found: found.paragraphs[-2].add_run("see above"),
        [(TABLE, "text_outside_fields")],
    ),
    "a text within a note": (
        lambda found: (
            found.paragraphs[[one.text for one in found.paragraphs].index(heading(found, "Why").text) + 1]
            .runs[0]
            .add_text(" Because.")
        ),
        [(WHY, "note_changed")],
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_names_heading_and_row(name: str) -> None:
    edit, expected = DOCUMENTS[name]

    assert faults_of(document(edit)) == expected


def as_other_kind(name: str, data: bytes, *, inside: str = "word/document.xml") -> bytes:
    """Return a package with a further part, or with one part in other bytes."""
    source, file = ZipFile(io.BytesIO(taken_out(Format.DOCX))), io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        for one in source.namelist():
            if one != name:
                package.writestr(one, source.read(one))
        package.writestr(name, data)
    return file.getvalue()


def _bomb() -> bytes:
    return as_other_kind("word/media/x.xml", b" " * (65 << 20))


WHOLE: dict[str, tuple[Callable[[], bytes], str]] = {
    "an old Word file": (lambda: b"\xd0\xcf\x11\xe0" + bytes(100), "neither_workbook_nor_document"),
    "a PDF": (lambda: b"%PDF-1.7", "neither_workbook_nor_document"),
    "nothing": (lambda: b"", "neither_workbook_nor_document"),
    "an archive cut short": (lambda: taken_out(Format.DOCX)[:5000], "no_document_that_can_be_read"),
    "a document with macros": (lambda: as_other_kind("word/vbaProject.bin", b"x"), "file_has_macros"),
    "a document of somebody's own": (lambda: _own(), "names_no_protocol"),
    "a workbook of somebody's own": (lambda: _own_book(), "names_no_protocol"),
    "a bomb": (_bomb, "unpacks_too_large"),
    "an entity": (
        lambda: as_other_kind("word/document.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        "declares_type_document",
    ),
    "a base that somebody wrote into": (
        lambda: book(lambda found: found["_bankable"].__setitem__("A1", '{"form":"bankable-protocol-1"}')),
        "names_no_protocol",
    ),
    "parts of two protocols": (lambda: _two(), "names_two_protocols"),
}


def _own() -> bytes:
    file = io.BytesIO()
    Document().save(file)
    return file.getvalue()


def _own_book() -> bytes:
    file = io.BytesIO()
    Workbook().save(file)
    return file.getvalue()


def _two() -> bytes:
    def edit(found: DocumentObject) -> None:
        run = found.paragraphs[-1].runs[0]
        run.text = run.text.replace("c0ffee", "another")

    return document(edit)


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_that_cannot_be_taken_says_why(name: str) -> None:
    make, code = WHOLE[name]

    with pytest.raises((FileInvalid, ProtocolFileInvalid)) as caught:
        read_protocol_file(make(), SECTIONS)

    assert [fault.code for fault in caught.value.faults] == [code]
    assert caught.value.faults[0].remedy


def test_what_a_program_loses_is_found_by_the_headings() -> None:
    def without_marks(found: DocumentObject) -> None:
        for paragraph in [*found.paragraphs, *(one.paragraphs[0] for one in found.tables[0].rows[0].cells)]:
            is_note = "note" in style_of(paragraph) or style_of(paragraph) == "Title"
            for run in paragraph.runs:
                if run.font.hidden and not is_note:
                    run._r.getparent().remove(run._r)

    def without_keys(page: Worksheet) -> None:
        for row in range(1, page.max_row + 1):
            if not str(page.cell(row, 1).value or "").endswith(("#columns", "#heads")):
                page.cell(row, 1).value = None

    assert differences(document(without_marks)) == {}
    assert differences(plan(without_keys)) == {}


def test_rows_go_and_come_and_move() -> None:
    first, second = list(table_rows(CONTENT, "plan", "packages"))

    def sorted_and_longer(page: Worksheet) -> None:
        for column in range(2, 13):
            one, other = page.cell(8, column).value, page.cell(9, column).value
            page.cell(8, column).value, page.cell(9, column).value = other, one
        page.insert_rows(10)
        for column, value in enumerate(
            ("Lab", None, "1", 5, 1, 1, "4 May 2026", "PL22", "https://a.example", 1.5, "granted")
        ):
            page.cell(10, column + 2).value = value

    new = {
        "organisation": "Lab",
        "months": "1",
        "amount": "5.00",
        "share": "1.00",
        "people": "1",
        "due": "2026-05-04",
        "site": "PL22",
        "source": "https://a.example",
        "size": "1.5",
        "state": "Granted",
    }
    assert differences(plan(sorted_and_longer)) == {"plan": {"packages": [second, first, new]}}
    assert differences(plan(lambda page: page.delete_rows(8))) == {"plan": {"packages": [second]}}
    assert differences(document(lambda found: found.tables[0]._tbl.remove(found.tables[0].rows[1]._tr))) == {
        "plan": {"packages": [second]}
    }
