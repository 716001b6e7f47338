"""Routes of the catalogue of instruments: programmes that may pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlmodel import Session, select

from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, InPartnership, Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Money, Output, Prose, Rate, TimeOfDay, changes_in, kept
from states.clock import today
from states.crossings.deadlines.followers import counting_on
from states.errors import Missing
from states.funding.catalogue.calls import Closing, set_closing
from states.funding.catalogue.criteria_crosswalk import Criterion
from states.funding.catalogue.loading import set_terms
from states.funding.queries import closing_call, instruments_of, windows_of
from states.funding.service import add_instrument, edit_instrument
from states.funding.tables import Instrument, SourceKind
from states.partners.registry_faults import SLUG
from states.rights.access import Action, Actor, Scope, require

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
        query = select(Instrument).where(Instrument.partnership_id == actor.partnership_id, Instrument.slug == slug)
        found = session.exec(query).one_or_none()
        if found is None:
            raise Missing("instrument", slug)
        return found


Read = Annotated[Instrument, Depends(OfInstrument(Action.READ_PARTNERSHIP))]
Edit = Annotated[Instrument, Depends(OfInstrument(Action.EDIT_FUNDING))]


Territory = list[Annotated[str, Field(pattern=r"^[A-Z]{2}[0-9A-Z]{0,3}$")]]


class InstrumentIn(Input):
    model_config = example(
        slug="innovation-loan",
        name="Loan for innovation",
        programme="Regional fund",
        kind="loan",
        territory=["PL22"],
        maximum_amount="2000000.00",
        closes_on="2027-09-30",
        closes_at="17:00:00",
        time_zone="Europe/Warsaw",
    )

    slug: str = Field(pattern=f"^{SLUG}$", max_length=80)
    name: Line
    programme: Line
    kind: SourceKind
    territory: Territory = Field(default=[], description="NUTS codes; empty: anywhere")
    maximum_rate: Rate | None = Field(default=None, description="percent of cost")
    maximum_amount: Money | None = Field(default=None, description="EUR a project")
    legal_basis: Prose = ""
    source: Prose = ""
    verified_on: date | None = None
    closes_on: date | None = Field(default=None, description="last day of its first call, where one is known")
    closes_at: TimeOfDay | None = Field(default=None, description="local time in `time_zone`; null: the end of the day")
    time_zone: str = Field(default="", max_length=60, description="an IANA name, such as Europe/Brussels")
    illustrative: bool = False


class InstrumentPatch(Input):
    model_config = example(maximum_rate="60.00", source="the call's second edition")

    name: Line | None = None
    programme: Line | None = None
    kind: SourceKind | None = None
    territory: Territory | None = Field(default=None, description="NUTS codes; an empty list: anywhere")
    maximum_rate: Rate | None = Field(default=None, description="percent of cost; null: not known")
    maximum_amount: Money | None = Field(default=None, description="EUR a project; null: not known")
    legal_basis: Prose | None = None
    source: Prose | None = None
    verified_on: date | None = Field(default=None, description="null: nobody has compared it with the call")
    illustrative: bool | None = None


class ClosingIn(Input):
    model_config = example(closes_on="2027-09-30", closes_at="17:00:00", time_zone="Europe/Warsaw")

    closes_on: date
    closes_at: TimeOfDay | None = Field(default=None, description="local time in `time_zone`; null: the end of the day")
    time_zone: str = Field(default="", max_length=60, description="an IANA name, such as Europe/Brussels")


class TermsIn(Input):
    """What a case knows of an instrument; without terms no case counts on it."""

    model_config = example(
        terms={"basis": ["eu_direct"], "whom": {"territory": ["PL22"]}, "rates": [{"percent": "50"}]}
    )

    terms: dict[str, object] = Field(max_length=100, description="as the instruments of docs/reference/funding-case.md")
    criteria: list[Criterion] = Field(default=[], max_length=100)
    overall_threshold: Decimal | None = Field(default=None, ge=0, le=99999, description="the least sum of points")


class TermsOut(Output):
    terms: dict[str, object]
    criteria: list[Criterion]
    overall_threshold: Decimal | None


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
    closes_on: date | None = Field(description="of the first of its calls to close that is not over, else of the last")
    closes_at: TimeOfDay | None
    time_zone: str
    illustrative: bool
    version: int


@router.get("")
def list_instruments(session: Tx, actor: Insider, page: Page) -> Listing[InstrumentOut]:
    """List the instruments of the partnership, by name."""
    rows = page.each(session, lambda: instruments_of(session, actor.partnership_id))
    return page.cut(rows, lambda one: one.id, show=lambda part: _present(session, part))


@router.post("", status_code=201)
def post_instrument(sent: InstrumentIn, session: Tx, actor: Keeper, answer: Answered) -> InstrumentOut:
    """Put an instrument into the catalogue, with its first call where its closing is given."""
    closing = Closing(sent.closes_on, sent.closes_at, sent.time_zone)
    known = {name: value for name, value in sent if name not in ("closes_on", "closes_at", "time_zone")}
    row = add_instrument(session, Instrument(partnership_id=actor.partnership_id, **known), closing=closing)
    answer.created("get_instrument", slug=row.slug)
    return _present(session, [row])[0]


@router.get("/{slug}")
def get_instrument(row: Read, session: Tx, answer: Answered) -> InstrumentOut:
    """Read an instrument by its slug; its ETag is what a change of its closing sends back as If-Match."""
    answer.tag(row.version)
    return _present(session, [row])[0]


_CLEARED: dict[str, object] = {
    "maximum_rate": None,
    "maximum_amount": None,
    "verified_on": None,
    "territory": [],
    "legal_basis": "",
    "source": "",
}


@router.patch("/{slug}")
def patch_instrument(
    row: Edit, version: IfMatch, sent: InstrumentPatch, session: Tx, answer: Answered
) -> InstrumentOut:
    """Correct what is said of an instrument; what is left out stays. Terms and calls have routes of their own."""
    changes = changes_in(sent, cleared=_CLEARED)
    edit_instrument(session, row, changes, expected_version=version)
    answer.tag(row.version)
    return _present(session, [row])[0]


@router.get("/{slug}/terms")
def get_terms(row: Read, answer: Answered) -> TermsOut:
    """Read who may have how much for what, and by what applications are judged; the ETag is the instrument's."""
    answer.tag(row.version)
    return TermsOut.model_validate(row)


@router.put("/{slug}/terms")
def put_terms(row: Edit, version: IfMatch, sent: TermsIn, session: Tx, answer: Answered) -> TermsOut:
    """Put other terms in the place of an instrument's; scenarios that rest on the former ones are looked at again.

    What is left out stays.
    """
    sent = kept(sent, row)
    set_terms(
        session, row, sent.terms, criteria=sent.criteria, overall=sent.overall_threshold, expected_version=version
    )
    answer.tag(row.version)
    return TermsOut.model_validate(row)


@router.put("/{slug}/closing")
def put_closing(row: Edit, version: IfMatch, sent: ClosingIn, session: Tx, answer: Answered) -> InstrumentOut:
    """Set when the coming call closes: every deadline on it moves along, and who counts on it is reminded of it."""
    with counting_on(session, row):
        set_closing(session, row, Closing(sent.closes_on, sent.closes_at, sent.time_zone), expected_version=version)
    answer.tag(row.version)
    return _present(session, [row])[0]


def _present(session: Session, rows: Sequence[Instrument]) -> list[InstrumentOut]:
    calls = windows_of(session, [row.id for row in rows])
    shown = []
    for row in rows:
        call = closing_call(calls[row.id], on=today())
        dates = (call.closes_on, call.closes_at, call.time_zone) if call else (None, None, "")
        named = dict(zip(("closes_on", "closes_at", "time_zone"), dates, strict=True))
        shown.append(InstrumentOut.model_validate({**row.model_dump(), **named}))
    return shown
