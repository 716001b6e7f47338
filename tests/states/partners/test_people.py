"""People and their roles: what a role speaks for, and that a grant ends and begins anew."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from states.clock import now
from states.partners.people import RoleInvalid, grant_role, person_by_email
from states.partners.queries import holders
from states.partners.tables import Person, RoleGrant
from states.rights.access import Role
from tests.expect import places
from tests.factories import World, a_world


def _person(world: World) -> Person:
    return person_by_email(world.session, email="new@example.org", label="New")


def test_an_address_is_one_person(session: Session) -> None:
    first = person_by_email(session, email="one@example.org", label="One", language="pl")
    again = person_by_email(session, email="one@example.org", label="Another")
    assert (again.id, again.label, again.language) == (first.id, "One", "pl")
    assert len(session.exec(select(Person)).all()) == 1


def test_a_role_is_held_once(session: Session) -> None:
    world = a_world(session)
    person = _person(world)
    first = grant_role(session, world.partnership, person, Role.IAG_MEMBER)
    assert grant_role(session, world.partnership, person, Role.IAG_MEMBER).id == first.id
    assert len(session.exec(select(RoleGrant).where(RoleGrant.person_id == person.id)).all()) == 1


@pytest.mark.parametrize(
    ("role", "place"),
    [(Role.WGRA_MEMBER, "region"), (Role.PARTNER, "organisation"), (Role.CLOCK, "role")],
)
def test_a_role_needs_whom_it_speaks_for(session: Session, role: Role, place: str) -> None:
    world = a_world(session)
    person = _person(world)
    with pytest.raises(RoleInvalid) as caught:
        grant_role(session, world.partnership, person, role)
    assert places(caught.value) == [place]
    assert session.exec(select(RoleGrant).where(RoleGrant.person_id == person.id)).all() == []


def test_a_region_of_another_partnership_is_none(session: Session) -> None:
    world, other = a_world(session), a_world(session, slug="energy")
    with pytest.raises(RoleInvalid) as caught:
        grant_role(session, world.partnership, _person(world), Role.WGRA_MEMBER, region=other.regions["paca"])
    assert places(caught.value) == ["region"]


def test_a_person_speaks_for_one_region_at_a_time(session: Session) -> None:
    world = a_world(session)
    person = _person(world)
    held = grant_role(session, world.partnership, person, Role.WGRA_MEMBER, region=world.regions["paca"])
    with pytest.raises(RoleInvalid, match="held for another"):
        grant_role(session, world.partnership, person, Role.WGRA_MEMBER, region=world.regions["navarra"])
    assert held.region_id == world.regions["paca"].id


def test_an_ended_grant_begins_anew(session: Session) -> None:
    world = a_world(session)
    person = _person(world)
    held = grant_role(session, world.partnership, person, Role.WGRA_MEMBER, region=world.regions["paca"])
    held.until = now()
    session.flush()
    anew = grant_role(session, world.partnership, person, Role.WGRA_MEMBER, region=world.regions["navarra"])
    assert (anew.id, anew.until, anew.region_id) == (held.id, None, world.regions["navarra"].id)


def test_who_holds_a_role_now(session: Session) -> None:
    world = a_world(session)
    ended, ending = (holders(session, world.partnership.id, Role.IAG_MEMBER)[n].grant for n in (0, 1))
    ended.until, ending.until = now(), now() + timedelta(hours=1)
    session.flush()
    found = holders(session, world.partnership.id, Role.IAG_MEMBER, Role.OBSERVER)
    assert [holder.person.label for holder in found] == ["iag_member 2", "iag_member 3", "observer"]
