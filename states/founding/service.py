"""Found a partnership with regions, working areas, a first cluster and its manager: all of it, or every fault."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TypeVar

from sqlmodel import Session, col, select

from states.errors import Fault, Invalid, Refusal, Refused
from states.funding.catalogue.loading import load_programmes
from states.matchmaking.suggestions.chosen_taxonomy import need_shipped
from states.partners.organisations import Profile, register_organisation
from states.partners.partnerships import Description, found_partnership
from states.partners.people import PersonPlan, grant_role, register_person
from states.partners.queries import regions_of
from states.partners.regions import RegionPlan, add_region
from states.partners.tables import MembershipPart, Partnership, Person, Region, RoleGrant
from states.partners.working_areas import AreaPlan, add_area
from states.playbooks.editions import need_playbook
from states.rights.access import Role

Made = TypeVar("Made")


class FoundingInvalid(Invalid):
    """The partnership cannot be founded so; nothing of it was."""

    code = "founding_invalid"


@dataclass(frozen=True, slots=True)
class Cluster:
    """The organisation that a partnership is coordinated by."""

    slug: str
    profile: Profile


@dataclass(frozen=True, slots=True)
class Plan:
    """A partnership to be: `playbook` is a name or `name@version`; all but the manager may be given later.

    `taxonomy` is one of those that are shipped; one's own is brought later.
    """

    description: Description
    manager: PersonPlan
    playbook: str = "s3"
    taxonomy: str = "nace"
    regions: Sequence[RegionPlan] = ()
    areas: Sequence[AreaPlan] = ()
    cluster: Cluster | None = None


@dataclass(frozen=True, slots=True)
class Founded:
    """A new partnership, and the grant by which its manager acts."""

    partnership: Partnership
    manager: RoleGrant


def found(session: Session, plan: Plan) -> Founded:
    """Found a partnership; raise `FoundingInvalid` with every fault and its place, and leave nothing behind."""
    faults: list[Fault] = []
    with session.begin_nested() as block:
        _step(faults, "", lambda: need_playbook(session, plan.playbook))
        _step(faults, "", lambda: need_shipped(plan.taxonomy))
        chosen = {"playbook": plan.playbook, "taxonomy": plan.taxonomy}
        row = _step(faults, "", lambda: found_partnership(session, plan.description, **chosen))
        grant = None
        if row is not None:
            grant = _furnish(session, row, plan, faults)
        if faults or row is None or grant is None:
            block.rollback()
            raise FoundingInvalid(faults=faults)
    return Founded(row, grant)


def join(session: Session, partnership: Partnership, plan: RegionPlan) -> Region:
    """Add a region, and the programmes of its own to what may pay; raise as `add_region`."""
    region = add_region(session, partnership, **asdict(plan))
    load_programmes(session, partnership.id, region.codes)
    return region


def _furnish(session: Session, row: Partnership, plan: Plan, faults: list[Fault]) -> RoleGrant | None:
    for number, region in enumerate(plan.regions, start=1):
        _step(faults, f"regions[{number}].", partial(add_region, session, row, **asdict(region)))
    if len(regions_of(session, row.id)) == len(plan.regions):  # an area may name any of them
        for number, area in enumerate(plan.areas, start=1):
            _step(faults, f"areas[{number}].", partial(add_area, session, row, area))
    if plan.cluster is not None:
        part, slug = MembershipPart.COORDINATOR, plan.cluster.slug
        register = partial(register_organisation, session, row, plan.cluster.profile, slug=slug, part=part)
        _step(faults, "cluster.", register)
    person = _step(faults, "manager.", lambda: register_person(session, plan.manager))
    load_programmes(session, row.id, [code for one in regions_of(session, row.id) for code in one.codes])
    return None if person is None else grant_role(session, row, person, Role.PROJECT_MANAGER)


def _step(faults: list[Fault], place: str, make: Callable[[], Made]) -> Made | None:
    """Return what is made, or note every fault of it at its place."""
    try:
        return make()
    except Invalid as error:
        faults += [fault.at(f"{place}{fault.place}") for fault in error.faults]
        return None


class AlreadyFounded(Refused):
    """The installation has a partnership already."""

    code = "already_founded"


def found_first(session: Session, plan: Plan, *, administers: bool = True) -> Founded:
    """Found the first partnership of an installation; raise `AlreadyFounded` where there is one, whatever its name.

    Whoever founds it administers it too, as long as nobody else does: else no reviewer could be invited to it.
    """
    need_first(session)
    made = found(session, plan)
    if administers:
        grant_role(session, made.partnership, session.get_one(Person, made.manager.person_id), Role.ADMINISTRATOR)
    return made


def need_first(session: Session) -> None:
    """Raise `AlreadyFounded` where the installation has a partnership."""
    known = session.exec(select(Partnership.slug).order_by(col(Partnership.slug))).all()
    if known:
        raise AlreadyFounded([Refusal("partnership_there_already", partnerships=tuple(known), where="partnerships")])
