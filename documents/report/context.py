"""What the six-monthly monitoring report shows; the public edition has no place for self-assessment."""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import ClassVar, Self

from babel.dates import format_date
from pydantic import Field, TypeAdapter, model_validator
from sqlmodel import Session

from documents.formats import DASH, in_words, money, percent, short_day
from documents.languages import gettext as _
from documents.languages import ngettext, paper_language, pgettext
from documents.meta import Confidentiality, DocumentContext, DocumentMeta, Line, Plain, funding_disclaimer
from documents.parts import CellKind, Column, Table
from documents.words import FORM, word
from states.archive.tables import DocumentKind
from states.partners.queries import person_labels
from states.partners.tables import OrganisationKind, Partnership
from states.places.exonyms import region_said
from states.playbooks.definition import Direction
from states.playbooks.editions import find, playbook_names
from states.playbooks.reader import parse
from states.reporting.definition import Agreement, form
from states.reporting.figures import EventFigure, Figures, RegionFigure
from states.reporting.period import Period
from states.reporting.queries import editions_of, in_force, report_by_id, report_on
from states.reporting.tables import ProgressReport, ReportEdition
from states.reporting.views import ConfidentialView, QuestionView, ReportView, WhyNot, confidential_view, public_view
from states.texts.titles import said


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
    columns = (Column(title=_("Region"), weight=4), Column(title=_("Country"), weight=1), Column(title=_("NUTS code")))
    rows = tuple(
        (region_said(region.name, region.codes), region.country, ", ".join(region.codes)) for region in regions
    )
    return _table(_("Regions on record"), columns, rows)


@lru_cache(maxsize=1)
def _stages() -> Mapping[str, str]:
    """Return the titles of stages by key, of all playbooks that may be chosen."""
    return {key: one.title for name in playbook_names() for key, one in parse(find(name)).stages.items()}


def _named(figures: Figures) -> Callable[[str], str]:
    """Return how to say the name of a region that takes part."""
    codes = {one.name: one.codes for one in (*figures.participating_regions, *figures.leading_regions)}
    return lambda name: region_said(name, codes.get(name, ()))


def _stage(key: str) -> str:
    """Say a stage by its key, as a playbook calls it; one that no playbook has as it is written."""
    return said(_stages().get(key, in_words(key)))


def _events(events: tuple[EventFigure, ...]) -> Shown:
    columns = (
        Column(title=_("Event"), weight=3),
        Column(title=_("Date")),
        Column(title=_("Place")),
        Column(title=_("Other information"), weight=3),
    )
    rows = tuple((event.name, _when(event), event.place, event.information) for event in events)
    return _table(_("Events on record"), columns, rows, illustrative=any(event.illustrative for event in events))


def _when(event: EventFigure) -> str:
    """Write when an event is: a day, or the span that a partial date means."""
    if event.earliest == event.latest:
        return short_day(event.earliest)
    return f"{short_day(event.earliest)} {DASH} {short_day(event.latest)}"


def _other_entities(figures: Figures) -> Shown:
    columns = (Column(title=_("Organisation"), weight=4), Column(title=_("Kind")), Column(title=_("Site")))
    rows = tuple((one.name, word(one.kind), one.nuts) for one in figures.other_entities)
    return _table(
        _("Organisations on record"),
        columns,
        rows,
        illustrative=any(one.illustrative for one in figures.other_entities),
    )


def _working_areas(figures: Figures) -> Shown:
    columns = (
        Column(title=_("No."), weight=1),
        Column(title=_("Working area"), weight=4),
        Column(title=_("Regions in charge"), weight=4),
        Column(title=_("Involved regions"), weight=5),
        Column(title=_("Other actors"), weight=3),
    )
    named = _named(figures)
    rows = tuple(
        (
            str(area.number),
            area.name,
            ", ".join(map(named, area.in_charge)),
            ", ".join(map(named, area.involved)),
            area.other_actors,
        )
        for area in figures.working_areas
    )
    return _table(_("Working areas on record"), columns, rows)


def _progress(figures: Figures) -> Shown:
    found = figures.progress
    columns = (
        Column(title=_("Date")),
        Column(title=_("Collaboration"), weight=4),
        Column(title=_("From, to"), weight=5),
        Column(title=_("Reason"), weight=3),
    )
    rows = tuple(
        (
            short_day(move.on),
            move.collaboration,
            f"{_stage(move.from_stage)} → {_stage(move.to_stage)}",
            move.reason,
        )
        for move in found.moves
    )
    tables, _lines_of = _table(
        _("Moves in the half-year"), columns, rows, illustrative=any(move.illustrative for move in found.moves)
    )
    lines = [
        (_("Collaborations opened"), "; ".join(found.opened) or _("none")),
        (
            _("Moves"),
            f"{len(found.moves)} ({_counted(found.by_direction, Direction)})"
            if found.by_direction
            else str(len(found.moves)),
        ),
        (_("Collaborations by stage"), _counted(found.by_stage, other=_stage)),
    ]
    return tables, _lines(*lines)


def _joint_work(figures: Figures) -> Shown:
    columns = (Column(title=_("Collaboration"), weight=4), Column(title=_("Stage")), Column(title=_("Lead"), weight=3))
    rows = tuple((one.title, _stage(one.stage), one.lead) for one in figures.joint_work.collaborations)
    made_up, without = any(one.illustrative for one in figures.joint_work.collaborations), _("no details")
    tables, _lines_of = _table(_("Collaborations on record"), columns, rows, illustrative=made_up)
    beside = [
        f"{one.name} ({', '.join(filter(None, (one.programme, one.lead))) or without})"
        for one in figures.joint_work.initiatives
        if one.running
    ]
    return tables, _lines((_("Joint initiatives that run"), "; ".join(beside) or _("none")))


def _business(figures: Figures) -> Shown:
    found = figures.business
    made_up = ngettext("%(num)s of them illustrative", "%(num)s of them illustrative", found.illustrative)
    basis = made_up % {"num": found.illustrative} if found.illustrative else ""
    lines = [Figure(label=_("Organisations"), value=str(found.organisations), basis=basis)]
    lines += _lines((_("By kind"), _counted(found.by_kind, OrganisationKind)))
    if found.sme_share is not None:
        lines += _lines((_("Share of SMEs"), percent(found.sme_share)))
    return (), tuple(lines)


def _cooperation(figures: Figures) -> Shown:
    found, named = figures.cooperation, _named(figures)
    columns = (
        Column(title=_("Region"), weight=3),
        Column(title=_("Region"), weight=3),
        Column(title=_("Collaborations"), kind=CellKind.INTEGER),
    )
    tables, _lines_of = _table(
        _("Regions that share collaborations"),
        columns,
        tuple((named(edge.first), named(edge.second), edge.collaborations) for edge in found.edges),
    )
    return tables, _lines(
        (
            _("Regions that share a collaboration"),
            _("%(part)s of %(whole)s") % {"part": found.connected, "whole": found.regions},
        )
    )


def _eu13(figures: Figures) -> Shown:
    names = [_named(figures)(name) for name in figures.eu13.regions]
    return (), _lines((_("EU-13 regions"), f"{len(names)}: {', '.join(names)}" if names else _("none")))


def _outside_union(figures: Figures) -> Shown:
    found = figures.outside_union
    said = f"{found.participants}: {', '.join(found.names)}" if found.names else str(found.participants)
    return (), _lines((_("Participants from outside the Union"), said))


def _outreach(figures: Figures) -> Shown:
    found = figures.outreach
    said = f"{found.activities}: {', '.join(found.names)}" if found.names else str(found.activities)
    return (), _lines((_("Outreach activities"), said))


def _impact(figures: Figures) -> Shown:
    found = figures.impact
    if not found.accepted:
        return (), _lines((_("Progress of partners accepted in the half-year"), _("none")))
    columns = (
        Column(title=_("Collaboration"), weight=4),
        Column(title=_("Partner"), weight=3),
        Column(title=_("Period"), kind=CellKind.INTEGER),
        Column(title=_("TRL now")),
    )
    rows = tuple(
        (one.collaboration, one.organisation, one.period, "" if one.readiness is None else str(one.readiness))
        for one in found.accepted
    )
    tables, _lines_of = _table(_("Progress of partners accepted in the half-year"), columns, rows)
    return tables, _lines(
        (_("Jobs made so far"), money(found.jobs)), (_("EUR spent, all together"), money(found.spent))
    )


def _table(
    caption: str, columns: tuple[Column, ...], rows: tuple[tuple[str | int, ...], ...], *, illustrative: bool = False
) -> Shown:
    told = [index for index in range(len(columns)) if any(row[index] != "" for row in rows)]  # reasons are not public
    shape = tuple(columns[index] for index in told)
    cut = tuple(tuple(row[index] for index in told) for row in rows)
    return ((Table(caption=caption, columns=shape, rows=cut, illustrative=illustrative),) if rows else ()), ()


def _lines(*pairs: tuple[str, str]) -> tuple[Figure, ...]:
    return tuple(Figure(label=label, value=value) for label, value in pairs)


def _counted(
    counts: Mapping[str, int], kind: type[StrEnum] | None = None, *, other: Callable[[str], str] = in_words
) -> str:
    """Write counts by their keys: those of `kind` by their word, others as `other` says them."""
    names = {key: word(kind(key)) if kind is not None and key in set(kind) else other(key) for key in counts}
    return ", ".join(f"{names[key]} {count}" for key, count in counts.items()) or _("none")


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
    summary: tuple[Figure, ...] = Field(default=(), description="what the half-year came to, before all questions")
    compared_with: str = Field(default="", description="the half-year before, where there is a report on it")
    hands: str = Field(default="", description="who prepared and who issued it, by role")
    corrects: str = Field(default="", description="which edition it replaces, and why")

    @property
    def changes(self) -> list[ReportQuestion]:
        """The questions of which something changed since the half-year before."""
        return [one for section in self.sections for one in section.questions if one.changed]

    @property
    def answers(self) -> list[Agreement]:
        """The columns of the matrix of goals."""
        return list(Agreement)

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
    view, earlier = public_view(text), _report_before(session, report)
    before = public_view(earlier) if earlier else None
    return PublicReportContext(
        meta=_meta(session, report, text, PublicReportContext.KIND, Confidentiality.PUBLIC, digest=_digest(view)),
        period=_label(report.period),
        partnership=view.figures.partnership.name,
        summary=_summary(view),
        compared_with=_label(before.period) if before else "",
        sections=_sections(view, known, before),
        goals=_goals(view),
        goals_unanswered=_why_not(view.goals_unanswered, known),
        hands=_hands(text, known),
        corrects=_corrects(session, text),
    )


def gather_confidential(session: Session, *, subject_id: str) -> ConfidentialReportContext:
    """Read the confidential edition of a report, by the report's id; raise `Missing`."""
    report, text, known = _read(session, subject_id)
    view, earlier = confidential_view(text), _report_before(session, report)
    before = confidential_view(earlier) if earlier else None
    kind, digest = ConfidentialReportContext.KIND, _digest(view)
    return ConfidentialReportContext(
        meta=_meta(session, report, text, kind, Confidentiality.PARTNERSHIP, digest=digest),
        period=_label(report.period),
        partnership=view.report.figures.partnership.name,
        summary=_summary(view.report),
        compared_with=_label(before.report.period) if before else "",
        sections=_sections(view.report, known, before.report if before else None),
        goals=_goals(view.report),
        goals_unanswered=_why_not(view.report.goals_unanswered, known),
        hands=_hands(text, known),
        corrects=_corrects(session, text),
        self_assessment=tuple(
            SelfAssessment(
                id=one.id,
                heading=pgettext(FORM, one.heading),
                question=pgettext(FORM, one.question) if one.question else "",
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
    by = (one["by"] for one in (text.unanswered or {}).values())
    people = {key for key in (*by, text.prepared_by, text.issued_by) if key is not None}
    return report, text, person_labels(session, people)


def _why_not(said: WhyNot | None, known: Labels) -> str:
    return "" if said is None else f"{said.reason} ({known[said.by]}, {short_day(said.at.date())})"


def _hands(text: ProgressReport | ReportEdition, known: Labels) -> str:
    prepared, issued = (known.get(key or "", "") for key in (text.prepared_by, text.issued_by))
    said = (
        _("Prepared by: %(who)s.") % {"who": prepared} if prepared else "",
        _("Issued by: %(who)s.") % {"who": issued} if issued else "",
    )
    return " ".join(filter(None, said))


def _corrects(session: Session, text: ProgressReport | ReportEdition) -> str:
    """Say which edition this one replaces; a report that was never issued replaces none."""
    if not isinstance(text, ReportEdition) or text.number == 1:
        return ""
    before = editions_of(session, text.report_id)[text.number - 2]
    return _("Edition %(number)s. It replaces the one issued on %(day)s: %(because)s") % {
        "number": text.number,
        "day": short_day(before.issued_at.date()),
        "because": text.because,
    }


def _report_before(session: Session, report: ProgressReport) -> ProgressReport | ReportEdition | None:
    """Return what holds of the report on the half-year before, if there is one."""
    before = report_on(session, report.partnership_id, Period.parse(report.period).previous)
    return in_force(session, before) if before else None


def _label(period: str) -> str:
    """Write a half-year: January – June 2020."""
    half, locale = Period.parse(period), paper_language()
    first, last = (format_date(day, "LLLL", locale=locale) for day in (half.starts, half.ends))
    return f"{first} {DASH} {last} {half.year}"


def _summary(view: ReportView) -> tuple[Figure, ...]:
    """Return what the half-year came to: answers, collaborations, moves, organisations, events, impact."""
    found = view.figures
    asked = [one for section in view.sections for one in section.questions if one.id not in _AT_THE_HEAD]
    given = [one for one in asked if one.text or one.number is not None or one.figure]
    silent = [one for one in asked if one not in given and one.unanswered]
    pairs = [
        (_("Questions answered"), _("%(part)s of %(whole)s") % {"part": len(given), "whole": len(asked)}),
        (_("Not answered, with the reason"), str(len(silent)) if silent else ""),
        (_("Regions that take part"), str(len(found.participating_regions))),
        (_("Collaborations by stage"), _counted(found.progress.by_stage, other=_stage)),
        (_("Collaborations opened"), str(len(found.progress.opened))),
        (_("Moves"), str(len(found.progress.moves))),
        (_("Organisations"), str(found.business.organisations)),
        (_("Share of SMEs"), percent(found.business.sme_share) if found.business.sme_share is not None else ""),
        (_("Past events"), str(len(found.past_events))),
        (_("Planned events"), str(len(found.planned_events))),
        (_("Jobs made so far"), money(found.impact.jobs) if found.impact.accepted else ""),
        (_("EUR spent, all together"), money(found.impact.spent) if found.impact.accepted else ""),
    ]
    return _lines(*((label, value) for label, value in pairs if value))


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
        title=_("Monitoring report, %(period)s") % {"period": _label(report.period)},
        subtitle=_("Thematic partnership %(name)s") % {"name": partnership.name},
        partnership=partnership.name,
        version=f"{report.period}, {word(text.state)}",
        content_sha256=digest,
        issued_at=text.issued_at or report.created_at,
        confidentiality=confidentiality,
        programme=partnership.programme,
        disclaimer=funding_disclaimer(partnership.programme, partnership.acknowledges),
    )


# Their rows are of one half-year alone: beside another all would be new.
_OF_ONE_HALF_YEAR = ("progress", "past_events")
# Shown as the matrix of goals, and at the head of the report.
_AT_THE_HEAD = ("SDG", "0.1", "0.2")


def _sections(view: ReportView, known: Labels, before: ReportView | None) -> tuple[ReportSection, ...]:
    past = {one.id: one for section in before.sections for one in section.questions} if before else {}
    return tuple(
        ReportSection(
            key=section.key,
            heading=pgettext(FORM, section.heading),
            questions=tuple(
                _question(one, view, known, before, past.get(one.id))
                for one in section.questions
                if one.id not in _AT_THE_HEAD
            ),
        )
        for section in view.sections
        if any(one.id not in _AT_THE_HEAD for one in section.questions)
    )


def _question(
    one: QuestionView, view: ReportView, known: Labels, before: ReportView | None, past: QuestionView | None
) -> ReportQuestion:
    name = form().figure_of.get(one.id, "")
    tables, figures = shown(name, view.figures)
    return ReportQuestion(
        id=one.id,
        group=pgettext(FORM, one.group) if one.group else "",
        heading=pgettext(FORM, one.heading),
        question=pgettext(FORM, one.question) if one.question else "",
        text=one.text,
        count=one.number,
        tables=tables,
        figures=figures,
        changed="; ".join(_changes(name, one, view, past, before)) if before and past else "",
        unanswered=_why_not(one.unanswered, known),
    )


def _changes(name: str, one: QuestionView, view: ReportView, past: QuestionView, before: ReportView) -> Iterator[str]:
    """Yield what differs from the half-year before: figures, rows by their first cells, a number, an answer."""
    (tables, figures), (old_tables, old_figures) = shown(name, view.figures), shown(name, before.figures)
    was = {figure.label: figure.value for figure in old_figures}
    for figure in figures:
        if figure.label in was and was[figure.label] != figure.value:
            yield _("%(label)s: %(before)s before") % {"label": figure.label, "before": was[figure.label]}
    if name in _OF_ONE_HALF_YEAR:
        tables = old_tables = ()
    rows, old_rows = ([str(row[0]) for table in found for row in table.rows] for found in (tables, old_tables))
    if came := [row for row in rows if row not in old_rows]:
        yield _("new: %(names)s") % {"names": ", ".join(dict.fromkeys(came))}
    if went := [row for row in old_rows if row not in rows]:
        yield _("no longer: %(names)s") % {"names": ", ".join(dict.fromkeys(went))}
    if one.number is not None and past.number is not None and one.number != past.number:
        yield _("number stated before: %(number)s") % {"number": past.number}
    if one.text and past.text and one.text != past.text:
        yield _("the answer was written anew")


def _goals(view: ReportView) -> tuple[GoalAnswer, ...]:
    return tuple(
        GoalAnswer(goal=one.number, title=pgettext(FORM, one.title), answer=one.agreement) for one in view.goals
    )


def _digest(view: ReportView | ConfidentialView) -> str:
    plain = TypeAdapter(type(view)).dump_json(view)
    return sha256(plain).hexdigest()
