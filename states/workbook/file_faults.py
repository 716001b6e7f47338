"""Why a file is not read at all."""

from states.errors import Fault, Invalid
from states.texts import Value


class FileInvalid(Invalid):
    """The file cannot be read as a workbook or a table."""

    code = "file_invalid"


def refuse_file(place: str, code: str, /, *, remedy: str, **parameters: Value) -> FileInvalid:
    return FileInvalid(faults=[Fault(place, code, remedy=remedy, **parameters)])
