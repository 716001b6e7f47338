"""Who may read which document of a review: what a reviewer wrote alone stays so on paper too."""

from hashlib import sha256
from pathlib import Path

import pytest

from states.archive.service import Rendered, record_document
from states.archive.store import keep_bytes
from states.archive.tables import DocumentClass, DocumentKind
from states.collaborations.tables import Collaboration
from states.review.conflicts.service import declare
from states.review.conflicts.tables import ConflictKind
from states.review.tables import ReviewRound
from tests.api.house import House, a_house
from tests.factories import PRINTING, World, a_collaboration_at, clear, evaluate, open_iag

KINDS = {
    "dossier": DocumentKind.REVIEW_DOSSIER,
    "consensus": DocumentKind.CONSENSUS_REPORT,
    "minutes": DocumentKind.PANEL_MINUTES,
    "letter": DocumentKind.DECISION_LETTER,
}
OFFICE = ("project_manager", "iag_secretary", "iag_chair")
WHO = (*OFFICE, "iag_member 1", "iag_member 2", "iag_member 3", "paca", "partner")


def _issue(world: World, row: Collaboration, kind: DocumentKind, subject_id: str) -> str:
    content = f"%PDF {kind.value}".encode()
    keep_bytes(content)
    digest = sha256(content).hexdigest()
    rendered = Rendered(kind, DocumentClass.CONFIDENTIAL, kind.value, subject_id, digest, content, PRINTING)
    issued = record_document(world.session, rendered, partnership_id=world.partnership.id, collaboration_id=row.id)
    return issued.id


def _everything(world: World) -> dict[str, str]:
    """One member has scored, one is cleared and has not, one has a conflict."""
    row = a_collaboration_at(world, "iag_review")
    opened: ReviewRound = open_iag(world, row)
    for name in ("iag_member 1", "iag_member 2"):
        clear(world, row, opened, name)
    evaluation = evaluate(world, row, opened, "iag_member 1")
    person_id = world.people["iag_member 3"].id
    kind = ConflictKind.DISQUALIFYING
    declare(world.session, opened, person_id=person_id, kind=kind, reason="A tie.", collaboration=row)
    issued = {name: _issue(world, row, kind, opened.id) for name, kind in KINDS.items()}
    issued["evaluation"] = _issue(world, row, DocumentKind.EVALUATION_REPORT, evaluation.id)
    return issued | {"round": f"/rounds/{opened.id}"}


def _readers(house: House, document_id: str) -> set[str]:
    """Return who gets the bytes; whoever does has the document in the list too, and nobody else has."""
    found = {who for who in WHO if house.by(who).get(f"/documents/{document_id}/content").status_code == 200}
    listed = {
        who for who in WHO if document_id in [one["id"] for one in house.by(who).get("/documents").json()["items"]]
    }
    assert found == listed
    return found


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_who_reads_which_document(installation: Path) -> None:
    house, keys = a_house(_everything)
    office = set(OFFICE)
    cleared = {"iag_member 1", "iag_member 2"}

    found = {name: _readers(house, keys[name]) for name in (*KINDS, "evaluation")}

    assert found == {
        "dossier": office | cleared,
        "consensus": office | cleared,
        "minutes": office,
        "letter": office | cleared | {"partner"},
        "evaluation": {"project_manager", "iag_secretary", "iag_member 1"},
    }


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_closed_round_opens_the_evaluations_to_who_decides(installation: Path) -> None:
    house, keys = a_house(_everything)
    house.by("iag_secretary").post(f"{keys['round']}/closing")

    assert _readers(house, keys["evaluation"]) == {
        "project_manager",
        "iag_secretary",
        "iag_chair",
        "iag_member 1",
        "iag_member 2",
    }
