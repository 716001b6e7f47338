"""Reads of the registry."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import Select

from states.clock import now
from states.errors import Missing
from states.partners.tables import (
    AreaPart,
    Initiative,
    Membership,
    MembershipPart,
    Organisation,
    OrganisationKind,
    Partnership,
    PartnershipEvent,
    Person,
    Region,
    RoleGrant,
    WorkingArea,
    WorkingAreaRegion,
)
from states.places.exonyms import region_said
from states.rights.access import Role
from states.storage.paging import Order
from states.storage.text_order import by_text
from states.sweeps.apart import read_all


@dataclass(frozen=True, slots=True)
class WorkingAreaEntry:
    """A working area with its regions, in the order of the report."""

    area: WorkingArea
    in_charge: tuple[Region, ...]
    involved: tuple[Region, ...]


@dataclass(frozen=True, slots=True)
class Holder:
    """A person and the grant by which that person holds a role."""

    person: Person
    grant: RoleGrant


def partnership_ids(session: Session) -> list[str]:
    return list(session.exec(select(Partnership.id).order_by(col(Partnership.slug))))


def partnership_by_slug(session: Session, slug: str) -> Partnership:
    """Return the partnership, or raise `Missing`."""
    found = session.exec(select(Partnership).where(Partnership.slug == slug)).one_or_none()
    if found is None:
        raise Missing("partnership", slug)
    return found


def regions_of(session: Session, partnership_id: str) -> list[Region]:
    """Return the regions of a partnership, leading ones first, then by name."""
    query = select(Region).where(Region.partnership_id == partnership_id)
    return list(session.exec(query.order_by(col(Region.leading).desc(), col(Region.name))))


def site_region(site: str, regions: Sequence[Region]) -> Region | None:
    """Return the partnership region in which a site (a NUTS code) lies: the one with the longest fitting code."""
    fitting = [(len(code), region) for region in regions for code in region.codes if site.startswith(code)]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def working_areas_of(session: Session, partnership_id: str) -> list[WorkingAreaEntry]:
    """Return the working areas with the regions in charge and involved."""
    query = (
        select(WorkingArea, WorkingAreaRegion, Region)
        .join(WorkingAreaRegion, col(WorkingAreaRegion.working_area_id) == col(WorkingArea.id), isouter=True)
        .join(Region, col(Region.id) == col(WorkingAreaRegion.region_id), isouter=True)
        .where(WorkingArea.partnership_id == partnership_id)
        .order_by(col(WorkingArea.number), col(WorkingAreaRegion.position))
    )
    areas: dict[str, WorkingArea] = {}
    parts: dict[tuple[str, AreaPart], list[Region]] = {}
    for area, link, region in session.exec(query):
        areas[area.id] = area
        if region is not None:  # the outer join gives None where an area has no region yet
            parts.setdefault((area.id, link.part), []).append(region)
    return [
        WorkingAreaEntry(
            area,
            tuple(parts.get((area.id, AreaPart.IN_CHARGE), ())),
            tuple(parts.get((area.id, AreaPart.INVOLVED), ())),
        )
        for area in areas.values()
    ]


ORDERS: dict[str, Order] = {"name": by_text(Organisation.name)}
"""By what a list of organisations is sorted."""


def find_organisations(
    partnership_id: str, *, kind: OrganisationKind | None = None, part: MembershipPart | None = None, left: bool = False
) -> Select[Organisation, Membership]:
    """Return the query of a partnership's members with their part in it, to be read in one of the `ORDERS`.

    Those that `left` it too, where they are wanted.
    """
    query = (
        select(Organisation, Membership)
        .join(Membership, col(Membership.organisation_id) == col(Organisation.id))
        .where(Membership.partnership_id == partnership_id)
    )
    query = query if left else query.where(col(Membership.left_at).is_(None))
    query = query if kind is None else query.where(Organisation.kind == kind)
    return query if part is None else query.where(Membership.part == part)


def organisations_of(session: Session, partnership_id: str) -> list[tuple[Organisation, Membership]]:
    """Return the organisations of a partnership with their part in it, by name."""
    return list(session.exec(find_organisations(partnership_id).order_by(col(Organisation.name))))


def member_by_slug(session: Session, partnership_id: str, slug: str) -> tuple[Organisation, Membership]:
    """Return an organisation that is or was a member, with its part in it, or raise `Missing`."""
    query = (
        select(Organisation, Membership)
        .join(Membership, col(Membership.organisation_id) == col(Organisation.id))
        .where(Membership.partnership_id == partnership_id, Organisation.slug == slug)
    )
    found = session.exec(query).one_or_none()
    if found is None:
        raise Missing("organisation", slug)
    return found


def organisation_by_slug(session: Session, slug: str) -> Organisation:
    """Return the organisation, or raise `Missing`."""
    found = session.exec(select(Organisation).where(Organisation.slug == slug)).one_or_none()
    if found is None:
        raise Missing("organisation", slug)
    return found


def region_slugs(session: Session, keys: Collection[str]) -> dict[str, str]:
    """Return the short names of regions, by id."""
    query = select(Region.id, Region.slug).where(col(Region.id).in_(keys))
    return dict(session.exec(query).all()) if keys else {}


def working_area_numbers(session: Session, keys: Collection[str]) -> dict[str, int]:
    query = select(WorkingArea.id, WorkingArea.number).where(col(WorkingArea.id).in_(keys))
    return dict(session.exec(query).all()) if keys else {}


def person_labels(session: Session, keys: Collection[str]) -> dict[str, str]:
    """Return who people are, by role, by id."""
    return dict(session.exec(select(Person.id, Person.label).where(col(Person.id).in_(keys))).all())


def names_by_slug(session: Session, partnership_id: str) -> dict[str, str]:
    """Return what organisations and regions of a partnership are called, by short name, and regions by id too.

    Regions are called as whoever reads calls them.
    """
    known = select(Organisation.slug, Organisation.name).where(
        col(Organisation.id).in_(select(Membership.organisation_id).where(Membership.partnership_id == partnership_id))
    )
    regions = session.exec(select(Region).where(Region.partnership_id == partnership_id)).all()
    said = {one.id: region_said(one.name, one.codes) for one in regions}
    return said | {one.slug: said[one.id] for one in regions} | dict(session.exec(known).all())


def organisation_slugs(session: Session, keys: Collection[str]) -> dict[str, str]:
    """Return the short names of organisations, by id."""
    return dict(session.exec(select(Organisation.id, Organisation.slug).where(col(Organisation.id).in_(keys))).all())


def event_by_id(session: Session, key: str) -> PartnershipEvent:
    """Return the event, or raise `Missing`."""
    found = session.get(PartnershipEvent, key)
    if found is None:
        raise Missing("event", key)
    return found


def events_of(session: Session, partnership_id: str) -> list[PartnershipEvent]:
    """Return the events of a partnership in the order of their (partial) dates; one that cannot be read is left out."""
    order = (col(PartnershipEvent.held_on), col(PartnershipEvent.name))
    of_partnership = PartnershipEvent.partnership_id == partnership_id
    return read_all(
        "partnership_event",
        lambda: list(session.exec(select(PartnershipEvent).where(of_partnership).order_by(*order))),
        keys=lambda: session.exec(select(PartnershipEvent.id).where(of_partnership).order_by(*order)).all(),
        some=lambda keys: session.exec(
            select(PartnershipEvent).where(col(PartnershipEvent.id).in_(keys)).order_by(*order)
        ),
    )


def initiatives_of(session: Session, partnership_id: str) -> list[Initiative]:
    """Return the joint projects beside the collaborations, by name."""
    query = select(Initiative).where(Initiative.partnership_id == partnership_id)
    return list(session.exec(query.order_by(col(Initiative.name))))


GRANT_ORDERS: dict[str, Order] = {"label": by_text(Person.label)}
"""By what a list of people is sorted."""


def find_grants(
    partnership_id: str,
    *,
    role: Role | None = None,
    organisation_id: str | None = None,
    email: str | None = None,
    ended: bool = False,
) -> Select[RoleGrant, Person]:
    """Return the query of who holds a role in a partnership now, or of all who ever did where `ended` ones count."""
    query = (
        select(RoleGrant, Person)
        .join(Person, col(Person.id) == col(RoleGrant.person_id))
        .where(RoleGrant.partnership_id == partnership_id)
    )
    if not ended:
        query = query.where(or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > now()))
    query = query if role is None else query.where(RoleGrant.role == role)
    query = query if email is None else query.where(Person.email == email)
    return query if organisation_id is None else query.where(RoleGrant.organisation_id == organisation_id)


def grant_by_id(session: Session, key: str) -> tuple[RoleGrant, Person]:
    """Return a grant with its holder, or raise `Missing`."""
    grant = session.get(RoleGrant, key)
    if grant is None:
        raise Missing("role_grant", key)
    return grant, session.get_one(Person, grant.person_id)


def acts_elsewhere(session: Session, person_id: str, partnership_id: str) -> bool:
    """Tell whether a person holds a role in another partnership now."""
    query = select(RoleGrant.id).where(
        RoleGrant.person_id == person_id,
        RoleGrant.partnership_id != partnership_id,
        or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > now()),
    )
    return session.exec(query).first() is not None


def holders(session: Session, partnership_id: str, *roles: Role) -> list[Holder]:
    """Return who holds one of these roles now, by label."""
    query = (
        select(Person, RoleGrant)
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .where(
            RoleGrant.partnership_id == partnership_id,
            col(RoleGrant.role).in_(roles),
            or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > now()),
        )
        .order_by(col(Person.label))
    )
    return [Holder(person, grant) for person, grant in session.exec(query)]
