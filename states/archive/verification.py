"""Whether a file is a document that was issued here, and whether its bytes are the ones that were."""

import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from states.archive.tables import IssuedDocument

IDENTIFIER_DIGITS = 32
"""So many hexadecimal digits of its context's digest are a file's permanent identifier (ISO 32000-1, section 14.4)."""

_IDENTIFIER = re.compile(rb"/ID\s*\[\s*(?:<([0-9A-Fa-f\s]*)>|\(((?:\\.|[^\\()])*)\))", re.DOTALL)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}


class Verdict(StrEnum):
    """What a file is."""

    UNALTERED = "unaltered"
    ALTERED = "altered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verification:
    """What a file is, and of which document; None where nothing is known of it."""

    verdict: Verdict
    document: IssuedDocument | None = None


def verify_file(session: Session, content: bytes, *readable: ColumnElement[bool]) -> Verification:
    """Find the document whose bytes these are, or, by the identifier in the file, the one of which it is another copy.

    Sought are the documents of these conditions alone: of others the answer is the same as of a file from elsewhere.
    Where several editions came out alike it is the newest.
    """
    query = select(IssuedDocument).where(*readable).order_by(col(IssuedDocument.edition).desc())
    same = query.where(IssuedDocument.sha256 == sha256(content).hexdigest())
    if (found := session.exec(same).first()) is not None:
        return Verification(Verdict.UNALTERED, found)
    for identifier in _identifiers(content):
        alike = query.where(col(IssuedDocument.context_sha256).startswith(identifier))
        if (found := session.exec(alike).first()) is not None:
            return Verification(Verdict.ALTERED, found)
    return Verification(Verdict.UNKNOWN)


def _identifiers(content: bytes) -> set[str]:
    """Return the permanent identifiers in a file: who saves it anew may write a second trailer, or another notation."""
    found = set()
    for digits, text in _IDENTIFIER.findall(content):
        identifier = b"".join(digits.split()).decode().lower() if digits else _ESCAPED.sub(_plain, text).hex()
        if len(identifier) == IDENTIFIER_DIGITS:
            found.add(identifier)
    return found


def _plain(escaped: re.Match[bytes]) -> bytes:
    sign = escaped[1]
    return bytes([int(sign, 8) & 255]) if sign[:1].isdigit() else _CONTROLS.get(sign, sign)
