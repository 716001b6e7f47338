"""What a portfolio book shows: a partnership's cases as far as its reader may read them, a page each, and their sums.

A book is for the office, or for one organisation: the cases in it are those that the reader may read with all figures.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator
from sqlmodel import Session, col, select

import states.crossings.rights.providers  # noqa: F401 - they answer for collaborations
from documents.languages import gettext
from documents.meta import Confidentiality, DocumentContext, DocumentMeta, Line, Named, Plain, Text, funding_disclaimer
from documents.parts import Euro
from documents.words import word
from states.archive.tables import BETWEEN, DocumentKind
from states.clock import today
from states.collaborations.queries import MemberEntry, members_of
from states.collaborations.tables import Collaboration
from states.errors import Missing
from states.funding.queries import ScenarioLines, lines_of
from states.funding.tables import Scenario, SourceKind, SourceStatus
from states.partners.queries import regions_of, site_region
from states.partners.tables import Organisation, Partnership, Region, WorkingArea
from states.places.exonyms import region_said
from states.places.nuts import unit
from states.playbooks.definition import Playbook, StageKind
from states.playbooks.editions import playbooks_of
from states.rights.access import Action, Actor, Role
from states.rights.blinding import Prose
from states.rights.conditions import permitted_where
from states.texts.titles import said

ACTIVE = StageKind.ACTIVE
_NOTHING = Decimal("0.00")
_SURE = (SourceStatus.COMMITTED, SourceStatus.SIGNED)
_DEBT = (SourceKind.LOAN,)
_OUTSIDE = (SourceKind.GRANT, SourceKind.LOAN, SourceKind.EQUITY)


class Sums(Plain):
    """EUR of the chosen financing plans: cost; asked for outside, of it grants and debt; committed or signed."""

    cost: Euro = _NOTHING
    asked: Euro = _NOTHING
    grants: Euro = _NOTHING
    debt: Euro = _NOTHING
    secured: Euro = _NOTHING

    def __add__(self, other: "Sums") -> "Sums":
        """Add field by field."""
        return Sums(**{name: getattr(self, name) + getattr(other, name) for name in type(self).model_fields})


class Place(Plain):
    """A region, of the partnership or by its NUTS 2 unit, with what is spent at its sites, and asked there."""

    name: Line
    code: Line
    sums: Sums


class CasePartner(Plain):
    """A member organisation with its part and its region."""

    name: Named
    part: Line
    region: Line


class Case(Plain):
    """One collaboration as its page shows it; without a chosen financing plan it has no sums."""

    number: int = Field(ge=1)
    title: Annotated[Line, Prose]
    slug: Line
    stage: Line
    area: str = ""
    summary: Text = ""
    opened_on: date
    since: date = Field(description="in its stage")
    partners: tuple[CasePartner, ...] = ()
    plan: str = Field(default="", description="the chosen financing plan; empty: none is chosen")
    sums: Sums = Sums()
    places: tuple[Place, ...] = ()
    illustrative: bool = False


class Group(Plain):
    """Cases of one stage, or of one region, with their sums."""

    title: Line
    code: str = ""
    cases: int = Field(ge=0)
    sums: Sums


class PortfolioContext(DocumentContext):
    """The portfolio book of a partnership for one reader."""

    KIND: ClassVar[DocumentKind] = DocumentKind.PORTFOLIO

    reader: Text = Field(default="", description="the organisation that reads it; empty: the office")
    cases: tuple[Case, ...] = ()
    total: Sums = Sums()
    stages: tuple[Group, ...] = Field(default=(), description="each case in one of them")
    regions: tuple[Group, ...] = Field(default=(), description="a case counts in each in which its plan has money")

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        for rows in (self.cases, self.stages, self.regions):
            if (found := _total(row.sums for row in rows)) != self.total:
                raise ValueError(f"the parts add up to {found}, not to {self.total}")
        return self


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of all cases at once."""

    playbooks: Mapping[str, Playbook]
    members: Mapping[str, Sequence[MemberEntry]]
    plans: Mapping[str, ScenarioLines]
    areas: Mapping[str, str]
    regions: Sequence[Region]
    sites: Mapping[str, str]

    def place(self, site: str) -> tuple[str, str]:
        """Return name and code of the region around a site."""
        region = site_region(site, self.regions)
        if region is not None:
            return region_said(region.name, region.codes), ", ".join(region.codes)
        return unit(site[:4]).name, site[:4]


def gather(session: Session, *, subject_id: str) -> PortfolioContext:
    """Read the cases of a partnership for the office, or for the organisation named behind it; raise `Missing`."""
    key, _, organisation_id = subject_id.partition(BETWEEN)
    partnership = session.get(Partnership, key)
    organisation = session.get(Organisation, organisation_id) if organisation_id else None
    if partnership is None or (organisation_id and organisation is None):
        raise Missing("document_subject", subject_id)
    rows = _readable(session, partnership.id, organisation)
    read = _read(session, partnership.id, rows)
    cases = tuple(_case(number, row, read) for number, row in enumerate(rows, start=1))
    day = today()
    shown: dict[str, Any] = {
        "reader": organisation.name if organisation else "",
        "cases": cases,
        "total": _total(case.sums for case in cases),
        "stages": _by_stage(cases, read.playbooks.values()),
        "regions": _by_region(cases),
    }
    return PortfolioContext(
        meta=DocumentMeta(
            kind=PortfolioContext.KIND,
            title=gettext("Portfolio of %(partnership)s") % {"partnership": partnership.name},
            subtitle=gettext("For %(reader)s") % {"reader": organisation.name} if organisation else "",
            partnership=partnership.name,
            version=f"{day:%Y-%m-%d}",
            content_sha256=sha256(repr(sorted(shown.items())).encode()).hexdigest(),
            issued_at=datetime.combine(day, time(), tzinfo=UTC),
            confidentiality=Confidentiality.OWNERS if organisation else Confidentiality.PARTNERSHIP,
            illustrative=any(case.illustrative for case in cases),
            programme=partnership.programme,
            disclaimer=funding_disclaimer(partnership.programme, partnership.acknowledges),
        ),
        **shown,
    )


def _readable(session: Session, partnership_id: str, organisation: Organisation | None) -> Sequence[Collaboration]:
    """Return the cases whose figures the reader may read, in the order of their opening; what merged is in another."""
    reader = (
        Actor(Role.PARTNER, partnership_id, organisation_id=organisation.id)
        if organisation
        else Actor(Role.PROJECT_MANAGER, partnership_id)
    )
    query = select(Collaboration).where(
        Collaboration.partnership_id == partnership_id,
        permitted_where(session, reader, Collaboration, Action.READ_FUNDING_CASE),
    )
    found = session.exec(query.order_by(col(Collaboration.opened_at), col(Collaboration.id))).all()
    playbooks = playbooks_of(session, found)
    merged = {row.id for row in found if row.merges_into_id and playbooks[row.id].stages[row.stage].kind is not ACTIVE}
    return [row for row in found if row.id not in merged]


def _read(session: Session, partnership_id: str, rows: Sequence[Collaboration]) -> _Read:
    keys = [row.id for row in rows]
    chosen = session.exec(
        select(Scenario).where(col(Scenario.collaboration_id).in_(keys), col(Scenario.chosen).is_(True))
    ).all()
    plans = {one.scenario.collaboration_id: one for one in lines_of(session, chosen)}
    areas = session.exec(select(WorkingArea).where(WorkingArea.partnership_id == partnership_id)).all()
    uses = {use.organisation_id for plan in plans.values() for use in plan.uses}
    spending = uses | {source.organisation_id for plan in plans.values() for source in plan.sources}
    sites = session.exec(select(Organisation.id, Organisation.nuts).where(col(Organisation.id).in_(spending))).all()
    return _Read(
        playbooks=playbooks_of(session, rows),
        members=members_of(session, keys),
        plans=plans,
        areas={area.id: area.name for area in areas},
        regions=regions_of(session, partnership_id),
        sites=dict(sites),
    )


def _case(number: int, row: Collaboration, read: _Read) -> Case:
    plan = read.plans.get(row.id)
    places = _places(plan, read) if plan else ()
    return Case(
        number=number,
        title=row.title,
        slug=row.slug,
        stage=said(read.playbooks[row.id].stages[row.stage].title),
        area=read.areas.get(row.working_area_id or "", ""),
        summary=row.summary,
        opened_on=row.opened_at.date(),
        since=row.stage_since.date(),
        partners=tuple(_partner(entry, read) for entry in read.members[row.id]),
        plan=plan.scenario.name if plan else "",
        sums=_total(place.sums for place in places),
        places=places,
        illustrative=row.illustrative,
    )


def _partner(entry: MemberEntry, read: _Read) -> CasePartner:
    name, _ = read.place(entry.organisation.nuts)
    return CasePartner(name=entry.organisation.name, part=word(entry.member.part), region=name)


def _places(plan: ScenarioLines, read: _Read) -> tuple[Place, ...]:
    """Return the regions of a plan: each use and each source belongs to the region of its organisation's site."""
    found: dict[tuple[str, str], Sums] = defaultdict(Sums)
    for use in plan.uses:
        found[read.place(read.sites[use.organisation_id])] += Sums(cost=use.amount)
    for source in plan.sources:
        if source.kind not in _OUTSIDE:
            continue
        amount = source.amount
        found[read.place(read.sites[source.organisation_id])] += Sums(
            asked=amount,
            grants=amount if source.kind is SourceKind.GRANT else _NOTHING,
            debt=amount if source.kind in _DEBT else _NOTHING,
            secured=amount if source.status in _SURE else _NOTHING,
        )
    return tuple(Place(name=name, code=code, sums=sums) for (name, code), sums in sorted(found.items()))


def _total(sums: Iterable[Sums]) -> Sums:
    return sum(sums, Sums())


def _by_stage(cases: Sequence[Case], playbooks: Iterable[Playbook]) -> tuple[Group, ...]:
    """Return the stages in which there are cases, in the order of the playbooks."""
    order = list(dict.fromkeys(said(stage.title) for playbook in playbooks for stage in playbook.stages.values()))
    found: dict[str, list[Sums]] = {title: [] for title in order}
    for case in cases:
        found[case.stage].append(case.sums)
    return tuple(Group(title=title, cases=len(sums), sums=_total(sums)) for title, sums in found.items() if sums)


def _by_region(cases: Sequence[Case]) -> tuple[Group, ...]:
    """Return the regions in which money is spent, or for whose partners it is asked."""
    found: dict[tuple[str, str], Sums] = defaultdict(Sums)
    counts = Counter[tuple[str, str]]()
    for case in cases:
        for place in case.places:
            found[place.name, place.code] += place.sums
            counts[place.name, place.code] += 1
    return tuple(
        Group(title=name, code=code, cases=counts[name, code], sums=sums)
        for (name, code), sums in sorted(found.items())
    )
