"""Routes of what rules of law ask of an organisation: accounts by year, who holds it, aid; and what follows."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field
from sqlmodel import Session

from api.http.access import AllowedOrganisation, OrganisationAccess
from api.http.conditional import Answered, IfMatch, MaybeMatch, need_match
from api.http.dependencies import Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.lookups import organisations_named
from api.http.paging import Page
from api.http.schemas import Input, Listing, Money, Output, Prose, Rate, Slug, kept
from states.errors import Missing
from states.funding.case.undertaking import undertaking_of
from states.funding.case.vocabulary import Control
from states.funding.inputs.accounts import (
    Holding,
    YearAccounts,
    accounts_in,
    accounts_of,
    end_holding,
    holding_of,
    holdings_in,
    record_accounts,
    record_holding,
)
from states.funding.inputs.aid_received import Award, record_aid, strike_aid
from states.funding.inputs.tables import AidGranted, Ownership
from states.funding.queries import aid_to
from states.partners.tables import Organisation, SizeClass
from states.rights.access import Action

router = APIRouter(
    prefix="/partnerships/{partnership}/organisations/{organisation}", tags=["organisations"], route_class=Idempotent
)

Read = Annotated[OrganisationAccess, Depends(AllowedOrganisation(Action.READ_FIGURES))]
Edit = Annotated[OrganisationAccess, Depends(AllowedOrganisation(Action.EDIT_FIGURES))]


class AccountsIn(Input):
    model_config = example(headcount=42, turnover="6500000.00", balance_sheet="5100000.00", own_funds="1800000.00")

    headcount: Decimal | None = Field(default=None, description="annual work units, at most two decimals")
    turnover: Money | None = None
    balance_sheet: Money | None = None
    subscribed_capital: Money | None = Field(default=None, description="EUR, share premium included")
    own_funds: Money | None = Field(default=None, description="EUR, what losses have left of all capital")
    debt: Money | None = None
    ebitda: Money | None = None
    interest: Money | None = None


class AccountsOut(Output):
    year: int
    headcount: Decimal | None = Field(description="annual work units")
    turnover: Money | None
    balance_sheet: Money | None
    subscribed_capital: Money | None
    own_funds: Money | None
    debt: Money | None
    ebitda: Money | None
    interest: Money | None
    version: int


class HoldingIn(Input):
    model_config = example(percent="30.00")

    percent: Rate = Field(default=Decimal(0), description="of capital or votes, whichever is more")
    control: list[Control] = Field(default=[], max_length=4)


class HoldingOut(Output):
    holder: str
    name: str
    percent: Rate
    control: list[Control]
    version: int


class AidIn(Input):
    model_config = example(
        member_state="PL",
        granted_on="2025-06-30",
        amount="40000.00",
        basis="de_minimis",
        source="letter of the regional fund",
    )

    member_state: str = Field(max_length=2, description="ISO 3166-1 alpha-2; Greece is GR")
    granted_on: date = Field(description="the day on which the legal right was conferred")
    amount: Money = Field(description="EUR, gross grant equivalent")
    basis: Slug = Field(description="id of an article, `de_minimis` or `eu_direct`")
    cost_line_id: Slug | None = Field(default=None, description="where it pays for one cost line")
    eu_grant: bool = False
    source: Prose = ""
    illustrative: bool = False


class AidOut(Output):
    id: str
    member_state: str
    granted_on: date
    amount: Money
    basis: str
    cost_line_id: str | None
    eu_grant: bool
    source: str
    illustrative: bool


class SizeOfYearOut(Output):
    year: int
    size: SizeClass


class RoomOut(Output):
    """De minimis aid of a Member State: what counts today, and what may still be granted."""

    member_state: str
    ceiling: Money
    used: Money
    left: Money


class UndertakingOut(Output):
    rule_set: str = Field(description="that holds today")
    size: SizeClass = Field(description="by the joint figures of its years; else as it is declared")
    small_mid_cap: bool | None = Field(description="null: not known")
    by_year: list[SizeOfYearOut] = Field(description="what the joint figures of each year say; two in a row decide")
    members: list[str] = Field(description="by short name: itself and all that are linked to it")
    de_minimis: list[RoomOut] = Field(description="of the single undertaking, by Member State")


@router.get("/accounts")
def list_accounts(found: Read, session: Tx, page: Page) -> Listing[AccountsOut]:
    """List the approved accounts of an organisation, of itself alone, the oldest first."""
    rows = page.each(session, lambda: accounts_of(session, found.row.id))
    return page.cut(rows, lambda one: one.id, show=lambda part: [AccountsOut.model_validate(one) for one in part])


@router.get("/accounts/{year}")
def get_accounts(found: Read, year: int, session: Tx, answer: Answered) -> AccountsOut:
    """Read the accounts of a year; their ETag is what a change sends back as If-Match."""
    row = accounts_in(session, found.row.id, year)
    if row is None:
        raise Missing("accounts", year)
    answer.tag(row.version)
    return AccountsOut.model_validate(row)


@router.put("/accounts/{year}")
def put_accounts(
    found: Edit, version: MaybeMatch, year: int, sent: AccountsIn, session: Tx, answer: Answered
) -> AccountsOut:
    """Record the accounts of a year: size, difficulty and what may be paid follow from them.

    Who changes them sends the version that they read as If-Match; a figure that is left out stays, and null clears it.
    """
    known = accounts_in(session, found.row.id, year)
    need_match("accounts", version, known)
    plan = YearAccounts(**dict(kept(sent, known)))
    row = record_accounts(session, found.row, year, plan, expected_version=version)
    answer.tag(row.version)
    return AccountsOut.model_validate(row)


@router.get("/holders")
def list_holders(found: Read, session: Tx, page: Page) -> Listing[HoldingOut]:
    """List who holds a part of an organisation, by name."""
    rows = page.each(session, lambda: holdings_in(session, found.row.id))
    return page.cut(
        rows,
        lambda one: one[0].id,
        show=lambda part: [
            HoldingOut.model_validate({**link.model_dump(), "holder": holder.slug, "name": holder.name})
            for link, holder in part
        ],
    )


@router.get("/holders/{holder}")
def get_holder(found: Read, holder: str, session: Tx, answer: Answered) -> HoldingOut:
    """Read what another organisation holds of this one; its ETag is what a change sends back as If-Match."""
    link, named = _holding(session, found, holder)
    answer.tag(link.version)
    return HoldingOut.model_validate({**link.model_dump(), "holder": named.slug, "name": named.name})


@router.put("/holders/{holder}")
def put_holder(
    found: Edit, version: MaybeMatch, holder: str, sent: HoldingIn, session: Tx, answer: Answered
) -> HoldingOut:
    """Record what another organisation of the partnership holds of this one, or what it holds now.

    Who changes a holding sends the version that they read as If-Match; what is left out stays.
    """
    named = organisations_named(session, found.partnership.id, {"holder": holder})["holder"]
    known = holding_of(session, named.id, found.row.id)
    need_match("holding", version, known)
    plan = Holding(**dict(kept(sent, known)))
    row = record_holding(session, named, found.row, plan, expected_version=version)
    answer.tag(row.version)
    return HoldingOut.model_validate({**row.model_dump(), "holder": named.slug, "name": named.name})


@router.delete("/holders/{holder}", status_code=204)
def delete_holder(found: Edit, holder: str, version: IfMatch, session: Tx) -> Response:
    """Take a holding out, as it was read."""
    link, _ = _holding(session, found, holder)
    end_holding(session, link, expected_version=version)
    return Response(status_code=204)


def _holding(session: Session, found: OrganisationAccess, holder: str) -> tuple[Ownership, Organisation]:
    row = next((entry for entry in holdings_in(session, found.row.id) if entry[1].slug == holder), None)
    if row is None:
        raise Missing("holder", holder)
    return row


@router.get("/aid-received")
def list_aid(found: Read, session: Tx, page: Page) -> Listing[AidOut]:
    """List the aid that an organisation received, the oldest first."""
    rows = page.each(session, lambda: aid_to(session, [found.row.id]))
    return page.cut(rows, lambda one: one.id, show=lambda part: [AidOut.model_validate(one) for one in part])


@router.post("/aid-received", status_code=201)
def post_aid(found: Edit, sent: AidIn, session: Tx) -> AidOut:
    """Record aid that was granted: de minimis headroom and cumulation are counted from it."""
    return AidOut.model_validate(record_aid(session, found.row, Award(**dict(sent))))


@router.delete("/aid-received/{aid_id}", status_code=204)
def delete_aid(found: Edit, aid_id: str, session: Tx) -> Response:
    """Take out aid that was recorded by mistake."""
    row = session.get(AidGranted, aid_id)
    if row is None or row.organisation_id != found.row.id:
        raise Missing("aid_received", aid_id)
    strike_aid(session, found.row, row)
    return Response(status_code=204)


@router.get("/undertaking")
def get_undertaking(found: Read, session: Tx) -> UndertakingOut:
    """Read how large an organisation is with those linked to it, and what de minimis aid is left to them today."""
    known = undertaking_of(session, found.row, partnership_id=found.partnership.id)
    return UndertakingOut(
        rule_set=known.rules.id,
        size=known.sizing.size,
        small_mid_cap=known.sizing.small_mid_cap,
        by_year=[SizeOfYearOut(year=year, size=size) for year, size in known.sizing.by_year],
        members=[one.slug for one in known.members],
        de_minimis=[
            RoomOut(member_state=state, ceiling=room.ceiling, used=room.used, left=room.left)
            for state, room in known.headrooms.items()
        ],
    )
