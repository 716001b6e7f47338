"""What an investment protocol shows."""

from typing import ClassVar

from sqlmodel import Session

from documents.gathering import (
    completeness_of,
    identity_of,
    partners_of,
    protocol_meta,
    sections_of,
    subject_of,
    version_lines,
)
from documents.languages import gettext as _
from documents.meta import Confidentiality, DocumentContext
from documents.parts import Completeness, Evidence, Identity, Partner, Section, VersionLine
from states.archive.tables import DocumentKind
from states.protocol.queries import version_by_id, versions_of


class ProtocolContext(DocumentContext):
    """An investment protocol in one frozen version: seventeen sections, and what is missing in them."""

    KIND: ClassVar[DocumentKind] = DocumentKind.INVESTMENT_PROTOCOL

    identity: Identity
    partners: tuple[Partner, ...] = ()
    sections: tuple[Section, ...] = ()
    completeness: Completeness
    versions: tuple[VersionLine, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def gather(session: Session, *, subject_id: str) -> ProtocolContext:
    """Read a frozen version of a protocol, by its id; raise `Missing`."""
    version = version_by_id(session, subject_id)
    subject = subject_of(session, version.collaboration_id)
    sections = sections_of(subject.playbook, version)
    area = subject.working_area
    return ProtocolContext(
        meta=protocol_meta(
            subject,
            version,
            kind=ProtocolContext.KIND,
            subtitle=_("Investment protocol in the working area %(area)s") % {"area": area.name}
            if area
            else _("Investment protocol"),
            issued_at=version.frozen_at,
            confidentiality=Confidentiality.PARTNERSHIP,
        ),
        identity=identity_of(subject, version, stage=False),
        partners=partners_of(subject),
        sections=sections,
        completeness=completeness_of(sections),
        versions=version_lines(versions_of(session, version.collaboration_id), until=version),
    )
