"""Reads a file of unknown origin as that of a protocol: a workbook or a Word document, told apart by what it holds."""

from collections.abc import Sequence
from enum import StrEnum

from states.packages import refuse_file
from states.protocol.definition import SectionSpec
from states.protocol_files.document_in import read_document
from states.protocol_files.shapes import Filed
from states.protocol_files.workbook_in import read_workbook
from states.workbook.files import MOST_BYTES

_ZIP = b"PK\x03\x04"


class Format(StrEnum):
    """What a protocol is taken out as."""

    XLSX = "xlsx"
    DOCX = "docx"


def read_protocol_file(data: bytes, sections: Sequence[SectionSpec]) -> Filed:
    """Return what a file holds; it needs no database. Raise `FileInvalid` or `ProtocolFileInvalid` where it is none."""
    if len(data) > MOST_BYTES:
        raise refuse_file("file", "file_too_large", remedy="at_most_mib", size=len(data) >> 20, most=MOST_BYTES >> 20)
    if not data.startswith(_ZIP):
        raise refuse_file("file", "neither_workbook_nor_document", remedy="save_as_xlsx_or_docx")
    if b"vbaproject.bin" in data.lower():
        raise refuse_file("file", "file_has_macros", remedy="save_without_macros")
    names = data.lower()
    if b"word/document" in names or (b"word/" in names and b"xl/workbook" not in names):
        return read_document(data, sections)
    return read_workbook(data, sections)
