"""Draft a report, and answer its questions or say why one has no answer."""

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from states.archive.tables import DocumentClass
from states.clock import now, today
from states.errors import Invalid, Missing
from states.machines.stepping import need
from states.partners.tables import Partnership
from states.reporting.definition import GOALS, Agreement, Question, QuestionKind, form
from states.reporting.derive import Directions, derive
from states.reporting.facts import ReportFacts, gather, number_key
from states.reporting.figures import ImpactFigure
from states.reporting.period import Period, PeriodInvalid
from states.reporting.queries import records, report_on
from states.reporting.states import ANSWER, REFRESH, REPORT
from states.reporting.tables import ProgressReport
from states.storage import bump_version


class AnswerInvalid(Invalid):
    """The answer does not fit its question."""

    code = "answer_invalid"


def draft_report(
    session: Session,
    partnership: Partnership,
    *,
    period: Period,
    directions: Directions | None = None,
    impact: ImpactFigure | None = None,
) -> ProgressReport:
    """Return the report on a half-year, drafted if it is new, with fresh figures unless it was issued.

    The records count as they stood on the half-year's last day, or today if that is earlier. `directions` come from
    the playbooks; without them moves are listed and not sorted into forward, back, aside and out.
    `impact` comes from the progress that partners handed in.
    Raises `PeriodInvalid` for a half-year that has not begun.
    """
    as_of = min(today(), period.ends)
    if as_of < period.starts:
        raise PeriodInvalid("has_not_begun", field="period", remedy="report_on_once_has_begun", period=str(period))
    figures = derive(
        records(session, partnership, period=period, as_of=as_of), directions=directions or {}, impact=impact
    )
    stored = figures.by_question(form().figure_of)
    report = report_on(session, partnership.id, period) or _add(session, partnership, period, stored)
    if REFRESH.leaves(report.state) and report.figures != stored:
        bump_version(session, report)
        report.figures = stored
        session.flush()
    return report


def _add(session: Session, partnership: Partnership, period: Period, figures: dict[str, object]) -> ProgressReport:
    row = ProgressReport(partnership_id=partnership.id, period=str(period), figures=figures, created_at=now())
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # somebody else drafted it in this moment
        report = report_on(session, partnership.id, period)
        if report is None:
            raise
        return report
    return row


def answer(
    session: Session,
    report: ProgressReport,
    question_id: str,
    text: str,
    *,
    number: int | None = None,
    expected_version: int | None = None,
) -> ProgressReport:
    """Write, replace or (with a blank text and no number) clear the answer to a question of sections I and II.

    Raises `Missing` for an unknown question, `AnswerInvalid`, `Refused` for an issued report, or `Stale`.
    """
    question = _question(question_id, readers=DocumentClass.PUBLIC)
    if question.kind in (QuestionKind.CHOICE, QuestionKind.MATRIX):
        remedy = "answer_goal_by_goal" if question.kind is QuestionKind.MATRIX else "report_answers_it"
        raise AnswerInvalid("question_takes_no_text", field=question_id, remedy=remedy, question=question_id)
    if number is not None and (question.kind is not QuestionKind.NUMBER_AND_TEXT or number < 0):
        remedy = "number_from_zero" if question.kind is QuestionKind.NUMBER_AND_TEXT else "text_only"
        raise AnswerInvalid(
            "number_does_not_fit", field=question_id, remedy=remedy, number=number, question=question_id
        )
    _change(session, report, expected_version)
    counted = "" if number is None else str(number)
    report.answers = _with(_with(report.answers, question_id, text), number_key(question_id), counted)
    session.flush()
    return report


def answer_goal(
    session: Session, report: ProgressReport, goal: int, agreement: str, *, expected_version: int | None = None
) -> ProgressReport:
    """Say how far the partnership contributes to one of the 17 goals, as one of the six answers."""
    if goal not in GOALS:
        raise AnswerInvalid("no_goal", field="goal", remedy="goals_1_17", goal=goal)
    if agreement not in set(Agreement):
        raise AnswerInvalid(
            "no_answer_to_goal", field="agreement", remedy="one_of", answer=agreement, known=tuple(Agreement)
        )
    _change(session, report, expected_version)
    report.goals = {**report.goals, str(goal): agreement}
    session.flush()
    return report


def assess(
    session: Session, report: ProgressReport, question_id: str, text: str, *, expected_version: int | None = None
) -> ProgressReport:
    """Write, replace or clear an answer of the self-assessment, which is confidential."""
    _question(question_id, readers=DocumentClass.CONFIDENTIAL)
    _change(session, report, expected_version)
    report.self_assessment = _with(report.self_assessment, question_id, text)
    session.flush()
    return report


def explain(
    session: Session,
    report: ProgressReport,
    question_id: str,
    reason: str,
    *,
    person_id: str,
    expected_version: int | None = None,
) -> ProgressReport:
    """Say why a question has no answer, or (with a blank text) take that back; an answer makes the reason idle."""
    if form().find(question_id) is None:
        raise Missing("question_of_the_report", question_id)
    _change(session, report, expected_version)
    others = {key: said for key, said in (report.unanswered or {}).items() if key != question_id}
    said = {"reason": reason.strip(), "by": person_id, "at": now().isoformat()}
    report.unanswered = {**others, question_id: said} if reason.strip() else others
    session.flush()
    return report


def report_facts(report: ProgressReport) -> ReportFacts:
    """Return what is missing, open and doubtful in a report, by the form in force."""
    return gather(report, form=form())


def _question(question_id: str, *, readers: DocumentClass) -> Question:
    found = form().find(question_id)
    if found is None:
        raise Missing("question_of_the_report", question_id)
    section, question = found
    if section.readers is not readers:
        remedy = "in_public_part" if section.readers is DocumentClass.PUBLIC else "in_self_assessment"
        raise AnswerInvalid("question_elsewhere", field=question_id, remedy=remedy, question=question_id)
    return question


def _change(session: Session, report: ProgressReport, expected_version: int | None) -> None:
    need(REPORT, report.state, ANSWER)
    bump_version(session, report, expected=expected_version)


def _with(answers: dict[str, str], key: str, text: str) -> dict[str, str]:
    """Return the answers with one replaced, or left out where it is blank."""
    others = {known: value for known, value in answers.items() if known != key}
    return {**others, key: text.strip()} if text.strip() else others
