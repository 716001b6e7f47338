"""Territories in cells: a code of NUTS 2024, or a region's name that means one region only."""

from states.errors import Fault
from states.partners.registry_faults import code_fault
from states.places import nuts
from states.places.region_reader import read_regions
from states.workbook.line import Line


def resolve(line: Line, column: str) -> None:
    """Put codes in the place of what stands in a column, be it one or several; note what is no region."""
    value = line.values.get(column)
    if not value:
        return
    written = value if isinstance(value, tuple) else (str(value),)
    codes, faults = [], []
    for text in written:
        found = _code(column, text)
        if isinstance(found, Fault):
            faults.append(found)
        else:
            codes.append(found)
    line.blame(faults)
    line.values[column] = tuple(dict.fromkeys(codes)) if isinstance(value, tuple) else "".join(codes)


def _code(column: str, text: str) -> str | Fault:
    fault = code_fault(column, text)
    if fault is None:
        return nuts.unit(text).code
    reading = read_regions(text)
    if len(reading.read) == 1 and not reading.unread and reading.read[0].guessed is None:
        return reading.read[0].code
    return fault
