"""Register people and give them roles."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import available_timezones

from babel import Locale
from sqlmodel import Session, select

from states.clock import now
from states.errors import Fault, Invalid
from states.partners.addresses import read_address
from states.partners.registry_faults import blank, refuse
from states.partners.tables import Organisation, Partnership, Person, Region, RoleGrant
from states.rights.access import Role

_OF_A_REGION = {Role.WGRA_MEMBER}
_OF_AN_ORGANISATION = {Role.PARTNER}


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """Somebody to be registered: who that is by function, never by a name, and where and how mails reach them."""

    email: str
    label: str
    language: str = "en"
    time_zone: str = "Europe/Brussels"


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


def register_person(session: Session, plan: PersonPlan) -> Person:
    """Return the person with that address, registered now if it is new; raise `RegistryInvalid` with every fault.

    Who is known already stays as described: another partnership may have described that person.
    """
    address = read_address("email", plan.email)
    refuse(
        address if isinstance(address, Fault) else None,
        blank("label", plan.label),
        *habit_faults(language=plan.language, time_zone=plan.time_zone),
    )
    known = session.exec(select(Person).where(Person.email == address)).one_or_none()
    if known is not None:
        return known
    row = Person(email=str(address), label=plan.label.strip(), language=plan.language, time_zone=plan.time_zone)
    session.add(row)
    session.flush()
    return row


def habit_faults(*, language: str, time_zone: str) -> list[Fault]:
    """Return what is wrong with the language (ISO 639-1) and the time zone (IANA) of somebody who gets mails."""
    faults = []
    if language not in _languages():
        faults.append(Fault("language", "no_language", remedy="iso_639_1_in_small_letters_pl"))
    if time_zone not in available_timezones():
        faults.append(Fault("time_zone", "no_time_zone", remedy="iana_name_europe_warsaw"))
    return faults


@lru_cache(maxsize=1)
def _languages() -> frozenset[str]:
    return frozenset(code for code in map(str, Locale("en").languages) if len(code) == 2)


def person_by_email(session: Session, *, email: str, label: str, language: str = "en") -> Person:
    """Return the person with that address, registered now if it is new."""
    known = session.exec(select(Person).where(Person.email == email)).one_or_none()
    if known is not None:
        return known
    row = Person(email=email, label=label, language=language)
    session.add(row)
    session.flush()
    return row
