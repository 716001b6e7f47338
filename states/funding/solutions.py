"""Solutions of a collaboration's case: asked for, computed by a runner, watched, cancelled, and what comes of them."""

from dataclasses import dataclass

from sqlmodel import Session

from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.computations.queries import computations_of
from states.computations.service import (
    Computing,
    Kind,
    Watch,
    claim_answer,
    computation_by_id,
    end_computation,
    request_computation,
)
from states.computations.states import EXCLUDE, FAIL, FINISH, VARY
from states.computations.tables import Computation, ComputationState
from states.errors import Invalid, Refused
from states.funding.case.case import FundingCase
from states.funding.case.gathering import case_of
from states.funding.case.vocabulary import CaseModel, ScenarioKind
from states.funding.case.what_if_changes import Change, apply
from states.funding.checks.scenario_legality import record_mix, review_scenario
from states.funding.rules.choice import rules_of
from states.funding.rules.library import RuleSet
from states.funding.rules.queries import shelf_for
from states.funding.solver.answer import Answer
from states.funding.solver.solve import solve
from states.funding.solver.what_if import Difference, difference
from states.funding.tables import Scenario
from states.machines.definition import Move

_NOTHING = "The search ended with no mix, and ruled none out: give it more seconds."


class RunInvalid(Invalid):
    """The solution cannot be asked for, or adopted, so."""

    code = "funding_run_invalid"


class RunRefused(Refused):
    """The solution is not where this is done."""

    code = "funding_run_refused"


KIND = Kind("funding", "funding_solution", "funding_run", "funding-solutions", 600, RunInvalid, RunRefused)


class Task(CaseModel):
    """The case as it is solved; `change` is what was changed in the one before, if it was changed."""

    case: FundingCase
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A case with the rules that it is under."""

    case: FundingCase
    rules: RuleSet


class Solution(CaseModel):
    """The answer of the solver, and what differs from that to the case before the change."""

    answer: Answer
    differences: tuple[Difference, ...] = ()


def task_of(row: Computation) -> Task:
    return Task.model_validate(row.task)


def solution_of(row: Computation) -> Solution | None:
    """Return what came of it; None while there is nothing."""
    return Solution.model_validate(row.answer) if row.answer else None


def solutions_of(session: Session, collaboration_id: str, *, changed: bool) -> list[Computation]:
    """Return the solutions of a collaboration's case, or those with something changed in it, the newest first."""
    rows = computations_of(session, KIND, collaboration_id)
    return [row for row in rows if (row.before_id is not None) == changed]


def latest_solution(session: Session, collaboration: Collaboration) -> Computation:
    """Return the last solution of the case that has an answer; refused where there is none."""
    for row in solutions_of(session, collaboration.id, changed=False):
        if VARY.leaves(row.state):
            return row
    raise KIND.refusal("no_funding_solution")


def request_solution(
    session: Session, collaboration: Collaboration, *, person_id: str | None, seconds: int
) -> Computation:
    """Ask for the named mixes of the case as it is now, with so many seconds of work; one at a time.

    Raise `CaseInvalid` with all that the case lacks.
    """
    task = Task(case=case_of(session, collaboration))
    return _request(session, collaboration, task, person_id=person_id, seconds=seconds)


def request_what_if(
    session: Session,
    collaboration: Collaboration,
    before: Computation,
    change: Change,
    *,
    person_id: str,
    seconds: int,
) -> Computation:
    """Ask what a change would make of a case that was solved; its own answer stands beside the difference."""
    KIND.need(before, VARY)
    case = apply(session, collaboration.partnership_id, task_of(before).case, change)
    task = Task(case=case, change=change)
    return _request(session, collaboration, task, person_id=person_id, seconds=seconds, before_id=before.id)


def _request(
    session: Session,
    collaboration: Collaboration,
    task: Task,
    *,
    person_id: str | None,
    seconds: int,
    before_id: str | None = None,
) -> Computation:
    session.refresh(collaboration, with_for_update=True)
    return request_computation(
        session,
        KIND,
        subject_id=collaboration.id,
        partnership_id=collaboration.partnership_id,
        collaboration_id=collaboration.id,
        person_id=person_id,
        seconds=seconds,
        task=task.model_dump(mode="json"),
        before_id=before_id,
    )


def read_problem(session: Session, row: Computation) -> Problem:
    """Return the case of a computation with its rules as they are when it begins."""
    case = task_of(row).case
    return Problem(case, rules_of(case, shelf_for(session, row.partnership_id)))


def compute_solution(problem: Problem, row: Computation, watch: Watch) -> Answer:
    """Return the named mixes of a case, or why there is none."""

    def note(answer: Answer) -> None:
        if answer.stage is not None:
            known = answer.stage.model_dump(mode="json", exclude={"kind"})
            watch.note(**{"mix": answer.stage.kind, **known, "objective": answer.stage.objective or ""})

    return solve(problem.case, rules=problem.rules, seconds=row.seconds, progress=note, cancelled=watch.over)


def record_answer(session: Session, row: Computation, answer: Answer) -> Computation:
    """Keep what a computation found, the mixes so far where it was cancelled; of a change, the differences too."""
    if not claim_answer(session, row):
        return row
    differences: list[Difference] = []
    if row.before_id is not None:
        before = solution_of(computation_by_id(session, KIND, row.before_id))
        differences = difference(before.answer, answer) if before else []
    row.answer = Solution(answer=answer, differences=tuple(differences)).model_dump(mode="json")
    session.flush()
    move = _end_of(answer)
    if move.leaves(row.state):  # what was cancelled stays so
        end_computation(session, KIND, row, move, *([answer.failure or _NOTHING] if move is FAIL else []))
    return row


COMPUTING = Computing(KIND, read_problem, compute_solution, record_answer)


def adopt_mix(
    session: Session,
    collaboration: Collaboration,
    row: Computation,
    *,
    kind: ScenarioKind,
    name: str,
    protocol_version_id: str,
) -> Scenario:
    """Record a named mix of a solution as a scenario; what has changed since stands in its `stale` from the beginning.

    A mix of a changed case is no scenario: make the change in fact, and solve that.
    """
    solution = solution_of(row)
    if row.before_id is not None or solution is None:
        raise KIND.nothing_to_take()
    answer = solution.answer
    found = next((named.scenario for named in answer.scenarios if named.kind is kind and named.scenario), None)
    if found is None:
        there = [named.kind.value for named in answer.scenarios if named.scenario] or ["none"]
        raise RunInvalid("no_mix", field="kind", remedy="there_are", kind=kind, there=tuple(there))
    mix, case = found.model_copy(update={"name": name}), task_of(row).case
    present = {entry.organisation.slug for entry in members_of(session, [collaboration.id])[collaboration.id]}
    if left := [one.id for one in case.partners if one.id not in present]:
        raise RunInvalid("left_since", field="partners", remedy="solve_case_as_now", left=tuple(left))
    made = record_mix(session, collaboration, case, mix, protocol_version_id=protocol_version_id)
    return review_scenario(session, collaboration, made)


def _end_of(answer: Answer) -> Move[ComputationState]:
    if answer.clash:
        return EXCLUDE
    return FINISH if any(named.scenario for named in answer.scenarios) else FAIL
