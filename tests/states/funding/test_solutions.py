"""Solvings: one at a time for a collaboration, their answers kept once, and none of what was changed is adopted."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.computations.service import begin_computation, cancel_computation, computation_by_id
from states.computations.tables import Computation, ComputationState
from states.errors import Missing
from states.funding.case.vocabulary import Activity
from states.funding.inputs.cost_lines import CostPlan, add_cost
from states.funding.rules.library import rule_set
from states.funding.solutions import (
    COMPUTING,
    KIND,
    RunRefused,
    Solution,
    latest_solution,
    record_answer,
    request_solution,
    solution_of,
    solutions_of,
    task_of,
)
from states.funding.solver.answer import Answer, begun
from states.storage import begin
from tests.expect import race
from tests.factories import World, a_collaboration, a_world


@pytest.fixture
def row(session: Session) -> Collaboration:
    return _a_case(a_world(session))


def _a_case(world: World) -> Collaboration:
    row = a_collaboration(world)
    lead = world.organisations["gliwice"].id
    add_cost(world.session, row, CostPlan("rigs", lead, "PL229", Activity.OTHER, Decimal("10.00"), date(2127, 9, 1)))
    return row


def _asked(session: Session, row: Collaboration) -> Computation:
    return request_solution(session, row, person_id=None, seconds=5)


def _nothing_of(run: Computation) -> Answer:
    case = task_of(run).case
    return begun(case, rule_set(case.rule_set))


def test_of_two_who_ask_at_once_one_is_refused(installation: object) -> None:
    with begin() as session:
        key = _a_case(a_world(session)).id

    def ask() -> str:
        with begin() as session:
            return _asked(session, session.get_one(Collaboration, key)).id

    found = race(ask, ask)

    assert sum(isinstance(one, str) for one in found) == 1
    assert [one.reasons[0].code for one in found if isinstance(one, RunRefused)] == ["funding_run_open"]
    with begin(read_only=True) as session:
        assert len(solutions_of(session, key, changed=False)) == 1


def test_the_case_stays_as_it_was_when_it_was_asked_about(session: Session, row: Collaboration) -> None:
    run = _asked(session, row)
    row.title = "Another title"
    session.flush()

    problem = begin_computation(session, COMPUTING, run)

    assert problem is not None
    assert (problem.case.name, run.state) == ("Centre for Biocompatibility", ComputationState.RUNNING)


def test_an_answer_is_kept_once_and_none_after_the_end(session: Session, row: Collaboration) -> None:
    run = _asked(session, row)
    begin_computation(session, COMPUTING, run)
    first = record_answer(session, run, _nothing_of(run)).answer
    version = run.version
    later = record_answer(session, run, _nothing_of(run).model_copy(update={"seconds": 5.0}))

    assert (run.state, run.faults != [], run.ended_at is not None) == (ComputationState.FAILED, True, True)
    assert (later.answer, later.version) == (first, version)
    assert begin_computation(session, COMPUTING, run) is None


def test_one_that_was_cancelled_keeps_what_was_found(session: Session, row: Collaboration) -> None:
    run = _asked(session, row)
    begin_computation(session, COMPUTING, run)
    cancel_computation(session, KIND, run)
    record_answer(session, run, _nothing_of(run))

    assert (run.state, solution_of(run)) == (ComputationState.CANCELLED, Solution(answer=_nothing_of(run)))
    assert _asked(session, row).state is ComputationState.WAITING


def test_only_one_with_an_answer_is_changed(session: Session, row: Collaboration) -> None:
    cancel_computation(session, KIND, _asked(session, row))

    with pytest.raises(RunRefused) as refused:
        latest_solution(session, row)
    with pytest.raises(Missing):
        computation_by_id(session, KIND, "1")

    assert [reason.code for reason in refused.value.reasons] == ["no_funding_solution"]
