"""Routes of the calls of an instrument: the windows in which applications are taken."""

from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from api.http.conditional import Answered, IfMatch
from api.http.dependencies import Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Listing, Money, Output, Prose, Slug, TimeOfDay, changes_in
from api.routes.funding.instruments import Edit, Read
from states.crossings.deadlines.followers import counting_on
from states.errors import Missing
from states.funding.catalogue.calls import CallPlan, add_call, change_call, plan_of
from states.funding.queries import windows_of

router = APIRouter(prefix="/instruments/{slug}/calls", tags=["funding"], route_class=Idempotent)

Months = Annotated[int, Field(ge=-1000, le=1000, description="from the application on")]
Zone = Annotated[str, Field(max_length=60, description="an IANA name, such as Europe/Brussels")]


class CallIn(Input):
    model_config = example(
        slug="2028-1",
        opens_on="2028-01-15",
        closes_on="2028-03-31",
        closes_at="17:00:00",
        time_zone="Europe/Warsaw",
        budget="4000000.00",
    )

    slug: Slug = Field(description="unique within the instrument, such as 2027")
    opens_on: date | None = None
    closes_on: date | None = Field(default=None, description="the last day; null: it does not close")
    closes_at: TimeOfDay | None = Field(default=None, description="local time in `time_zone`; null: the end of the day")
    time_zone: Zone = ""
    apply_on: date | None = Field(default=None, description="when one means to apply; null: on the last day")
    budget: Money | None = Field(default=None, description="EUR of the whole call")
    months_to_award: Months = 0
    months_to_money: Months = 0
    source: Prose = ""
    illustrative: bool = False


class CallPatch(Input):
    model_config = example(budget="5000000.00")

    opens_on: date | None = Field(default=None, description="null: it is open already")
    closes_on: date | None = None
    closes_at: TimeOfDay | None = Field(default=None, description="null: the end of the day")
    time_zone: Zone | None = None
    apply_on: date | None = Field(default=None, description="null: on the last day")
    budget: Money | None = Field(default=None, description="null: not known")
    months_to_award: Months | None = None
    months_to_money: Months | None = None
    source: Prose | None = None
    illustrative: bool | None = None


class CallOut(Output):
    slug: str
    opens_on: date | None
    closes_on: date | None
    closes_at: TimeOfDay | None
    time_zone: str
    apply_on: date | None
    budget: Money | None
    months_to_award: int
    months_to_money: int
    source: str
    illustrative: bool
    version: int


_CLEARED = dict.fromkeys(("opens_on", "closes_on", "closes_at", "apply_on", "budget"))


@router.get("")
def list_calls(row: Read, session: Tx, page: Page) -> Listing[CallOut]:
    """List the calls of an instrument, the first to close first; those that never close come last."""
    rows = page.each(session, lambda: windows_of(session, [row.id])[row.id])
    return page.cut(rows, lambda one: one.id, show=lambda part: [CallOut.model_validate(one) for one in part])


@router.post("", status_code=201)
def post_call(row: Edit, sent: CallIn, session: Tx, answer: Answered) -> CallOut:
    """Publish a call: deadlines hang on its closing where it is the next of the instrument's."""
    with counting_on(session, row):
        made = add_call(session, row, CallPlan(**dict(sent)))
    answer.tag(made.version)
    return CallOut.model_validate(made)


@router.patch("/{call}")
def patch_call(row: Edit, call: str, version: IfMatch, sent: CallPatch, session: Tx, answer: Answered) -> CallOut:
    """Change a call; what is left out stays, and every deadline on its closing moves along."""
    found = next((one for one in windows_of(session, [row.id])[row.id] if one.slug == call), None)
    if found is None:
        raise Missing("call", call)
    changes = changes_in(sent, cleared=_CLEARED)
    with counting_on(session, row):
        change_call(session, row, found, replace(plan_of(found), **changes), expected_version=version)
    answer.tag(found.version)
    return CallOut.model_validate(found)
