"""A review asks for its documents when there is something to say: an evaluation, a released decision."""

import pytest
from sqlmodel import Session, select

from states.outbox.tables import OutboxMessage
from states.review.evaluations import correct_evaluation
from tests.factories import (
    World,
    a_collaboration_at,
    a_world,
    answer_iag,
    answer_wgra,
    clear,
    decide,
    evaluate,
    open_iag,
    s3,
    scores_of,
)

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def _asked(session: Session, *, about: str) -> list[str]:
    rows = session.exec(select(OutboxMessage).where(OutboxMessage.name == "document.requested"))
    return sorted(row.payload["kind"] for row in rows if row.payload.get("subject_id") == about)


def test_each_submission_asks_for_its_report(world: World) -> None:
    row = a_collaboration_at(world, "iag_review")
    opened = open_iag(world, row)
    clear(world, row, opened, "iag_member 1")
    first = evaluate(world, row, opened, "iag_member 1")
    scores, comments = scores_of("3")
    second = correct_evaluation(
        world.session,
        opened,
        person_id=world.people["iag_member 1"].id,
        scores=scores,
        comments=comments,
        reason="Another reading.",
        panel=s3().panels["iag"],
        collaboration=row,
    )

    assert [_asked(world.session, about=one.id) for one in (first, second)] == [["evaluation-report"]] * 2


def test_release_asks_for_consensus_minutes_and_letter(world: World) -> None:
    row = a_collaboration_at(world, "iag_review")
    opened = answer_iag(world, row)
    before = _asked(world.session, about=opened.id)

    decide(world, row, opened)

    assert (before, _asked(world.session, about=opened.id)) == (
        ["review-dossier"],
        ["consensus-report", "decision-letter", "panel-minutes", "review-dossier"],
    )


def test_release_of_a_panel_of_regions_asks_for_no_consensus(world: World) -> None:
    row = a_collaboration_at(world, "wgra_review")
    opened = answer_wgra(world, row)

    decide(world, row, opened)

    assert _asked(world.session, about=opened.id) == ["decision-letter", "panel-minutes", "review-dossier"]
