"""Routes of the six-monthly reports: what the public may read, the self-assessment apart from it, answers, issue."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, InPartnership, Tx
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.problems import refusals
from api.http.schemas import Input, Listing, Output, Prose, Slug
from api.routes.documents.documents import RequestOut
from states.crossings.reporting.drafting import ask_for_editions, draft_with_directions
from states.errors import Missing
from states.partners.tables import Partnership
from states.reporting.definition import Agreement
from states.reporting.period import Period
from states.reporting.queries import report_on, reports_of
from states.reporting.service import answer as answer_question
from states.reporting.service import answer_goal, assess, issue_report, report_facts
from states.reporting.tables import ProgressReport, ReportState
from states.reporting.views import confidential_view, public_view
from states.rights.access import Action, Actor, Scope, require

router = APIRouter(prefix="/reports", tags=["reporting"], route_class=Idempotent)

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_REPORT))]
Draft = Annotated[Actor, Depends(InPartnership(Action.EDIT_REPORT))]


@dataclass(frozen=True)
class OfReport:
    """The own partnership's report on a half-year, such as 2020-H1."""

    action: Action

    def __call__(self, period: str, session: Tx, actor: CurrentActor) -> ProgressReport:
        """Return the row, or raise `Missing`, `Denied` or `PeriodInvalid`."""
        require(actor, self.action, Scope(actor.partnership_id))
        row = report_on(session, actor.partnership_id, Period.parse(period))
        if row is None:
            raise Missing("report", period)
        return row


Read = Annotated[ProgressReport, Depends(OfReport(Action.READ_REPORT))]
Ask = Annotated[ProgressReport, Depends(OfReport(Action.ASK_FOR_DOCUMENT))]
Edit = Annotated[ProgressReport, Depends(OfReport(Action.EDIT_REPORT))]
Confide = Annotated[ProgressReport, Depends(OfReport(Action.READ_SELF_ASSESSMENT))]


class PeriodIn(Input):
    period: Slug = Field(description="a half-year, such as 2020-H1")


class AnswerIn(Input):
    text: Prose = Field(description="blank, and no number: the answer is cleared")
    number: int | None = Field(default=None, ge=0, le=1_000_000_000)


class AssessmentIn(Input):
    text: Prose


class GoalIn(Input):
    agreement: Agreement


class ReportLineOut(Output):
    id: str
    period: str
    state: ReportState
    created_at: datetime
    issued_at: datetime | None
    version: int


class QuestionOut(Output):
    id: str
    group: str
    heading: str
    question: str
    text: str
    number: int | None
    figure: object


class ReportSectionOut(Output):
    key: str
    heading: str
    questions: list[QuestionOut]


class GoalOut(Output):
    number: int
    title: str
    agreement: Agreement | None


class ReportOut(ReportLineOut):
    title: str
    label: str
    sections: list[ReportSectionOut]
    goals: list[GoalOut]
    missing: list[str] = Field(description="mandatory questions without an answer")
    warnings: list[str]


class SelfAssessmentOut(ReportLineOut):
    sections: list[ReportSectionOut]


@router.get("")
def list_reports(session: Tx, actor: Insider, page: Page) -> Listing[ReportLineOut]:
    """List the reports of the partnership, the newest half-year first."""
    rows = page.each(session, lambda: reports_of(session, actor.partnership_id))
    return page.cut(rows, lambda one: one.id, show=lambda part: [ReportLineOut.model_validate(row) for row in part])


@router.post(
    "",
    status_code=201,
    responses={
        200: {"model": ReportOut, "description": "It was there already; a draft has fresh figures"},
        **refusals(409),
    },
)
def post_report(sent: PeriodIn, session: Tx, actor: Draft, answer: Answered, response: Response) -> ReportOut:
    """Draft the report on a half-year that has begun, or refresh a draft's figures; an issued one stays as it is."""
    period = Period.parse(sent.period)
    if report_on(session, actor.partnership_id, period) is not None:
        response.status_code = 200
    partnership = session.get_one(Partnership, actor.partnership_id)
    row = draft_with_directions(session, partnership, period=period)
    answer.created("get_report", period=row.period)
    answer.tag(row.version)
    return _report(row)


@router.get("/{period}")
def get_report(row: Read, answer: Answered) -> ReportOut:
    """Read what the public may read of a report: answers by people, figures by the machine beside them."""
    answer.tag(row.version)
    return _report(row)


@router.put("/{period}/answers/{question}", responses=refusals(400, 409, 412, 428))
def put_answer(row: Edit, question: str, version: IfMatch, sent: AnswerIn, session: Tx, answer: Answered) -> ReportOut:
    """Answer a question of the public part. The ETag is the report's."""
    answer_question(session, row, question, sent.text, number=sent.number, expected_version=version)
    answer.tag(row.version)
    return _report(row)


@router.put("/{period}/goals/{goal}", responses=refusals(400, 409, 412, 428))
def put_goal(row: Edit, goal: int, version: IfMatch, sent: GoalIn, session: Tx, answer: Answered) -> ReportOut:
    """Say how far the partnership contributes to a Sustainable Development Goal. The ETag is the report's."""
    answer_goal(session, row, goal, sent.agreement, expected_version=version)
    answer.tag(row.version)
    return _report(row)


@router.get("/{period}/self-assessment")
def get_self_assessment(row: Confide, answer: Answered) -> SelfAssessmentOut:
    """Read the self-assessment, which is confidential."""
    answer.tag(row.version)
    return _assessment(row)


@router.put("/{period}/self-assessment/{question}", responses=refusals(400, 409, 412, 428))
def put_self_assessment(
    row: Edit, _: Confide, question: str, version: IfMatch, sent: AssessmentIn, session: Tx, answer: Answered
) -> SelfAssessmentOut:
    """Answer a question of the self-assessment. The ETag is the report's."""
    assess(session, row, question, sent.text, expected_version=version)
    answer.tag(row.version)
    return _assessment(row)


@router.post("/{period}/issuing", responses=refusals(400, 409, 412, 428))
def post_issuing(row: Edit, version: IfMatch, session: Tx, answer: Answered) -> ReportOut:
    """Issue the report with the figures of its last draft: from then on it does not change."""
    issue_report(session, row, expected_version=version)
    answer.tag(row.version)
    return _report(row)


@router.post("/{period}/documents", status_code=202)
def post_report_documents(row: Ask, session: Tx) -> list[RequestOut]:
    """Ask for both editions of the report as it stands, public and confidential; a flow prints them."""
    return [RequestOut(message_id=event.id, kind=kind) for kind, event in ask_for_editions(session, row).items()]


def _line(row: ProgressReport) -> dict[str, object]:
    return ReportLineOut.model_validate(row).model_dump()


def _report(row: ProgressReport) -> ReportOut:
    view = public_view(row)
    return ReportOut.model_validate(
        {
            **_line(row),
            "title": view.title,
            "label": view.label,
            "sections": [asdict(section) for section in view.sections],
            "goals": [asdict(goal) for goal in view.goals],
            "missing": report_facts(row).missing,
            "warnings": view.warnings,
        }
    )


def _assessment(row: ProgressReport) -> SelfAssessmentOut:
    sections = [asdict(section) for section in confidential_view(row).self_assessment]
    return SelfAssessmentOut.model_validate({**_line(row), "sections": sections})
