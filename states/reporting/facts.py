"""What is known of a report: which answers it still wants, and what is doubtful in its data."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from states.reporting.definition import GOALS, Condition, Form, Question, QuestionKind
from states.reporting.figures import EventFigure, Figures
from states.reporting.period import six_months_before
from states.reporting.tables import ProgressReport, ReportState

CONDITIONS: Mapping[Condition, Callable[[Figures], bool]] = {
    Condition.NO_EU13_REGION: lambda figures: figures.eu13.justification_needed,
}


class Written(Protocol):
    """What is read of a report: as it is written, or as one edition was issued."""

    period: str
    answers: dict[str, str]
    figures: dict[str, object]
    goals: dict[str, str]
    self_assessment: dict[str, str]
    unanswered: dict[str, dict[str, str]] | None

    @property
    def state(self) -> ReportState: ...


_FROM_THE_REGISTRY = (QuestionKind.CHOICE, QuestionKind.LIST, QuestionKind.TABLE)


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """Mandatory answers that are missing, optional ones that are open, and doubts that block nothing.

    `unexplained` are those of the open ones for which nobody said why.
    """

    missing: tuple[str, ...]
    unanswered: tuple[str, ...]
    unexplained: tuple[str, ...]
    warnings: tuple[str, ...]


def gather(report: ProgressReport, *, form: Form) -> ReportFacts:
    """Collect the facts of one report; answers are named "II.6 EU-13 regions"."""
    figures = Figures.read(report.figures, form.figure_of)
    blank = [question for question in form.questions if not answered(report, question)]
    mandatory = [question for question in blank if _mandatory(question, figures)]
    optional = [question for question in blank if question not in mandatory]
    return ReportFacts(
        missing=_named(mandatory),
        unanswered=_named(optional),
        unexplained=_named(one for one in optional if one.id not in (report.unanswered or {})),
        warnings=tuple(warnings(figures, form=form)),
    )


def number_key(question_id: str) -> str:
    """Return the key under which the number of a number-and-text answer lies among the answers."""
    return f"{question_id}.number"


def _named(questions: Iterable[Question]) -> tuple[str, ...]:
    return tuple(f"{question.id} {question.heading}" for question in questions)


def _mandatory(question: Question, figures: Figures) -> bool:
    condition = question.mandatory_if
    return question.mandatory or (condition is not None and CONDITIONS[condition](figures))


def answered(report: Written, question: Question) -> bool:
    """Tell whether a person answered a question, or the records do."""
    if question.kind is QuestionKind.MATRIX:
        return len(report.goals) == len(GOALS)
    if question.id in report.answers or question.id in report.self_assessment:
        return True
    if question.kind is QuestionKind.NUMBER_AND_TEXT:
        return number_key(question.id) in report.answers
    return question.kind in _FROM_THE_REGISTRY and bool(report.figures[question.id])


def warnings(figures: Figures, *, form: Form) -> list[str]:
    """Return what a reader of the report will wonder about; none of it blocks issuing."""
    question = {name: key for key, name in form.figure_of.items()}
    found = []
    if not figures.leading_regions:
        found.append(f"{question['leading_regions']}: no region leads.")
    found += [
        doubt for event in figures.past_events if (doubt := _doubt_of_past(event, figures, question["past_events"]))
    ]
    found += [
        f"{question['planned_events']}: {event.name} ({event.when}) is listed as planned, "
        f"and may have begun by {figures.period.as_of.isoformat()}."
        for event in figures.planned_events
        if event.earliest <= figures.period.as_of
    ]
    for one in form.questions:
        rows = len(getattr(figures, one.derived_from)) if one.rows and one.derived_from else 0
        if one.rows and rows > one.rows:
            found.append(f"{one.id}: {rows} rows, where the form has room for {one.rows}.")
    return found


def _doubt_of_past(event: EventFigure, figures: Figures, question: str) -> str:
    """The form asks for the six months before it is filled in (question I.6)."""
    limit = six_months_before(figures.period.as_of)
    if event.earliest >= limit:
        return ""
    lies = "lies" if event.latest < limit else "may lie"
    return f"{question}: {event.name} ({event.when}) {lies} before {limit.isoformat()}, outside the six months."
