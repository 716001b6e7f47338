"""The case that is asked about is solved once, watched, cancelled; scenarios are looked at again as facts change."""

import os
import signal
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlmodel import col, select

from flows import computing, stopping
from flows.catalogue import flow_named
from flows.host import FlowFailed, run_here
from states import clock
from states.computations.queries import progress_of
from states.computations.service import cancel_computation, computation_by_id
from states.computations.tables import Computation, ComputationState
from states.crossings.scenarios.choice import choose
from states.deadlines.tables import Anchor
from states.funding.catalogue.calls import CallPlan, add_call
from states.funding.inputs.cost_lines import change_cost, cost_by_slug, plan_of
from states.funding.queries import instruments_of, scenario_by_id
from states.funding.solutions import KIND, request_solution, solution_of
from states.mail.tables import Mail, MailKind
from states.outbox.service import publish
from states.outbox.tables import OutboxMessage
from states.storage import begin
from tests.factories import a_collaboration, a_world
from tests.flows.conftest import consumers, delivered, hand_over_silently
from tests.states.crossings.scenarios.test_choice import NOW, Desk, desk_of

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.usefixtures("prefect_server", "simulated_clock"),
    pytest.mark.parametrize("installation", ["sqlite"], indirect=True),
]

SOLVE, REVIEW = flow_named("solve_funding"), flow_named("review_scenarios")


@pytest.fixture(autouse=True)
def _before_the_call_opens(simulated_clock: Path) -> None:
    clock.set_simulated(NOW)


def asked() -> tuple[str, str]:
    """Ask for the solution of a case of one line and one call; return the ids of the run and of the event."""
    with begin() as session:
        world = a_world(session)
        desk = desk_of(world, a_collaboration(world))
        row = request_solution(session, desk.row, person_id=world.people["project_manager"].id, seconds=60)
        return row.id, hand_over_silently(session, but="funding.requested")


def the_run(key: str) -> Computation:
    with begin(read_only=True) as session:
        return computation_by_id(session, KIND, key)


def test_a_case_is_solved_and_a_second_delivery_changes_nothing(installation: object) -> None:
    run_id, message_id = asked()

    first, second = (delivered(SOLVE, message_id) for _ in range(2))

    row = the_run(run_id)
    solution = solution_of(row)
    assert solution is not None
    answer = solution.answer
    assert first == {"computation": run_id, "state": "done"}
    assert second == {"computation": run_id, "because": "computed before"}
    assert (row.state, answer.complete, answer.scenarios[0].kind) == (ComputationState.DONE, True, "best")
    assert list(consumers(message_id)) == ["solve_funding"]
    with begin(read_only=True) as session:
        lines = progress_of(session, run_id)
    assert [lines[0].progress[what] for what in ("mix", "number", "total")] == ["best", 1, len(answer.scenarios)]
    assert [line.progress["gap"] for line in lines if line.progress["mix"] == "best"][-1] == "0.00"


def test_a_solving_that_was_cancelled_before_is_not_begun(installation: object) -> None:
    run_id, message_id = asked()
    with begin() as session:
        cancel_computation(session, KIND, computation_by_id(session, KIND, run_id))

    result = delivered(SOLVE, message_id)

    assert (result, the_run(run_id).answer) == ({"computation": run_id, "state": "cancelled"}, {})


def test_a_solving_that_is_cancelled_meanwhile_stops_and_keeps_what_it_has(
    installation: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id, message_id = asked()

    note = computing.Watcher.note

    def cancel(self: computing.Watcher, **progress: object) -> None:
        note(self, **progress)
        with begin() as session:  # a second time it would be refused
            cancel_computation(session, KIND, computation_by_id(session, KIND, run_id))

    monkeypatch.setattr(computing.Watcher, "note", cancel)

    result = delivered(SOLVE, message_id)

    solution = solution_of(the_run(run_id))
    assert solution is not None
    assert (result, solution.answer.complete) == ({"computation": run_id, "state": "cancelled"}, False)


@pytest.mark.long
def test_a_runner_that_stops_leaves_the_solving_to_another(
    installation: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id, message_id = asked()
    monkeypatch.setattr(stopping, "going", lambda: False)
    with pytest.raises(FlowFailed, match="was broken off: the runner stops"):
        delivered(SOLVE, message_id)
    left = the_run(run_id).state
    monkeypatch.undo()

    result = delivered(SOLVE, message_id)

    assert (left, result) == (ComputationState.RUNNING, {"computation": run_id, "state": "done"})


def test_a_solver_that_is_killed_has_failed_and_says_so(installation: object, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id, message_id = asked()
    over = computing.Watcher.over

    def shoot(self: computing.Watcher) -> bool:
        _kill_solvers()  # it is asked before the solver can have said a word
        return over(self)

    monkeypatch.setattr(computing.Watcher, "over", shoot)

    result = delivered(SOLVE, message_id)

    row = the_run(run_id)
    assert result == {"computation": run_id, "state": "failed"}
    assert row.faults == ["The solving process ended before its work was done (signal 9); the log has more."]


def _kill_solvers() -> None:
    """Kill the solvers that this process has started."""
    own = f"\nPPid:\t{os.getpid()}\n"
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status, command = (folder / "status").read_text(), (folder / "cmdline").read_text()
        except OSError:  # it has ended
            continue
        if own in status and "states.funding.solver.worker" in command:
            os.kill(int(folder.name), signal.SIGKILL)


def chosen() -> tuple[Desk, str]:
    """Return a desk whose scenario is chosen, and the scenario's id."""
    with begin() as session:
        world = a_world(session)
        desk = desk_of(world, a_collaboration(world))
        return desk, choose(session, desk.row, desk.record()).id


def told() -> int:
    with begin(read_only=True) as session:
        return len(session.exec(select(OutboxMessage).where(OutboxMessage.name == "scenario.stale")).all())


def test_a_changed_cost_makes_a_scenario_stale_once(installation: object) -> None:
    desk, scenario_id = chosen()
    with begin() as session:
        row = cost_by_slug(session, desk.row, "rigs")
        plan = plan_of(row)
        change_cost(session, session.merge(desk.row), row, replace(plan, amount=row.amount + 1))
        message_id = hand_over_silently(session, but="funding.changed")

    first, second = (delivered(REVIEW, message_id) for _ in range(2))

    assert (first, second) == ({"stale": [scenario_id]}, {"stale": []})
    assert told() == 1


def test_by_the_clock_a_closed_call_makes_stale_and_the_next_one_is_waited_for(installation: object) -> None:
    desk, scenario_id = chosen()
    with begin() as session:
        (instrument,) = instruments_of(session, desk.row.partnership_id)
        add_call(session, instrument, CallPlan("2028", closes_on=date(2028, 3, 31)))
    before = run_here(REVIEW, {}).result
    clock.set_simulated(datetime(2027, 4, 1, 12, tzinfo=UTC))

    first, second = (run_here(REVIEW, {}).result for _ in range(2))

    assert (before, first, second) == ({"stale": []}, {"stale": [scenario_id]}, {"stale": []})
    with begin(read_only=True) as session:
        anchor = session.exec(select(Anchor).where(col(Anchor.kind) == "call")).one()
        assert anchor.day == date(2028, 3, 31)
        assert len(scenario_by_id(session, scenario_id).stale) == 1


def test_by_the_clock_one_that_cannot_be_looked_at_keeps_no_other_back(installation: object) -> None:
    desk, scenario_id = chosen()
    with begin() as session:
        world = replace(desk.world, session=session)
        other = desk_of(world, a_collaboration(world, slug="other"))
        broken = other.record()
        broken.mix = {"name": "of another time"}
    clock.set_simulated(datetime(2027, 4, 1, 12, tzinfo=UTC))

    result = run_here(REVIEW, {}).result

    assert result == {"stale": [scenario_id]}


def test_project_managers_are_written_to_once_and_not_of_what_holds_again(installation: object) -> None:
    desk, scenario_id = chosen()
    clock.set_simulated(datetime(2027, 4, 1, 12, tzinfo=UTC))
    run_here(REVIEW, {})
    with begin() as session:
        message_id = hand_over_silently(session, but="scenario.stale")

    first, second = (delivered(flow_named("report_stale_scenario"), message_id) for _ in range(2))
    with begin() as session:
        scenario_by_id(session, scenario_id).stale = []
        payload = {"partnership_id": desk.row.partnership_id, "scenario": scenario_id}
        again = publish(session, "scenario.stale", collaboration_id=desk.row.id, **payload).id
    third = delivered(flow_named("report_stale_scenario"), again)

    assert (first, second, third) == ({"entered": 1}, {"entered": 0}, {"entered": 0})
    with begin(read_only=True) as session:
        mail = session.exec(select(Mail)).one()
        assert (mail.kind, mail.person_id) == (MailKind.SCENARIO_STALE, desk.world.people["project_manager"].id)
        assert mail.values["reasons"] == 1
