"""What one page tells a first reader who does not know the case yet; nothing on it is confidential.

The context has fields for what may be public alone: names and places, the abstract, sums over all partners, the market
with its source, levels of readiness. What a partner gets, pays or promises, terms, risks, positions and every other
text of the protocol have no field here.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import ClassVar

from pydantic import Field
from sqlmodel import Session

from documents.formats import unmarked
from documents.gathering import Subject, content_of, identity_of, protocol_meta
from documents.languages import gettext
from documents.meta import Confidentiality, DocumentContext, Line, Named, Plain, Text
from documents.parts import Euro
from documents.proposal.addressee import Addressee
from documents.proposal.decision import RangeLine, Standing, decision_of
from documents.proposal.names import told
from documents.proposal.reading import CaseRead, Financed, read_case
from states.archive.tables import DocumentKind
from states.crossings.deadlines.sync import STAGE_DEADLINE
from states.deadlines.queries import open_deadlines_of
from states.places.nuts import unit
from states.protocol.content import Content, Row, table_rows

MOST_SEGMENTS = 2


class TeaserPartner(Plain):
    """An organisation and its place."""

    name: Named
    place: Line
    country: str = ""


class Segment(Plain):
    """A segment of the market, EUR a year, and who says so."""

    name: Line
    size: Euro
    source: str = ""


class Level(Plain):
    """From which technology readiness level the case comes, and to which it goes: of the component furthest behind."""

    now: int = Field(ge=1, le=9)
    target: int = Field(ge=1, le=9)


class TeaserContext(DocumentContext):
    """One page for a first reader; None and empty is what nobody has said, and is told as missing."""

    KIND: ClassVar[DocumentKind] = DocumentKind.TEASER

    what: Text = ""
    working_area: str = ""
    stage: Line
    lead: Named | None = None
    partners: tuple[TeaserPartner, ...] = ()
    cost: Euro | None = Field(default=None, description="the whole, of the chosen scenario or else of the protocol")
    standings: tuple[Standing, ...] = Field(default=(), description="sums over all partners; none without a scenario")
    gap: Euro = Decimal("0.00")
    begins: int | None = Field(default=None, description="first year in which money is spent")
    decide_by: date | None = Field(default=None, description="when the present stage is due")
    score: int = Field(ge=0, le=100, description="of the meter of bankability")
    level: Level | None = None
    market: tuple[Segment, ...] = ()
    figures: tuple[RangeLine, ...] = Field(default=(), max_length=3)
    valued: str = ""
    draws: str = ""
    contact: str = ""
    made_up: tuple[str, ...] = Field(default=(), description="parts whose figures or texts are illustrative")

    @property
    def illustrative(self) -> bool:
        """Whether any part of the page is made up."""
        return self.meta.illustrative or bool(self.made_up)

    @property
    def open(self) -> Decimal:
        """EUR that are neither committed nor signed."""
        return sum((one.open for one in self.standings), self.gap)

    @property
    def committed(self) -> Decimal:
        """EUR that are committed or signed."""
        return sum((one.signed + one.committed for one in self.standings), Decimal("0.00"))

    @property
    def countries(self) -> tuple[str, ...]:
        """Where the partners are, each once."""
        return tuple(dict.fromkeys(one.country for one in self.partners if one.country))

    @property
    def missing(self) -> tuple[str, ...]:
        """What the data cannot fill, by part."""
        parts = {
            "what": self.what,
            "ask": self.standings,
            "by_when": self.begins or self.decide_by,
            "level": self.level,
            "market": self.market,
            "source": not self.market or all(one.source for one in self.market),
            "figures": self.figures,
            "contact": self.contact,
        }
        return tuple(key for key, filled in parts.items() if not filled)


def gather(session: Session, *, subject_id: str) -> TeaserContext:
    """Read the teaser of a frozen version, by the version's id; raise `Missing`."""
    case = read_case(session, subject_id)
    subject, content = case.subject, content_of(case.version)
    chosen = case.chosen(session)
    told_of = identity_of(subject, case.version, stage=True)
    due = open_deadlines_of(session, kind=STAGE_DEADLINE, subject_id=subject.collaboration.id)
    what = _text(content, "identity", "abstract") or _text(content, "identity", "what") or told_of.summary
    whole = TeaserContext(
        meta=protocol_meta(
            subject,
            case.version,
            kind=TeaserContext.KIND,
            subtitle=gettext("For a first reader"),
            issued_at=case.changed_at,
            confidentiality=Confidentiality.PUBLIC,
        ),
        what=told(what),
        working_area=told_of.working_area,
        stage=told_of.stage,
        lead=told(told_of.lead_organisation) or None,
        partners=_partners(subject),
        decide_by=min((one.due_on for one in due), default=None),
        score=case.dossier.bankability.score,
        level=_level(table_rows(content, "technology", "readiness")),
        market=tuple(_segments(table_rows(content, "market", "segments"))),
        contact=told(_text(content, "identity", "contact")),
        made_up=tuple(_made_up(case, chosen)),
    )
    return whole.model_copy(update=_money(case, chosen))


def _text(content: Mapping[str, Content], section: str, field: str) -> str:
    found = content.get(section, {}).get(field, "")
    return found.strip() if isinstance(found, str) else ""


def _partners(subject: Subject) -> tuple[TeaserPartner, ...]:
    return tuple(
        TeaserPartner(
            name=told(entry.organisation.name),
            place=unit(entry.organisation.nuts).name,
            country=entry.organisation.country,
        )
        for entry in subject.members
    )


def _money(case: CaseRead, chosen: Financed | None) -> dict[str, object]:
    """Return cost, ask and figures: sums alone, never who gets or pays what."""
    if chosen is None:
        return {"cost": case.cost_in_protocol()}
    found = decision_of(
        chosen.printed,
        reader=Addressee.BANK,
        region="",
        codes=(),
        case=chosen.law.case if chosen.law else None,
        mix=chosen.law.mix if chosen.law else None,
        terms=chosen.found.given.loans if chosen.found else (),
        analysis=chosen.analysis,
        accounts={},
    )
    years = [one.year for one in chosen.analysis.cash if one.uses] if chosen.analysis else []
    return {
        "cost": chosen.printed.total_uses,
        "standings": found.standings,
        "gap": found.gap,
        "figures": _decisive(found.ranges, debt=bool(chosen.analysis and chosen.analysis.dscr)),
        "valued": found.valued,
        "draws": found.draws,
        "begins": min(years, default=None),
    }


def _decisive(ranges: Sequence[RangeLine], *, debt: bool) -> tuple[RangeLine, ...]:
    """Return value and return of the project, and the least debt cover; without debt what the owners have."""
    return (*ranges[:2], ranges[-1] if debt else ranges[2]) if ranges else ()


def _level(rows: Iterator[Row]) -> Level | None:
    levels = []
    for row in rows:
        try:
            levels.append(Level(now=int(row["now"]), target=int(row["target"])))
        except (KeyError, ValueError):
            continue
    return min(levels, key=lambda one: (one.now, one.target), default=None)


def _segments(rows: Iterator[Row]) -> Iterator[Segment]:
    """Yield the largest segments."""
    sized = [(Decimal(row["size"]), row) for row in rows if row.get("size") and row.get("segment")]
    for size, row in sorted(sized, key=lambda one: -one[0])[:MOST_SEGMENTS]:
        yield Segment(name=told(row["segment"]), size=size, source=row.get("source", ""))


def _made_up(case: CaseRead, chosen: Financed | None) -> Iterator[str]:
    if chosen and (chosen.printed.illustrative or (chosen.analysis and chosen.analysis.illustrative)):
        yield "money"
    yield from (key for key in ("identity", "market", "technology") if key in case.version.illustrative)
    if any(unmarked(entry.organisation.name) != entry.organisation.name for entry in case.subject.members):
        yield "partners"
