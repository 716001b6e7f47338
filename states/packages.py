"""Reads the parts of a package, an archive of parts as office programs write it, and never more than is allowed.

Nothing an archive says of itself is believed before it is checked, and a part is read as a stream that is given up as
soon as it is longer than its bounds.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import PurePosixPath
from typing import BinaryIO
from urllib.parse import unquote
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from states.errors import Fault, Invalid
from states.texts import Text, Value

CHUNK = 1 << 16
_NEVER_TOO_LARGE = 4 << 20
_HEAD_BYTES = 30  # of a part's own head, without its name
_RECORD = b"PK\x01\x02"  # begins an entry of the archive's list


class FileInvalid(Invalid):
    """The file cannot be read as what it should be."""

    code = "file_invalid"


def refuse_file(place: str, code: str, /, *, remedy: str | Text, **parameters: Value) -> FileInvalid:
    return FileInvalid(faults=[Fault(place, code, remedy=remedy, **parameters)])


# What `zipfile` raises for a file that somebody damaged or made: RuntimeError for a part that is encrypted or packed in
# a way it does not know, OverflowError for a place beyond all files, LookupError for an encoding nobody knows.
UNREADABLE = (
    BadZipFile,
    EOFError,
    LookupError,
    LZMAError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many parts a package may have, to how many bytes all may unpack, and to how many times its size one may.

    `again` is the remedy where it is not as its program would write it.
    """

    parts: int
    unpacked: int
    times: int
    again: Text


class Package:
    """An archive whose parts are worth being opened; raise `FileInvalid`, or one of `UNREADABLE`, for any other."""

    def __init__(self, file: BinaryIO, bounds: Bounds) -> None:
        self.bounds = bounds
        if _count(file) > bounds.parts:  # before they become objects
            raise refuse_file("file", "too_many_parts", remedy=bounds.again, most=bounds.parts)
        self._archive = ZipFile(file)
        parts = self._archive.infolist()
        unpacked = sum(part.file_size for part in parts)  # no part unpacks to more than it declares here
        if any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
            raise refuse_file("file", "packing_unknown", remedy=bounds.again)
        if unpacked > bounds.unpacked:
            size, most = unpacked >> 20, bounds.unpacked >> 20
            raise refuse_file("file", "unpacks_too_large", remedy="at_most_mib", size=size, most=most)
        for part in parts:
            if part.file_size > max(_NEVER_TOO_LARGE, bounds.times * part.compress_size):
                raise refuse_file(shown(part.filename), "packed_too_small", remedy=bounds.again, most=bounds.times)
        self._left = bounds.unpacked
        self._parts: dict[str, ZipInfo] = {}  # by names in small letters: their case means nothing (ECMA-376, part 2)
        self._need_apart()

    def _need_apart(self) -> None:
        """Refuse parts of one name, of which every program reads another, and parts that share their bytes."""
        at = 0
        for part in sorted(self._archive.infolist(), key=lambda one: one.header_offset):
            name = _plain(part.filename)
            if name in self._parts or part.header_offset < at:
                raise refuse_file(shown(part.filename), "part_twice", remedy=self.bounds.again)
            self._parts[name] = part
            at = part.header_offset + _HEAD_BYTES + part.compress_size

    def __contains__(self, path: str) -> bool:
        return _plain(path) in self._parts

    @property
    def names(self) -> list[str]:
        """Return the names of the parts, in small letters."""
        return list(self._parts)

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield what a part holds; all that is read of the package together, again and again, is bounded."""
        with self._archive.open(self._parts[_plain(path)]) as stream:
            while chunk := stream.read(CHUNK):
                self._left -= len(chunk)
                if self._left < 0:
                    raise refuse_file(shown(path), "too_long_to_be_read", remedy=self.bounds.again)
                yield chunk


def _count(file: BinaryIO) -> int:
    """Return how many entries the archive's list can have at most."""
    file.seek(0)
    found, last = 0, b""
    while chunk := file.read(CHUNK):
        found += (last + chunk).count(_RECORD)
        last = chunk[-len(_RECORD) + 1 :]
    file.seek(0)
    return found


def _plain(path: str) -> str:
    """Return the name of a part by which it is known: neither case nor the way a blank is written tells parts apart."""
    return unquote(path.replace("\\", "/")).lstrip("/").lower()


def shown(path: str) -> str:
    """Return the name of a part as a fault shows it."""
    return PurePosixPath(path).name[:100] or "file"
