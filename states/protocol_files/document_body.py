"""Reads paragraphs and tables from a Word document of unknown origin, as a stream: texts, and what no text can hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from states.packages import Bounds, refuse_file
from states.protocol_files.marks import unmarked
from states.texts import Text
from states.workbook.package import MOST_NAMED, Target, XmlPackage, relations_of

_ADVICE = Text("remedy", "save_as_docx_once_more")
_BOUNDS = Bounds(parts=2_000, unpacked=64 << 20, times=200, again=_ADVICE)
MOST_TEXT = 16 << 20  # characters of a document
_MOST_BLOCKS = 200_000  # paragraphs and cells
# What a field cannot hold, by the tag that begins it.
_ODD = {
    **dict.fromkeys(("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge"), "tracked_change"),
    **dict.fromkeys(("commentReference", "commentRangeStart"), "comment"),
    **dict.fromkeys(("footnoteReference", "endnoteReference"), "footnote"),
    **dict.fromkeys(("drawing", "pict", "object", "AlternateContent", "altChunk", "subDoc"), "picture"),
    **dict.fromkeys(("oMath", "oMathPara"), "equation"),
}
# Nothing within these is a text of the document: drawings, former formats, readings above a text, field codes.
_SKIPPED = frozenset({"drawing", "pict", "object", "AlternateContent", "oMath", "oMathPara", "rt", "instrText"})
_IN_RUNS = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "\u2011"}


@dataclass(slots=True)
class Paragraph:
    """A paragraph: text, key of a hidden mark, id of its style, whether it is of a list, and what no text can hold."""

    text: str = ""
    key: str = ""
    style: str = ""
    listed: bool = False
    odd: list[str] = field(default_factory=list)


@dataclass(slots=True)
class TableCell:
    """A cell of a table."""

    lines: list[str] = field(default_factory=list)
    key: str = ""
    odd: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return its paragraphs, one a line."""
        return "\n".join(self.lines)


@dataclass(slots=True)
class Table:
    """A table, row by row."""

    rows: list[list[TableCell]] = field(default_factory=list)


Block: TypeAlias = Paragraph | Table


@dataclass(slots=True)
class Body:
    """A document: its blocks, the names of its styles by id in small letters, and its property `bankable`."""

    blocks: list[Block]
    styles: Mapping[str, str]
    base: str


def read_body(data: bytes, *, property_name: str) -> Body:
    """Return what a document says; raise `FileInvalid`, or what the archive and XML readers raise, for any other."""
    package = open_document(data)
    roots = {kind: path for path, kind in relations_of(package, "").values()}
    main = roots.get("officeDocument", "word/document.xml")
    parts = {kind: path for path, kind in relations_of(package, main).values()}
    blocks = package.show(main, _Body()).blocks
    styles = package.show(parts["styles"], _Styles()).names if "styles" in parts else {}
    custom = (
        package.show(roots["custom-properties"], _Property(property_name)) if "custom-properties" in roots else None
    )
    return Body(blocks, styles, custom.text if custom else "")


class DocumentTarget(Target):
    """Sees the tags of a part of a document."""

    advice = _ADVICE


def open_document(data: bytes) -> XmlPackage:
    """Return the package of a document; raise `FileInvalid`, or what `zipfile` raises."""
    return XmlPackage(data, _BOUNDS)


class _Styles(DocumentTarget):
    """Collects the names of styles by their ids."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, str] = {}
        self._id = ""

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        """Note the style, then its name."""
        if name == "style":
            self._id = _value(attributes, "styleId")
        elif name == "name" and self._id and len(self.names) < _MOST_BLOCKS:
            self.names.setdefault(self._id, _value(attributes, "val").lower())


class _Property(DocumentTarget):
    """Collects the text of one property."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name, self._reading, self.text = name, False, ""

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        """Note whether it is the property that is wanted."""
        if name == "property":
            self._reading = _value(attributes, "name") == self._name

    def take(self, text: str) -> None:
        """Take its text."""
        if self._reading and len(self.text) <= MOST_TEXT:
            self.text += text


class _Body(DocumentTarget):
    """Collects paragraphs and tables; what stands in a table within a table is noted as none of its cells' texts."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self._open: list[str] = []
        self._skipped = 0
        self._paragraph: Paragraph | None = None
        self._pieces: list[str] = []
        self._hidden: list[str] | None = None  # of the run that is read, if nobody sees it
        self._marks: list[str] = []
        self._tables = 0
        self._fields: list[bool] = []  # of each field that is open, whether its value has begun
        self._size = self._count = 0

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        """See a tag begin."""
        parent = self._open[-1] if self._open else ""
        self._open.append(name)
        if self._skipped:
            return
        if name in _ODD:
            self._odd(_ODD[name])
        if name in _SKIPPED or name.endswith("PrChange"):
            self._skipped = len(self._open)
        elif name in ("p", "tbl", "tr", "tc"):
            self._begin_block(name)
        elif name == "pStyle" and self._paragraph:
            self._paragraph.style = _value(attributes, "val")
        elif name == "numId" and self._paragraph and "numPr" in self._open:
            self._paragraph.listed = _value(attributes, "val") != "0"
        elif name == "r":
            self._hidden = None
        elif name == "vanish" and self._open[-3:-1] == ["r", "rPr"]:
            self._hidden = self._marks if _value(attributes, "val") not in ("0", "false", "off") else None
        elif name in ("vMerge", "hMerge") or (name == "gridSpan" and _value(attributes, "val") not in ("", "1")):
            self._odd("merged")
        elif parent == "r":
            self._in_run(name, attributes)

    def finish(self, name: str) -> None:
        """See a tag end."""
        if self._skipped == len(self._open):
            self._skipped = 0
        elif not self._skipped:
            if name == "p" and self._paragraph is not None:
                self._end_paragraph()
            elif name == "tbl":
                self._tables -= 1
        self._open.pop()

    def take(self, text: str) -> None:
        """Take a piece of a text."""
        if not self._skipped and self._open and self._open[-1] == "t":
            self._add(text)

    def _add(self, text: str) -> None:
        self._size += len(text)
        if self._size > MOST_TEXT:
            raise refuse_file("file", "too_much_text", remedy="bring_in_in_parts", most=MOST_TEXT)
        (self._pieces if self._hidden is None else self._hidden).append(text)

    def _begin_block(self, name: str) -> None:
        self._count += 1
        if self._count > _MOST_BLOCKS:
            raise refuse_file("file", "too_long_to_be_read", remedy=self.advice)
        if name == "p":
            self._paragraph, self._pieces, self._marks, self._hidden = Paragraph(), [], [], None
        elif name == "tbl":
            self._tables += 1
            if self._tables == 1:
                self.blocks.append(Table())
            else:
                self._odd("table")
        elif self._tables == 1 and isinstance(table := self.blocks[-1], Table):
            if name == "tr":
                table.rows.append([])
            elif table.rows:
                table.rows[-1].append(TableCell())

    def _in_run(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in _IN_RUNS:
            self._add(_IN_RUNS[name])
        elif name == "br":
            self._add("" if _value(attributes, "type") in ("page", "column") else "\n")
        elif name == "sym":
            code = _value(attributes, "char")
            self._add(
                chr(int(code, 16)) if len(code) == 4 and all(one in "0123456789abcdefABCDEF" for one in code) else ""
            )
        elif name == "fldChar":
            kind = _value(attributes, "fldCharType")
            if kind == "begin":
                self._fields.append(False)
            elif kind == "separate" and self._fields:
                self._fields[-1] = True
            elif kind == "end" and self._fields and not self._fields.pop():
                self._odd("field")

    def _end_paragraph(self) -> None:
        paragraph, (hidden, key) = self._paragraph, unmarked("".join(self._marks))
        text = "".join(self._pieces) + hidden
        assert paragraph is not None
        self._paragraph = None
        if cell := self._cell():
            cell.lines.append(_entry(text) if paragraph.listed else text)
            cell.odd += paragraph.odd
            cell.key = cell.key or key
        elif not self._tables:
            paragraph.text, paragraph.key = text, key
            self.blocks.append(paragraph)

    def _cell(self) -> TableCell | None:
        table = self.blocks[-1] if self.blocks and self._tables else None
        return table.rows[-1][-1] if isinstance(table, Table) and table.rows and table.rows[-1] else None

    def _odd(self, code: str) -> None:
        found = self._paragraph.odd if self._paragraph is not None else None
        if found is None and (cell := self._cell()):
            found = cell.odd
        if found is None:
            last = self.blocks[-1] if self.blocks else None
            found = last.odd if isinstance(last, Paragraph) else None
        if found is None:
            self.blocks.append(Paragraph(odd=[code]))
        elif code not in found:
            found.append(code)


def _entry(text: str) -> str:
    """Return the text of an entry of a list, whose mark Word keeps elsewhere."""
    return text if not text.strip() or text.startswith("• ") else f"• {text}"


def _value(attributes: Mapping[str, str], name: str) -> str:
    """Return an attribute whatever its namespace; Word writes two that are alike."""
    return next((value[:MOST_NAMED] for key, value in attributes.items() if key.rpartition("}")[2] == name), "")
