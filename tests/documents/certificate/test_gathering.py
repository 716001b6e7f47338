"""A certificate says that the history is as it was sealed, or what is not; and no more than the lead may read."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session

from documents.catalogue import PAPERS
from documents.certificate.context import CertificateContext, gather
from documents.gathering import current_subject
from documents.render import render
from documents.shown import gathered
from states.archive.editions import Printing
from states.archive.service import Rendered, record_document
from states.archive.store import keep_bytes
from states.archive.tables import DocumentClass, DocumentKind
from states.clock import at
from states.collaborations.queries import history_of
from states.collaborations.tables import Collaboration
from states.seals.sealing import tie_seals
from tests.documents.story import text_of
from tests.factories import World, a_collaboration_at, a_piece_of_evidence, a_world, open_iag

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

DAY = datetime(2026, 6, 1, 9, tzinfo=UTC)


def a_file(session: Session) -> tuple[World, Collaboration]:
    world = a_world(session)
    with at(DAY):
        row = a_collaboration_at(world, "iag_review")
    return world, row


def certified(session: Session, row: Collaboration, *, day: datetime = DAY) -> CertificateContext:
    tie_seals(session)
    with at(day):
        return gather(session, subject_id=row.id)


def printed(found: CertificateContext) -> str:
    return " ".join(text_of(render(DocumentKind.CERTIFICATE, found)).split())


def issue(session: Session, row: Collaboration, kind: DocumentKind, subject_id: str) -> None:
    content, shown = b"%PDF-1.7 " + kind.value.encode(), gathered(session, kind, subject_id, "en")
    keep_bytes(content)
    made = Rendered(
        kind=kind,
        document_class=PAPERS[kind].document_class,
        title=row.title,
        subject_id=subject_id,
        context=shown.text,
        content=content,
        printing=Printing("0" * 64, "0" * 64, "a renderer"),
        issued_at=DAY,
    )
    record_document(session, made, partnership_id=row.partnership_id, collaboration_id=row.id)


def test_says_that_everything_is_as_it_was_sealed(session: Session) -> None:
    _, row = a_file(session)
    lines = history_of(session, [row.id])[row.id]

    found = certified(session, row)

    assert (found.sealed.breaches, found.sealed.unknown) == ((), 0)
    assert [line.to_stage for line in found.moves][-1] == found.stage
    ends = [one.seal for one in (found.sealed.first, found.sealed.last) if one is not None]
    assert ends == [lines[0].seal, lines[-1].seal]
    assert sum(count for _, count in found.sealed.kinds) == found.sealed.rows
    assert all(one.signatures for one in found.versions)
    assert all(
        said in printed(found)
        for said in ("Everything in this file is as it was sealed.", lines[0].seal, f"all {found.sealed.rows} sealed")
    )


def test_says_what_is_not_as_it_was_sealed(session: Session) -> None:
    _, row = a_file(session)
    tie_seals(session)
    session.execute(text("UPDATE history_line SET reason = 'another' WHERE number = 2"))
    session.expire_all()

    found = certified(session, row)

    assert found.sealed.breaches == ("line of the history 2 is not as it was sealed",)
    assert "This file is not as it was sealed." in printed(found)


def test_a_line_that_was_taken_away_is_missed(session: Session) -> None:
    _, row = a_file(session)
    tie_seals(session)
    session.execute(text("DELETE FROM history_line WHERE number = (SELECT max(number) FROM history_line)"))
    session.expire_all()

    assert certified(session, row).sealed.breaches != ()


def test_what_is_confidential_stands_by_its_digest_alone(session: Session) -> None:
    world, row = a_file(session)
    known = {one.sha256 for one in certified(session, row).evidence}
    a_piece_of_evidence(world, row, content=b"%PDF-1.7 secret")
    a_piece_of_evidence(world, row, content=b"%PDF-1.7 open", evidence_class=DocumentClass.PUBLIC)

    filed = [one for one in certified(session, row).evidence if one.sha256 not in known]

    assert sorted(one.title for one in filed) == ["", "A letter"]


def test_lists_what_the_lead_may_read_and_nothing_of_the_reviewers(session: Session) -> None:
    world, row = a_file(session)
    open_iag(world, row)
    for kind in (DocumentKind.INVESTMENT_PROTOCOL, DocumentKind.REVIEW_DOSSIER):
        issue(session, row, kind, current_subject(session, kind, collaboration_id=row.id))

    assert [one.kind for one in certified(session, row).documents] == ["Investment protocol"]


def test_says_the_same_on_the_same_day_also_after_it_was_issued(session: Session) -> None:
    _, row = a_file(session)
    before = certified(session, row)
    issue(session, row, DocumentKind.CERTIFICATE, row.id)

    assert certified(session, row, day=DAY + timedelta(hours=8)) == before
    assert certified(session, row, day=DAY + timedelta(days=1)) != before


def test_a_case_without_a_history_has_a_certificate_too(session: Session) -> None:
    world = a_world(session)
    with at(DAY):
        row = a_collaboration_at(world, "matchmaking")

    found = certified(session, row)

    assert (found.moves, found.sealed.first, found.sealed.breaches) == ((), None, ())
    assert "No move is recorded yet." in printed(found)
