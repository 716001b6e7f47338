"""A case with all that a case has: reviews, decisions, money, evidence in its states, a document."""

from pathlib import Path

from sqlmodel import Session

from states.archive.evidence.service import redact_evidence
from states.archive.service import Rendered, record_document
from states.archive.store import keep_bytes
from states.archive.tables import DocumentClass, DocumentKind
from states.casefile.export import CaseFile, export_to
from states.casefile.views import View, office
from states.collaborations.tables import Collaboration
from states.storage import begin, snapshot
from tests.factories import PRINTING, World, a_collaboration_at, a_cost_line, a_piece_of_evidence, a_world

LETTER = b"%PDF-1.7 a letter of support"


def a_case(session: Session, *, stage: str = "bankable", slug: str = "centre") -> tuple[World, Collaboration]:
    """Return a collaboration at a stage, with filed, redacted and public evidence, a cost and an issued document."""
    world = a_world(session)
    return world, a_case_of(world, stage=stage, slug=slug)


def a_case_of(world: World, *, stage: str = "bankable", slug: str = "centre") -> Collaboration:
    """Return such a collaboration of a world."""
    session, row = world.session, a_collaboration_at(world, stage, slug=slug)
    a_cost_line(world, row)
    a_piece_of_evidence(world, row, content=LETTER, evidence_class=DocumentClass.PUBLIC)
    gone = a_piece_of_evidence(world, row, content=b"%PDF-1.7 not for the file")
    redact_evidence(session, gone, reason="It names people who did not agree.")
    content = b"%PDF-1.7 a proposal"
    keep_bytes(content)
    rendered = Rendered(
        DocumentKind.PROPOSAL, DocumentClass.CONFIDENTIAL, "Proposal", row.id, '{"title": "Centre"}', content, PRINTING
    )
    record_document(session, rendered, partnership_id=row.partnership_id, collaboration_id=row.id)
    return row


def a_case_key(stage: str = "bankable") -> str:
    """Make such a case in a transaction of its own, and return its id."""
    with begin() as session:
        return a_case(session, stage=stage)[1].id


def taken_out(key: str, path: Path, view: View | None = None) -> CaseFile:
    """Take a case out to a file."""
    with snapshot() as session:
        return export_to(session, key, path, view or office())
