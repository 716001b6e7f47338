"""Writes a protocol as a Word document: a heading for each field, tables with their headings repeated on each page."""

import io
from collections.abc import Sequence

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.shared import Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Cell
from docx.text.paragraph import Paragraph
from markupsafe import escape

from states.protocol.content import table_rows
from states.protocol.definition import FieldSpec, SectionSpec
from states.protocol_files.heads import OWNER
from states.protocol_files.marks import BASE_LINE, NOTE_STYLE, PROPERTY, mark, note_mark
from states.protocol_files.shapes import plain
from states.protocol_files.showing import Shown

_HEADING_1, _HEADING_2, _GRID = "Heading 1", "Heading 2", "Table Grid"
_EMPTY_ROWS = 2
_CUSTOM = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_RULES = (
    "Write below the headings and into the tables; add rows where you need more, and delete rows that are to go. "
    "Leave headings and table heads as they are: by them the fields are found again. Resolve comments and tracked "
    "changes before you send the file back. Nothing is taken before you have seen what would change."
)


def write_document(shown: Shown, *, template: DocumentObject | None = None) -> bytes:
    """Return the document, in the styles of a template where one is given; brought in as it is, it changes nothing."""
    document = template or Document()
    _furnish(document)
    about = document.core_properties
    about.title, about.author, about.last_modified_by, about.comments = shown.title[:255], "Bankable", "", ""
    _note(document, shown.title, style="Title")
    _note(document, _RULES)
    for section in shown.sections:
        _heading(document, section.title, section.key, level=_HEADING_1)
        for field in section.fields:
            _heading(document, field.title, f"{section.key}.{field.key}", level=_HEADING_2)
            _note(document, _says(shown, section, field))
            if field.columns:
                _table(document, shown, section, field)
            else:
                for line in plain(shown.text(section, field)).split("\n"):
                    document.add_paragraph(line)
    _note(document, f"{BASE_LINE}{shown.base.written()}")
    _keep_base(document, shown.base.written())
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _says(shown: Shown, section: SectionSpec, field: FieldSpec) -> str:
    counted = "" if field.columns else f"{len(shown.text(section, field))} characters now."
    return " ".join(filter(None, (shown.says(section, field), counted)))


def _furnish(document: DocumentObject) -> None:
    """Give a document the styles that it has not."""
    names = {style.name for style in document.styles}
    for name, size in (("Title", 22), (_HEADING_1, 16), (_HEADING_2, 13)):
        if name not in names:
            style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=True)
            assert isinstance(style, ParagraphStyle)
            style.font.size, style.font.bold = Pt(size), True
    if NOTE_STYLE not in names:
        style = document.styles.add_style(NOTE_STYLE, WD_STYLE_TYPE.PARAGRAPH)
        assert isinstance(style, ParagraphStyle)
        style.font.size, style.font.italic, style.font.color.rgb = Pt(9), True, RGBColor(0x6B, 0x72, 0x80)
        style.next_paragraph_style = document.styles["Normal"]


def _heading(document: DocumentObject, title: str, key: str, *, level: str) -> None:
    paragraph = document.add_paragraph(plain(title), style=level)
    _hide(paragraph, mark(key))


def _note(document: DocumentObject, text: str, *, style: str = NOTE_STYLE) -> None:
    kept = " ".join(plain(text).split())
    _hide(document.add_paragraph(kept, style=style), note_mark(kept))


def _hide(paragraph: Paragraph, text: str) -> None:
    paragraph.add_run(text).font.hidden = True


def _table(document: DocumentObject, shown: Shown, section: SectionSpec, field: FieldSpec) -> None:
    rows = list(table_rows(shown.content, section.key, field.key))
    owners = shown.owners.get((section.key, field.key), ())
    heads = [(column.title, column.key) for column in field.columns]
    width = len(heads) + bool(field.owner_column)
    table = document.add_table(rows=1 + len(rows) + _EMPTY_ROWS, cols=width)
    if _GRID in {style.name for style in document.styles}:
        table.style = _GRID
    cells = table._cells  # python-docx finds them anew for each row that is asked for
    head = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(head)
    for cell, (title, key) in zip(cells, heads, strict=False):
        paragraph = _fill(cell, plain(title), bold=True)
        _hide(paragraph, mark(key))
    if field.owner_column:
        _fill(cells[width - 1], OWNER, bold=True)
    for number, row in enumerate(rows, start=1):
        line: Sequence[_Cell] = cells[number * width : (number + 1) * width]
        for cell, (_, key) in zip(line, heads, strict=False):
            _fill(cell, plain(str(row.get(key, ""))))
        if number <= len(owners):
            _fill(line[-1], owners[number - 1])
    document.add_paragraph()


def _fill(cell: _Cell, text: str, *, bold: bool = False) -> Paragraph:
    first, *others = text.split("\n")
    paragraph: Paragraph = cell.paragraphs[0]
    paragraph.add_run(first).bold = bold or None
    for line in others:
        cell.add_paragraph(line)
    return paragraph


def _keep_base(document: DocumentObject, text: str) -> None:
    """Keep the base as a property of the document; the last line says it too, for programs that drop properties."""
    said = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
        'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="2" name="{PROPERTY}">'
        f"<vt:lpwstr>{escape(text)}</vt:lpwstr></property></Properties>"
    )
    package = document.part.package
    part = Part(PackURI("/docProps/custom.xml"), _CUSTOM, said.encode(), package)
    package.relate_to(part, _RELATION)
