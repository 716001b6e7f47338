"""Writes a protocol as a file of the format that is asked for."""

from states.protocol_files.reading import Format
from states.protocol_files.showing import Shown
from states.protocol_files.workbook_out import write_workbook


def write_file(shown: Shown, form: Format) -> bytes:
    """Return the file."""
    return {Format.XLSX: write_workbook}[form](shown)
