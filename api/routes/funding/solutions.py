"""Routes of solving a funding case: asked for, watched, cancelled, a mix adopted; and what if something changed."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, cast

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlmodel import Session

from api.http.access import RUN, Allowed, RunAccess
from api.http.conditional import Answered
from api.http.dependencies import CurrentActor, Tx, person_of
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Money, Output
from api.routes.funding.cost_lines import Read
from api.routes.funding.finances import Edit
from api.routes.funding.scenarios import ScenarioOut, present_scenario
from states.computations.queries import progress_of
from states.computations.service import cancel_computation, computation_by_id
from states.computations.tables import Computation, ComputationState
from states.errors import Missing
from states.funding.case.vocabulary import ScenarioKind
from states.funding.case.what_if_changes import Change
from states.funding.solutions import (
    KIND,
    adopt_mix,
    latest_solution,
    request_solution,
    request_what_if,
    solutions_of,
)
from states.protocol.queries import version_numbered
from states.rights.access import Action

router = APIRouter(tags=["funding"], route_class=Idempotent)

ReadRun = Annotated[RunAccess, Depends(Allowed(RUN, Action.READ_FUNDING_CASE))]
EditRun = Annotated[RunAccess, Depends(Allowed(RUN, Action.EDIT_FUNDING))]
Seconds = Annotated[int, Field(ge=-1_000_000, le=1_000_000, description="of work; a busy machine takes longer")]


class SolutionIn(Input):
    model_config = example(seconds=30)

    seconds: Seconds = 60


class WhatIfIn(Input):
    model_config = example(change={"kind": "partner_leaves", "partner": "medtech-marseille"})

    change: Change
    solution_id: str | None = Field(default=None, max_length=32, description="what is changed; null: the latest")
    seconds: Seconds = 60


class AdoptionIn(Input):
    model_config = example(kind="best", name="Best mix", protocol_version=1)

    kind: ScenarioKind = Field(description="which of the named mixes")
    name: Line = Field(description="of the scenario")
    protocol_version: int = Field(description="the number of a frozen version")


class FundingProgressOut(Output):
    at: datetime
    mix: str
    number: int = Field(description="of the mix, from 1")
    total: int
    work: str = Field(description="optimum, alternative, bindings, clash")
    objective: str
    gap: Money | None = Field(description="the least found for this mix so far")


class RunOut(Output):
    id: str
    collaboration_id: str
    state: ComputationState
    asked_at: datetime
    seconds: int
    ended_at: datetime | None
    before_id: str | None = Field(description="the solution that a change was made in")
    change: dict[str, object] = Field(description="what was changed; empty: nothing")
    faults: list[str] = Field(description="why it failed")
    version: int


class DifferenceOut(Output):
    kind: ScenarioKind
    what: str = Field(description="a measure of the mix, or an instrument by its id in the case: EUR, days, a number")
    before: Decimal | None = Field(description="null: there is no such mix")
    after: Decimal | None


class RunWithAnswerOut(RunOut):
    progress: list[FundingProgressOut]
    answer: dict[str, object] | None = Field(
        description="named mixes, what binds them, ceilings, or the clash, as `bankable funding solve --json` prints it"
    )
    differences: list[DifferenceOut] = Field(description="to the solution that was changed")


@router.get("/collaborations/{collaboration_id}/funding-solutions")
def list_funding_solutions(row: Read, session: Tx, page: Page) -> Listing[RunOut]:
    """List the solvings of a collaboration's case, the newest first."""
    rows = page.each(session, lambda: solutions_of(session, row.id, changed=False))
    return page.cut(rows, lambda one: one.id, show=lambda part: [_outline(one) for one in part])


@router.post("/collaborations/{collaboration_id}/funding-solutions", status_code=201)
def post_funding_solution(
    row: Edit, sent: SolutionIn, session: Tx, actor: CurrentActor, answer: Answered
) -> RunWithAnswerOut:
    """Ask for the named mixes of the case as it is now; it is solved in the background, one at a time."""
    made = request_solution(session, row, person_id=person_of(actor), seconds=sent.seconds)
    answer.created("get_funding_solution", run_id=made.id)
    return _answered(session, made, answer)


@router.get("/funding-solutions/{run_id}")
def get_funding_solution(found: ReadRun, session: Tx) -> RunWithAnswerOut:
    """Read a solving: how far it is and, once it is done, its answer; the frozen case has a route of its own."""
    return _present(session, found.row)


@router.get("/funding-solutions/{run_id}/case")
def get_solved_case(found: ReadRun) -> dict[str, object]:
    """Read the case that a solving was asked about, as it was frozen then.

    Its format: docs/reference/funding-case.md.
    """
    return cast(dict[str, object], found.row.task["case"])


@router.post("/funding-solutions/{run_id}/cancellation")
def post_funding_cancellation(found: EditRun, session: Tx, answer: Answered) -> RunWithAnswerOut:
    """Cancel a solving that waits or runs; the mixes that were found until then stay."""
    return _answered(session, cancel_computation(session, KIND, found.row), answer)


@router.post("/funding-solutions/{run_id}/adoption", status_code=201)
def post_adoption(found: EditRun, sent: AdoptionIn, session: Tx, answer: Answered) -> ScenarioOut:
    """Record a named mix as a scenario on its frozen case; choosing it is a step of its own."""
    version = version_numbered(session, found.collaboration.id, sent.protocol_version)
    made = adopt_mix(
        session, found.collaboration, found.row, kind=sent.kind, name=sent.name, protocol_version_id=version.id
    )
    answer.created("get_scenario", scenario_id=made.id)
    answer.tag(made.version)
    return present_scenario(session, made)


@router.get("/collaborations/{collaboration_id}/funding-what-ifs")
def list_funding_what_ifs(row: Read, session: Tx, page: Page) -> Listing[RunOut]:
    """List what was tried on solved cases of a collaboration, the newest first."""
    rows = page.each(session, lambda: solutions_of(session, row.id, changed=True))
    return page.cut(rows, lambda one: one.id, show=lambda part: [_outline(one) for one in part])


@router.post("/collaborations/{collaboration_id}/funding-what-ifs", status_code=201)
def post_funding_what_if(
    row: Edit, sent: WhatIfIn, session: Tx, actor: CurrentActor, answer: Answered
) -> RunWithAnswerOut:
    """Ask what would follow: if a partner joined or left, a call closed, a rate or the rules changed."""
    before = (
        latest_solution(session, row)
        if sent.solution_id is None
        else computation_by_id(session, KIND, sent.solution_id)
    )
    if before.subject_id != row.id:
        raise Missing("funding_solution", before.id)
    made = request_what_if(session, row, before, sent.change, person_id=person_of(actor), seconds=sent.seconds)
    answer.created("get_funding_solution", run_id=made.id)
    return _answered(session, made, answer)


def _answered(session: Session, row: Computation, answer: Answered) -> RunWithAnswerOut:
    answer.tag(row.version)
    return _present(session, row)


def _outline(row: Computation) -> RunOut:
    return RunOut.model_validate({**row.model_dump(), "change": row.task["change"] or {}})


def _present(session: Session, row: Computation) -> RunWithAnswerOut:
    lines = progress_of(session, row.id)
    known = {
        **_outline(row).model_dump(),
        "progress": [{"at": line.at, **line.progress} for line in lines],
        "answer": row.answer.get("answer"),
        "differences": row.answer.get("differences", []),
    }
    return RunWithAnswerOut.model_validate(known)
