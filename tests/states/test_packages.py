"""Whatever bit of an archive's heads is changed, each door that takes one reads it or says that it cannot."""

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from docx import Document
from openpyxl import Workbook

from states.archive.evidence.file_types import type_of
from states.backups import service as backups
from states.errors import BankableError
from states.protocol_files.document_in import read_document
from states.protocol_files.template import open_template
from states.storage.engine import engine
from states.workbook.files import read_xlsx

HEAD, ENTRY, END = 30, 46, 22  # bytes of their numbers (APPNOTE, 4.3.7, 4.3.12 and 4.3.16)


def workbook() -> bytes:
    book, file = Workbook(), io.BytesIO()
    book.create_sheet("Register").append(["Organisation", "Region"])
    book.save(file)
    return file.getvalue()


def document() -> bytes:
    text, file = Document(), io.BytesIO()
    text.add_paragraph("A need")
    text.save(file)
    return file.getvalue()


def with_one_bit_changed(whole: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        first = archive.infolist()[0]
        starts = [(first.header_offset, HEAD), (archive.start_dir, ENTRY), (len(whole) - END, END)]
    for at in (start + ahead for start, size in starts for ahead in range(size)):
        for bit in range(8):
            yield whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]


@pytest.mark.parametrize(
    ("whole", "read"),
    [
        (workbook, read_xlsx),
        (document, lambda content: read_document(content, [])),
        pytest.param(document, open_template, marks=pytest.mark.long),
        (workbook, lambda content: type_of(io.BytesIO(content), "offer.xlsx")),
    ],
)
def test_a_file_is_read_or_refused(whole: Callable[[], bytes], read: Callable[[bytes], object]) -> None:
    for changed in with_one_bit_changed(whole()):
        with suppress(BankableError):
            read(changed)


@pytest.mark.long
def test_a_backup_is_read_or_refused(installation: Path, tmp_path: Path) -> None:
    path = tmp_path / "backup.zip"
    backups.make(engine(), path)
    backups.verify(path)

    for changed in with_one_bit_changed(path.read_bytes()):
        path.write_bytes(changed)
        with suppress(BankableError):
            backups.verify(path)
