"""The archive: bytes under their digest, once; records idempotent; what was tampered with is not served."""

from hashlib import sha256
from pathlib import Path

import pytest
from sqlmodel import Session, select

from states.archive.queries import document_by_id, documents_of
from states.archive.service import Rendered, keep_bytes, read_bytes, record_document
from states.archive.tables import DocumentClass, DocumentKind, IssuedDocument
from states.errors import Missing
from states.outbox.tables import OutboxMessage
from tests.expect import race
from tests.factories import a_collaboration, a_world

CONTENT = b"%PDF-1.7 a proposal"


def _stored(home: Path) -> list[Path]:
    return [path for path in (home / "store").rglob("*") if path.is_file()]


def _rendered(*, context: str = "c" * 64, kind: DocumentKind = DocumentKind.PROPOSAL) -> Rendered:
    return Rendered(kind, DocumentClass.CONFIDENTIAL, "Proposal", "subject", context, CONTENT)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
class TestBytes:
    def test_the_same_bytes_are_kept_once(self, installation: Path) -> None:
        digest = keep_bytes(CONTENT)
        first = _stored(installation)[0].stat().st_mtime_ns
        assert keep_bytes(CONTENT) == digest == sha256(CONTENT).hexdigest()
        assert [(path.name, path.stat().st_mtime_ns) for path in _stored(installation)] == [(digest, first)]
        assert read_bytes(digest) == CONTENT

    def test_many_may_keep_the_same_bytes_at_once(self, installation: Path) -> None:
        large = CONTENT * 200_000
        digests = race(*[lambda: keep_bytes(large)] * 4)
        assert set(digests) == {sha256(large).hexdigest()}
        assert [path.read_bytes() == large for path in _stored(installation)] == [True]

    def test_what_was_tampered_with_counts_as_missing(self, installation: Path) -> None:
        digest = keep_bytes(CONTENT)
        _stored(installation)[0].write_bytes(CONTENT + b".")
        with pytest.raises(Missing, match="intact stored file"):
            read_bytes(digest)

    @pytest.mark.usefixtures("installation")
    @pytest.mark.parametrize("digest", ["0" * 64, "../bankable.db"])
    def test_what_was_never_kept_is_missing(self, digest: str) -> None:
        with pytest.raises(Missing):
            read_bytes(digest)


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
