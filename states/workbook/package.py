"""Reads the parts of an XLSX package, an archive of XML, and never more of them than a workbook can need.

Nothing an archive says of itself is believed before it is checked, and a part is read as a stream that is given up as
soon as it is nested, named, long or numerous in a way that no workbook is.
"""

import io
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TypeVar
from urllib.parse import unquote
from xml.etree.ElementTree import XMLParser
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from states.errors import Fault, Invalid
from states.texts import Value

# Bounds of what is read: a partnership's workbook comes nowhere near them.
MOST_UNPACKED = 64 << 20
_MOST_PARTS = 2_000
_MOST_TIMES = 200  # rows that are all alike are packed to a fortieth; what is packed further is nothing but blanks
_NEVER_TOO_LARGE = 4 << 20
_DEEPEST = 64  # a cell of a sheet lies six deep
_MOST_NAMES = 4_000  # of tags and attributes: ECMA-376 has some 1,500 for workbooks
_LONGEST_NAME = 1_000
_LONGEST_TAG = 256 << 10  # bytes: expat holds a tag, comment or instruction as a whole
_MOST_EVENTS = 10_000_000  # begins and ends of tags, and pieces of text: a million cells make five million
_CHUNK = 1 << 16
_HEAD_BYTES = 30  # of a part's own head, without its name
_RECORD = b"PK\x01\x02"  # begins an entry of the archive's list


class FileInvalid(Invalid):
    """The file cannot be read as a workbook or a table."""

    code = "file_invalid"


def refuse_file(place: str, code: str, /, *, remedy: str, **parameters: Value) -> FileInvalid:
    return FileInvalid(faults=[Fault(place, code, remedy=remedy, **parameters)])


class Target:
    """Sees the tags of a part, without their namespaces: the base of whatever reads one."""

    def __init__(self) -> None:
        self.events = 0
        self._depth = 0
        self._names: dict[str, str] = {}

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Hand a tag on, unless there are too many of its kind."""
        self.events += 1
        self._depth += 1
        if self._depth > _DEEPEST:
            raise refuse_file("file", "nested_more_than_deep", remedy="save_as_xlsx_once_more", most=_DEEPEST)
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
        raise refuse_file("file", "declares_type_document", remedy="save_as_xlsx_once_more")

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        """See a tag begin."""

    def finish(self, name: str) -> None:
        """See a tag end."""

    def take(self, text: str) -> None:
        """See a piece of text."""

    def _local(self, name: str) -> str:
        if len(self._names) >= _MOST_NAMES or len(name) > _LONGEST_NAME:
            raise refuse_file("file", "names_no_workbook_has", remedy="save_as_xlsx_once_more")
        return self._names.setdefault(name, name.rpartition("}")[2] or name)


Seeing = TypeVar("Seeing", bound=Target)


class Package:
    """An archive whose parts are worth being opened; raise `FileInvalid` for any other."""

    def __init__(self, data: bytes) -> None:
        if data.count(_RECORD) > _MOST_PARTS:  # before they become objects
            raise refuse_file("file", "too_many_parts", remedy="save_as_xlsx_once_more", most=_MOST_PARTS)
        self._archive = ZipFile(io.BytesIO(data))
        parts = self._archive.infolist()
        unpacked = sum(part.file_size for part in parts)  # no part unpacks to more than it declares here
        if any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
            raise refuse_file("file", "packing_unknown", remedy="save_as_xlsx_once_more")
        if unpacked > MOST_UNPACKED:
            raise refuse_file(
                "file", "unpacks_too_large", remedy="at_most_mib", size=unpacked >> 20, most=MOST_UNPACKED >> 20
            )
        for part in parts:
            if part.file_size > max(_NEVER_TOO_LARGE, _MOST_TIMES * part.compress_size):
                raise refuse_file(
                    _shown(part.filename), "packed_too_small", remedy="save_as_xlsx_once_more", most=_MOST_TIMES
                )
        self._left, self._events = MOST_UNPACKED, _MOST_EVENTS
        self._parts: dict[str, ZipInfo] = {}  # by names in small letters: their case means nothing (ECMA-376, part 2)
        self._need_apart()

    def _need_apart(self) -> None:
        """Refuse parts of one name, of which every program reads another, and parts that share their bytes."""
        at = 0
        for part in sorted(self._archive.infolist(), key=lambda one: one.header_offset):
            name = _plain(part.filename)
            if name in self._parts or part.header_offset < at:
                raise refuse_file(_shown(part.filename), "part_twice", remedy="save_as_xlsx_once_more")
            self._parts[name] = part
            at = part.header_offset + _HEAD_BYTES + part.compress_size

    def __contains__(self, path: str) -> bool:
        return _plain(path) in self._parts

    def show(self, path: str, target: Seeing, *, optional: bool = False) -> Seeing:
        """Let a target see a part; one that is named and not there is no empty one, unless it is `optional`."""
        if path not in self:
            if optional:
                return target
            raise refuse_file("file", "part_missing", remedy="save_as_xlsx_once_more", part=path[:100])
        parser, silent = XMLParser(target=target), 0
        with self._archive.open(self._parts[_plain(path)]) as stream:
            while chunk := stream.read(_CHUNK):
                before = target.events
                parser.feed(chunk)
                silent = silent + len(chunk) if target.events == before else 0
                self._left -= len(chunk)  # a part may be shown again
                self._events -= target.events - before
                if silent > _LONGEST_TAG or self._left < 0 or self._events < 0:
                    raise refuse_file(_shown(path), "too_long_to_be_read", remedy="save_as_xlsx_once_more")
        parser.close()
        return target


def _plain(path: str) -> str:
    """Return the name of a part by which it is known: neither case nor the way a blank is written tells parts apart."""
    return unquote(path.replace("\\", "/")).lstrip("/").lower()


def _shown(path: str) -> str:
    return PurePosixPath(path).name[:100] or "file"
