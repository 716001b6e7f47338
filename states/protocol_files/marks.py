"""Marks in a Word document by which headings, columns and notes are found again: hidden text beside what they mark.

Hidden text survives Word, LibreOffice and whoever edits between the headings; a heading that lost its mark is known by
what it says. A note's mark holds a sum of its text: what somebody writes into a note is not lost unseen.
"""

import re
from zlib import crc32

NOTE = "note:"
PROPERTY = "bankable"
BASE_LINE = "Made from: "
NOTE_STYLE = "Bankable note"
_MARK = re.compile(r"\s?\{#([a-z][a-z0-9_.:]{0,90})\}")


def mark(key: str) -> str:
    """Return the hidden text that marks a heading, a column or a note."""
    return f" {{#{key}}}"


def note_mark(text: str) -> str:
    """Return the mark of a note with this text."""
    return mark(f"{NOTE}{crc32(text.encode()):08x}")


def unmarked(text: str) -> tuple[str, str]:
    """Return hidden text without its mark, and the key of that; empty where there is none."""
    found = _MARK.search(text)
    return (text, "") if found is None else (text[: found.start()] + text[found.end() :], found[1])


def is_note(text: str, key: str) -> bool | None:
    """Tell whether a text is a note as it was written; None where it is no note at all."""
    return key == f"{NOTE}{crc32(text.encode()):08x}" if key.startswith(NOTE) else None
