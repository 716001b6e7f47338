"""Reads the parts of a package of XML, as XLSX and DOCX are, and never more of them than such a file can need.

A part is given up as soon as it is nested, named, long or numerous in a way that no office program writes.
"""

import io
from collections.abc import Mapping
from posixpath import dirname, join, normpath
from typing import TypeVar
from urllib.parse import unquote
from xml.etree.ElementTree import XMLParser

from states.packages import Bounds, Package, refuse_file, shown
from states.texts import Text

# Bounds of what is read: a partnership's workbook comes nowhere near them.
MOST_UNPACKED = 64 << 20
# Rows that are all alike are packed to a fortieth; what is packed further is nothing but blanks.
_BOUNDS = Bounds(parts=2_000, unpacked=MOST_UNPACKED, times=200, again=Text("remedy", "save_as_xlsx_once_more"))
_DEEPEST = 64  # a cell of a sheet lies six deep
_MOST_NAMES = 4_000  # of tags and attributes: ECMA-376 has some 1,500 for workbooks
_LONGEST_NAME = 1_000
_LONGEST_TAG = 256 << 10  # bytes: expat holds a tag, comment or instruction as a whole
MOST_TAGS = 65_536  # formats of cells that a workbook may have
MOST_NAMED = 255  # what a spreadsheet allows a name or a format
_MOST_EVENTS = 10_000_000  # begins and ends of tags, and pieces of text: a million cells make five million


class Target:
    """Sees the tags of a part, without their namespaces: the base of whatever reads one.

    `advice` is the remedy where a part is not as its program would write it.
    """

    advice = Text("remedy", "save_as_xlsx_once_more")

    def __init__(self) -> None:
        self.events = 0
        self._depth = 0
        self._names: dict[str, str] = {}

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Hand a tag on, unless there are too many of its kind."""
        self.events += 1
        self._depth += 1
        if self._depth > _DEEPEST:
            raise refuse_file("file", "nested_more_than_deep", remedy=self.advice, most=_DEEPEST)
        if not attributes.keys() <= self._names.keys():
            for name in attributes:
                self._local(name)
        self.begin(self._names.get(tag) or self._local(tag), attributes)

    def end(self, tag: str) -> None:
        """Hand the end of a tag on."""
        self.events += 1
        self._depth -= 1
        self.finish(self._names[tag])

    def data(self, text: str) -> None:
        """Hand a piece of text on."""
        self.events += 1
        self.take(text)

    def doctype(self, *_: str | None) -> None:
        """Refuse: entities, which grow without end or lead elsewhere, need a type of document."""
        raise refuse_file("file", "declares_type_document", remedy=self.advice)

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        """See a tag begin."""

    def finish(self, name: str) -> None:
        """See a tag end."""

    def take(self, text: str) -> None:
        """See a piece of text."""

    def _local(self, name: str) -> str:
        if len(self._names) >= _MOST_NAMES or len(name) > _LONGEST_NAME:
            raise refuse_file("file", "names_no_workbook_has", remedy=self.advice)
        return self._names.setdefault(name, name.rpartition("}")[2] or name)


Seeing = TypeVar("Seeing", bound=Target)


class XmlPackage(Package):
    """A package whose parts are XML; raise `FileInvalid` for any other."""

    def __init__(self, data: bytes, bounds: Bounds) -> None:
        super().__init__(io.BytesIO(data), bounds)
        self._events = _MOST_EVENTS

    def show(self, path: str, target: Seeing, *, optional: bool = False) -> Seeing:
        """Let a target see a part; one that is named and not there is no empty one, unless it is `optional`."""
        if path not in self:
            if optional:
                return target
            raise refuse_file("file", "part_missing", remedy=target.advice, part=path[:100])
        parser, silent = XMLParser(target=target), 0
        for chunk in self.chunks(path):
            before = target.events
            parser.feed(chunk)
            silent = silent + len(chunk) if target.events == before else 0
            self._events -= target.events - before
            if silent > _LONGEST_TAG or self._events < 0:
                raise refuse_file(shown(path), "too_long_to_be_read", remedy=target.advice)
        parser.close()
        return target


class WorkbookPackage(XmlPackage):
    """The package of a workbook."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data, _BOUNDS)


class Tags(Target):
    """Collects the attributes of some tags, without their namespaces."""

    def __init__(self, *tags: str) -> None:
        super().__init__()
        self._tags, self.found = tags, list[tuple[str, Mapping[str, str]]]()

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        """Keep the attributes of what is wanted."""
        if name in self._tags:
            if len(self.found) >= MOST_TAGS:
                raise refuse_file("file", "too_many_tags", remedy=self.advice, tag=name, most=MOST_TAGS)
            self.found.append((name, {key.rpartition("}")[2]: value[:MOST_NAMED] for key, value in attributes.items()}))


def relations_of(package: XmlPackage, part: str) -> dict[str, tuple[str, str]]:
    """Return path and kind of what a part refers to, by the id that it uses."""
    folder = dirname(part)
    named = join(folder, "_rels", f"{part.removeprefix(folder).strip('/')}.rels")
    found = package.show(named, Tags("Relationship"), optional=True).found
    return {
        one.get("Id", ""): (
            normpath(join("/", folder, unquote(one.get("Target", "").replace("\\", "/")))).lstrip("/"),
            one.get("Type", "").rpartition("/")[2],
        )
        for _, one in found
        if one.get("TargetMode", "Internal") != "External"
    }
