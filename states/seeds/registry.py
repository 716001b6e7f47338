"""Load the registry of the S3 medical technology partnership: regions, working areas, organisations, events."""

from datetime import date
from importlib import resources
from typing import Annotated, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from sqlmodel import Session, SQLModel, select

from states.partners.partial_dates import PartialDate
from states.partners.registry_faults import SLUG
from states.partners.tables import (
    AreaPart,
    EventKind,
    Initiative,
    Membership,
    MembershipPart,
    Organisation,
    OrganisationKind,
    Partnership,
    PartnershipEvent,
    PartnershipKind,
    Region,
    WorkingArea,
    WorkingAreaRegion,
)
from states.places.nuts import unit

Row = TypeVar("Row", bound=SQLModel)
NutsCode = Annotated[str, AfterValidator(lambda code: unit(code).code)]
Slug = Annotated[str, Field(pattern=f"^{SLUG}$")]


def _stored_date(written: str | date) -> str:
    return str(PartialDate.parse(str(written)))  # YAML reads a full date as one already


class _Seed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PartnershipSeed(_Seed):
    slug: Slug
    name: str
    kind: PartnershipKind
    programme: str
    objective: str
    acknowledges: list[str]
    playbook: str


class RegionSeed(_Seed):
    slug: Slug
    name: str
    country: str
    codes: list[NutsCode] = Field(min_length=1)
    leading: bool = False


class WorkingAreaSeed(_Seed):
    """A working area; regions by their slugs, in the order of the report."""

    number: int
    name: str
    in_charge: list[Slug]
    involved: list[Slug]


class OrganisationSeed(_Seed):
    """An organisation at its site, and its part in the partnership."""

    slug: Slug
    name: str
    kind: OrganisationKind
    country: str
    nuts: NutsCode
    part: MembershipPart = MembershipPart.MEMBER


class EventSeed(_Seed):
    """An event; its date may be written in any form that `PartialDate` reads."""

    name: str
    kind: EventKind
    held_on: Annotated[str, BeforeValidator(_stored_date)]
    place: str = ""
    information: str = ""


class InitiativeSeed(_Seed):
    name: str
    programme: str = ""
    lead: str = ""


class Registry(_Seed):
    """The whole file."""

    partnership: PartnershipSeed
    regions: list[RegionSeed]
    working_areas: list[WorkingAreaSeed]
    organisations: list[OrganisationSeed]
    events: list[EventSeed]
    initiatives: list[InitiativeSeed]


def read_registry() -> Registry:
    """Read and check the seed file."""
    text = resources.files("states.seeds").joinpath("registry.yaml").read_text(encoding="utf-8")
    return Registry.model_validate(yaml.safe_load(text))


def load_registry(session: Session) -> Partnership:
    """Add what of the registry is not there yet and return the partnership; what is there stays as it is."""
    registry = read_registry()
    partnership = _ensure(
        session,
        Partnership(**registry.partnership.model_dump()),
        slug=registry.partnership.slug,
    )
    regions = {seed.slug: _region(session, partnership, seed) for seed in registry.regions}
    for area in registry.working_areas:
        _load_area(session, partnership, area, regions)
    for organisation in registry.organisations:
        _load_organisation(session, partnership, organisation)
    for event in registry.events:
        row = PartnershipEvent(partnership_id=partnership.id, **event.model_dump())
        _ensure(session, row, partnership_id=partnership.id, name=event.name, held_on=event.held_on)
    for initiative in registry.initiatives:
        joint = Initiative(partnership_id=partnership.id, **initiative.model_dump())
        _ensure(session, joint, partnership_id=partnership.id, name=initiative.name)
    return partnership


def _region(session: Session, partnership: Partnership, seed: RegionSeed) -> Region:
    row = Region(partnership_id=partnership.id, **seed.model_dump())
    return _ensure(session, row, partnership_id=partnership.id, slug=seed.slug)


def _load_area(session: Session, partnership: Partnership, seed: WorkingAreaSeed, regions: dict[str, Region]) -> None:
    new = WorkingArea(partnership_id=partnership.id, number=seed.number, name=seed.name)
    area = _ensure(session, new, partnership_id=partnership.id, number=seed.number)
    parts = ((AreaPart.IN_CHARGE, seed.in_charge), (AreaPart.INVOLVED, seed.involved))
    for part, slugs in parts:
        for position, slug in enumerate(slugs, start=1):
            key = {"working_area_id": area.id, "region_id": regions[slug].id}
            _ensure(session, WorkingAreaRegion(**key, part=part, position=position), **key)


def _load_organisation(session: Session, partnership: Partnership, seed: OrganisationSeed) -> None:
    organisation = _ensure(session, Organisation(**seed.model_dump(exclude={"part"})), slug=seed.slug)
    membership = Membership(partnership_id=partnership.id, organisation_id=organisation.id, part=seed.part)
    _ensure(session, membership, partnership_id=partnership.id, organisation_id=organisation.id)


def _ensure(session: Session, row: Row, **key: str | int) -> Row:
    """Return the row that has this natural key, or add the new one."""
    known = session.exec(select(type(row)).filter_by(**key)).one_or_none()
    if known is not None:
        return known
    session.add(row)
    session.flush()
    return row
