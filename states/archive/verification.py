"""Whether a file is a document that was issued here, and whether its bytes are the ones that were."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from states.archive.codes import read_code
from states.archive.tables import DocumentSeal, IssuedDocument
from states.errors import Missing

IDENTIFIER_DIGITS = 32
"""So many hexadecimal digits of its context's digest are a file's permanent identifier (ISO 32000-1, section 14.4)."""

_IDENTIFIER = re.compile(rb"/ID\s*\[\s*(?:<([0-9A-Fa-f\s]*)>|\(((?:\\.|[^\\()])*)\))", re.DOTALL)
_CODE = re.compile(rb"<dc:identifier>([0-9A-Z]{10})</dc:identifier>")
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}


class Verdict(StrEnum):
    """What a file is."""

    UNALTERED = "unaltered"
    EXTENDED = "extended"
    ALTERED = "altered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verification:
    """What a file is, and of which document; None where nothing is known of it. `seal` is that of a sealed copy."""

    verdict: Verdict
    document: IssuedDocument | None = None
    seal: DocumentSeal | None = None


def document_by_code(session: Session, written: str) -> IssuedDocument:
    """Return the document with that code on its cover, or raise `Missing`."""
    row = session.exec(select(IssuedDocument).where(IssuedDocument.code == read_code(written))).first()
    if row is None:
        raise Missing("document_code", written[:40])
    return row


def verify_file(session: Session, content: bytes, *readable: ColumnElement[bool]) -> Verification:
    """Find the document whose bytes these are, or, by what the file says of itself, the one that it is a copy of.

    Sought are the documents of these conditions alone: of others the answer is the same as of a file from elsewhere.
    Where several editions came out alike it is the newest. A file that goes on behind the bytes that were issued, as
    one that somebody signed or commented, is `EXTENDED`.
    """
    query = select(IssuedDocument).where(*readable).order_by(col(IssuedDocument.edition).desc())
    digest = sha256(content).hexdigest()
    if (found := session.exec(query.where(IssuedDocument.sha256 == digest)).first()) is not None:
        return Verification(Verdict.UNALTERED, found)
    sealed = select(DocumentSeal).join(IssuedDocument).where(DocumentSeal.sha256 == digest, *readable)
    if (seal := session.exec(sealed).first()) is not None:
        return Verification(Verdict.UNALTERED, session.get_one(IssuedDocument, seal.document_id), seal)
    for condition in _said_of_itself(content):
        if editions := session.exec(query.where(condition)).all():
            begun = (row for row in editions if sha256(content[: row.size]).hexdigest() == row.sha256)
            found = next(begun, None)
            return Verification(Verdict.EXTENDED, found) if found else Verification(Verdict.ALTERED, editions[0])
    return Verification(Verdict.UNKNOWN)


def _said_of_itself(content: bytes) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions of documents that a file says it is: by its code, and by its permanent identifier."""
    for code in dict.fromkeys(_CODE.findall(content)):
        yield col(IssuedDocument.code) == code.decode()
    for identifier in _identifiers(content):
        yield col(IssuedDocument.context_sha256).startswith(identifier)


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
