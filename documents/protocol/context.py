"""What an investment protocol shows."""

from typing import ClassVar

from documents.meta import DocumentContext
from documents.parts import Completeness, Evidence, Identity, Partner, Section, VersionLine
from states.archive.tables import DocumentKind


class ProtocolContext(DocumentContext):
    """An investment protocol in one frozen version: seventeen sections, and what is missing in them."""

    KIND: ClassVar[DocumentKind] = DocumentKind.INVESTMENT_PROTOCOL

    identity: Identity
    partners: tuple[Partner, ...] = ()
    sections: tuple[Section, ...] = ()
    completeness: Completeness
    versions: tuple[VersionLine, ...] = ()
    evidence: tuple[Evidence, ...] = ()
