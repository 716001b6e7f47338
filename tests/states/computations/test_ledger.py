"""The ledger: the life of a computation is the same whatever its kind, and a kind never answers for another one."""

import pytest
from sqlmodel import Session

from states.computations.queries import computations_of
from states.computations.service import (
    begin_computation,
    cancel_computation,
    claim_answer,
    computation_by_id,
    end_computation,
)
from states.computations.states import CANCEL, EXCLUDE, FAIL, FINISH, OUTDATE
from states.computations.tables import Computation, ComputationState
from states.errors import Missing, Refused
from states.funding import solutions
from states.machines.definition import Move
from states.matchmaking.event_day.tables import Scheduling
from states.matchmaking.timetable.service import COMPUTING, KIND, request_timetable
from tests.expect import codes
from tests.factories import a_world
from tests.meeting_factories import a_brokerage_event

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

ENDED = [one for one in ComputationState if one not in ("waiting", "running")]
ENDS = (FINISH, EXCLUDE, FAIL, OUTDATE, CANCEL)


@pytest.fixture
def row(session: Session) -> Computation:
    world = a_world(session)
    event = a_brokerage_event(world, scheduling=Scheduling.ORGANISER)
    return request_timetable(session, event, person_id=world.people["project_manager"].id, seconds=5)


@pytest.mark.parametrize("state", ENDED)
def test_what_has_ended_is_neither_begun_nor_cancelled(
    session: Session, row: Computation, state: ComputationState
) -> None:
    row.state = state
    version = row.version

    with pytest.raises(Refused) as caught:
        cancel_computation(session, KIND, row)

    assert (begin_computation(session, COMPUTING, row), row.state, row.version) == (None, state, version)
    assert codes(caught.value) == ["wrong_state"]
    assert str(caught.value).startswith(f'The timetable is {state}: "Cancel it" is not possible')


@pytest.mark.parametrize("state", ComputationState)
def test_an_answer_is_kept_of_what_runs_or_was_cancelled_on_its_way(
    session: Session, row: Computation, state: ComputationState
) -> None:
    row.state = state
    session.flush()

    assert claim_answer(session, row) is (state in ("running", "cancelled"))


@pytest.mark.parametrize("end", ENDS, ids=lambda move: move.name)
def test_only_what_runs_comes_to_an_end_of_its_own(
    session: Session, row: Computation, end: Move[ComputationState]
) -> None:
    early = end is CANCEL  # may be wished before it runs
    if not early:
        with pytest.raises(Refused):
            end_computation(session, KIND, row, end)
        begin_computation(session, COMPUTING, row)

    end_computation(session, KIND, row, end, "For a test.")

    assert ((row.state,), row.faults, row.ended_at is not None) == (end.ends, ["For a test."], True)
    assert (row.started_at is None) is early


def test_one_that_was_broken_off_begins_anew(session: Session, row: Computation) -> None:
    first = begin_computation(session, COMPUTING, row)
    again = begin_computation(session, COMPUTING, row)

    assert first is not None
    assert again is not None
    assert (first.problem, row.state, row.version) == (again.problem, ComputationState.RUNNING, 3)


def test_a_kind_knows_only_its_own(session: Session, row: Computation) -> None:
    assert computation_by_id(session, KIND, row.id) is row
    assert computations_of(session, KIND, row.subject_id) == [row]
    assert computations_of(session, solutions.KIND, row.subject_id) == []
    with pytest.raises(Missing):
        computation_by_id(session, solutions.KIND, row.id)
