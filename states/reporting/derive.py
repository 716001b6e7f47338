"""Derive the figures of a report from the records: pure functions, nothing is asked of a person."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from itertools import combinations

from states.collaborations.tables import MemberPart
from states.partners.partial_dates import PartialDate
from states.partners.queries import WorkingAreaEntry, site_region
from states.partners.tables import (
    EventKind,
    Organisation,
    OrganisationKind,
    PartnershipEvent,
    Region,
)
from states.places.nuts import is_eu13, is_eu27
from states.reporting.figures import (
    AreaFigure,
    BusinessFigure,
    CollaborationFigure,
    CooperationFigure,
    EdgeFigure,
    Eu13Figure,
    EventFigure,
    Figures,
    ImpactFigure,
    InitiativeFigure,
    JointWorkFigure,
    MoveFigure,
    OrganisationFigure,
    OutreachFigure,
    OutsideUnionFigure,
    PartnershipFigure,
    PeriodFigure,
    ProgressFigure,
    RegionFigure,
)
from states.reporting.queries import Records, Thread

Directions = Mapping[tuple[str, str, str], str]
"""(playbook with version, stage, move) -> where the move leads: forward, back, aside or out."""

# The United Kingdom left the Union on 31 January 2020, at the end of the day.
_UNITED_KINGDOM, _WITHDRAWN_ON = "GB", date(2020, 2, 1)
_TENTH = Decimal("0.1")


def derive(records: Records, *, directions: Directions, impact: ImpactFigure | None = None) -> Figures:
    """Return every figure of the form; a move that `directions` does not know has no direction."""
    events = [_event(row) for row in records.events]
    past = [event for event in events if records.period.previous.starts <= event.latest <= records.as_of]
    regions = [_region(row) for row in records.regions]
    return Figures(
        period=PeriodFigure(
            period=str(records.period),
            label=records.period.label,
            starts=records.period.starts,
            ends=records.period.ends,
            as_of=records.as_of,
        ),
        partnership=PartnershipFigure(name=records.partnership.name, kind=records.partnership.kind),
        leading_regions=tuple(region for region in regions if region.leading),
        participating_regions=tuple(regions),
        other_entities=tuple(
            _organisation(row) for row in records.organisations if row.kind is not OrganisationKind.AUTHORITY
        ),
        working_areas=tuple(_area(entry) for entry in records.areas),
        past_events=tuple(past),
        planned_events=tuple(event for event in events if event.latest > records.as_of),
        progress=_progress(records, directions),
        joint_work=_joint_work(records),
        business=_business(records),
        cooperation=_cooperation(records),
        eu13=_eu13(records.regions),
        outside_union=_outside_union(records),
        outreach=_outreach(past, since=records.period.starts),
        impact=impact or ImpactFigure(),
    )


def _region(row: Region) -> RegionFigure:
    return RegionFigure(name=row.name, country=row.country, codes=tuple(row.codes), leading=row.leading)


def _organisation(row: Organisation) -> OrganisationFigure:
    return OrganisationFigure(
        name=row.name, kind=row.kind, country=row.country, nuts=row.nuts, illustrative=row.illustrative
    )


def _area(entry: WorkingAreaEntry) -> AreaFigure:
    return AreaFigure(
        number=entry.area.number,
        name=entry.area.name,
        in_charge=tuple(region.name for region in entry.in_charge),
        involved=tuple(region.name for region in entry.involved),
        other_actors=entry.area.other_actors,
    )


def _event(row: PartnershipEvent) -> EventFigure:
    held_on = PartialDate.parse(row.held_on)
    return EventFigure(
        name=row.name,
        kind=row.kind,
        when=held_on.text,
        held_on=row.held_on,
        earliest=held_on.earliest,
        latest=held_on.latest,
        place=row.place,
        information=row.information,
        illustrative=row.illustrative,
    )


def _progress(records: Records, directions: Directions) -> ProgressFigure:
    moves = [move for thread in records.threads for move in _moves(thread, records.period.starts, directions)]
    moves.sort(key=lambda move: move.on)
    opened = [one.collaboration for one in records.threads]
    return ProgressFigure(
        opened=tuple(row.title for row in opened if row.opened_at.date() >= records.period.starts),
        moves=tuple(moves),
        by_direction=_counted(move.direction for move in moves if move.direction),
        by_stage=_counted(_stage(thread) for thread in records.threads),
    )


def _moves(thread: Thread, since: date, directions: Directions) -> list[MoveFigure]:
    return [
        MoveFigure(
            collaboration=thread.collaboration.title,
            on=line.at.date(),
            move=line.move,
            from_stage=line.from_stage,
            to_stage=line.to_stage,
            direction=directions.get((thread.collaboration.playbook, line.from_stage, line.move), ""),
            reason=line.reason,
            illustrative=thread.collaboration.illustrative,
        )
        for line in thread.lines
        if line.at.date() >= since
    ]


def _stage(thread: Thread) -> str:
    """Say where a collaboration stood: the history knows, and before its first move the row does."""
    return thread.lines[-1].to_stage if thread.lines else thread.collaboration.stage


def _joint_work(records: Records) -> JointWorkFigure:
    return JointWorkFigure(
        collaborations=tuple(
            CollaborationFigure(
                title=thread.collaboration.title,
                stage=_stage(thread),
                lead=next((one.organisation.name for one in thread.members if one.member.part is MemberPart.LEAD), ""),
                illustrative=thread.collaboration.illustrative,
            )
            for thread in records.threads
        ),
        initiatives=tuple(
            InitiativeFigure(name=row.name, programme=row.programme, lead=row.lead, running=row.running)
            for row in records.initiatives
        ),
    )


def _involved(records: Records) -> list[Organisation]:
    """Return the organisations of the partnership and of its collaborations, each once."""
    found = {row.id: row for row in records.organisations}
    found |= {one.organisation.id: one.organisation for thread in records.threads for one in thread.members}
    return list(found.values())


def _business(records: Records) -> BusinessFigure:
    involved = _involved(records)
    by_kind = _counted(row.kind.value for row in involved)
    smes = by_kind.get(OrganisationKind.SME.value, 0)
    return BusinessFigure(
        organisations=len(involved),
        by_kind=by_kind,
        sme_share=(Decimal(100 * smes) / len(involved)).quantize(_TENTH) if involved else None,
        illustrative=sum(row.illustrative for row in involved),
    )


def _cooperation(records: Records) -> CooperationFigure:
    shared: Counter[tuple[str, str]] = Counter()
    for thread in records.threads:
        sites = (site_region(one.organisation.nuts, records.regions) for one in thread.members)
        shared.update(combinations(sorted({region.name for region in sites if region is not None}), 2))
    return CooperationFigure(
        edges=tuple(EdgeFigure(first=a, second=b, collaborations=n) for (a, b), n in sorted(shared.items())),
        regions=len(records.regions),
        connected=len({name for edge in shared for name in edge}),
    )


def _eu13(regions: Iterable[Region]) -> Eu13Figure:
    found = [region for region in regions if is_eu13(region.country)]
    return Eu13Figure(
        regions=tuple(region.name for region in found),
        countries=tuple(sorted({region.country for region in found})),
        justification_needed=not found,
    )


def _outside_union(records: Records) -> OutsideUnionFigure:
    participants = [(row.name, row.country) for row in records.regions]
    participants += [(row.name, row.country) for row in _involved(records)]
    found = [(name, country) for name, country in participants if not _in_union(country, records.as_of)]
    return OutsideUnionFigure(
        participants=len(found),
        names=tuple(name for name, _ in found),
        countries=tuple(sorted({country for _, country in found})),
    )


def _in_union(country: str, day: date) -> bool:
    return is_eu27(country) or (country == _UNITED_KINGDOM and day < _WITHDRAWN_ON)


def _outreach(past: Iterable[EventFigure], *, since: date) -> OutreachFigure:
    found = [event.name for event in past if event.kind is EventKind.OUTREACH and event.latest >= since]
    return OutreachFigure(activities=len(found), names=tuple(found))


def _counted(keys: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(keys).items()))
