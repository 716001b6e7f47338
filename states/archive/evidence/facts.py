"""What is known of a collaboration's evidence: what its playbook asks for, from whom, and whether it is there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from states.archive.evidence.definition import Asked, EvidenceTerms, Source
from states.archive.evidence.queries import PIECES, REGIONS, NamedRegion, Piece
from states.collaborations.queries import PARTNERS, Partner, partners_of
from states.collaborations.tables import Collaboration, MemberPart
from states.storage import Readings

READS = (PARTNERS, PIECES, REGIONS)


class DemandState(StrEnum):
    FILED = "filed"
    STALE = "stale"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Demand:
    """A kind that one of the partners, or a region, owes; `owner` is its name, empty where it is the collaboration.

    `dated_on` is of the newest file in force, `oldest` the first day that counts.
    """

    kind: str
    title: str
    source: Source
    stages: tuple[str, ...]
    owner: str
    owner_id: str | None
    state: DemandState
    evidence_id: str | None
    dated_on: date | None
    oldest: date | None


@dataclass(frozen=True, slots=True)
class EvidenceFacts:
    """What is owed in the present stage, and is not there or too old."""

    owed: tuple[Demand, ...]


def facts_of(read: Readings, row: Collaboration, terms: EvidenceTerms, *, on: date) -> EvidenceFacts:
    """Derive the facts of a collaboration."""
    found = demands_of(read, row, terms, on=on)
    return EvidenceFacts(tuple(one for one in found if row.stage in one.stages and one.state is not DemandState.FILED))


def demands_of(read: Readings, row: Collaboration, terms: EvidenceTerms, *, on: date) -> list[Demand]:
    """Return all that the playbook asks for in any stage, in its order."""
    if not terms.asked:
        return []
    partners, regions = partners_of(read, row.id), read.of(REGIONS, row.id)
    pieces: dict[str, list[Piece]] = {}
    for piece in read.of(PIECES, row.id):
        pieces.setdefault(piece.kind, []).append(piece)
    return [
        _demand(asked, terms.kinds, *owner, pieces.get(asked.kind, []), on)
        for asked in terms.asked
        for owner in _owners(asked.from_, partners, regions)
    ]


def _owners(
    source: Source, partners: Sequence[Partner], regions: Sequence[NamedRegion]
) -> Iterator[tuple[str, str | None]]:
    match source:
        case Source.COLLABORATION | Source.A_REGION:
            yield "", None
        case Source.LEAD:
            lead = next((one for one in partners if one.part is MemberPart.LEAD), None)
            yield (lead.name, lead.id) if lead is not None else ("", None)
        case Source.EACH_MEMBER:
            yield from ((one.name, one.id) for one in partners)
        case Source.EACH_REGION:
            found = (_region_of(one.nuts, regions) for one in partners)
            yield from dict.fromkeys((region.name, region.id) for region in found if region is not None)


def _region_of(site: str, regions: Sequence[NamedRegion]) -> NamedRegion | None:
    fitting = [(len(code), one.id, one) for one in regions for code in one.codes if site.startswith(code)]
    return max(fitting)[2] if fitting else None


def _demand(
    asked: Asked, titles: Mapping[str, str], owner: str, owner_id: str | None, pieces: Sequence[Piece], on: date
) -> Demand:
    match asked.from_:
        case Source.A_REGION:
            fitting = [one for one in pieces if one.region_id is not None]
        case Source.EACH_REGION:
            fitting = [one for one in pieces if one.region_id == owner_id]
        case Source.COLLABORATION:
            fitting = list(pieces)
        case _:  # where nobody leads, nothing is the lead's
            fitting = [one for one in pieces if one.organisation_id == owner_id is not None]
    newest = max(fitting, key=lambda one: (one.dated_on, one.id), default=None)
    oldest = asked.oldest(on)
    state = DemandState.MISSING if newest is None else DemandState.FILED
    if newest is not None and oldest is not None and newest.dated_on < oldest:
        state = DemandState.STALE
    return Demand(
        kind=asked.kind,
        title=titles[asked.kind],
        source=asked.from_,
        stages=tuple(asked.stage),
        owner=owner,
        owner_id=owner_id,
        state=state,
        evidence_id=newest.id if newest else None,
        dated_on=newest.dated_on if newest else None,
        oldest=oldest,
    )
