"""Solvings of a collaboration's case: asked for, computed elsewhere, watched, cancelled, and what comes of them."""

from typing import NoReturn

from sqlmodel import Session, col, select

from states.clock import now
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.errors import Fault, Invalid, Missing, Refusal, Refused
from states.funding.case.case import FundingCase
from states.funding.case.gathering import case_of
from states.funding.case.vocabulary import ScenarioKind
from states.funding.case.what_if_changes import Change, apply
from states.funding.checks.scenario_legality import record_mix, review_scenario
from states.funding.inputs.tables import FundingLine, FundingRun, RunState
from states.funding.solver.answer import Answer, Stage
from states.funding.solver.what_if import difference
from states.funding.tables import Scenario
from states.outbox.service import publish
from states.storage import bump_version

LONGEST_SECONDS = 600
_OPEN = (RunState.WAITING, RunState.RUNNING)
_NOTHING = "The search ended with no mix, and ruled none out: give it more seconds."
_ANSWERED = (RunState.DONE, RunState.CLASHING)


class RunInvalid(Invalid):
    """The solving cannot be asked for so."""

    code = "funding_run_invalid"


class RunRefused(Refused):
    """The solving is not where this is done."""

    code = "funding_run_refused"


def run_by_id(session: Session, key: str) -> FundingRun:
    """Return a solving, or raise `Missing`."""
    found = session.get(FundingRun, key)
    if found is None:
        raise Missing("funding solution", key)
    return found


def runs_of(session: Session, collaboration_id: str, *, changed: bool) -> list[FundingRun]:
    """Return the solvings of a collaboration's case, or those with something changed in it, the newest first."""
    query = select(FundingRun).where(FundingRun.collaboration_id == collaboration_id)
    before = col(FundingRun.before_id)
    query = query.where(before.is_not(None) if changed else before.is_(None))
    return list(session.exec(query.order_by(col(FundingRun.asked_at).desc(), col(FundingRun.id))))


def latest_solution(session: Session, collaboration: Collaboration) -> FundingRun:
    """Return the last solving of the case that has an answer; refused where there is none."""
    for row in runs_of(session, collaboration.id, changed=False):
        if row.state in _ANSWERED:
            return row
    message = "The case of this collaboration has no solution yet: ask for one, then change something in it."
    raise RunRefused([Refusal("no_funding_solution", message, ("project_manager",), "funding-solutions")])


def lines_of_run(session: Session, run_id: str) -> list[FundingLine]:
    """Return the progress of a solving, oldest first."""
    return list(session.exec(select(FundingLine).where(FundingLine.run_id == run_id).order_by(col(FundingLine.id))))


def request_solution(
    session: Session, collaboration: Collaboration, *, person_id: str | None, seconds: int
) -> FundingRun:
    """Ask for the named mixes of the case as it is now, within so many seconds; one at a time for a collaboration.

    Raise `CaseInvalid` with all that the case lacks. The computation answers the event `funding.requested`.
    """
    return _request(session, collaboration, case_of(session, collaboration), person_id=person_id, seconds=seconds)


def request_what_if(
    session: Session, collaboration: Collaboration, before: FundingRun, change: Change, *, person_id: str, seconds: int
) -> FundingRun:
    """Ask what a change would make of a case that was solved; its own answer stands beside the difference."""
    if before.state not in _ANSWERED:
        _refuse(before)
    case = apply(session, collaboration.partnership_id, FundingCase.model_validate(before.case), change)
    row = _request(session, collaboration, case, person_id=person_id, seconds=seconds)
    row.before_id, row.change = before.id, change.model_dump(mode="json")
    session.add(row)
    session.flush()
    return row


def _request(
    session: Session, collaboration: Collaboration, case: FundingCase, *, person_id: str | None, seconds: int
) -> FundingRun:
    if not 1 <= seconds <= LONGEST_SECONDS:
        raise RunInvalid(faults=[Fault("seconds", f"{seconds} seconds", f"1 to {LONGEST_SECONDS}")])
    session.refresh(collaboration, with_for_update=True)
    open_runs = select(FundingRun.id).where(FundingRun.collaboration_id == collaboration.id)
    if session.exec(open_runs.where(col(FundingRun.state).in_(_OPEN))).first() is not None:
        message = "The case of this collaboration is being solved: wait for it or cancel it."
        raise RunRefused([Refusal("funding_run_open", message, ("project_manager",), "funding-solutions")])
    row = FundingRun(
        collaboration_id=collaboration.id,
        partnership_id=collaboration.partnership_id,
        asked_by=person_id,
        asked_at=now(),
        seconds=seconds,
        case=case.model_dump(mode="json"),
    )
    session.add(row)
    session.flush()
    _tell(session, row, "requested")
    return row


def begin_run(session: Session, row: FundingRun) -> FundingCase | None:
    """Note that the computation begins and return its case; None if it has ended before.

    A computation that was broken off begins anew.
    """
    if row.state not in _OPEN:
        return None
    bump_version(session, row)
    row.state = RunState.RUNNING
    session.flush()
    return FundingCase.model_validate(row.case)


def note_progress(session: Session, row: FundingRun, stage: Stage) -> FundingLine:
    """Add a line on where the search is."""
    known = stage.model_dump(exclude={"kind", "objective"})
    line = FundingLine(run_id=row.id, at=now(), mix=stage.kind, objective=stage.objective or "", **known)
    session.add(line)
    session.flush()
    return line


def record_answer(session: Session, row: FundingRun, answer: Answer) -> FundingRun:
    """Keep what a computation found, the mixes so far where it was cancelled; of a change, the differences too."""
    session.refresh(row, with_for_update=True)
    if row.state not in (RunState.RUNNING, RunState.CANCELLED) or row.answer:
        return row
    bump_version(session, row)
    row.answer = answer.model_dump(mode="json")
    if row.before_id is not None:
        before = Answer.model_validate(run_by_id(session, row.before_id).answer)
        row.differences = [one.model_dump(mode="json") for one in difference(before, answer)]
    session.flush()
    if row.state is RunState.RUNNING:
        state = _state_of(answer)
        row.faults = [_NOTHING] if state is RunState.FAILED else []
        _end(session, row, state)
    return row


def cancel_run(session: Session, row: FundingRun, *, expected_version: int | None = None) -> FundingRun:
    """Cancel a computation; whoever computes looks at the row and stops."""
    if row.state not in _OPEN:
        _refuse(row)
    bump_version(session, row, expected=expected_version)
    _end(session, row, RunState.CANCELLED)
    return row


def adopt_mix(
    session: Session,
    collaboration: Collaboration,
    row: FundingRun,
    *,
    kind: ScenarioKind,
    name: str,
    protocol_version_id: str,
) -> Scenario:
    """Record a named mix of a solving as a scenario; what has changed since stands in its `stale` from the beginning.

    A mix of a changed case is no scenario: make the change in fact, and solve that.
    """
    if row.before_id is not None or not row.answer:
        _refuse(row)
    answer = Answer.model_validate(row.answer)
    found = next((named.scenario for named in answer.scenarios if named.kind is kind and named.scenario), None)
    if found is None:
        there = [named.kind.value for named in answer.scenarios if named.scenario] or ["none"]
        raise RunInvalid(f"there is no mix {kind.value!r}", field="kind", remedy=f"there are: {', '.join(there)}")
    mix, case = found.model_copy(update={"name": name}), FundingCase.model_validate(row.case)
    present = {entry.organisation.slug for entry in members_of(session, [collaboration.id])[collaboration.id]}
    if left := [one.id for one in case.partners if one.id not in present]:
        raise RunInvalid(f"{', '.join(left)} left since", field="partners", remedy="solve the case as it is now")
    made = record_mix(session, collaboration, case, mix, protocol_version_id=protocol_version_id)
    return review_scenario(session, collaboration, made)


def _state_of(answer: Answer) -> RunState:
    if answer.clash:
        return RunState.CLASHING
    return RunState.DONE if any(named.scenario for named in answer.scenarios) else RunState.FAILED


def _end(session: Session, row: FundingRun, state: RunState) -> None:
    row.state, row.ended_at = state, now()
    session.flush()
    _tell(session, row, state.value)


def _tell(session: Session, row: FundingRun, what: str) -> None:
    publish(
        session,
        f"funding.{what}",
        partnership_id=row.partnership_id,
        collaboration_id=row.collaboration_id,
        funding_run=row.id,
    )


def _refuse(row: FundingRun) -> NoReturn:
    message = f"The solving is {row.state.value}, and there is nothing of it to do this with."
    raise RunRefused([Refusal("wrong_state", message, ("project_manager",), "funding-solutions")])
