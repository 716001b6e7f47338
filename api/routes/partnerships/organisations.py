"""Routes of a partnership's organisations: list, register, read, change."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import Field, PlainSerializer, WithJsonSchema
from sqlmodel import col

from api.http.access import PARTNERSHIP, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Money, Output, Prose, Site, Slug, changes_in
from api.http.searching import Narrowing
from states.crossings.members import return_organisation, withdraw_organisation
from states.crossings.search import matching
from states.founding.naming import free_name, site_country
from states.partners.organisations import Profile, edit_organisation, profile_of, register_organisation
from states.partners.queries import ORDERS, find_organisations, member_by_slug
from states.partners.tables import (
    Membership,
    MembershipPart,
    Organisation,
    OrganisationKind,
    Partnership,
    SizeClass,
)
from states.rights.access import Action
from states.search import SearchKind
from states.storage.paging import sorted_by

router = APIRouter(prefix="/partnerships/{partnership}/organisations", tags=["organisations"], route_class=Idempotent)

Read = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.READ_PARTNERSHIP))]
Edit = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.EDIT_PARTNERSHIP))]


def _plain(workers: Decimal) -> int | float:
    return int(workers) if workers == int(workers) else float(workers)


Headcount = Annotated[
    Decimal,
    Field(lt=10_000_000, decimal_places=2, description="annual work units"),
    PlainSerializer(_plain, return_type=int | float, when_used="json"),
    WithJsonSchema({"type": "number", "maximum": 9_999_999.99, "multipleOf": 0.01, "examples": [9.5]}),
]

Text = Annotated[str, Field(max_length=300)]
Domains = Annotated[list[Line], Field(max_length=20, description="of its e-mail addresses, not of free mail")]

_FIGURES = {"headcount", "turnover", "balance_sheet"}


class OrganisationIn(Input):
    model_config = example(
        slug="mill-on-the-po",
        name="Mill on the Po",
        kind="sme",
        country="IT",
        nuts="ITC11",
        vat_number="IT00743110157",
        domains=["mill.example"],
    )

    slug: Slug | None = Field(default=None, description="made from its name where none is given")
    name: Line
    kind: OrganisationKind
    country: Slug | None = Field(default=None, description="ISO 3166-1 alpha-2; that of the site where none is given")
    nuts: Site = Field(min_length=1, description="NUTS 2024 code of the site, level 3 where it is known, or its name")
    headcount: Headcount | None = None
    turnover: Money | None = Field(default=None, description="EUR a year")
    balance_sheet: Money | None = Field(default=None, description="EUR")
    part: MembershipPart = MembershipPart.MEMBER
    illustrative: bool = False
    legal_name: Text = ""
    legal_form: Text = ""
    address: Text = Field(default="", description="of its registered office")
    registration_number: Text = Field(default="", description="in the national register")
    vat_number: Text = ""
    pic: Text = Field(default="", description="participant identification code: nine digits")
    nace: Text = Field(default="", description="NACE Rev. 2.1")
    domains: Domains = Field(default=[])


class OrganisationPatch(Input):
    model_config = example(headcount=42, turnover="6500000.00", legal_form="limited liability company")

    slug: Slug | None = None
    name: Line | None = None
    kind: OrganisationKind | None = None
    country: Slug | None = None
    nuts: Site | None = None
    headcount: Headcount | None = Field(default=None, description="annual work units; null clears it")
    turnover: Money | None = Field(default=None, description="EUR a year; null clears it")
    balance_sheet: Money | None = Field(default=None, description="EUR; null clears it")
    illustrative: bool | None = None
    legal_name: Text | None = Field(default=None, description="empty clears it, and so below")
    legal_form: Text | None = None
    address: Text | None = None
    registration_number: Text | None = None
    vat_number: Text | None = None
    pic: Text | None = None
    nace: Text | None = None
    domains: Domains | None = None
    part: MembershipPart | None = None


class OrganisationOut(Output):
    id: str
    slug: str
    name: str
    kind: OrganisationKind
    country: str
    nuts: str
    headcount: Headcount | None
    turnover: Money | None
    balance_sheet: Money | None
    size_class: SizeClass = Field(description="Recommendation 2003/361/EC, by its own figures alone")
    illustrative: bool
    legal_name: str
    legal_form: str
    address: str
    registration_number: str
    vat_number: str
    pic: str
    nace: str
    domains: list[str]
    version: int
    part: MembershipPart = Field(description="its place in the partnership")
    left_at: datetime | None = Field(description="since when it is a member no more")


class MemberLeavingIn(Input):
    model_config = example(reason="It has left the cluster.")

    reason: Prose


class MemberLeftOut(Output):
    """What ended with the membership."""

    roles: int
    profiles: int


@router.get("")
def list_organisations(
    row: Read,
    session: Tx,
    actor: CurrentActor,
    page: Page,
    words: Narrowing,
    kind: OrganisationKind | None = None,
    part: MembershipPart | None = None,
    left: bool = False,
    sort: Literal["name", "-name"] = "name",
) -> Listing[OrganisationOut]:
    """List the members with their part in the partnership, by name; those that left too where `left` is true."""
    return page.read(
        session,
        find_organisations(row.id, kind=kind, part=part, left=left).where(
            matching(session, SearchKind.ORGANISATION, words, actor)
        ),
        *sorted_by(ORDERS, sort, col(Organisation.id)),
        show=lambda rows: [_present(*entry) for entry in rows],
    )


@router.post("", status_code=201)
def post_organisation(row: Edit, sent: OrganisationIn, session: Tx, answer: Answered) -> OrganisationOut:
    """Register an organisation at its site and make it a member; its size class follows from its figures."""
    given = {name: value for name, value in sent if name not in ("slug", "part")}
    profile = Profile(**given | {"country": sent.country or site_country(sent.nuts)})
    slug = sent.slug or free_name(session, col(Organisation.slug), sent.name)
    organisation = register_organisation(session, row, profile, slug=slug, part=sent.part)
    answer.created("get_organisation", partnership=row.slug, organisation=organisation.slug)
    answer.tag(organisation.version)
    return _present(*member_by_slug(session, row.id, organisation.slug))


@router.get("/{organisation}")
def get_organisation(row: Read, organisation: str, session: Tx, answer: Answered) -> OrganisationOut:
    """Read an organisation by its slug; its ETag is what a change sends back as If-Match."""
    found, membership = member_by_slug(session, row.id, organisation)
    answer.tag(found.version)
    return _present(found, membership)


@router.patch("/{organisation}")
def patch_organisation(
    row: Edit, organisation: str, version: IfMatch, sent: OrganisationPatch, session: Tx, answer: Answered
) -> OrganisationOut:
    """Change what is known of an organisation; what is left out stays, and a figure that is null is cleared."""
    found, membership = member_by_slug(session, row.id, organisation)
    changes = changes_in(sent, cleared=dict.fromkeys(_FIGURES))
    slug, part = changes.pop("slug", None), changes.pop("part", membership.part)
    edit_organisation(session, found, replace(profile_of(found), **changes), slug=slug, expected_version=version)
    membership.part = part
    answer.tag(found.version)
    return _present(found, membership)


@router.post("/{organisation}/withdrawal")
def post_organisation_withdrawal(
    row: Edit, organisation: str, version: IfMatch, sent: MemberLeavingIn, session: Tx, actor: CurrentActor
) -> MemberLeftOut:
    """Let an organisation leave that takes part in nothing that runs; its people's roles and its profiles end."""
    found, membership = member_by_slug(session, row.id, organisation)
    left = withdraw_organisation(session, found, membership, actor=actor, reason=sent.reason, expected_version=version)
    return MemberLeftOut.model_validate(left)


@router.post("/{organisation}/return")
def post_organisation_return(
    row: Edit, organisation: str, version: IfMatch, session: Tx, answer: Answered
) -> OrganisationOut:
    """Let an organisation that left be a member again."""
    found, membership = member_by_slug(session, row.id, organisation)
    return_organisation(session, found, membership, expected_version=version)
    answer.tag(found.version)
    return _present(found, membership)


def _present(row: Organisation, membership: Membership) -> OrganisationOut:
    return OrganisationOut.model_validate({**row.model_dump(), "part": membership.part, "left_at": membership.left_at})
