"""The route of planned against actual money: each source by calendar year, each partner by period."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from api.http.access import COLLABORATION, Allowed
from api.http.dependencies import Tx
from api.http.schemas import Money, Named, Output
from states.collaborations.tables import Collaboration
from states.crossings.implementation.drawdown import Basis, drawdown_of
from states.funding.queries import instruments_of
from states.funding.tables import SourceKind
from states.partners.queries import organisation_slugs
from states.rights.access import Action

router = APIRouter(prefix="/collaborations/{collaboration_id}/drawdown", tags=["progress"])

ReadCase = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_FUNDING_CASE))]


class YearOfSourceOut(Output):
    year: int
    planned: Money
    received: Money
    apart: Money = Field(description="received less planned")


class SourceDrawdownOut(Output):
    kind: SourceKind | None
    instrument: str | None
    organisation: Named | None
    agreements: list[int]
    basis: Basis = Field(description="by what the planned money is laid out over the years")
    years: list[YearOfSourceOut]
    undated: Money = Field(description="planned, and nobody knows in which year")
    planned: Money
    agreed: Money
    received: Money


class PeriodSpendingOut(Output):
    period: int
    spent: Money


class PartnerSpendingOut(Output):
    organisation: Named
    planned: Money
    periods: list[PeriodSpendingOut]
    spent: Money
    apart: Money = Field(description="spent less planned")


class DrawdownOut(Output):
    sources: list[SourceDrawdownOut]
    partners: list[PartnerSpendingOut]
    planned: Money
    agreed: Money
    received: Money
    spent: Money
    waiting: int = Field(description="periods of partners that are not accepted yet, and count for nothing here")


@router.get("")
def get_drawdown(row: ReadCase, session: Tx) -> DrawdownOut:
    """Read planned against actual: each source by calendar year, each partner by period, to the cent."""
    found = drawdown_of(session, row)
    instruments = {one.id: one.slug for one in instruments_of(session, row.partnership_id)}
    keys = {one.standing.key.organisation_id for one in found.sources} | {one.organisation_id for one in found.partners}
    names = organisation_slugs(session, {key for key in keys if key is not None})
    sources = [
        SourceDrawdownOut(
            kind=one.standing.key.kind,
            instrument=instruments.get(one.standing.key.instrument_id or ""),
            organisation=names.get(one.standing.key.organisation_id or ""),
            agreements=list(one.standing.numbers),
            basis=one.basis,
            years=[
                YearOfSourceOut(
                    year=year.year, planned=year.planned, received=year.received, apart=year.received - year.planned
                )
                for year in one.years
            ],
            undated=one.undated,
            planned=one.standing.expected,
            agreed=one.standing.agreed,
            received=one.received,
        )
        for one in found.sources
    ]
    partners = [
        PartnerSpendingOut(
            organisation=names[one.organisation_id],
            planned=one.planned,
            periods=[PeriodSpendingOut(period=period, spent=spent) for period, spent in sorted(one.periods.items())],
            spent=one.spent,
            apart=one.spent - one.planned,
        )
        for one in found.partners
    ]
    nothing = Decimal("0.00")
    return DrawdownOut(
        sources=sources,
        partners=partners,
        planned=sum((one.planned for one in sources), nothing),
        agreed=sum((one.agreed for one in sources), nothing),
        received=sum((one.received for one in sources), nothing),
        spent=sum((one.spent for one in partners), nothing),
        waiting=found.waiting,
    )
