"""Routes of the catalogue of instruments: programmes that may pay."""

from dataclasses import dataclass
from datetime import date, time
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from api.conditional import Answered, IfMatch
from api.dependencies import CurrentActor, InPartnership, Tx
from api.idempotency import Idempotent
from api.paging import Page
from api.problems import refusals
from api.schemas import Input, Line, Listing, Money, Output, Prose, Rate
from states.access import Action, Actor, Scope, require
from states.errors import Missing
from states.funding.queries import instruments_of
from states.funding.service import Closing, add_instrument
from states.funding.tables import Instrument, SourceKind
from states.lifecycle.following import move_closing
from states.partners.slugs import SLUG

router = APIRouter(prefix="/instruments", tags=["funding"], route_class=Idempotent)

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]
Keeper = Annotated[Actor, Depends(InPartnership(Action.EDIT_FUNDING))]


@dataclass(frozen=True)
class OfInstrument:
    """An instrument of the own partnership by its slug."""

    action: Action

    def __call__(self, slug: str, session: Tx, actor: CurrentActor) -> Instrument:
        """Return the row, or raise `Missing` or `Denied`."""
        require(actor, self.action, Scope(actor.partnership_id))
        found = next((row for row in instruments_of(session, actor.partnership_id) if row.slug == slug), None)
        if found is None:
            raise Missing("instrument", slug)
        return found


Read = Annotated[Instrument, Depends(OfInstrument(Action.READ_PARTNERSHIP))]
Edit = Annotated[Instrument, Depends(OfInstrument(Action.EDIT_FUNDING))]


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
    closes_on: date | None = Field(default=None, description="last day of the call that is open")
    closes_at: time | None = Field(default=None, description="local time in `time_zone`; null: the end of the day")
    time_zone: str = Field(default="", max_length=60, description="an IANA name, such as Europe/Brussels")
    illustrative: bool = False


class ClosingIn(Input):
    closes_on: date
    closes_at: time | None = Field(default=None, description="local time in `time_zone`; null: the end of the day")
    time_zone: str = Field(default="", max_length=60, description="an IANA name, such as Europe/Brussels")


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
    closes_on: date | None
    closes_at: time | None
    time_zone: str
    illustrative: bool
    version: int


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
def get_instrument(row: Read, answer: Answered) -> InstrumentOut:
    """Read an instrument by its slug; its ETag is what a change of its closing sends back as If-Match."""
    answer.tag(row.version)
    return InstrumentOut.model_validate(row)


@router.put("/{slug}/closing", responses=refusals(400, 409, 412, 428))
def put_closing(row: Edit, version: IfMatch, sent: ClosingIn, session: Tx, answer: Answered) -> InstrumentOut:
    """Set when the call closes: every deadline on it moves along, and whoever counts on the call is reminded of it."""
    closing = Closing(sent.closes_on, sent.closes_at, sent.time_zone)
    move_closing(session, row, closing, expected_version=version)
    answer.tag(row.version)
    return InstrumentOut.model_validate(row)
