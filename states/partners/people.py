"""Register people and give them roles."""

from collections.abc import Sequence

from sqlmodel import Session, select

from states.clock import now
from states.errors import Fault, Invalid
from states.partners.tables import Organisation, Partnership, Person, Region, RoleGrant
from states.rights.access import Role

_OF_A_REGION = {Role.WGRA_MEMBER}
_OF_AN_ORGANISATION = {Role.PARTNER}


class RoleInvalid(Invalid):
    """The role cannot be given so."""

    code = "role_invalid"


def grant_role(
    session: Session,
    partnership: Partnership,
    person: Person,
    role: Role,
    *,
    region: Region | None = None,
    organisation: Organisation | None = None,
    expertise: Sequence[str] = (),
) -> RoleGrant:
    """Give a person a role, or return the grant if it is held; one that has ended begins anew.

    A WGRA member speaks for a region, a partner for an organisation; a person for one at a time.
    """
    faults = []
    if role in _OF_A_REGION and (region is None or region.partnership_id != partnership.id):
        faults.append(Fault("region", "speaks_for_region", remedy="name_region_partnership", role=role))
    if role in _OF_AN_ORGANISATION and organisation is None:
        faults.append(Fault("organisation", "speaks_for_organisation", remedy="name_it", role=role))
    if role is Role.CLOCK:
        faults.append(Fault("role", "clock_nobodys_role", remedy="choose_another"))
    if faults:
        raise RoleInvalid(faults=faults)
    query = select(RoleGrant).where(
        RoleGrant.partnership_id == partnership.id, RoleGrant.person_id == person.id, RoleGrant.role == role
    )
    held = session.exec(query).one_or_none()
    wanted = (region.id if region else None, organisation.id if organisation else None)
    if held is not None and (held.until is None or held.until > now()):
        if (held.region_id, held.organisation_id) != wanted:
            fault = Fault("role", "held_for_another", remedy="end_that_grant_first", role=role)
            raise RoleInvalid(faults=[fault])
        return held
    row = held or RoleGrant(partnership_id=partnership.id, person_id=person.id, role=role, since=now())
    row.since, row.until = now(), None
    row.region_id, row.organisation_id = wanted
    row.expertise = list(expertise)
    session.add(row)
    session.flush()
    return row


def person_by_email(session: Session, *, email: str, label: str, language: str = "en") -> Person:
    """Return the person with that address, registered now if it is new."""
    known = session.exec(select(Person).where(Person.email == email)).one_or_none()
    if known is not None:
        return known
    row = Person(email=email, label=label, language=language)
    session.add(row)
    session.flush()
    return row
