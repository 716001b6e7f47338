"""Routes of results: indicators with target and achievement, and what is open before a collaboration is completed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from api.http.access import COLLABORATION, Allowed, AllowedLead
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Output, Text, changes_in
from states.collaborations.tables import Collaboration
from states.crossings.implementation.closure import closure_of
from states.implementation.queries import result_numbered, results_of
from states.implementation.results import (
    ResultPlan,
    change_result,
    is_missed,
    record_result,
    remove_result,
    result_plan_of,
)
from states.implementation.tables import ProjectResult
from states.rights.access import Action

router = APIRouter(prefix="/collaborations/{collaboration_id}", tags=["results"], route_class=Idempotent)

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_RESULTS))]
Edit = Annotated[Collaboration, Depends(AllowedLead(Action.EDIT_RESULTS))]
Figure = Annotated[Decimal, Field(max_digits=18, decimal_places=4)]
Words = Annotated[str, Field(max_length=2_000)]


class ProjectResultIn(Input):
    model_config = example(indicator="Prototypes tested", unit="pieces", target="12")

    indicator: Line
    unit: Annotated[str, Field(max_length=60)] = ""
    target: Figure
    achieved: Figure | None = Field(default=None, description="null: not known yet")
    source: Words = Field(default="", description="where it can be seen; needed with `achieved`")
    explanation: Words = Field(default="", description="needed where less was achieved than was aimed at")


class ProjectResultPatch(Input):
    model_config = example(achieved="11", source="Test log of the pilot line", explanation="One rig came late.")

    indicator: Line | None = None
    unit: Annotated[str, Field(max_length=60)] | None = None
    target: Figure | None = None
    achieved: Figure | None = None
    source: Words | None = None
    explanation: Words | None = None


class ProjectResultOut(Output):
    number: int
    indicator: Text
    unit: str
    target: str
    achieved: str | None
    missed: bool | None = Field(description="null: not known yet")
    source: Text
    explanation: Text
    recorded_at: datetime
    version: int


class OpenAgreementConditionOut(Output):
    agreement: int
    condition: int
    text: Text


class OpenPeriodOut(Output):
    period: int
    partners: int = Field(description="how many are not accepted")


class ClosureOut(Output):
    """What is open before a collaboration can be completed, each with its number."""

    open: int = Field(description="how many things are open; 0: it can be completed as far as this goes")
    agreements_not_ended: list[int]
    sources_without_agreement: int
    conditions: list[OpenAgreementConditionOut]
    periods: list[OpenPeriodOut]
    change_requests: list[int]
    indicators_unknown: list[str]
    indicators_unexplained: list[str]
    results: list[ProjectResultOut]


@router.get("/results")
def list_results(row: Read, session: Tx, page: Page) -> Listing[ProjectResultOut]:
    """List the indicators with target and achievement, the first one first."""
    rows = page.each(session, lambda: results_of(session, row.id))
    return page.cut(rows, lambda one: one.number, show=_shown)


@router.post("/results", status_code=201)
def post_result(row: Edit, sent: ProjectResultIn, session: Tx, answer: Answered) -> ProjectResultOut:
    """Record an indicator with its target, and what was achieved once it is known."""
    plan = ResultPlan(**sent.model_dump())
    made = record_result(session, plan, partnership_id=row.partnership_id, collaboration_id=row.id)
    answer.created("get_result", collaboration_id=row.id, number=made.number)
    answer.tag(made.version)
    return _shown([made])[0]


@router.get("/results/{number}")
def get_result(row: Read, number: int, session: Tx, answer: Answered) -> ProjectResultOut:
    """Read an indicator; its ETag is what a change sends back as If-Match."""
    found = result_numbered(session, row.id, number)
    answer.tag(found.version)
    return _shown([found])[0]


@router.patch("/results/{number}")
def patch_result(
    row: Edit, number: int, version: IfMatch, sent: ProjectResultPatch, session: Tx, answer: Answered
) -> ProjectResultOut:
    """Say what was achieved of an indicator, or correct it; what is left out stays."""
    found = result_numbered(session, row.id, number)
    said = changes_in(sent, cleared={"achieved": None, "unit": "", "source": "", "explanation": ""})
    change_result(session, found, replace(result_plan_of(found), **said), expected_version=version)
    answer.tag(found.version)
    return _shown([found])[0]


@router.delete("/results/{number}", status_code=204)
def delete_result(row: Edit, number: int, version: IfMatch, session: Tx) -> Response:
    """Take out an indicator that was recorded by mistake; its record of change stays."""
    remove_result(session, result_numbered(session, row.id, number), expected_version=version)
    return Response(status_code=204)


@router.get("/closure")
def get_closure(row: Read, session: Tx) -> ClosureOut:
    """Read what is open before it is completed: agreements, conditions, progress, changes and indicators."""
    found = closure_of(session, row)
    return ClosureOut(
        open=found.open,
        agreements_not_ended=list(found.awards.running),
        sources_without_agreement=len(found.awards.unsigned),
        conditions=[
            OpenAgreementConditionOut(agreement=one.agreement, condition=one.number, text=one.text)
            for one in found.awards.conditions
        ],
        periods=[OpenPeriodOut(period=period, partners=count) for period, count in found.implementation.open_periods],
        change_requests=list(found.implementation.running),
        indicators_unknown=list(found.implementation.unachieved),
        indicators_unexplained=list(found.implementation.unexplained),
        results=_shown(results_of(session, row.id)),
    )


def _shown(rows: Sequence[ProjectResult]) -> list[ProjectResultOut]:
    return [
        ProjectResultOut(
            **row.model_dump(include=_SHOWN),
            target=_plain(row.target),
            achieved=None if row.achieved is None else _plain(row.achieved),
            missed=None if row.achieved is None else is_missed(row.target, row.achieved),
        )
        for row in rows
    ]


def _plain(figure: Decimal) -> str:
    """Return a figure without zeros that say nothing."""
    return f"{figure.normalize():f}"


_SHOWN = {"number", "indicator", "unit", "source", "explanation", "recorded_at", "version"}
