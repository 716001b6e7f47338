"""What the six-monthly monitoring report shows; the public edition has no place for self-assessment."""

from hashlib import sha256
from typing import ClassVar, Self

from pydantic import Field, TypeAdapter, model_validator
from sqlmodel import Session

from documents.meta import Confidentiality, DocumentContext, DocumentMeta, Line, Plain, funding_disclaimer
from documents.parts import Table
from documents.report.figures import Figure, shown
from states.archive.tables import DocumentKind
from states.partners.tables import Partnership
from states.reporting.definition import Agreement, form
from states.reporting.queries import report_by_id
from states.reporting.tables import ProgressReport
from states.reporting.views import ConfidentialView, QuestionView, ReportView, confidential_view, public_view


class ReportQuestion(Plain):
    """What people wrote to a question and, apart from it, what the records say; changes are against last time."""

    id: Line
    group: str = ""
    heading: Line
    question: str = ""
    text: str = ""
    count: int | None = Field(default=None, ge=0)
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    changed: str = ""
    illustrative: bool = False


class ReportSection(Plain):
    """A section of the form."""

    key: Line
    heading: Line
    questions: tuple[ReportQuestion, ...] = ()


class GoalAnswer(Plain):
    """How far the partnership contributes to one goal; None until somebody answered."""

    goal: int = Field(ge=1, le=17)
    title: Line
    answer: Agreement | None = None


class PublicReportContext(DocumentContext):
    """The public sections of the form and its matrix of goals: all that the public may read."""

    KIND: ClassVar[DocumentKind] = DocumentKind.MONITORING_REPORT_PUBLIC

    period: Line
    partnership: Line
    sections: tuple[ReportSection, ...] = ()
    goals: tuple[GoalAnswer, ...] = ()
    remarks: tuple[str, ...] = Field(default=(), description="doubts of the validator about the data itself")

    @model_validator(mode="after")
    def _has_every_goal(self) -> Self:
        if [line.goal for line in self.goals] != list(range(1, 18)):
            raise ValueError("the matrix needs the goals 1 to 17, each once and in order")
        return self


class SelfAssessment(Plain):
    """A configurable question of section III and its answer."""

    id: Line
    heading: Line
    question: str = ""
    text: str = ""
    illustrative: bool = False


class ConfidentialReportContext(PublicReportContext):
    """The whole form with section III, for the committee only."""

    KIND: ClassVar[DocumentKind] = DocumentKind.MONITORING_REPORT_CONFIDENTIAL

    self_assessment: tuple[SelfAssessment, ...] = ()


def gather_public(session: Session, *, subject_id: str) -> PublicReportContext:
    """Read the public edition of a report, by the report's id; raise `Missing`."""
    report = report_by_id(session, subject_id)
    view = public_view(report)
    return PublicReportContext(
        meta=_meta(session, report, PublicReportContext.KIND, Confidentiality.PUBLIC, digest=_digest(view)),
        period=view.label,
        partnership=view.figures.partnership.name,
        sections=_sections(view),
        goals=_goals(view),
        remarks=view.warnings,
    )


def gather_confidential(session: Session, *, subject_id: str) -> ConfidentialReportContext:
    """Read the confidential edition of a report, by the report's id; raise `Missing`."""
    report = report_by_id(session, subject_id)
    view = confidential_view(report)
    kind, digest = ConfidentialReportContext.KIND, _digest(view)
    return ConfidentialReportContext(
        meta=_meta(session, report, kind, Confidentiality.PARTNERSHIP, digest=digest),
        period=view.report.label,
        partnership=view.report.figures.partnership.name,
        sections=_sections(view.report),
        goals=_goals(view.report),
        remarks=view.report.warnings,
        self_assessment=tuple(
            SelfAssessment(id=one.id, heading=one.heading, question=one.question, text=one.text)
            for section in view.self_assessment
            for one in section.questions
        ),
    )


def _meta(
    session: Session, report: ProgressReport, kind: DocumentKind, confidentiality: Confidentiality, *, digest: str
) -> DocumentMeta:
    partnership = session.get_one(Partnership, report.partnership_id)
    return DocumentMeta(
        kind=kind,
        title=f"Monitoring report, {public_view(report).label}",
        subtitle=f"Thematic partnership {partnership.name}",
        partnership=partnership.name,
        version=f"{report.period}, {report.state.value}",
        content_sha256=digest,
        issued_at=report.issued_at or report.created_at,
        confidentiality=confidentiality,
        programme=partnership.programme,
        disclaimer=funding_disclaimer(partnership.programme, partnership.acknowledges),
    )


def _sections(view: ReportView) -> tuple[ReportSection, ...]:
    matrix_and_head = ("SDG", "0.1", "0.2")  # shown as the matrix of goals, and at the head of the report
    return tuple(
        ReportSection(
            key=section.key,
            heading=section.heading,
            questions=tuple(_question(one, view) for one in section.questions if one.id not in matrix_and_head),
        )
        for section in view.sections
        if any(one.id not in matrix_and_head for one in section.questions)
    )


def _question(one: QuestionView, view: ReportView) -> ReportQuestion:
    tables, figures = shown(form().figure_of.get(one.id, ""), view.figures)
    return ReportQuestion(
        id=one.id,
        group=one.group,
        heading=one.heading,
        question=one.question,
        text=one.text,
        count=one.number,
        tables=tables,
        figures=figures,
    )


def _goals(view: ReportView) -> tuple[GoalAnswer, ...]:
    return tuple(GoalAnswer(goal=one.number, title=one.title, answer=one.agreement) for one in view.goals)


def _digest(view: ReportView | ConfidentialView) -> str:
    plain = TypeAdapter(type(view)).dump_json(view)
    return sha256(plain).hexdigest()
