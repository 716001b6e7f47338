"""Where reviews meet the lifecycle: opened on the frozen version, closed when due, abandoned when it moves on."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from states.crossings.review.rounds import (
    close_answered_round,
    close_due_rounds,
    open_requested_round,
    panel_in,
    panel_of,
)
from states.deadlines.queries import open_deadlines
from states.deadlines.tables import Deadline
from states.errors import Missing, Refused
from states.lifecycle.move import move
from states.outbox.tables import OutboxMessage
from states.protocol.queries import latest_versions
from states.review.seats import ANSWER_DEADLINE
from states.review.tables import RoundState
from states.rights.access import Role
from tests.expect import codes
from tests.factories import a_collaboration_at, a_world, open_iag, open_rounds, s3


def _seats(session: Session) -> list[Deadline]:
    return [one for one in open_deadlines(session) if one.kind in ANSWER_DEADLINE.values()]


def test_a_round_is_on_the_latest_version_and_asks_for_its_dossier(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "iag_review")
    opened = open_requested_round(session, row.id, "iag")
    query = select(OutboxMessage.payload).where(OutboxMessage.name == "document.requested")
    asked = [payload for payload in session.exec(query) if payload["kind"] == "review-dossier"]
    assert opened.protocol_version_id == latest_versions(session, [row.id])[row.id].id
    assert asked == [{"kind": "review-dossier", "subject_id": opened.id}]
    assert panel_of(session, opened) == s3().panels["iag"]


def test_without_a_frozen_version_there_is_nothing_to_review(session: Session) -> None:
    row = a_collaboration_at(a_world(session), "outline")
    with pytest.raises(Refused) as caught:
        open_requested_round(session, row.id, "iag")
    assert (codes(caught.value), open_rounds(session)) == (["protocol_not_frozen"], [])


def test_what_is_not_there(session: Session) -> None:
    row = a_collaboration_at(a_world(session), "iag_review")
    with pytest.raises(Missing):
        open_requested_round(session, row.id, "jury")
    with pytest.raises(Missing):
        open_requested_round(session, "nothing", "iag")
    with pytest.raises(Missing):
        close_answered_round(session, "nothing")
    with pytest.raises(Missing):
        panel_in(s3().panels, "jury")


def test_a_round_closes_after_its_last_day(session: Session) -> None:
    world = a_world(session)
    rows = [a_collaboration_at(world, "iag_review", slug=slug) for slug in ("one", "two")]
    rounds = [open_iag(world, row) for row in rows]
    rounds[1].due_on += timedelta(days=1)
    session.flush()
    last = rounds[0].due_on
    assert close_due_rounds(session, on=last) == []
    assert close_due_rounds(session, on=last + timedelta(days=1)) == [rounds[0].id]
    assert close_due_rounds(session, on=last + timedelta(days=1)) == []
    assert [row.state for row in rounds] == [RoundState.CLOSED, RoundState.OPEN]
    assert rounds[0].missing == ["iag_member 1", "iag_member 2", "iag_member 3"]


def test_a_round_is_closed_once(session: Session) -> None:
    row = a_collaboration_at(a_world(session), "iag_review")
    opened = open_requested_round(session, row.id, "iag")
    assert [close_answered_round(session, opened.id) for _ in range(2)] == [True, False]


@pytest.mark.parametrize("name", ["drop", "reject"])
def test_who_moves_on_leaves_no_reviewer_waiting(session: Session, name: str) -> None:
    world = a_world(session)
    row, other = (a_collaboration_at(world, "iag_review", slug=slug) for slug in ("one", "two"))
    opened, theirs = (open_iag(world, one) for one in (row, other))
    actor = world.manager if name == "drop" else world.actor(Role.IAG_CHAIR)
    line = move(session, row.id, name, actor=actor, reason="The lead left.")
    title = s3().stages[line.to_stage].title
    assert (opened.state, opened.missing) == (RoundState.CLOSED, [f"the collaboration moved on to {title}"])
    assert {one.subject_id for one in _seats(session)} == {theirs.id}
