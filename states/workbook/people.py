"""The sheet of people and their roles."""

import re
from collections.abc import Iterable
from dataclasses import replace
from zoneinfo import available_timezones

from babel import Locale

from states.partners.people import grant_role
from states.partners.tables import Person, RoleGrant
from states.rights.access import Role
from states.workbook.cells import MANY, TEXT, choice
from states.workbook.line import Column, Line, Values
from states.workbook.sheet import Sheet
from states.workbook.world import World

Entry = tuple[Person, RoleGrant]
_OF_A_PERSON = ("label", "language", "time_zone")
_BRUSSELS = "Europe/Brussels"


class People(Sheet[Entry]):
    """Who holds which role; somebody with two roles has two lines."""

    name = "people"
    says = "People by what they are, never by a name, with the role that each holds here."
    handle = ("email",)
    columns = (
        Column(name="email", required=True, key=True, example="research@acme.example", width=30),
        Column(name="label", required=True, note="who this is, by function", example="head of research", width=28),
        Column(name="role", kind=choice(Role), required=True, key=True, example="partner"),
        Column(name="organisation", note="a partner speaks for one", refers="organisations", example="acme"),
        Column(name="region", note="a WGRA member speaks for one", refers="regions"),
        Column(name="language", kind=replace(TEXT, empty="en"), note="ISO 639-1", example="pl", width=10),
        Column(name="time_zone", kind=replace(TEXT, empty=_BRUSSELS), note="IANA name", example="Europe/Warsaw"),
        Column(name="expertise", kind=MANY, note="what the person knows", example="implants; coatings", width=30),
    )

    def rows(self, world: World) -> Iterable[Entry]:
        """Return who holds a role now, by address."""
        return [world.grants[key] for key in sorted(world.grants)]

    def values_of(self, world: World, row: Entry) -> Values:
        """Return a person and the role."""
        person, grant = row
        region = next((one.slug for one in world.regions.values() if one.id == grant.region_id), "")
        spoken = {"organisation": world.slug_of.get(grant.organisation_id or "", ""), "region": region}
        return person.model_dump() | spoken | {"role": grant.role.value, "expertise": grant.expertise}

    def find(self, world: World, line: Line) -> Entry | None:
        """Return the role if this person holds it."""
        role = line.word("role", Role)
        return world.grants.get((line.text("email").casefold(), role)) if role else None

    def refer(self, world: World, line: Line) -> None:
        """Take the address as it is known."""
        address = line.text("email").casefold()
        known = world.people.get(address) or world.elsewhere.get(address)
        if "email" in line.values:
            line.values["email"] = known.email if known else address

    def check(self, world: World, line: Line, row: Entry | None) -> None:
        """Note what stands against the person and the role."""
        if line.text("email") and not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+", line.text("email")):
            line.fault("email", "is no address", "such as office@cluster.example")
        if line.text("language") not in Locale("en").languages or len(line.text("language")) != 2:
            line.fault("language", "is no language", "ISO 639-1 in small letters: pl")
        if line.text("time_zone") not in available_timezones():
            line.fault("time_zone", "is no time zone", "an IANA name: Europe/Warsaw")
        _check_person(world, line)
        _check_role(world, line, row)

    def keep(self, world: World, line: Line, row: Entry | None) -> Entry:
        """Register or change the person, and give the role."""
        address, role = line.text("email").casefold(), line.word("role", Role) or Role.OBSERVER
        person = world.people.get(address) or world.elsewhere.get(address)
        if person is None:
            person = Person(email=line.text("email"), label="")
            world.session.add(person)
        for name in _OF_A_PERSON:
            setattr(person, name, line.text(name))
        world.session.flush()
        if row is None:
            grant = grant_role(
                world.session,
                world.partnership,
                person,
                role,
                region=world.regions.get(line.text("region")),
                organisation=world.organisation(line, "organisation"),
            )
        else:
            grant = row[1]
        grant.expertise = list(line.many("expertise"))
        world.grants[address, role] = person, grant
        world.people[address] = person
        world.email_of[person.id] = person.email
        return person, grant


def _check_person(world: World, line: Line) -> None:
    """One person is described in one way: in all lines of the file, and in every partnership that knows it."""
    address = line.text("email").casefold()
    said = tuple(line.text(name) for name in _OF_A_PERSON)
    for name, here, before in zip(_OF_A_PERSON, said, world.told.setdefault(address, said), strict=True):
        if here != before:
            line.fault(name, f"is {before} on another line of this person", "the same on each line")
    known = world.elsewhere.get(address)
    if known is not None and any(getattr(known, name) != line.text(name) for name in _OF_A_PERSON):
        remedy = "describe the person as is known there, or take another address"
        line.fault("email", "is known to another partnership, or was known here, with other details", remedy)


def _check_role(world: World, line: Line, row: Entry | None) -> None:
    organisation = world.organisation(line, "organisation")
    region = world.regions.get(line.text("region"))
    if region is None:
        world.missing(line, "region", "regions", world.regions)
    role = line.word("role", Role)
    if row is None and role is not None and role not in world.grantable:
        allowed = ", ".join(sorted(one.value for one in world.grantable))
        line.fault("role", "is not given by this import", f"one of {allowed}")
    if role is Role.PARTNER and not line.text("organisation"):
        line.fault("organisation", "is empty, and a partner speaks for one", "name it")
    if role is Role.WGRA_MEMBER and not line.text("region"):
        line.fault("region", "is empty, and a WGRA member speaks for one", "name it")
    wanted = (region.id if region else None, organisation.id if organisation else None)
    held = (row[1].region_id, row[1].organisation_id) if row else wanted
    if line.ok("region", "organisation") and not line.waits and held != wanted:
        line.fault("role", "is held for another region or organisation", "end that grant first")
