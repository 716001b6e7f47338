"""What one region's authority is briefed on: what is asked of it, what it pays and gets, its aid, positions, dates."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import ClassVar

from pydantic import Field
from sqlmodel import Session

from documents.alignment import CallLine, glue_of, stages_ahead
from documents.gathering import content_of, identity_of, protocol_meta, section_of
from documents.languages import gettext
from documents.meta import Confidentiality, DocumentContext, Line, Plain
from documents.parts import Euro, Identity, Table
from documents.proposal.addressee import Addressee
from documents.proposal.aid import PrintedAid, asked_of_aid, printed_aid
from documents.proposal.approvals import RegionalPosition, printed_position, unmarked_position
from documents.proposal.asked import Asked
from documents.proposal.context import Risk, risks_of
from documents.proposal.decision import Decision, decision_of
from documents.proposal.meter import OwedLine, printed_meter
from documents.proposal.names import told
from documents.proposal.partners import PartnerLine, partner_lines
from documents.proposal.reading import CaseRead, Financed, read_case
from documents.proposal.regions import RegionRow, region_rows
from states.archive.tables import BETWEEN, DocumentKind
from states.errors import Missing
from states.funding.catalogue.calendar_of_calls import StageDeadline
from states.partners.tables import Region
from states.places.exonyms import region_said
from states.protocol.content import Content, table_rows
from states.review.definition import PanelKind
from states.review.queries import positions_of, rounds_of
from states.review.seats import declare_by
from states.review.tables import Position, ReviewRound, RoundState
from states.texts.titles import said

MOST_RISKS = 5
MOST_OWED = 8
MOST_DATES = 12


class Occasion(StrEnum):
    """What happens on a day that a region has to know."""

    DECLARE = "declare"
    ANSWER = "answer"
    STAGE = "stage"
    OPENS = "opens"
    CLOSES = "closes"
    MILESTONE = "milestone"


class NextDate(Plain):
    """A day, what happens on it, and the name of the stage, call or milestone."""

    day: date
    occasion: Occasion
    name: str = ""


class Priority(Plain):
    """A priority of the region's strategy, and the gap that the case fills, as the protocol says."""

    priority: Line
    gap: str = ""


class AskedIn(Plain):
    """The round in which the region is asked for its position."""

    panel: Line
    number: int = Field(ge=1)
    answer_by: date
    closed: bool = False


class BriefingContext(DocumentContext):
    """A briefing for one region on one frozen version."""

    KIND: ClassVar[DocumentKind] = DocumentKind.BRIEFING

    identity: Identity
    region: Line
    region_code: Line
    asked_in: AskedIn | None = None
    decision: Decision | None = Field(default=None, description="none until a scenario is chosen")
    cost: Euro | None = Field(default=None, description="the whole, of the chosen scenario or else of the protocol")
    planned: Table | None = Field(default=None, description="sources as the protocol plans them, without a scenario")
    calls: tuple[CallLine, ...] = ()
    regions: tuple[RegionRow, ...] = Field(default=(), description="what each pays and gets")
    partners: tuple[PartnerLine, ...] = Field(default=(), description="those in the region")
    aid: PrintedAid | None = Field(default=None, description="of the partners in the region")
    asked: tuple[Asked, ...] = ()
    priorities: tuple[Priority, ...] = ()
    own: RegionalPosition | None = Field(default=None, description="the region's position in the last round")
    others: tuple[RegionalPosition, ...] = Field(
        default=(), description="shown once the own is stated, or it is closed"
    )
    hidden: int = Field(default=0, ge=0, description="positions that are stated and not shown yet")
    risks: tuple[Risk, ...] = ()
    score: int = Field(ge=0, le=100)
    owed: tuple[OwedLine, ...] = ()
    more_owed: int = Field(default=0, ge=0)
    dates: tuple[NextDate, ...] = ()
    illustrated: bool = Field(default=False, description="the figures of the scenario are illustrative")

    @property
    def row(self) -> RegionRow | None:
        """What this region pays and gets."""
        return next((one for one in self.regions if one.addressed), None)

    @property
    def illustrative(self) -> bool:
        return self.illustrated or super().illustrative


def briefing_subject(version_id: str, region_id: str) -> str:
    """Return the subject of the briefing for a region on a frozen version."""
    return f"{version_id}{BETWEEN}{region_id}"


def gather(session: Session, *, subject_id: str) -> BriefingContext:
    """Read the briefing for a region on a frozen version, by the ids of both; raise `Missing`."""
    version_id, _, region_id = subject_id.partition(BETWEEN)
    case = read_case(session, version_id)
    subject, content = case.subject, content_of(case.version)
    region = next((one for one in subject.regions if one.id == region_id), None)
    if region is None:
        raise Missing("region", region_id)
    chosen, opened = case.chosen(session), _round(session, case)
    stated = positions_of(session, opened.id) if opened else []
    own = next((position for position, one in stated if one.id == region.id), None)
    open_to = opened is not None and (opened.state is RoundState.CLOSED or own is not None)
    others = [(position, one) for position, one in stated if one.id != region.id]
    at = max([case.changed_at, *([opened.opened_at] if opened else []), *(one.stated_at for one, _ in stated)])
    partners = partner_lines(subject, content, chosen.printed if chosen else None, {})
    here = tuple(one for one in partners if one.region_name == region_said(region.name, region.codes))
    meter, printed = (
        printed_meter(case.dossier.bankability),
        [_printed(case, position, one) for position, one in others],
    )
    mine = _printed(case, own, region) if own else None
    whole = BriefingContext(
        meta=protocol_meta(
            subject,
            case.version,
            kind=BriefingContext.KIND,
            subtitle=gettext("Briefing for %(region)s") % {"region": region_said(region.name, region.codes)},
            issued_at=at,
            confidentiality=Confidentiality.AUTHORITY,
        ),
        identity=identity_of(subject, case.version, stage=True),
        region=region_said(region.name, region.codes),
        region_code=", ".join(region.codes),
        asked_in=_asked_in(case, opened, region),
        cost=chosen.printed.total_uses if chosen else case.cost_in_protocol(),
        planned=None if chosen else _planned(case),
        partners=here,
        priorities=tuple(_priorities(case, region)),
        own=mine,
        others=tuple(printed) if open_to else (),
        hidden=0 if open_to else len(others),
        risks=tuple(sorted(risks_of(case.version), key=lambda one: -one.score)[:MOST_RISKS]),
        score=meter.score,
        owed=meter.owed[:MOST_OWED],
        more_owed=max(0, len(meter.owed) - MOST_OWED),
        illustrated=bool(chosen and chosen.printed.illustrative),
    )
    shown = [*([mine] if mine else []), *(printed if open_to else [])]
    money = _money(case, chosen, region, shown)
    return whole.model_copy(update=money | _calendar(session, case, opened, region, on=at.date()))


def _printed(case: CaseRead, position: Position, region: Region) -> RegionalPosition:
    return unmarked_position(printed_position(position, region, illustrative=case.subject.collaboration.illustrative))


def _round(session: Session, case: CaseRead) -> ReviewRound | None:
    """Return the last round in which regions were asked about this version."""
    panels = case.subject.playbook.panels
    asked = [
        row
        for row in rounds_of(session, [case.version.collaboration_id])
        if row.protocol_version_id == case.version.id and panels[row.panel].kind is PanelKind.POSITIONS
    ]
    return asked[-1] if asked else None


def _asked_in(case: CaseRead, opened: ReviewRound | None, region: Region) -> AskedIn | None:
    if opened is None or region.id not in opened.asked_regions:
        return None
    panel = case.subject.playbook.panels[opened.panel]
    closed = opened.state is RoundState.CLOSED
    return AskedIn(panel=said(panel.title), number=opened.number, answer_by=opened.due_on, closed=closed)


def _money(
    case: CaseRead,
    chosen: Financed | None,
    region: Region,
    positions: Sequence[RegionalPosition],
) -> dict[str, object]:
    """Return what the chosen scenario says to this region; nothing where none is chosen."""
    if chosen is None:
        return {}
    printed, law, found, analysis = chosen.printed, chosen.law, chosen.found, chosen.analysis
    slugs = {
        one.organisation.slug
        for one in case.subject.members
        if case.subject.place(one.organisation.nuts)[1] == region_said(region.name, region.codes)
    }
    aid = printed_aid(law, only=slugs) if law else None
    gap = found.indicators if found else None
    asked = asked_of_aid(aid, gap, grants=printed.total_grants, total=printed.total_uses) if aid else ()
    return {
        "decision": decision_of(
            printed,
            reader=Addressee.REGION,
            region=region_said(region.name, region.codes),
            codes=region.codes,
            case=law.case if law else None,
            mix=law.mix if law else None,
            terms=found.given.loans if found else (),
            analysis=analysis,
            accounts=law.accounts if law else {},
        ),
        "regions": region_rows(printed, case.subject.regions, positions, analysis, addressed=region.id),
        "aid": aid,
        "asked": tuple(asked),
    }


def _planned(case: CaseRead) -> Table | None:
    """Return the protocol's table of sources."""
    content = content_of(case.version)
    for number, spec in enumerate(case.subject.playbook.protocol, start=1):
        fields = [field for field in spec.fields if field.key == "sources" and field.columns]
        if fields:
            part = spec.model_copy(update={"fields": fields})
            made_up = spec.key in case.version.illustrative
            tables = section_of(part, content, number=number, illustrative=made_up).tables
            return next((table for table in tables if table.rows), None)
    return None


def _priorities(case: CaseRead, region: Region) -> Iterator[Priority]:
    """Yield what the protocol says of the priorities of this region's strategy."""
    content: Mapping[str, Content] = content_of(case.version)
    for spec in case.subject.playbook.protocol:
        for row in table_rows(content, spec.key, "priorities"):
            place = row.get("nuts", "")
            near = any(place.startswith(code) or code.startswith(place) for code in region.codes)
            if place and near and row.get("priority"):
                yield Priority(priority=told(row["priority"]), gap=told(row.get("gap", "")))


def _calendar(
    session: Session, case: CaseRead, opened: ReviewRound | None, region: Region, *, on: date
) -> dict[str, object]:
    """Return the calls of the region, and the next days that it has to know."""
    days: list[NextDate] = []
    stages: list[StageDeadline] = []
    if opened is not None:
        panel = case.subject.playbook.panels[opened.panel]
        stages = [StageDeadline(said(panel.title), opened.due_on)]
        stages += stages_ahead(case.subject, opened.panel, after=opened.due_on)
        if opened.state is not RoundState.CLOSED and region.id in opened.asked_regions:
            declared = declare_by(opened, panel, seated_on=opened.opened_at.date())
            days.append(NextDate(day=declared, occasion=Occasion.DECLARE, name=said(panel.title)))
            days.append(NextDate(day=opened.due_on, occasion=Occasion.ANSWER, name=said(panel.title)))
        days += [NextDate(day=one.due, occasion=Occasion.STAGE, name=one.title) for one in stages[1:]]
    glue = glue_of(session, case.subject, [region], on=on, stages=stages)
    calls = tuple(one for one in glue.calls if one.region == region_said(region.name, region.codes)) if glue else ()
    for call in calls:
        days += [NextDate(day=call.opens, occasion=Occasion.OPENS, name=told(call.name))] if call.opens else []
        days += [NextDate(day=call.closes, occasion=Occasion.CLOSES, name=told(call.name))] if call.closes else []
    days += _milestones(content_of(case.version))
    ahead = sorted((one for one in days if one.day >= on), key=lambda one: (one.day, one.occasion, one.name))
    return {"calls": calls, "dates": tuple(ahead[:MOST_DATES])}


def _milestones(content: Mapping[str, Content]) -> Iterator[NextDate]:
    for row in table_rows(content, "work_plan", "milestones"):
        try:
            day = date.fromisoformat(row["date"])
        except (KeyError, ValueError):
            continue
        yield NextDate(day=day, occasion=Occasion.MILESTONE, name=told(row.get("milestone", "")))
