"""Region by region: what it pays, what is spent there, what its partners get, which jobs, and on what condition."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from documents.meta import Line, Plain
from documents.parts import Euro
from documents.proposal.approvals import RegionalPosition
from documents.proposal.finances import FinancialAnalysis
from documents.proposal.scenario import Scenario, SourceLine
from states.funding.tables import SourceKind
from states.partners.tables import Region
from states.places.exonyms import region_said

_NOTHING = Decimal("0.00")


class RegionRow(Plain):
    """One region, EUR: grants of its programmes, cost at its sites, grants to partners there; `limit` as it said."""

    name: Line
    code: Line
    pays: Euro
    spent: Euro
    gets: Euro
    jobs: Decimal | None = None
    limit: Euro | None = None
    condition: str = ""
    addressed: bool = False


def region_rows(
    scenario: Scenario,
    regions: Sequence[Region],
    positions: Iterable[RegionalPosition],
    analysis: FinancialAnalysis | None,
    *,
    addressed: str = "",
) -> tuple[RegionRow, ...]:
    """Return the regions in which money is spent or whose programmes pay; `addressed` is the reader's id."""
    stated = {one.region_name: one for one in positions}
    jobs = {one.name: one.jobs for one in analysis.regions} if analysis else {}
    rows = []
    for region in regions:
        codes = ", ".join(region.codes)
        pays = _sum(line.amount for line in scenario.sources if pays_from(line, region.codes))
        spent = _sum(line.amount for line in scenario.uses if line.region_code == codes)
        gets = _sum(
            line.amount for line in scenario.sources if line.region_code == codes and line.kind is SourceKind.GRANT
        )
        said = stated.get(region_said(region.name, region.codes))
        if pays or spent or said:
            rows.append(
                RegionRow(
                    name=region_said(region.name, region.codes),
                    code=codes,
                    pays=pays,
                    spent=spent,
                    gets=gets,
                    jobs=jobs.get(region_said(region.name, region.codes)),
                    limit=said.amount if said else None,
                    condition=said.condition if said else "",
                    addressed=region.id == addressed,
                )
            )
    return tuple(rows)


def pays_from(line: SourceLine, codes: Sequence[str]) -> bool:
    """Tell whether a source is a grant of a programme of the region with these codes."""
    return line.kind is SourceKind.GRANT and any(place.startswith(code) for place in line.territory for code in codes)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, _NOTHING)
