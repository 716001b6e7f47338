"""Reads a protocol from a Word document: fields are found by marks beside their headings, else by what these say."""

from collections.abc import Sequence
from typing import TypeVar
from xml.etree.ElementTree import ParseError

from states.errors import Fault
from states.packages import UNREADABLE, refuse_file
from states.protocol.definition import FieldSpec, SectionSpec
from states.protocol_files.base import Base, ProtocolFileInvalid, read_base
from states.protocol_files.document_body import Block, Body, Paragraph, Table, TableCell, read_body
from states.protocol_files.heads import OWNER, columns_of
from states.protocol_files.marks import BASE_LINE, NOTE, NOTE_STYLE, PROPERTY, is_note
from states.protocol_files.shapes import Cell, Filed, FiledField, FiledRow, plain

Spec = TypeVar("Spec", SectionSpec, FieldSpec)
_LEVELS = {"heading 1": 1, "heading 2": 2}
_LISTS = ("list bullet", "list number")
# The sentences about what no text can hold, with what to do.
_SAID = {
    "tracked_change": ("tracked_change", "accept_or_reject_changes"),
    "comment": ("comment_unresolved", "resolve_comments"),
    "footnote": ("footnote_in_field", "write_it_into_text"),
    "picture": ("picture_in_field", "file_it_as_evidence"),
    "equation": ("equation_in_field", "write_it_into_text"),
    "field": ("field_without_value", "write_value"),
    "table": ("table_in_cell", "write_it_into_text"),
    "merged": ("merged", "unmerge_cells_and_fill_each_one"),
}


def read_document(data: bytes, sections: Sequence[SectionSpec]) -> Filed:
    """Return what a document holds; raise `ProtocolFileInvalid`, or `FileInvalid` where it cannot be opened."""
    try:
        body = read_body(data, property_name=PROPERTY)
    except (ParseError, *UNREADABLE):
        raise refuse_file("file", "no_document_that_can_be_read", remedy="save_as_docx_once_more") from None
    reader = _Reader(body, sections, Filed(_base(body)))
    for block in body.blocks:
        reader.see(block)
    reader.end()
    return reader.filed


def _base(body: Body) -> Base:
    """Return the base by the document's property, else by its last line; both at once must agree."""
    texts = {block.text.strip() for block in body.blocks if isinstance(block, Paragraph) and _is_base(block, body)}
    said = ({text.removeprefix(BASE_LINE) for text in texts} | {body.base}) - {""}
    if len(said) > 1:
        raise ProtocolFileInvalid(faults=[Fault("file", "names_two_protocols", remedy="take_file_out_anew")])
    return read_base(next(iter(said), ""))


def _is_base(block: Paragraph, body: Body) -> bool:
    """Tell whether it is the line that says the base, whose mark may be gone."""
    is_ours = block.key.startswith(NOTE) or body.styles.get(block.style, "") == NOTE_STYLE.lower()
    return is_ours and block.text.startswith(f"{BASE_LINE}{{")


def _only(found: Sequence[Spec]) -> Spec | None:
    return found[0] if len(found) == 1 else None


class _Reader:
    """Reads a document from its top: a field begins with its heading and ends with the next one."""

    def __init__(self, body: Body, sections: Sequence[SectionSpec], filed: Filed) -> None:
        self._body, self._sections, self.filed = body, sections, filed
        self._section: SectionSpec | None = None
        self._field: FieldSpec | None = None
        self._found: FiledField | None = None
        self._lines: list[str] = []
        self._tables = 0
        self._lost = False  # a heading was refused: what stands below it is said with it
        self._seen: set[str] = set()  # keys of sections

    def see(self, block: Block) -> None:
        """Take a paragraph or a table."""
        if isinstance(block, Table):
            self._table(block)
            return
        text, key = block.text, block.key
        note = True if _is_base(block, self._body) else is_note(text.strip(), key)
        style = self._body.styles.get(block.style, "")
        if note is False:
            self._fault(self._place(), "note_changed", remedy="move_into_field_or_delete")
        elif note is None and not style.startswith("toc "):
            level = _LEVELS.get(style, 0)
            if key or (level and text.strip()):
                self._heading(plain(text), key, level)
            else:
                listed = block.listed or style.startswith(_LISTS)
                self._line(f"• {text}" if listed and text.strip() and not text.startswith("• ") else text)
        self._odd(block, self._place())

    def end(self) -> None:
        """End the last field, and say which headings are not there."""
        self._end_field()
        for section in self._sections:
            if section.key not in self.filed.base.versions:
                continue
            missing = [one for one in section.fields if (section.key, one.key) not in self.filed.fields]
            if section.key not in self._seen and len(missing) == len(section.fields):
                self._fault("document", "heading_missing", remedy="put_heading_back", heading=section.title)
            else:
                for field in missing:
                    place = f"heading {section.title}"
                    self._fault(place, "heading_missing", remedy="put_heading_back", heading=field.title)

    def _heading(self, text: str, key: str, level: int) -> None:
        section_key, _, field_key = key.partition(".")
        section = next((one for one in self._sections if one.key == section_key), None)
        field = section.field(field_key) if section and field_key else None
        if not key and level == 1:
            section = _only([one for one in self._sections if plain(one.title) == text])
        elif not key and self._section is not None:
            section = self._section
            field = _only([one for one in section.fields if plain(one.title) == text])
        if section is None or (field is None and (field_key or (not key and level > 1))):
            self._end_field()
            self._lost = True
            place = f"heading {text[:100]}"
            self._fault(place, "no_heading_of_protocol", remedy="put_heading_back_or_body_style", heading=text[:100])
            return
        self._end_field()
        self._lost = True
        title = plain(field.title if field else section.title)
        if section.key not in self.filed.base.versions:
            self._fault(f"heading {title}", "section_not_in_this_file", remedy="take_file_out_anew")
        elif (section.key, field.key) in self.filed.fields if field else section.key in self._seen:
            self._fault(f"heading {title}", "heading_twice", remedy="keep_one_of_them", heading=title)
        else:
            if text != title:
                place = f"heading {text[:100]}"
                self._fault(place, "heading_changed", remedy="put_heading_back", written=text[:100], heading=title)
            self._begin(section, field)

    def _begin(self, section: SectionSpec, field: FieldSpec | None) -> None:
        self._lost = False
        self._section = section
        if field is None:
            self._seen.add(section.key)
            return
        self._field, self._found = field, FiledField(f"heading {field.title} ({section.title})")
        self.filed.fields[section.key, field.key] = self._found

    def _line(self, text: str) -> None:
        if self._found is None or (self._field is not None and self._field.columns):
            if text.strip() and not self._lost:
                self._lost = True
                self._fault(self._place(), "text_outside_fields", remedy="move_into_field_or_delete")
        else:
            self._lines.append(text)

    def _table(self, table: Table) -> None:
        if self._found is None or self._field is None:
            if self._lost:
                return
            self._fault(self._place(), "text_outside_fields", remedy="move_into_field_or_delete")
        elif not self._field.columns:
            self._fault(self._found.place, "table_in_text", remedy="write_it_into_text")
        elif self._tables:
            self._fault(self._found.place, "second_table", remedy="put_both_into_one_table")
        else:
            self._tables += 1
            self._rows(table, self._field, self._found)

    def _rows(self, table: Table, field: FieldSpec, found: FiledField) -> None:
        heads = table.rows[0] if table.rows else []
        texts = {at: plain(cell.text) for at, cell in enumerate(heads, start=1)}
        keys = {at: cell.key for at, cell in enumerate(heads, start=1)}
        place = found.place
        columns, faults = columns_of(field, keys, texts, place=lambda at: f"{place}, column {at} of the table's head")
        self.filed.faults += faults
        titles = {column.key: column.title for column in field.columns}
        for number, row in enumerate(table.rows[1:], start=1):
            cells = {}
            for at, cell in enumerate(row, start=1):
                key = columns.get(at)
                where = f"{place}, row {number}, column {titles[key] if key else texts.get(at, at)}"
                self._odd(cell, where)
                if key is not None:
                    cells[key] = Cell(cell.text, where)
                elif cell.text.strip() and texts.get(at) != OWNER:
                    self._fault(where, "text_outside_fields", remedy="move_into_field_or_delete")
            filed = FiledRow(f"{place}, row {number}", cells)
            if not filed.is_empty() and not any("merged" in cell.odd for cell in row):
                found.rows.append(filed)

    def _odd(self, held: Paragraph | TableCell, place: str) -> None:
        for kind in held.odd:
            code, remedy = _SAID[kind]
            self.filed.faults.append(Fault(place, code, remedy=remedy))

    def _end_field(self) -> None:
        if self._found is not None and self._field is not None:
            if not self._field.columns:
                self._found.pieces.append(Cell("\n".join(self._lines), self._found.place))
            elif not self._tables:
                self._fault(self._found.place, "table_missing", remedy="take_file_out_anew")
        self._field = self._found = None
        self._lines, self._tables = [], 0

    def _place(self) -> str:
        if self._found is not None:
            return self._found.place
        return f"heading {self._section.title}" if self._section else "document"

    def _fault(self, place: str, code: str, /, *, remedy: str, **parameters: str) -> None:
        self.filed.faults.append(Fault(place, code, remedy=remedy, **parameters))
