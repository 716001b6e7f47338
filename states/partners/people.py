"""Register people, give them roles, change and end them."""

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
from states.storage import bump_version

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
    unconfirmed: bool = False,
) -> RoleGrant:
    """Give a person a role, or return the grant if it is held; one that has ended begins anew.

    A WGRA member speaks for a region, a partner for an organisation; a person for one at a time. Whom a manager alone
    named to speak for an organisation is `unconfirmed`.
    """
    faults = _spoken_for_faults(partnership.id, role, region=region, organisation=organisation)
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
    row.since, row.until, row.unconfirmed = now(), None, unconfirmed and role in _OF_AN_ORGANISATION
    row.region_id, row.organisation_id = wanted
    row.expertise = list(expertise)
    session.add(row)
    session.flush()
    return row


def _spoken_for_faults(
    partnership_id: str, role: Role, *, region: Region | None, organisation: Organisation | None
) -> list[Fault]:
    faults = []
    if role in _OF_A_REGION and (region is None or region.partnership_id != partnership_id):
        faults.append(Fault("region", "speaks_for_region", remedy="name_region_partnership", role=role))
    if role in _OF_AN_ORGANISATION and organisation is None:
        faults.append(Fault("organisation", "speaks_for_organisation", remedy="name_it", role=role))
    return faults


def edit_grant(
    session: Session,
    row: RoleGrant,
    *,
    region: Region | None,
    organisation: Organisation | None,
    expertise: Sequence[str],
    unconfirmed: bool = False,
    expected_version: int | None = None,
) -> RoleGrant:
    """Say for whom somebody speaks in a role, and what that person knows; raise `RoleInvalid`, or `Stale`.

    Who speaks for another organisation from now on needs to be confirmed anew, where a manager says so.
    """
    faults = _spoken_for_faults(row.partnership_id, row.role, region=region, organisation=organisation)
    if faults:
        raise RoleInvalid(faults=faults)
    bump_version(session, row, expected=expected_version)
    before = row.organisation_id
    row.region_id = region.id if region is not None else None
    row.organisation_id = organisation.id if organisation is not None else None
    row.expertise = list(dict.fromkeys(expertise))
    if row.organisation_id != before:
        row.unconfirmed = unconfirmed and row.role in _OF_AN_ORGANISATION
    session.flush()
    return row


def confirm_grant(session: Session, row: RoleGrant, *, expected_version: int | None = None) -> RoleGrant:
    """Confirm that somebody speaks for an organisation; who is confirmed already stays so."""
    bump_version(session, row, expected=expected_version)
    row.unconfirmed = False
    session.flush()
    return row


def edit_person(session: Session, row: Person, plan: PersonPlan) -> Person:
    """Describe a person anew, or write to another address; raise `RegistryInvalid` with every fault."""
    address, faults = read_address("email", plan.email), habit_faults(language=plan.language, time_zone=plan.time_zone)
    taken = None
    if not isinstance(address, Fault):
        known = session.exec(select(Person.id).where(Person.email == address, Person.id != row.id)).first()
        taken = Fault("email", "address_of_another", remedy="choose_another") if known is not None else None
    refuse(address if isinstance(address, Fault) else taken, blank("label", plan.label), *faults)
    row.email, row.label, row.language = str(address), plan.label.strip(), plan.language
    row.time_zone = plan.time_zone
    session.flush()
    return row


def person_plan_of(row: Person) -> PersonPlan:
    """Return how a person is described, to change some of it with `dataclasses.replace`."""
    return PersonPlan(row.email, row.label, row.language, row.time_zone)


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
