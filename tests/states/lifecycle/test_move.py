"""The one door: what goes through, what is refused, and that a refusal changes nothing."""

import pytest
from sqlmodel import Session, select

from states.collaborations.tables import Collaboration, HistoryLine
from states.deadlines.queries import open_deadlines
from states.errors import Refused, Stale
from states.lifecycle.available_moves import NotOffered, lifecycle_view
from states.lifecycle.move import move
from states.outbox.tables import OutboxMessage
from states.protocol.service import freeze_version, write_section
from states.rights.access import Actor, Role
from states.seals.sealing import FrozenRow
from states.storage import begin
from tests.expect import by_name
from tests.factories import STAGES, World, a_collaboration, a_collaboration_at, a_world, fill_protocol, s3
from tests.sealed import breaches


def _rows(session: Session) -> tuple[int, int]:
    return len(session.exec(select(HistoryLine)).all()), len(session.exec(select(OutboxMessage)).all())


def _codes(refused: Refused) -> list[str]:
    return [reason.code for reason in refused.reasons]


def test_the_whole_way_to_bankable(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "bankable")
    lines = session.exec(select(HistoryLine).order_by(HistoryLine.number)).all()  # type: ignore[arg-type]
    assert row.stage == "bankable"
    assert [line.to_stage for line in lines] == list(STAGES[1:])
    assert [line.number for line in lines] == [1, 2, 3, 4, 5, 6]
    assert breaches(session) == []


def test_a_move_writes_stage_history_deadline_and_events_together(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "investment_protocol")
    before = row.version
    fill_protocol(world, row)
    freeze_version(session, row)
    line = move(session, row.id, "submit_to_iag", actor=world.manager)
    events = session.exec(select(OutboxMessage).where(OutboxMessage.cause_id == line.id)).all()
    stage = [one for one in open_deadlines(session) if one.kind == "stage"]
    assert (row.stage, line.from_stage, line.to_stage) == ("iag_review", "investment_protocol", "iag_review")
    assert row.version > before
    assert [(event.name, event.payload.get("panel") or event.payload.get("kind")) for event in events] == [
        ("collaboration.moved", None),
        ("review.requested", "iag"),
        ("document.requested", "investment-protocol"),
    ]
    assert [(one.owner_role, one.subject_id) for one in stage] == [(Role.IAG_SECRETARY, row.id)]


def test_all_reasons_are_given_at_once(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "outline")
    before = _rows(session)
    with pytest.raises(Refused) as caught:
        move(session, row.id, "start_protocol", actor=Actor(Role.OBSERVER, world.partnership.id))
    assert _codes(caught.value) == ["role", "no_working_area", "no_summary"]
    assert row.stage == "outline"
    assert _rows(session) == before


def test_one_region_is_not_interregional(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration(world, sites=("gliwice", "katowice"))
    with pytest.raises(Refused) as caught:
        move(session, row.id, "draft_outline", actor=world.manager)
    assert _codes(caught.value) == ["not_interregional"]
    (missing,) = caught.value.reasons[0].missing
    assert str(missing) == "a partner with its site in another NUTS 2 region than PL22"


def test_a_move_that_the_stage_does_not_have(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration(world)
    with pytest.raises(NotOffered) as caught:
        move(session, row.id, "win", actor=world.manager)
    assert _codes(caught.value) == ["move_not_offered"]
    assert "There are: draft_outline, park, drop and merge." in str(caught.value)


@pytest.mark.parametrize("reason", ["", "   "])
def test_back_aside_and_out_need_a_reason(session: Session, reason: str) -> None:
    world = a_world(session)
    row = a_collaboration(world)
    with pytest.raises(Refused) as caught:
        move(session, row.id, "drop", actor=world.manager, reason=reason)
    assert _codes(caught.value) == ["reason_missing"]


def test_a_parked_one_returns_to_where_it_was(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "investment_protocol")
    move(session, row.id, "park", actor=world.manager, reason="Waiting for a partner.")
    offer = by_name(lifecycle_view(session, row, actor=world.manager))["resume"]
    move(session, row.id, "resume", actor=world.manager, reason="The partner came back.")
    assert (offer.to, row.stage) == ("investment_protocol", "investment_protocol")


@pytest.mark.usefixtures("installation")
def test_the_second_of_two_writers_is_told() -> None:
    with begin() as first:
        world = a_world(first)
        key, read = (row := a_collaboration(world)).id, row.version
        manager = world.manager
    with begin() as first:
        move(first, key, "draft_outline", actor=manager, expected_version=read)
    with begin() as second, pytest.raises(Stale):
        move(second, key, "drop", actor=manager, reason="Too late.", expected_version=read)
    with begin() as check:
        assert check.get_one(Collaboration, key).stage == "outline"


def test_a_line_of_the_history_never_changes(session: Session) -> None:
    a_collaboration_at(a_world(session), "investment_protocol")
    line = session.exec(select(HistoryLine).where(HistoryLine.number == 1)).one()
    line.reason = "It never was so."
    with pytest.raises(FrozenRow):
        session.flush()
    session.rollback()


def test_a_newer_version_voids_what_was_approved(session: Session) -> None:
    world: World = a_world(session)
    row = a_collaboration_at(world, "funding_scenario")
    write_section(session, row, "identity", {"acronym": "New", "abstract": "Changed."}, sections=s3().protocol)
    freeze_version(session, row)
    refusals = by_name(lifecycle_view(session, row, actor=world.manager))["declare_bankable"].refusals
    assert {refusal.code for refusal in refusals} == {
        "versions_differ",
        "no_scenario_chosen",
        "no_financial_plan",
        "checklist_not_passed",
        "evidence_missing",
    }
