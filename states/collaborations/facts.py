"""What is known of a consortium: its organisations, their sites, its lead, its working area."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from states.collaborations.queries import MemberEntry, members_of
from states.collaborations.tables import Collaboration, MemberPart
from states.partners.queries import regions_of, site_region
from states.partners.tables import Region

NUTS2_LENGTH = 4


@dataclass(frozen=True, slots=True)
class ConsortiumFacts:
    """The present members; `nuts2` are the NUTS 2 codes of their sites, `region_ids` the partnership's regions."""

    organisations: int
    nuts2: frozenset[str]
    countries: frozenset[str]
    region_ids: tuple[str, ...]
    lead: bool
    working_area: bool
    summary: bool


def gather(session: Session, rows: Sequence[Collaboration]) -> dict[str, ConsortiumFacts]:
    """Collect the facts of many collaborations, by their ids."""
    members = members_of(session, [row.id for row in rows])
    regions = {key: regions_of(session, key) for key in {row.partnership_id for row in rows}}
    return {row.id: _facts(row, members[row.id], regions[row.partnership_id]) for row in rows}


def _facts(row: Collaboration, members: Sequence[MemberEntry], regions: Sequence[Region]) -> ConsortiumFacts:
    sites = [entry.organisation.nuts for entry in members]
    found = (site_region(site, regions) for site in sites)
    return ConsortiumFacts(
        organisations=len(members),
        nuts2=frozenset(site[:NUTS2_LENGTH] for site in sites),
        countries=frozenset(entry.organisation.country for entry in members),
        region_ids=tuple(dict.fromkeys(region.id for region in found if region is not None)),
        lead=any(entry.member.part is MemberPart.LEAD for entry in members),
        working_area=row.working_area_id is not None,
        summary=bool(row.summary.strip()),
    )
