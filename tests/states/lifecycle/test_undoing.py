"""A mistaken move is taken back while nobody has built on it; dates that were set by hand survive parking."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session

from states.clock import at, now, today
from states.collaborations.queries import history_of
from states.collaborations.service import edit_collaboration
from states.collaborations.tables import Collaboration
from states.crossings.deadlines.sync import STAGE_DEADLINE
from states.deadlines.queries import open_deadlines_of
from states.deadlines.service import extend
from states.deadlines.tables import Deadline
from states.errors import Refused
from states.lifecycle.available_moves import lifecycle_view
from states.lifecycle.move import move, undo
from states.lifecycle.undoing import NothingToUndo, undoing_of
from states.playbooks.editions import playbook_of
from states.review.queries import rounds_of
from states.review.tables import RoundState
from states.rights.access import Role
from states.rights.authors import acting, by_flow
from states.storage import begin
from tests.expect import by_name, codes
from tests.factories import World, a_collaboration, a_collaboration_at, a_world, open_iag
from tests.states.lifecycle.stages import world_of

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def key(installation: object) -> str:
    """A collaboration whose outline is made and extended by three weeks, each in a transaction of its own."""
    with begin() as session:
        world = a_world(session)
        made = a_collaboration_at(world, "outline").id
    with begin() as session:
        world, row = _read(session, made)
        _extend(world, row)
    return made


def _read(session: Session, key: str) -> tuple[World, Collaboration]:
    return world_of(session), session.get_one(Collaboration, key)


def _stage_deadline(session: Session, key: str) -> Deadline:
    (found,) = open_deadlines_of(session, kind=STAGE_DEADLINE, subject_id=key)
    return found


def _extend(world: World, row: Collaboration) -> date:
    waiting = _stage_deadline(world.session, row.id)
    due = waiting.due_on + timedelta(days=21)
    return extend(world.session, waiting, due_on=due, reason="Summer.", actor=world.manager).due_on


def test_a_mistaken_move_is_taken_back_whole(key: str) -> None:
    with begin() as session:
        world, row = _read(session, key)
        since, due = row.stage_since, _stage_deadline(session, key).due_on
        move(session, key, "back_to_matchmaking", actor=world.manager, reason="The wrong button.")
    with begin() as session:
        world, row = _read(session, key)
        found = undoing_of(session, row, playbook_of(session, row), actor=world.manager)
        assert (found.line.move, found.open) == ("back_to_matchmaking", True)
        with pytest.raises(Refused) as unreasoned:
            undo(session, key, actor=world.manager, reason=" ")
        assert codes(unreasoned.value) == ["reason_missing"]
        undo(session, key, actor=world.manager, reason="The wrong button.")
    with begin() as session:
        world, row = _read(session, key)
        assert (row.stage, row.stage_since, _stage_deadline(session, key).due_on) == ("outline", since, due)
        lines = history_of(session, [key])[key]
        assert [(one.move, one.from_stage, one.to_stage) for one in lines[-2:]] == [
            ("back_to_matchmaking", "outline", "matchmaking"),
            ("taken-back", "matchmaking", "outline"),
        ]
        with pytest.raises(NothingToUndo):
            undo(session, key, actor=world.manager, reason="Once more.")


def test_what_somebody_has_built_on_stays(key: str) -> None:
    with begin() as session:
        move(session, key, "drop", actor=world_of(session).manager, reason="The wrong button.")
    with begin() as session:
        edit_collaboration(session, session.get_one(Collaboration, key), summary="Written since.")
    with begin() as session, pytest.raises(Refused) as built:
        undo(session, key, actor=world_of(session).manager, reason="So.")
    assert codes(built.value) == ["undo_built_on"]
    assert [str(one) for one in built.value.reasons[0].missing] == ["collaboration"]


def test_only_who_may_make_the_move_and_only_for_some_days(key: str) -> None:
    with begin() as session:
        move(session, key, "drop", actor=world_of(session).manager, reason="The wrong button.")
    with begin() as session, at(now() + timedelta(days=15)), pytest.raises(Refused) as caught:
        undo(session, key, actor=world_of(session).actor(Role.OBSERVER), reason="So.")
    assert codes(caught.value) == ["role", "undo_too_late"]


def test_nobody_has_moved_it(installation: object) -> None:
    with begin() as session:
        world = a_world(session)
        row = a_collaboration(world)
        with pytest.raises(NothingToUndo):
            undo(session, row.id, actor=world.manager, reason="So.")


def test_what_was_taken_back_is_nowhere_to_return_to(key: str) -> None:
    with begin() as session:
        manager = world_of(session).manager
        move(session, key, "park", actor=manager, reason="A pause.")
    with begin() as session:
        move(session, key, "drop", actor=world_of(session).manager, reason="The wrong button.")
    with begin() as session:
        undo(session, key, actor=world_of(session).manager, reason="The wrong button.")
    with begin() as session:
        world, row = _read(session, key)
        offered = by_name(lifecycle_view(session, row, actor=world.manager))["resume"]
        assert (row.stage, offered.to) == ("parked", "outline")


def test_an_extended_date_survives_parking_dropping_and_coming_back(key: str) -> None:
    with begin() as session:
        manager, due = world_of(session).manager, _stage_deadline(session, key).due_on
    for name in ("park", "drop", "reopen", "resume"):
        with begin() as session:
            move(session, key, name, actor=manager, reason="So.")
    with begin() as session:
        assert _stage_deadline(session, key).due_on == due
        later = due + timedelta(days=1)
    with begin() as session:
        move(session, key, "park", actor=manager, reason="So.")
    with begin() as session, at(now() + (later - today())):
        move(session, key, "resume", actor=manager, reason="So.")
        assert _stage_deadline(session, key).due_on > later


def test_a_round_that_a_flow_opened_is_closed_again(installation: object) -> None:
    with begin() as session:
        key = a_collaboration_at(a_world(session), "iag_review").id
    with acting(by_flow("open-round")), begin() as session:
        open_iag(world_of(session), session.get_one(Collaboration, key))
    with begin() as session:
        world, row = _read(session, key)
        undo(session, key, actor=world.manager, reason="Too early.")
        (opened,) = rounds_of(session, [key])
        assert (row.stage, opened.state) == ("investment_protocol", RoundState.CLOSED)
