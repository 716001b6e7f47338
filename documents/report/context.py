"""What the six-monthly monitoring report shows; the public edition has no place for self-assessment."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import ClassVar, Self

from pydantic import Field, TypeAdapter, model_validator
from sqlmodel import Session

from documents.formats import in_words, percent, short_day
from documents.meta import Confidentiality, DocumentContext, DocumentMeta, Line, Plain, funding_disclaimer
from documents.parts import CellKind, Column, Table
from states.archive.tables import DocumentKind
from states.partners.queries import person_labels
from states.partners.tables import Partnership
from states.reporting.definition import Agreement, form
from states.reporting.figures import EventFigure, Figures, RegionFigure
from states.reporting.period import Period
from states.reporting.queries import editions_of, in_force, report_by_id
from states.reporting.tables import ProgressReport, ReportEdition
from states.reporting.views import ConfidentialView, QuestionView, ReportView, WhyNot, confidential_view, public_view


class Figure(Plain):
    """A number that the system derived from its own records, shown apart from what people wrote."""

    label: Line
    value: Line
    basis: str = ""


Shown = tuple[tuple[Table, ...], tuple[Figure, ...]]


def shown(name: str, figures: Figures) -> Shown:
    """Return the tables and the lines for the figure of that name; nothing for one that the cover already tells."""
    return _SHOWN[name](figures) if name in _SHOWN else ((), ())


def _regions(regions: tuple[RegionFigure, ...]) -> Shown:
    columns = (Column(title="Region", weight=4), Column(title="Country", weight=1), Column(title="NUTS code"))
    rows = tuple((region.name, region.country, ", ".join(region.codes)) for region in regions)
    return _table("Regions on record", columns, rows)


def _events(events: tuple[EventFigure, ...]) -> Shown:
    columns = (
        Column(title="Event", weight=3),
        Column(title="Date"),
        Column(title="Place"),
        Column(title="Other information", weight=3),
    )
    rows = tuple((event.name, event.when, event.place, event.information) for event in events)
    return _table("Events on record", columns, rows, illustrative=any(event.illustrative for event in events))


def _other_entities(figures: Figures) -> Shown:
    columns = (Column(title="Organisation", weight=4), Column(title="Kind"), Column(title="Site"))
    rows = tuple((one.name, in_words(one.kind.value), one.nuts) for one in figures.other_entities)
    return _table(
        "Organisations on record", columns, rows, illustrative=any(one.illustrative for one in figures.other_entities)
    )


def _working_areas(figures: Figures) -> Shown:
    columns = (
        Column(title="No", weight=1),
        Column(title="Working area", weight=4),
        Column(title="Regions in charge", weight=4),
        Column(title="Involved regions", weight=5),
        Column(title="Other actors", weight=3),
    )
    rows = tuple(
        (str(area.number), area.name, ", ".join(area.in_charge), ", ".join(area.involved), area.other_actors)
        for area in figures.working_areas
    )
    return _table("Working areas on record", columns, rows)


def _progress(figures: Figures) -> Shown:
    found = figures.progress
    columns = (
        Column(title="Date"),
        Column(title="Collaboration", weight=4),
        Column(title="From, to", weight=5),
        Column(title="Reason", weight=3),
    )
    rows = tuple(
        (
            short_day(move.on),
            move.collaboration,
            f"{in_words(move.from_stage)} → {in_words(move.to_stage)}",
            move.reason,
        )
        for move in found.moves
    )
    tables, _ = _table(
        "Moves in the half-year", columns, rows, illustrative=any(move.illustrative for move in found.moves)
    )
    lines = [
        ("Collaborations opened", "; ".join(found.opened) or "none"),
        (
            "Moves",
            f"{len(found.moves)} ({_counted(found.by_direction)})" if found.by_direction else str(len(found.moves)),
        ),
        ("Collaborations by stage", _counted(found.by_stage)),
    ]
    return tables, _lines(*lines)


def _joint_work(figures: Figures) -> Shown:
    columns = (Column(title="Collaboration", weight=4), Column(title="Stage"), Column(title="Lead", weight=3))
    rows = tuple((one.title, in_words(one.stage), one.lead) for one in figures.joint_work.collaborations)
    made_up = any(one.illustrative for one in figures.joint_work.collaborations)
    tables, _ = _table("Collaborations on record", columns, rows, illustrative=made_up)
    beside = [
        f"{one.name} ({', '.join(part for part in (one.programme, one.lead) if part) or 'no details'})"
        for one in figures.joint_work.initiatives
        if one.running
    ]
    return tables, _lines(("Joint initiatives that run", "; ".join(beside) or "none"))


def _business(figures: Figures) -> Shown:
    found = figures.business
    basis = f"{found.illustrative} of them illustrative" if found.illustrative else ""
    lines = [Figure(label="Organisations", value=str(found.organisations), basis=basis)]
    lines += _lines(("By kind", _counted(found.by_kind)))
    if found.sme_share is not None:
        lines += _lines(("Share of SMEs", percent(found.sme_share)))
    return (), tuple(lines)


def _cooperation(figures: Figures) -> Shown:
    found = figures.cooperation
    columns = (
        Column(title="Region", weight=3),
        Column(title="Region", weight=3),
        Column(title="Collaborations", kind=CellKind.INTEGER),
    )
    tables, _ = _table(
        "Regions that share collaborations",
        columns,
        tuple((edge.first, edge.second, edge.collaborations) for edge in found.edges),
    )
    return tables, _lines(("Regions that share a collaboration", f"{found.connected} of {found.regions}"))


def _eu13(figures: Figures) -> Shown:
    names = figures.eu13.regions
    return (), _lines(("EU-13 regions", f"{len(names)}: {', '.join(names)}" if names else "none"))


def _outside_union(figures: Figures) -> Shown:
    found = figures.outside_union
    said = f"{found.participants}: {', '.join(found.names)}" if found.names else str(found.participants)
    return (), _lines(("Participants from outside the Union", said))


def _outreach(figures: Figures) -> Shown:
    found = figures.outreach
    said = f"{found.activities}: {', '.join(found.names)}" if found.names else str(found.activities)
    return (), _lines(("Outreach activities", said))


def _impact(figures: Figures) -> Shown:
    found = figures.impact
    if not found.accepted:
        return (), _lines(("Progress of partners accepted in the half-year", "none"))
    columns = (
        Column(title="Collaboration", weight=4),
        Column(title="Partner", weight=3),
        Column(title="Period", kind=CellKind.INTEGER),
        Column(title="TRL now"),
    )
    rows = tuple(
        (one.collaboration, one.organisation, one.period, "" if one.readiness is None else str(one.readiness))
        for one in found.accepted
    )
    tables, _ = _table("Progress of partners accepted in the half-year", columns, rows)
    return tables, _lines(("Jobs made so far", f"{found.jobs:.2f}"), ("EUR spent, all together", f"{found.spent:.2f}"))


def _table(
    caption: str, columns: tuple[Column, ...], rows: tuple[tuple[str | int, ...], ...], *, illustrative: bool = False
) -> Shown:
    told = [index for index in range(len(columns)) if any(row[index] != "" for row in rows)]  # reasons are not public
    shape = tuple(columns[index] for index in told)
    cut = tuple(tuple(row[index] for index in told) for row in rows)
    return ((Table(caption=caption, columns=shape, rows=cut, illustrative=illustrative),) if rows else ()), ()


def _lines(*pairs: tuple[str, str]) -> tuple[Figure, ...]:
    return tuple(Figure(label=label, value=value) for label, value in pairs)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{in_words(name)} {count}" for name, count in counts.items()) or "none"


_SHOWN: dict[str, Callable[[Figures], Shown]] = {
    "leading_regions": lambda figures: _regions(figures.leading_regions),
    "participating_regions": lambda figures: _regions(figures.participating_regions),
    "other_entities": _other_entities,
    "working_areas": _working_areas,
    "past_events": lambda figures: _events(figures.past_events),
    "planned_events": lambda figures: _events(figures.planned_events),
    "progress": _progress,
    "joint_work": _joint_work,
    "business": _business,
    "cooperation": _cooperation,
    "eu13": _eu13,
    "outside_union": _outside_union,
    "outreach": _outreach,
    "impact": _impact,
}


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
    unanswered: str = Field(default="", description="why it has no answer, and who said so")
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
    goals_unanswered: str = ""
    hands: str = Field(default="", description="who prepared and who issued it, by role")
    corrects: str = Field(default="", description="which edition it replaces, and why")
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
    unanswered: str = ""
    illustrative: bool = False


class ConfidentialReportContext(PublicReportContext):
    """The whole form with section III, for the committee only."""

    KIND: ClassVar[DocumentKind] = DocumentKind.MONITORING_REPORT_CONFIDENTIAL

    self_assessment: tuple[SelfAssessment, ...] = ()


def gather_public(session: Session, *, subject_id: str) -> PublicReportContext:
    """Read the public edition of a report, by the report's id: as it was issued last, or as it is drafted."""
    report, text, known = _read(session, subject_id)
    view = public_view(text)
    return PublicReportContext(
        meta=_meta(session, report, text, PublicReportContext.KIND, Confidentiality.PUBLIC, digest=_digest(view)),
        period=view.label,
        partnership=view.figures.partnership.name,
        sections=_sections(view, known),
        goals=_goals(view),
        goals_unanswered=_why_not(view.goals_unanswered, known),
        hands=_hands(text, known),
        corrects=_corrects(session, text),
        remarks=view.warnings,
    )


def gather_confidential(session: Session, *, subject_id: str) -> ConfidentialReportContext:
    """Read the confidential edition of a report, by the report's id; raise `Missing`."""
    report, text, known = _read(session, subject_id)
    view = confidential_view(text)
    kind, digest = ConfidentialReportContext.KIND, _digest(view)
    return ConfidentialReportContext(
        meta=_meta(session, report, text, kind, Confidentiality.PARTNERSHIP, digest=digest),
        period=view.report.label,
        partnership=view.report.figures.partnership.name,
        sections=_sections(view.report, known),
        goals=_goals(view.report),
        goals_unanswered=_why_not(view.report.goals_unanswered, known),
        hands=_hands(text, known),
        corrects=_corrects(session, text),
        remarks=view.report.warnings,
        self_assessment=tuple(
            SelfAssessment(
                id=one.id,
                heading=one.heading,
                question=one.question,
                text=one.text,
                unanswered=_why_not(one.unanswered, known),
            )
            for section in view.self_assessment
            for one in section.questions
        ),
    )


Labels = Mapping[str, str]


def _read(session: Session, subject_id: str) -> tuple[ProgressReport, ProgressReport | ReportEdition, Labels]:
    """Return a report, what holds of it, and by role who had a hand in that."""
    report = report_by_id(session, subject_id)
    text = in_force(session, report)
    said = (one["by"] for one in (text.unanswered or {}).values())
    people = {key for key in (*said, text.prepared_by, text.issued_by) if key is not None}
    return report, text, person_labels(session, people)


def _why_not(said: WhyNot | None, known: Labels) -> str:
    return "" if said is None else f"{said.reason} ({known[said.by]}, {short_day(said.at.date())})"


def _hands(text: ProgressReport | ReportEdition, known: Labels) -> str:
    prepared, issued = (known.get(key or "", "") for key in (text.prepared_by, text.issued_by))
    done = (("Prepared by", prepared), ("issued by", issued))
    return ", ".join(f"{what} {who}" for what, who in done if who)


def _corrects(session: Session, text: ProgressReport | ReportEdition) -> str:
    """Say which edition this one replaces; a report that was never issued replaces none."""
    if not isinstance(text, ReportEdition) or text.number == 1:
        return ""
    before = editions_of(session, text.report_id)[text.number - 2]
    return f"Edition {text.number}. It replaces the one issued on {short_day(before.issued_at.date())}: {text.because}"


def _meta(
    session: Session,
    report: ProgressReport,
    text: ProgressReport | ReportEdition,
    kind: DocumentKind,
    confidentiality: Confidentiality,
    *,
    digest: str,
) -> DocumentMeta:
    partnership = session.get_one(Partnership, report.partnership_id)
    return DocumentMeta(
        kind=kind,
        title=f"Monitoring report, {Period.parse(report.period).label}",
        subtitle=f"Thematic partnership {partnership.name}",
        partnership=partnership.name,
        version=f"{report.period}, {text.state.value}",
        content_sha256=digest,
        issued_at=text.issued_at or report.created_at,
        confidentiality=confidentiality,
        programme=partnership.programme,
        disclaimer=funding_disclaimer(partnership.programme, partnership.acknowledges),
    )


def _sections(view: ReportView, known: Labels) -> tuple[ReportSection, ...]:
    matrix_and_head = ("SDG", "0.1", "0.2")  # shown as the matrix of goals, and at the head of the report
    return tuple(
        ReportSection(
            key=section.key,
            heading=section.heading,
            questions=tuple(_question(one, view, known) for one in section.questions if one.id not in matrix_and_head),
        )
        for section in view.sections
        if any(one.id not in matrix_and_head for one in section.questions)
    )


def _question(one: QuestionView, view: ReportView, known: Labels) -> ReportQuestion:
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
        unanswered=_why_not(one.unanswered, known),
    )


def _goals(view: ReportView) -> tuple[GoalAnswer, ...]:
    return tuple(GoalAnswer(goal=one.number, title=one.title, answer=one.agreement) for one in view.goals)


def _digest(view: ReportView | ConfidentialView) -> str:
    plain = TypeAdapter(type(view)).dump_json(view)
    return sha256(plain).hexdigest()
