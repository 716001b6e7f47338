"""What is known of a consortium: its organisations, their sites, its lead, its working area."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from states.collaborations.queries import PARTNERS, Partner, partners_of
from states.collaborations.tables import Collaboration, MemberPart
from states.partners.queries import site_region
from states.partners.tables import Region
from states.storage import Readings

NUTS2_LENGTH = 4
READS = (PARTNERS,)


@dataclass(frozen=True, slots=True)
class ConsortiumFacts:
    """The present members; `nuts2` are the NUTS 2 codes of their sites."""

    organisations: int
    nuts2: frozenset[str]
    lead: bool
    working_area: bool
    summary: bool
    merges: bool = False


def facts_of(read: Readings, row: Collaboration) -> ConsortiumFacts:
    """Derive the facts of a collaboration from its partners."""
    partners = partners_of(read, row.id)
    return ConsortiumFacts(
        organisations=len(partners),
        nuts2=frozenset(one.nuts[:NUTS2_LENGTH] for one in partners),
        lead=any(one.part is MemberPart.LEAD for one in partners),
        working_area=row.working_area_id is not None,
        summary=bool(row.summary.strip()),
        merges=row.merges_into_id is not None,
    )


def regions_among(partners: Iterable[Partner], regions: Sequence[Region]) -> tuple[str, ...]:
    """Return the ids of a partnership's regions in which partners have their sites, in the partners' order."""
    found = (site_region(one.nuts, regions) for one in partners)
    return tuple(dict.fromkeys(region.id for region in found if region is not None))
