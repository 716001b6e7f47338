"""The archive of a case: parts that are stored and never packed, in one order, with one date.

The same parts are the same bytes everywhere, whatever packs elsewhere; nothing can unpack to more than it is; and every
byte of the file is known once its parts are, so that none can be changed without being noticed.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO
from zipfile import ZIP64_LIMIT, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from states.archive.store import CHUNK

_DATE = (1980, 1, 1, 0, 0, 0)
_MODE = 0o600 << 16
_UNIX = 3
_END = 22
_ENTRY = "<4s4B4H3L5H2L"  # of the list, as the standard lays it out (APPNOTE, 4.3.12)
_PLAIN = (0, 0, 0, 0, 33)  # nothing reserved, no flags, not packed, midnight of 1 January 1980
_BARE = (0, 0, 0, 0)  # neither extra field nor comment, one disk, no attributes


def head(name: str, size: int) -> ZipInfo:
    """Return the head of a part, as it always looks."""
    made = ZipInfo(name, date_time=_DATE)
    made.compress_type, made.create_system, made.external_attr, made.file_size = ZIP_STORED, _UNIX, _MODE, size
    return made


def add(archive: ZipFile, name: str, size: int, chunks: Iterable[bytes]) -> None:
    """Add a part of a known size."""
    with archive.open(head(name, size), "w") as part:
        for chunk in chunks:
            part.write(chunk)


def chunks_of_part(archive: ZipFile, part: ZipInfo) -> Iterator[bytes]:
    """Yield the bytes of a part; raise `BadZipFile` where its check sum says otherwise."""
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def is_as_written(file: BinaryIO, archive: ZipFile) -> bool:
    """Tell whether every byte outside of the parts is as `add` writes it: heads, list, end, and nothing between.

    Of an archive beyond 2 GiB list and end are written another way, and only the heads are compared.
    """
    at, listed = 0, []
    for part in archive.infolist():
        made = head(part.filename, part.file_size)
        made.CRC, made.compress_size = part.CRC, part.file_size
        written, name = made.FileHeader(), part.filename.encode()
        sizes = (part.CRC, part.file_size, part.file_size, len(name))
        listed.append(struct.pack(_ENTRY, b"PK\x01\x02", 20, _UNIX, 20, *_PLAIN, *sizes, *_BARE, _MODE, at) + name)
        file.seek(at)
        if part.header_offset != at or file.read(len(written)) != written:
            return False
        at += len(written) + part.file_size
    if at > ZIP64_LIMIT:
        return archive.start_dir == at
    entries = b"".join(listed)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(listed), len(listed), len(entries), at, 0)
    file.seek(at)
    return archive.start_dir == at and file.read() == entries + end


def opened(file: BinaryIO, most_parts: int) -> ZipFile:
    """Open an archive; raise `BadZipFile` for what is none, or lists more than so many parts."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - _END))
    end = file.read(_END)
    # The end without a comment, as we write it: how many parts there are is known before any becomes an object.
    if end[:4] != b"PK\x05\x06" or (count := int.from_bytes(end[10:12], "little")) > most_parts:
        raise BadZipFile("no end")
    if count == 0xFFFF:
        raise BadZipFile("too many parts")
    return ZipFile(file)
