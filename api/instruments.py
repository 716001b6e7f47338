"""Routes of the catalogue of instruments: programmes that may pay."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from api.conditional import Answered
from api.dependencies import InPartnership, Tx
from api.idempotency import Idempotent
from api.paging import Page
from api.schemas import Input, Line, Listing, Money, Output, Prose, Rate
from states.access import Action, Actor
from states.errors import Missing
from states.funding.queries import instruments_of
from states.funding.service import add_instrument
from states.funding.tables import Instrument, SourceKind
from states.partners.slugs import SLUG

router = APIRouter(prefix="/instruments", tags=["funding"], route_class=Idempotent)

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]
Keeper = Annotated[Actor, Depends(InPartnership(Action.EDIT_FUNDING))]


class InstrumentIn(Input):
    slug: str = Field(pattern=f"^{SLUG}$", max_length=80)
    name: Line
    programme: Line
    kind: SourceKind
    territory: list[Annotated[str, Field(pattern=r"^[A-Z]{2}[0-9A-Z]{0,3}$")]] = Field(
        default=[], description="NUTS codes; empty: anywhere"
    )
    maximum_rate: Rate | None = Field(default=None, description="percent of cost")
    maximum_amount: Money | None = Field(default=None, description="EUR a project")
    legal_basis: Prose = ""
    source: Prose = ""
    verified_on: date | None = None
    illustrative: bool = False


class InstrumentOut(Output):
    id: str
    slug: str
    name: str
    programme: str
    kind: SourceKind
    territory: list[str]
    maximum_rate: Rate | None
    maximum_amount: Money | None
    legal_basis: str
    source: str
    verified_on: date | None
    illustrative: bool


@router.get("")
def list_instruments(session: Tx, actor: Insider, page: Page) -> Listing[InstrumentOut]:
    """List the instruments of the partnership, by name."""
    rows = instruments_of(session, actor.partnership_id)
    return Listing(items=[InstrumentOut.model_validate(one) for one in page.cut(rows)], total=len(rows))


@router.post("", status_code=201)
def post_instrument(sent: InstrumentIn, session: Tx, actor: Keeper, answer: Answered) -> InstrumentOut:
    """Put an instrument into the catalogue."""
    row = add_instrument(session, Instrument(partnership_id=actor.partnership_id, **dict(sent)))
    answer.created("get_instrument", slug=row.slug)
    return InstrumentOut.model_validate(row)


@router.get("/{slug}")
def get_instrument(slug: str, session: Tx, actor: Insider) -> InstrumentOut:
    """Read an instrument by its slug."""
    found = next((row for row in instruments_of(session, actor.partnership_id) if row.slug == slug), None)
    if found is None:
        raise Missing("instrument", slug)
    return InstrumentOut.model_validate(found)
