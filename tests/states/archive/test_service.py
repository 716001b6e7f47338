"""The archive: what is issued is recorded once."""

from hashlib import sha256
from pathlib import Path

import pytest
from sqlmodel import Session, select

from states.archive.editions import printing_of
from states.archive.queries import document_by_id, documents_of
from states.archive.service import Rendered, record_document
from states.archive.tables import DocumentClass, DocumentKind, IssuedDocument, KeptContext
from states.errors import Missing
from states.outbox.tables import OutboxMessage
from tests.factories import PRINTING, a_collaboration, a_world

CONTENT = b"%PDF-1.7 a proposal"


def _stored(home: Path) -> list[Path]:
    return [path for path in (home / "store").rglob("*") if path.is_file()]


def _rendered(*, context: str = "c" * 64, kind: DocumentKind = DocumentKind.PROPOSAL) -> Rendered:
    return Rendered(kind, DocumentClass.CONFIDENTIAL, "Proposal", "subject", context, CONTENT, PRINTING)


def test_a_record_is_made_and_told_once(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration(world)
    made = [
        record_document(session, _rendered(), partnership_id=world.partnership.id, collaboration_id=row.id)
        for _ in range(2)
    ]
    events = session.exec(select(OutboxMessage).where(OutboxMessage.name == "document.issued")).all()
    assert made[0].id == made[1].id
    assert (made[0].sha256, made[0].size) == (sha256(CONTENT).hexdigest(), len(CONTENT))
    assert [event.payload for event in events] == [{"document_id": made[0].id, "kind": "proposal"}]


def test_another_context_or_kind_is_another_document(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration(world)
    key = world.partnership.id
    record_document(session, _rendered(), partnership_id=key, collaboration_id=row.id)
    record_document(session, _rendered(context="d" * 64), partnership_id=key, collaboration_id=row.id)
    record_document(session, _rendered(kind=DocumentKind.INVESTMENT_PROTOCOL), partnership_id=key)
    assert len(session.exec(select(IssuedDocument)).all()) == 3
    assert len(documents_of(session, partnership_id=key)) == 3
    assert len(documents_of(session, partnership_id=key, collaboration_id=row.id)) == 2
    assert documents_of(session, partnership_id="another") == []


def test_a_record_that_is_not_there(session: Session) -> None:
    world = a_world(session)
    kept = record_document(session, _rendered(), partnership_id=world.partnership.id)
    assert document_by_id(session, kept.id) is kept
    with pytest.raises(Missing):
        document_by_id(session, "nothing")


def test_what_0_1_0_issued_notes_by_what_it_came_out_alike_and_what_it_shows(session: Session) -> None:
    world = a_world(session)
    row = record_document(session, _rendered(), partnership_id=world.partnership.id)
    row.template = row.fonts = row.renderer = ""
    session.delete(session.get_one(KeptContext, row.context_sha256))
    session.flush()

    again = record_document(session, _rendered(), partnership_id=world.partnership.id)

    assert (again.id, printing_of(again)) == (row.id, PRINTING)
    assert session.get_one(KeptContext, row.context_sha256).content == "c" * 64
