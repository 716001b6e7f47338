"""A report as its readers may see it: the public view has no place for what is confidential."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from states.archive.tables import DocumentClass
from states.reporting.definition import Agreement, Goal, Question, QuestionKind, Section, form
from states.reporting.facts import Written, answered, number_key, warnings
from states.reporting.figures import Figures
from states.reporting.tables import ReportState


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question with what a person wrote and, apart from it, what the records say (JSON values)."""

    id: str
    group: str
    heading: str
    question: str
    text: str
    number: int | None
    figure: object
    unanswered: "WhyNot | None"


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a question has no answer, who said so (a person's id), and when."""

    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SectionView:
    key: str
    heading: str
    questions: tuple[QuestionView, ...]


@dataclass(frozen=True, slots=True)
class GoalView:
    """A goal and the answer to it; None until somebody answered."""

    number: int
    title: str
    agreement: Agreement | None


@dataclass(frozen=True, slots=True)
class ReportView:
    """Sections 0, I and II and the goals; there is no field for III. `figures` are what stands beside the answers."""

    title: str
    period: str
    label: str
    state: ReportState
    sections: tuple[SectionView, ...]
    goals: tuple[GoalView, ...]
    goals_unanswered: WhyNot | None
    warnings: tuple[str, ...]
    figures: Figures


@dataclass(frozen=True, slots=True)
class ConfidentialView:
    """The report with the reasons of moves, and the self-assessment beside it."""

    report: ReportView
    self_assessment: tuple[SectionView, ...]


def public_view(report: Written) -> ReportView:
    """Return what the public may read. Reasons of moves stay out: they are written for colleagues."""
    figures = figures_of(report)
    moves = tuple(move.model_copy(update={"reason": ""}) for move in figures.progress.moves)
    progress = figures.progress.model_copy(update={"moves": moves})
    return _view(report, figures.model_copy(update={"progress": progress}))


def confidential_view(report: Written) -> ConfidentialView:
    """Return everything: for those who may read the self-assessment."""
    sections = (section for section in form().sections if section.readers is DocumentClass.CONFIDENTIAL)
    return ConfidentialView(
        _view(report, figures_of(report)),
        tuple(_section(report, section, report.self_assessment, {}) for section in sections),
    )


def figures_of(report: Written) -> Figures:
    return Figures.read(report.figures, form().figure_of)


def _view(report: Written, figures: Figures) -> ReportView:
    shape = form()
    values = figures.by_question(shape.figure_of)
    sections = (section for section in shape.sections if section.readers is DocumentClass.PUBLIC)
    return ReportView(
        title=shape.title,
        period=report.period,
        label=figures.period.label,
        state=report.state,
        sections=tuple(_section(report, section, report.answers, values) for section in sections),
        goals=tuple(_goal(goal, report.goals) for goal in shape.goals),
        goals_unanswered=next(_why_not(report, one) for one in shape.questions if one.kind is QuestionKind.MATRIX),
        warnings=tuple(warnings(figures, form=shape)),
        figures=figures,
    )


def _section(
    report: Written, section: Section, answers: Mapping[str, str], figures: Mapping[str, object]
) -> SectionView:
    questions = tuple(_question(report, question, answers, figures) for question in section.questions)
    return SectionView(section.key, section.heading, questions)


def _question(
    report: Written, question: Question, answers: Mapping[str, str], figures: Mapping[str, object]
) -> QuestionView:
    number = answers.get(number_key(question.id))
    return QuestionView(
        id=question.id,
        group=question.group,
        heading=question.heading,
        question=question.text,
        text=answers.get(question.id, ""),
        number=None if number is None else int(number),
        figure=figures.get(question.id),
        unanswered=_why_not(report, question),
    )


def _why_not(report: Written, question: Question) -> WhyNot | None:
    """Return why a question has no answer, if somebody said so and it still has none."""
    said = (report.unanswered or {}).get(question.id)
    if said is None or answered(report, question):
        return None
    return WhyNot(said["reason"], said["by"], datetime.fromisoformat(said["at"]))


def _goal(goal: Goal, goals: Mapping[str, str]) -> GoalView:
    answered = goals.get(str(goal.number))
    return GoalView(goal.number, goal.title, None if answered is None else Agreement(answered))
