"""Routes of the six-monthly reports: what the public may read, the self-assessment apart from it, answers, issue.

Two people issue a report; two others correct it, and what it said is kept as an edition.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field
from sqlmodel import Session

from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, InPartnership, Tx, person_of
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Listing, Output, Prose, Slug, Text
from api.routes.documents.documents import RequestOut
from states.crossings.reporting.drafting import ask_for_editions, correct, draft_with_directions, prepare, write_on
from states.errors import Missing
from states.partners.queries import person_labels
from states.partners.tables import Partnership
from states.reporting.definition import Agreement
from states.reporting.issuing import issue_report, leave_as_issued
from states.reporting.period import Period
from states.reporting.queries import editions_of, report_on, reports_of
from states.reporting.service import answer as answer_question
from states.reporting.service import answer_goal, assess, explain, report_facts
from states.reporting.tables import ProgressReport, ReportEdition, ReportState
from states.reporting.views import ReportView, SectionView, WhyNot, confidential_view, public_view
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
    model_config = example(period="2026-H2")

    period: Slug = Field(description="a half-year, such as 2020-H1")


class AnswerIn(Input):
    model_config = example(text="Two brokerage days, the second one online.")

    text: Prose = Field(description="blank, and no number: the answer is cleared")
    number: int | None = Field(default=None, ge=0, le=1_000_000_000)


class UnansweredIn(Input):
    model_config = example(text="The figures of two regions come in March.")

    text: Prose = Field(description="why the question has no answer; blank: there is no reason any more")


class ReportCorrectionIn(Input):
    model_config = example(because="Two meetings were counted twice.")

    because: Prose = Field(description="what is wrong with the edition in force")


class AssessmentIn(Input):
    model_config = example(text="The second brokerage day came too late in the year.")

    text: Prose


class GoalIn(Input):
    model_config = example(agreement="agree")

    agreement: Agreement


class ReportLineOut(Output):
    id: str
    period: str
    state: ReportState
    created_at: datetime
    because: Text | None = Field(description="what was wrong with the edition that it corrects")
    prepared_at: datetime | None
    issued_at: datetime | None
    version: int


class WhyNotOut(Output):
    """Why a question has no answer, and who said so."""

    reason: Text
    by: Text = Field(description="by role")
    at: datetime


class QuestionOut(Output):
    id: str
    group: str
    heading: str
    question: str
    text: str
    number: int | None
    figure: object
    unanswered: WhyNotOut | None


class ReportSectionOut(Output):
    key: str
    heading: str
    questions: list[QuestionOut]


class GoalOut(Output):
    number: int
    title: str
    agreement: Agreement | None


class ReportTextOut(Output):
    title: str
    label: str
    sections: list[ReportSectionOut]
    goals: list[GoalOut]
    goals_unanswered: WhyNotOut | None
    warnings: list[str]


class ReportOut(ReportLineOut, ReportTextOut):
    prepared_by: Text | None = Field(description="by role")
    issued_by: Text | None = Field(description="by role")
    missing: list[str] = Field(description="mandatory questions without an answer")
    unexplained: list[str] = Field(description="other questions without an answer, for which nobody said why")


class SelfAssessmentOut(ReportLineOut):
    sections: list[ReportSectionOut]


class ReportEditionOut(Output):
    """What was issued of a report; `replaced_at` is when the next edition took its place."""

    number: int
    because: Text | None = Field(description="what was wrong with the edition before")
    prepared_by: Text | None = Field(description="by role; none: release 0.1.0 issued it")
    issued_by: Text | None
    issued_at: datetime
    replaced_at: datetime | None


class ReportEditionTextOut(ReportEditionOut, ReportTextOut):
    """An edition with its text."""


class AssessmentEditionOut(ReportEditionOut):
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
    return _report(session, row)


@router.get("/{period}")
def get_report(row: Read, session: Tx, answer: Answered) -> ReportOut:
    """Read what the public may read of a report: answers by people, figures by the machine beside them."""
    answer.tag(row.version)
    return _report(session, row)


@router.put("/{period}/answers/{question}")
def put_answer(row: Edit, question: str, version: IfMatch, sent: AnswerIn, session: Tx, answer: Answered) -> ReportOut:
    """Answer a question of the public part. The ETag is the report's."""
    answer_question(session, row, question, sent.text, number=sent.number, expected_version=version)
    answer.tag(row.version)
    return _report(session, row)


@router.put("/{period}/goals/{goal}")
def put_goal(row: Edit, goal: int, version: IfMatch, sent: GoalIn, session: Tx, answer: Answered) -> ReportOut:
    """Record how far the partnership serves a Sustainable Development Goal. The ETag is the report's."""
    answer_goal(session, row, goal, sent.agreement, expected_version=version)
    answer.tag(row.version)
    return _report(session, row)


@router.get("/{period}/self-assessment")
def get_self_assessment(row: Confide, session: Tx, answer: Answered) -> SelfAssessmentOut:
    """Read the self-assessment, which is confidential."""
    answer.tag(row.version)
    return _assessment(session, row)


@router.put("/{period}/self-assessment/{question}")
def put_self_assessment(
    row: Edit, _: Confide, question: str, version: IfMatch, sent: AssessmentIn, session: Tx, answer: Answered
) -> SelfAssessmentOut:
    """Answer a question of the self-assessment. The ETag is the report's."""
    assess(session, row, question, sent.text, expected_version=version)
    answer.tag(row.version)
    return _assessment(session, row)


@router.put("/{period}/reasons/{question}")
def put_reason(
    row: Edit, question: str, version: IfMatch, sent: UnansweredIn, session: Tx, actor: CurrentActor, answer: Answered
) -> ReportOut:
    """Say why a question has no answer, in whatever part: the report shows it, with who said so."""
    explain(session, row, question, sent.text, person_id=person_of(actor), expected_version=version)
    answer.tag(row.version)
    return _report(session, row)


@router.post("/{period}/preparing")
def post_preparing(row: Edit, version: IfMatch, session: Tx, actor: CurrentActor, answer: Answered) -> ReportOut:
    """Prepare the report for its issue by another person: the half-year is over, each open question has a reason."""
    prepare(session, row, person_id=person_of(actor), expected_version=version)
    answer.tag(row.version)
    return _report(session, row)


@router.post("/{period}/reopening")
def post_report_reopening(row: Edit, version: IfMatch, session: Tx, answer: Answered) -> ReportOut:
    """Take a prepared report back, to go on writing."""
    write_on(session, row, expected_version=version)
    answer.tag(row.version)
    return _report(session, row)


@router.post("/{period}/issuing")
def post_issuing(row: Edit, version: IfMatch, session: Tx, actor: CurrentActor, answer: Answered) -> ReportOut:
    """Issue what another person prepared, exactly as it was read: it is kept as an edition, which never changes."""
    issue_report(session, row, person_id=person_of(actor), expected_version=version)
    answer.tag(row.version)
    return _report(session, row)


@router.post("/{period}/correction")
def post_report_correction(
    row: Edit, version: IfMatch, sent: ReportCorrectionIn, session: Tx, answer: Answered
) -> ReportOut:
    """Open an issued report anew, with why. Two people who did not issue it prepare and issue the next edition.

    Until then the edition in force holds: it is what is printed, and stands among the editions.
    """
    correct(session, row, because=sent.because, expected_version=version)
    answer.tag(row.version)
    return _report(session, row)


@router.post("/{period}/correction/withdrawal")
def post_report_correction_withdrawal(row: Edit, version: IfMatch, session: Tx, answer: Answered) -> ReportOut:
    """Give a correction up: the report is again what its last edition says."""
    leave_as_issued(session, row, expected_version=version)
    answer.tag(row.version)
    return _report(session, row)


@router.get("/{period}/editions")
def list_report_editions(row: Read, session: Tx, page: Page) -> Listing[ReportEditionOut]:
    """List what was issued of a report, the first edition first; the last one is in force."""
    editions = page.each(session, lambda: editions_of(session, row.id))
    known = _labels(session, editions)
    return page.cut(
        editions,
        lambda one: one.number,
        show=lambda part: [ReportEditionOut.model_validate(_edition(one, editions, known)) for one in part],
    )


@router.get("/{period}/editions/{number}")
def get_report_edition(row: Read, number: int, session: Tx) -> ReportEditionTextOut:
    """Read what an edition says to the public, whether or not it was replaced."""
    editions = editions_of(session, row.id)
    found = _numbered(editions, number)
    known = _labels(session, [found])
    return ReportEditionTextOut.model_validate({**_edition(found, editions, known), **_text(public_view(found), known)})


@router.get("/{period}/editions/{number}/self-assessment")
def get_assessment_edition(row: Confide, number: int, session: Tx) -> AssessmentEditionOut:
    """Read the self-assessment of an edition, which is confidential."""
    editions = editions_of(session, row.id)
    found = _numbered(editions, number)
    known = _labels(session, [found])
    sections = [_section(one, known) for one in confidential_view(found).self_assessment]
    return AssessmentEditionOut.model_validate({**_edition(found, editions, known), "sections": sections})


@router.post("/{period}/documents", status_code=202)
def post_report_documents(row: Ask, session: Tx) -> list[RequestOut]:
    """Ask for both editions of the report as it stands, public and confidential; a flow prints them."""
    return [RequestOut(message_id=event.id, kind=kind) for kind, event in ask_for_editions(session, row).items()]


def _line(row: ProgressReport) -> dict[str, object]:
    return ReportLineOut.model_validate(row).model_dump()


def _numbered(editions: Sequence[ReportEdition], number: int) -> ReportEdition:
    found = next((one for one in editions if one.number == number), None)
    if found is None:
        raise Missing("report_edition", number)
    return found


def _labels(session: Session, rows: Sequence[ProgressReport | ReportEdition]) -> dict[str, str]:
    """Return, by role, who wrote reasons into reports, prepared and issued them."""
    said = {one["by"] for row in rows for one in (row.unanswered or {}).values()}
    return person_labels(session, said | {key for row in rows for key in (row.prepared_by, row.issued_by) if key})


def _edition(row: ReportEdition, editions: Sequence[ReportEdition], known: Mapping[str, str]) -> dict[str, object]:
    return {
        **row.model_dump(include={"number", "because", "issued_at"}),
        "prepared_by": known.get(row.prepared_by or ""),
        "issued_by": known.get(row.issued_by or ""),
        "replaced_at": next((one.issued_at for one in editions if one.number == row.number + 1), None),
    }


def _report(session: Session, row: ProgressReport) -> ReportOut:
    facts, known = report_facts(row), _labels(session, [row])
    return ReportOut.model_validate(
        {
            **_line(row),
            **_text(public_view(row), known),
            "prepared_by": known.get(row.prepared_by or ""),
            "issued_by": known.get(row.issued_by or ""),
            "missing": facts.missing,
            "unexplained": facts.unexplained,
        }
    )


def _text(view: ReportView, labels: Mapping[str, str]) -> dict[str, object]:
    return {
        "title": view.title,
        "label": view.label,
        "sections": [_section(section, labels) for section in view.sections],
        "goals": [asdict(goal) for goal in view.goals],
        "goals_unanswered": _why_not(view.goals_unanswered, labels),
        "warnings": view.warnings,
    }


def _section(section: SectionView, labels: Mapping[str, str]) -> dict[str, object]:
    questions = [{**asdict(one), "unanswered": _why_not(one.unanswered, labels)} for one in section.questions]
    return {"key": section.key, "heading": section.heading, "questions": questions}


def _why_not(said: WhyNot | None, labels: Mapping[str, str]) -> dict[str, object] | None:
    return None if said is None else {"reason": said.reason, "by": labels[said.by], "at": said.at}


def _assessment(session: Session, row: ProgressReport) -> SelfAssessmentOut:
    known = _labels(session, [row])
    sections = [_section(section, known) for section in confidential_view(row).self_assessment]
    return SelfAssessmentOut.model_validate({**_line(row), "sections": sections})
