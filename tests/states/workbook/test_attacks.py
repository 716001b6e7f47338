"""Files that are made to take memory and time: each is given up early, with a fault that names its place."""

import io
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from states.errors import Invalid
from states.workbook.files import MOST_BYTES, read_file
from states.workbook.importing import read_workbook
from states.workbook.registry import Organisations
from tests.limited import linux, within

pytestmark = linux

ROOM = 384  # MiB
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LARGE = 48 << 20


def _relation(key: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"/>'


_ROOT = f'<Relationships xmlns="{RELATIONS}">{_relation("r1", "officeDocument", "xl/workbook.xml")}</Relationships>'
_OF_BOOK = (
    f'<Relationships xmlns="{RELATIONS}">{_relation("r1", "worksheet", "worksheets/sheet1.xml")}'
    f"{_relation('r2', 'sharedStrings', 'sharedStrings.xml')}{_relation('r3', 'styles', 'styles.xml')}</Relationships>"
)
_ONE_SHEET = '<sheet name="organisations" sheetId="1" r:id="r1"/>'
_BOOK = f'<workbook xmlns="{SPACE}" xmlns:r="{OFFICE}"><sheets>{_ONE_SHEET}</sheets></workbook>'
_HEAD, _TAIL = f'<worksheet xmlns="{SPACE}"><sheetData>', "</sheetData></worksheet>"
_NAMES = f'{_HEAD}<row r="1"><c t="str"><v>slug</v></c><c t="str"><v>name</v></c></row>'
_ALL = "".join(f'<c t="str"><v>{column.name}</v></c>' for column in Organisations.columns).join(("<row>", "</row>"))
_FIRST_SHARED = f'{_NAMES}<row r="2"><c r="B2" t="s"><v>0</v></c></row>{_TAIL}'
_STYLES = f'<styleSheet xmlns="{SPACE}"><cellXfs>'
_RUN = "<r><t>{0} {0} {0}</t></r>"
_MERGE = '<mergeCell ref="A{0}:B{0}"/>'
_STRINGS = f'<sst xmlns="{SPACE}">'

Part = bytes | str | Iterator[bytes]


def book(sheet: Part = _HEAD + _TAIL, *, compressed: bool = True, **parts: Part) -> bytes:
    """Return a workbook of one sheet of organisations; `strings`, `styles`, `workbook` are parts of it."""
    names = {
        "strings": "xl/sharedStrings.xml",
        "styles": "xl/styles.xml",
        "workbook": "xl/workbook.xml",
        "relations": "xl/_rels/workbook.xml.rels",
    }
    whole: dict[str, Part] = {"_rels/.rels": _ROOT, "xl/workbook.xml": _BOOK, "xl/_rels/workbook.xml.rels": _OF_BOOK}
    whole |= {"xl/sharedStrings.xml": "<sst/>", "xl/styles.xml": "<styleSheet/>"}
    whole |= {"xl/worksheets/sheet1.xml": sheet} | {names[name]: part for name, part in parts.items()}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as package:
        for path, part in whole.items():
            with package.open(path, "w", force_zip64=True) as stream:
                for piece in [part] if isinstance(part, bytes | str) else part:
                    stream.write(piece.encode() if isinstance(piece, str) else piece)
    return file.getvalue()


def repeated(before: str, piece: str, after: str, *, size: int = LARGE) -> Iterator[bytes]:
    """Yield one piece so often that it has that size, between two others."""
    yield before.encode()
    some = (piece * max(65_536 // len(piece), 1)).encode()
    for _ in range(size // len(some)):
        yield some
    yield after.encode()


def _noise(size: int) -> str:
    """Return letters of which none tells the next: nothing packs them far."""
    state, pieces = 1, []
    for _ in range(size // 8):
        state = zlib.crc32(b"x", state)
        pieces.append(f"{state:08x}")
    return "".join(pieces)


def _long(before: str, after: str, *, digits: bool = False) -> Iterator[bytes]:
    """Yield a text of 48 MiB that packs some ten times, as what people write does, between two others."""
    yield before.encode()
    for number in range(LARGE // 128):
        yield (f"{zlib.crc32(str(number).encode()):010}{'1' * 118}" if digits else f"{number:07} ä{'1' * 118}").encode()
    yield after.encode()


def _numbered(before: str, pattern: str, after: str, *, count: int) -> Iterator[bytes]:
    yield before.encode()
    for number in range(count):
        yield pattern.format(number).encode()
    yield after.encode()


def _rows(cell: str, *, rows: int, columns: int, head: str = "") -> Iterator[bytes]:
    yield (_HEAD + head).encode()
    for _ in range(rows):
        yield f"<row>{cell * columns}</row>".encode()
    yield _TAIL.encode()


_ONE_LONG = f"{_STRINGS}<si><t>{_noise(32_000)}</t></si></sst>"


def _laughs() -> str:
    entities = "".join(
        f'<!ENTITY l{level} "{f"&l{level - 1};" * 10 if level else "lol"}">' for level in range(1, 11)
    ).replace("&l0;", "lol")
    return f'<?xml version="1.0"?><!DOCTYPE x [{entities}]>{_HEAD}<row><c t="str"><v>&l10;</v></c></row>{_TAIL}'


def _outside() -> str:
    return f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>{_HEAD}<row><c><v>&e;</v></c></row>{_TAIL}'


def _overlapping() -> bytes:
    """Return an archive in which a hundred entries of the list stand for the same packed bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("a0", b"a" * 100_000)
        first = package.filelist[0]
        for number in range(1, 100):
            other = zipfile.ZipInfo(f"a{number}")
            for name in ("CRC", "compress_size", "file_size", "compress_type", "header_offset", "flag_bits"):
                setattr(other, name, getattr(first, name))
            package.filelist.append(other)
    return file.getvalue()


def _twice(second: str) -> bytes:
    file = io.BytesIO(book())
    with zipfile.ZipFile(file, "a") as package, warnings.catch_warnings(action="ignore"):
        package.writestr(second, _HEAD + _TAIL)
    return file.getvalue()


def _many_parts(count: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for number in range(count):
            package.writestr(f"xl/{number}", b"")
    return file.getvalue()


def _lying() -> bytes:
    """Return a workbook whose sheet is said to be small, and is large."""
    made = book(repeated(_HEAD, "<row/>", _TAIL, size=20 << 20))
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        size = package.getinfo("xl/worksheets/sheet1.xml").file_size
    return made.replace(size.to_bytes(4, "little"), (900).to_bytes(4, "little"))


def _encrypted() -> bytes:
    made = bytearray(book(compressed=False))
    at = made.rfind(b"PK\x01\x02")
    made[at + 8] |= 1
    return bytes(made)


_SHARED = '<c t="s"><v>0</v></c>'
ATTACKS: dict[str, tuple[Callable[[], bytes], str]] = {
    # Texts of cells
    "a cell of 48 MiB": (
        lambda: book(_long(f'{_NAMES}<row r="2"><c r="B2" t="inlineStr"><is><t>', f"</t></is></c></row>{_TAIL}")),
        "organisations, row 2, name (B2): '0000000 ä11",
    ),
    "a heading of 48 MiB": (
        lambda: book(_long(f'{_HEAD}<row r="1"><c r="B1" t="str"><v>', f"</v></c></row>{_TAIL}")),
        "organisations, row 1, 0000000 ä11",
    ),
    "a cell of blanks": (
        lambda: book(repeated(f'{_HEAD}<row><c t="str"><v>', " ", f"</v></c></row>{_TAIL}")),
        "sheet1.xml: is packed to less than a 200th of its size",
    ),
    "a shared text of 48 MiB": (
        lambda: book(_FIRST_SHARED, strings=_long(f"{_STRINGS}<si><t>", "</t></si></sst>")),
        "organisations, row 2, name (B2): '0000000 ä11",
    ),
    "a shared text of very many runs": (
        lambda: book(_FIRST_SHARED, strings=_numbered(f"{_STRINGS}<si>", _RUN, "</si></sst>", count=500_000)),
        "organisations, row 2, name (B2): '0 0 01 1 1",
    ),
    "a number of 48 MiB": (
        lambda: book(_long(f'{_NAMES}<row r="2"><c r="B2"><v>', f"</v></c></row>{_TAIL}", digits=True)),
        "organisations, row 2, name (B2): '4108",
    ),
    "one long text in very many cells": (
        lambda: book(_rows(_SHARED, rows=500, columns=100), strings=_ONE_LONG),
        "organisations, AW11: holds more than 33554432 characters",
    ),
    # Numbers of things
    "five million cells": (
        lambda: book(_numbered(_HEAD, f'<row>{"<c><v>{0}</v></c>" * 100}</row>', _TAIL, count=10_100)),
        "organisations: has more than 1000000 cells",
    ),
    "cells far below": (
        lambda: book(f'{_HEAD}<row r="1048576"><c r="A1048576"><v>1</v></c></row>{_TAIL}'),
        "organisations: has something in row 1048576",
    ),
    "a row whose number has 400 digits": (
        lambda: book(f'{_HEAD}<row r="{"9" * 400}"><c><v>1</v></c></row>{_TAIL}'),
        "organisations, row 1, 1 (A1): '1' is no column",
    ),
    "many shared texts": (
        lambda: book(strings=_numbered(_STRINGS, '<si a="{}"/>', "</sst>", count=1_001_000)),
        "file: has more than 1000000 cells",
    ),
    "many formats": (
        lambda: book(styles=_numbered(_STYLES, '<xf numFmtId="{}"/>', "</cellXfs></styleSheet>", count=300_000)),
        "file: has more than 65536 entries xf",
    ),
    "fifty sheets of one part": (
        lambda: book(
            _numbered(_HEAD, '<row r="1"><c s="{}"/></row>', _TAIL, count=100_000),
            workbook=_BOOK.replace(_ONE_SHEET, _ONE_SHEET * 50),
        ),
        "organisations: has more than 1000000 cells",
    ),
    "fifty sheets of one part without cells": (
        lambda: book(
            _numbered(_HEAD, '<row r="1" s="{}"/>', _TAIL, count=150_000),
            workbook=_BOOK.replace(_ONE_SHEET, _ONE_SHEET * 50),
        ),
        "sheet1.xml: is too long to be read",
    ),
    "a hundred thousand merged ranges": (
        lambda: book(
            _numbered(f"{_NAMES}</sheetData><mergeCells>", _MERGE, "</mergeCells></worksheet>", count=100_000)
        ),
        "organisations, A0:B0: is merged",
    ),
    "a thousand unknown columns in a thousand lines": (
        lambda: b"slug," + b",".join(b"x%d" % number for number in range(190)) + b"\n" + (b"," * 190 + b"\n") * 5_000,
        "t: is no sheet",
    ),
    "a fault in every cell": (
        lambda: book(_rows('<c t="str"><f>1</f></c>', rows=5_000, columns=18, head=_ALL)),
        "organisations, row 2, slug (A2): 'a formula'",
    ),
    # XML
    "billion laughs": (lambda: book(_laughs()), "file: declares a type of document"),
    "an entity from elsewhere": (lambda: book(_outside()), "file: declares a type of document"),
    "laughs among the shared texts": (lambda: book(strings=_laughs()), "file: declares a type of document"),
    "deep nesting": (lambda: book(repeated(_HEAD, "<a>", "")), "packed"),
    "nesting of a million": (
        lambda: book(_numbered(_HEAD, "<a{}>", "", count=100_000)),
        "file: is nested more than 64 deep",
    ),
    "a tag of 48 MiB": (
        lambda: book(_long(f'{_HEAD}<row a="', f'"/>{_TAIL}')),
        "sheet1.xml: is too long to be read",
    ),
    "a comment of 48 MiB": (
        lambda: book(_long(f"{_HEAD}<!--", f"-->{_TAIL}")),
        "sheet1.xml: is too long to be read",
    ),
    "a name of 100 KiB": (lambda: book(f"{_HEAD}<{'a' * 100_000}/>{_TAIL}"), "names_no_workbook_has"),
    "a million names": (
        lambda: book(_numbered(_HEAD, "<a{}/>", _TAIL, count=100_000)),
        "file: has tags or attributes that no office program writes",
    ),
    "a million attributes": (
        lambda: book(_numbered(f"{_HEAD}<row ", 'a{}="" ', f"/>{_TAIL}", count=20_000)),
        "file: has tags or attributes that no office program writes",
    ),
    "UTF-16 without end": (lambda: book("\ufeff<a>".encode("utf-16") + b"\0" * 1_000_000), "file: is no workbook"),
    # The archive
    "an archive of an archive": (lambda: book(book()), "file: is no workbook"),
    "parts that overlap": (_overlapping, "a1: stands in the archive twice"),
    "a part twice": (lambda: _twice("xl/worksheets/sheet1.xml"), "sheet1.xml: stands in the archive twice"),
    "a part twice but for case": (
        lambda: _twice("XL/worksheets/Sheet1.xml"),
        "Sheet1.xml: stands in the archive twice",
    ),
    "100,000 parts": (lambda: _many_parts(100_000), "file: has more than 2000 parts"),
    "a part larger than it says": (_lying, "file: is no workbook"),
    "an encrypted part": (_encrypted, "file: is no workbook"),
    "nothing but a list": (lambda: b"PK\x03\x04" + b"PK\x01\x02" * 100_000, "file: has more than 2000 parts"),
    # Tables
    "a line of 16 million fields": (lambda: b"," * (MOST_BYTES - 1), "t.csv: is too large at row 1"),
    "a field of 16 MiB": (lambda: b'slug\n"' + b"a" * (MOST_BYTES - 10), "t.csv, row 2: is no CSV"),
    "a heading of 100 KiB": (lambda: b"slug," + b"a" * 100_000 + b"\nx,y\n", "t: is no sheet of the workbook"),
    "16 million lines": (lambda: b"a\n" * (MOST_BYTES // 2), "t.csv: is too large at row 20001"),
    "quotes without end": (lambda: b'slug\n' + b'"' * (MOST_BYTES - 10), "t.csv"),
    "nothing but NUL": (lambda: b"\0" * MOST_BYTES, "t.csv: is neither a workbook nor a table"),
    "a NUL in a table": (lambda: b"slug,name\nx,\0\n", "t.csv: is neither a workbook nor a table"),
    "a NUL in UTF-16": (lambda: "slug,name\nx,a\0b\n".encode("utf-16"), "t: is no sheet of the workbook"),
}  # fmt: skip


def _said(data: bytes) -> list[str]:
    try:
        read = read_workbook(read_file(data, name="t.csv"))
    except Invalid as error:
        return [f"{fault} {fault.code}" for fault in error.faults]
    tables = [
        fault
        for table in read.tables
        for fault in [*table.faults, *(one for line in table.lines for one in line.faults)]
    ]
    return [f"{fault} {fault.code}" for fault in [*read.faults, *tables]]


LONG = (
    "five million cells",
    "fifty sheets of one part",
    "fifty sheets of one part without cells",
    "many shared texts",
    "a shared text of very many runs",
)


@pytest.mark.parametrize(
    "attack", [pytest.param(one, marks=pytest.mark.long if one in LONG else ()) for one in ATTACKS]
)
def test_a_file_that_takes_too_much_is_given_up_with_its_place(attack: str) -> None:
    made, expected = ATTACKS[attack]
    data = made()
    assert len(data) <= MOST_BYTES

    faults = within(ROOM, partial(_said, data))

    assert faults
    assert [fault for fault in faults if expected in fault]
    assert max(map(len, faults)) < 1_000
