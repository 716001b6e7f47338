"""Writes a protocol as a file of the format that is asked for."""

from states.protocol_files.reading import Format
from states.protocol_files.showing import Shown
from states.protocol_files.workbook_out import write_workbook


def write_file(shown: Shown, form: Format, *, template: bytes | None = None) -> bytes:
    """Return the file, a document in the styles of a Word template where one is given."""
    if form is Format.XLSX:
        return write_workbook(shown)
    # python-docx takes a while to load, and few ask for it.
    from states.protocol_files.document_out import write_document
    from states.protocol_files.template import open_template

    return write_document(shown, template=None if template is None else open_template(template))
