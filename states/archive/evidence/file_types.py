"""What a file is, by its content: the types that are taken as evidence, and why any other is not."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

import puremagic

from states.characters import tidy
from states.packages import CHUNK, UNREADABLE, Bounds, FileInvalid, Package, refuse_file
from states.texts import Text


@dataclass(frozen=True, slots=True)
class FileType:
    """A type of file that is taken, and how the names of such files end."""

    media_type: str
    suffixes: tuple[str, ...]


_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
PDF = FileType("application/pdf", (".pdf",))
PNG = FileType("image/png", (".png",))
JPEG = FileType("image/jpeg", (".jpg", ".jpeg"))
DOCX = FileType(f"{_OFFICE}.wordprocessingml.document", (".docx",))
XLSX = FileType(f"{_OFFICE}.spreadsheetml.sheet", (".xlsx",))
ODT = FileType(f"{_OPEN}.text", (".odt",))
ODS = FileType(f"{_OPEN}.spreadsheet", (".ods",))
ASICE = FileType("application/vnd.etsi.asic-e+zip", (".asice", ".sce"))
TEXT = FileType("text/plain", (".txt", ".csv"))
CSV = FileType("text/csv", (".csv",))
FILE_TYPES = (PDF, PNG, JPEG, DOCX, XLSX, ODT, ODS, ASICE, TEXT, CSV)

TAKEN = (PDF, PNG, JPEG, DOCX, XLSX, ODT, ODS, ASICE, TEXT, CSV)
SHOWN = ("PDF", "PNG", "JPEG", "DOCX", "XLSX", "ODT", "ODS", "ASiC-E", "text", "CSV")

_BOUNDS = Bounds(parts=10_000, unpacked=256 << 20, times=200, again=Text("remedy", "save_it_once_more"))
_HEAD = 8_192
_MOST_OF_A_HEAD_PART = 1 << 20
_LONGEST_NAME = 120
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAIN_PARTS = {
    b"wordprocessingml.document.main+xml": DOCX,
    b"spreadsheetml.sheet.main+xml": XLSX,
}
_BY_MIMETYPE = {one.media_type.encode(): one for one in (ODT, ODS, ASICE)}
_MACRO_PARTS = re.compile(
    r"(?:.*/)?(?:vbaproject[^/]*\.bin|vbadata\.xml)$|(?:.*/)?(?:macrosheets|activex)/.*|(?:basic|scripts)/.+"
)
_EMBEDDED = re.compile(r"(?:.*/)?embeddings/[^/]*\.bin$|(?:.*/)?oleobject[^/]*\.bin$")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_NO_PLAIN_TEXT = re.compile(rb"\s*(?:#!|%!PS|\{\\rtf|<(?:!doctype\s+html|html|svg|script|\?xml))", re.IGNORECASE)
_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


def type_of(file: BinaryIO, name: str) -> FileType:
    """Return the type of a file, or raise `FileInvalid` with what it is and what to send instead."""
    return _type_of(file, name, nested=False)


def _type_of(file: BinaryIO, name: str, *, nested: bool) -> FileType:
    file.seek(0)
    head = file.read(_HEAD)
    if not head:
        raise refuse_file(name, "empty", remedy="send_the_file")
    if b"%PDF-" in head[:1024] and not head.startswith(b"PK"):
        return PDF
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(_OLE):
        raise refuse_file(name, "file_of_old_office", remedy="save_without_password_or_macros")
    if head.startswith(b"PK"):
        return _of_package(file, name, nested=nested)
    if _NO_PLAIN_TEXT.match(head) is None and _is_text(file):
        return CSV if name.lower().endswith(".csv") else TEXT
    raise refuse_file(name, "file_type_not_taken", remedy="send_one_of_types", what=_named(head), types=SHOWN)


def _of_package(file: BinaryIO, name: str, *, nested: bool) -> FileType:
    try:
        package = Package(file, _BOUNDS)
        found = _package_type(package)
        if found is None or (nested and found is ASICE):
            raise refuse_file(name, "file_is_archive", remedy="send_the_files_in_it", types=SHOWN)
        if any(_MACRO_PARTS.fullmatch(part) for part in package.names):
            raise refuse_file(name, "file_has_macros", remedy="save_without_password_or_macros")
        if any(_EMBEDDED.fullmatch(part) for part in package.names):
            raise refuse_file(name, "file_embeds_programs", remedy="save_without_password_or_macros")
        for part in package.names:
            if found is ASICE and not part.startswith("meta-inf/") and part != "mimetype":
                _need_taken(package, part)
            else:
                for _ in package.chunks(part):  # each checksum, and that no part is longer than it says
                    pass
    except FileInvalid as error:
        raise FileInvalid(faults=[fault.at(name) for fault in error.faults]) from None
    except UNREADABLE:
        raise refuse_file(name, "file_damaged", remedy="save_without_password_or_macros") from None
    return found


def _need_taken(package: Package, part: str) -> None:
    """Refuse a signed container with a part that would not be taken by itself."""
    with SpooledTemporaryFile(max_size=CHUNK) as inner:
        for chunk in package.chunks(part):
            inner.write(chunk)
        _type_of(cast(BinaryIO, inner), part, nested=True)


def _package_type(package: Package) -> FileType | None:
    if "[content_types].xml" in package:
        listed = _start(package, "[content_types].xml")
        if b"macroenabled" in listed.lower():
            raise refuse_file("file", "file_has_macros", remedy="save_without_password_or_macros")
        return next((found for main, found in _MAIN_PARTS.items() if main in listed), None)
    return _BY_MIMETYPE.get(_start(package, "mimetype").strip()) if "mimetype" in package else None


def _start(package: Package, part: str) -> bytes:
    found = b""
    for chunk in package.chunks(part):
        found += chunk
        if len(found) > _MOST_OF_A_HEAD_PART:
            break
    return found


def _is_text(file: BinaryIO) -> bool:
    """Tell whether a file is text: UTF-16 with its mark, or without control characters in any other encoding."""
    file.seek(0)
    coding = _MARKS.get(file.read(2))
    file.seek(0)
    if coding is None:
        return not any(_CONTROLS.search(chunk) for chunk in _chunks(file))
    decoder = codecs.getincrementaldecoder(coding)()
    try:
        return not any("\0" in decoder.decode(chunk) for chunk in _chunks(file)) and decoder.decode(b"", True) == ""
    except UnicodeDecodeError:
        return False


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _named(head: bytes) -> str | Text:
    """Return what a file seems to be, as far as its first bytes tell."""
    try:
        return str(puremagic.magic_string(head)[0].name)[:100] or Text("word", "unknown_type")
    except (puremagic.PureError, IndexError, ValueError):
        return Text("word", "unknown_type")


def cleaned_name(name: str, found: FileType) -> str:
    """Return a name for a file that is safe on any system: no path, no control characters, an ending of its type."""
    last = re.split(r"[\\/]", tidy(name))[-1]
    kept = "".join(one for one in last if one.isprintable())
    kept = re.sub(r'[<>:"|?*\s]+', " ", kept).strip(" .")
    stem, dot, suffix = kept.rpartition(".")
    ending = f".{suffix.lower()}" if dot and f".{suffix.lower()}" in found.suffixes else found.suffixes[0]
    stem = (stem if dot and f".{suffix.lower()}" in found.suffixes else kept)[:_LONGEST_NAME].strip(" .") or "file"
    return ("_" if _RESERVED.fullmatch(stem) else "") + stem + ending
