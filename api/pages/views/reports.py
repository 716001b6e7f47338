"""The six-monthly reports: answered question by question, prepared by one person and issued by another."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, InPartnership, Tx
from api.http.paging import Page
from api.pages.forms import UNANSWERED, Form, Typed, read_as
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.routes.documents.documents import list_documents
from api.routes.reports import reports
from states.archive.portfolios import ask_for_portfolio
from states.archive.tables import DocumentKind
from states.clock import today
from states.reporting.definition import Agreement
from states.reporting.period import Period
from states.reporting.tables import ProgressReport
from states.rights.access import Action, Actor, Scope, may, require

router = APIRouter(prefix="/reports")

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_REPORT))]
_PAPERS = (
    DocumentKind.MONITORING_REPORT_PUBLIC,
    DocumentKind.MONITORING_REPORT_CONFIDENTIAL,
    DocumentKind.PORTFOLIO,
)
Draft = Annotated[Actor, Depends(InPartnership(Action.EDIT_REPORT))]


@router.get("")
def get_reports(request: Request, session: Tx, actor: Insider, cut: Page, lists: Lists) -> Response:
    """List the reports, and offer to draft those of the last three half-years that nobody has drafted."""
    found = reports.list_reports(session, actor, cut)
    now = Period.of(today())
    there = {one.period for one in found.items}
    missing = [one for one in (now, now.previous, now.previous.previous) if str(one) not in there]
    return page(
        request,
        "reports/reports.html",
        reports=found,
        missing=missing,
        labels_of={one.period: Period.parse(one.period).label for one in found.items},
        writes=_writes(actor),
        asks_portfolio=may(actor, Action.ASK_FOR_PORTFOLIO, _own_portfolio(actor)),
        papers=[
            one
            for kind in _PAPERS
            for one in list_documents(session, actor, lists.first(10), None, kind=kind, sort="-issued").items
        ],
    )


def _own_portfolio(actor: Actor) -> Scope:
    own = frozenset({actor.organisation_id} if actor.organisation_id else ())
    return Scope(actor.partnership_id, organisation_ids=own)


@router.post("/portfolio")
def post_portfolio_page(sent: Form, session: Tx, actor: Insider) -> Response:
    """Ask for the portfolio book: the office's of every case, a partner's of the own ones."""
    del sent  # it says nothing but that it is one of our forms
    require(actor, Action.ASK_FOR_PORTFOLIO, _own_portfolio(actor))
    whole = may(actor, Action.ASK_FOR_PORTFOLIO, Scope(actor.partnership_id))
    ask_for_portfolio(session, actor.partnership_id, organisation_id=None if whole else actor.organisation_id)
    return lead_to("/reports", told="asked")


@router.post("")
def post_report(sent: Form, session: Tx, actor: Draft) -> Response:
    """Draft the report on a half-year, or read its figures anew."""
    made = reports.post_report(sent.read(reports.PeriodIn), session, actor, UNANSWERED, Response())
    return lead_to(f"/reports/{made.period}", told="drafted")


@router.get("/{period}")
def get_report(request: Request, row: reports.Read, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show a report: what is answered, what the records say beside it, and what is missing for its issue."""
    confides = may(actor, Action.READ_SELF_ASSESSMENT, Scope(actor.partnership_id))
    return page(
        request,
        "reports/report.html",
        report=reports.get_report(row, session, UNANSWERED),
        assessment=reports.get_self_assessment(row, session, UNANSWERED) if confides else None,
        editions=reports.list_report_editions(row, session, lists.whole()).items,
        agreements=list(Agreement),
        writes=_writes(actor),
        asks=may(actor, Action.ASK_FOR_DOCUMENT, Scope(actor.partnership_id)),
    )


@router.get("/{period}/questions/{question}")
def get_question(request: Request, row: reports.Edit, question: str, session: Tx, actor: CurrentActor) -> Response:
    """Ask for the answer to one question, or why it has none."""
    report = reports.get_report(row, session, UNANSWERED)
    return page(
        request, "reports/question.html", report=report, question=_question(row, question, session, actor), key=question
    )


def _question(row: ProgressReport, key: str, session: Session, actor: Actor) -> reports.QuestionOut | None:
    """Return a question of either part, as far as the reader knows it."""
    sections = reports.get_report(row, session, UNANSWERED).sections + _confidential(row, session, actor)
    return next((one for section in sections for one in section.questions if one.id == key), None)


def _confidential(row: ProgressReport, session: Session, actor: Actor) -> list[reports.ReportSectionOut]:
    if not may(actor, Action.READ_SELF_ASSESSMENT, Scope(actor.partnership_id)):
        return []
    return reports.get_self_assessment(row, session, UNANSWERED).sections


@router.post("/{period}/questions/{question}")
def post_question(sent: Form, row: reports.Edit, question: str, session: Tx, actor: CurrentActor) -> Response:
    """Keep the answer, or the reason for which there is none."""
    version = must_match(sent.version)
    if sent.get("then") == "reason":
        reason = read_as(reports.UnansweredIn, {"text": sent.get("reason")})
        reports.put_reason(row, question, version, reason, session, actor, UNANSWERED)
    elif any(one.id == question for part in _confidential(row, session, actor) for one in part.questions):
        reports.put_self_assessment(row, row, question, version, _text(sent), session, UNANSWERED)
    else:
        said = read_as(reports.AnswerIn, {"text": sent.get("text"), "number": sent.get("number") or None})
        reports.put_answer(row, question, version, said, session, UNANSWERED)
    return lead_to(f"/reports/{row.period}#q-{question}", told="saved")


def _text(sent: Typed) -> reports.AssessmentIn:
    return read_as(reports.AssessmentIn, {"text": sent.get("text")})


@router.post("/{period}/goals/{goal}")
def post_goal(sent: Form, row: reports.Edit, goal: int, session: Tx) -> Response:
    """Say how far the partnership serves a goal."""
    reports.put_goal(row, goal, must_match(sent.version), sent.read(reports.GoalIn), session, UNANSWERED)
    return lead_to(f"/reports/{row.period}#goals", told="saved")


@router.post("/{period}")
def post_step(sent: Form, row: reports.Edit, session: Tx, actor: CurrentActor) -> Response:
    """Prepare the report, take it back, issue it, open a correction or give it up; or ask for its papers."""
    then, version = sent.get("then"), sent.version
    match then:
        case "prepare":
            reports.post_preparing(row, must_match(version), session, actor, UNANSWERED)
        case "reopen":
            reports.post_report_reopening(row, must_match(version), session, UNANSWERED)
        case "issue":
            reports.post_issuing(row, must_match(version), session, actor, UNANSWERED)
        case "correct":
            because = sent.read(reports.ReportCorrectionIn)
            reports.post_report_correction(row, must_match(version), because, session, UNANSWERED)
        case "give_up":
            reports.post_report_correction_withdrawal(row, must_match(version), session, UNANSWERED)
        case _:
            reports.post_report_documents(row, session)
    return lead_to(f"/reports/{row.period}", told=then or "papers")


def _writes(actor: Actor) -> bool:
    return may(actor, Action.EDIT_REPORT, Scope(actor.partnership_id))
