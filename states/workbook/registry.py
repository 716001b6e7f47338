"""The sheets of the registry: regions, organisations, people and their roles."""

from collections.abc import Iterable
from dataclasses import replace
from zoneinfo import available_timezones

from babel import Locale

from states.crossings.people import end_role, invite
from states.funding.catalogue.loading import load_programmes
from states.partners.addresses import address_key
from states.partners.organisations import Profile, profile_faults, tell_of_change, write_profile
from states.partners.people import grant_role
from states.partners.regions import region_faults
from states.partners.registry_faults import slug_fault
from states.partners.tables import Membership, MembershipPart, Organisation, OrganisationKind, Person, Region, RoleGrant
from states.places import nuts
from states.rights.access import Actor, Role
from states.storage import bump_version
from states.workbook.cells import ADDRESS, COUNTRY, DAY, FLAG, MANY, MONEY, TEXT, choice
from states.workbook.line import Column, Line, Values
from states.workbook.sheet import Sheet
from states.workbook.world import World, resolve


class Regions(Sheet[Region]):
    """Regions of the partnership, each a named set of NUTS codes."""

    name = "regions"
    says = "The regions that take part, each with its codes of NUTS 2024."
    handle = ("slug",)
    columns = (
        Column(name="slug", required=True, key=True, note="small letters, digits, hyphens", example="lapland"),
        Column(name="name", required=True, example="Lapland", width=30),
        Column(
            name="codes",
            kind=replace(MANY, says=f"{MANY.says}; codes of NUTS 2024, or names of regions"),
            required=True,
            example="FI1D7",
        ),
        Column(name="leading", kind=FLAG, note="leads the partnership", example="yes", width=10),
        Column(name="valid_from", kind=DAY, note="first day in the partnership", width=12),
        Column(name="valid_until", kind=DAY, note="last day in the partnership", width=12),
    )

    def rows(self, world: World) -> Iterable[Region]:
        return world.regions.values()

    def values_of(self, world: World, row: Region) -> Values:
        return row.model_dump() | {"codes": _canonical(row.codes)}

    def find(self, world: World, line: Line) -> Region | None:
        return world.regions.get(line.text("slug"))

    def prepare(self, line: Line) -> None:
        resolve(line, "codes")
        if "codes" in line.values:
            line.values["codes"] = _canonical(line.many("codes"))

    def check(self, world: World, line: Line, row: Region | None) -> None:
        fault = slug_fault(line.text("slug"), taken=False)
        line.blame([fault] if fault else [])
        line.blame(
            region_faults(
                name=line.text("name"),
                codes=line.many("codes"),
                valid_from=line.day("valid_from"),
                valid_until=line.day("valid_until"),
                others=[other for other in world.regions.values() if other is not row],
            )
        )

    def keep(self, world: World, line: Line, row: Region | None) -> Region:
        codes = list(line.many("codes"))
        kept = row or Region(partnership_id=world.partnership.id, slug=line.text("slug"), name="", country="", codes=[])
        kept.name, kept.codes, kept.country = line.text("name"), codes, nuts.country(codes[0])
        kept.leading = line.flag("leading")
        kept.valid_from, kept.valid_until = line.day("valid_from"), line.day("valid_until")
        world.session.add(kept)
        world.regions[kept.slug] = kept
        if row is None:
            world.fresh_codes += codes
        return kept

    def finish(self, world: World) -> None:
        if world.fresh_codes:
            load_programmes(world.session, world.partnership.id, world.fresh_codes)


def _canonical(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(nuts.canonical, codes)))


_IDENTITY = ("legal_name", "legal_form", "address", "registration_number", "vat_number", "pic", "nace")
Member = tuple[Organisation, Membership]


class Organisations(Sheet[Member]):
    """Organisations at their sites, with their part in the partnership."""

    name = "organisations"
    says = "Enterprises, technology centres, clusters and all others, each at one site."
    handle = ("slug",)
    columns = (
        Column(name="slug", required=True, key=True, note="short name: small letters, digits, hyphens", example="acme"),
        Column(name="name", required=True, example="Acme Sensors", width=34),
        Column(name="kind", kind=choice(OrganisationKind), required=True, example="sme"),
        Column(name="nuts", required=True, note="code of NUTS 2024 of the site, or the region's name", example="PL22"),
        Column(name="country", kind=COUNTRY, note="may stay empty: it follows from the site", example="PL", width=10),
        Column(name="headcount", kind=MONEY, note="annual work units, at most two decimals", example=42, width=11),
        Column(name="turnover", kind=MONEY, note="EUR a year", example=5_300_000),
        Column(name="balance_sheet", kind=MONEY, note="EUR", example=4_100_000),
        Column(name="legal_name", note="as registered, where it is called otherwise", width=30),
        Column(name="legal_form", note="such as GmbH, SpA", width=12),
        Column(name="address", note="of its registered office", width=34),
        Column(name="registration_number", note="in the national register", width=20),
        Column(name="vat_number", note="checked by the rule of its country", width=16),
        Column(name="pic", note="participant identification code: nine digits", width=12),
        Column(name="nace", note="activity by NACE Rev. 2.1", width=10),
        Column(name="domains", kind=MANY, note="of its e-mail addresses, for conflicts of interest", width=24),
        Column(name="part", kind=choice(MembershipPart, empty=MembershipPart.MEMBER), example="member"),
        Column(name="illustrative", kind=FLAG, note="made up for a demonstration", example="yes", width=11),
    )

    def rows(self, world: World) -> Iterable[Member]:
        return sorted(world.members.values(), key=lambda row: (row[0].name, row[0].slug))

    def values_of(self, world: World, row: Member) -> Values:
        return row[0].model_dump() | {"part": row[1].part}

    def find(self, world: World, line: Line) -> Member | None:
        return world.members.get(line.text("slug"))

    def prepare(self, line: Line) -> None:
        resolve(line, "nuts")
        site = line.text("nuts")
        if site and line.ok("nuts") and not line.text("country") and line.ok("country"):
            line.values["country"] = nuts.country(site)

    def check(self, world: World, line: Line, row: Member | None) -> None:
        slug = line.text("slug")
        fault = slug_fault(slug, taken=slug in world.foreign_slugs)
        line.blame([fault] if fault else [])
        line.blame(profile_faults(_profile(line)))

    def keep(self, world: World, line: Line, row: Member | None) -> Member:
        profile, part = _profile(line), line.word("part", MembershipPart) or MembershipPart.MEMBER
        if row is None:
            organisation = Organisation(
                slug=line.text("slug"), name=profile.name, kind=profile.kind, country=profile.country, nuts=profile.nuts
            )
            membership = Membership(partnership_id=world.partnership.id, organisation_id=organisation.id, part=part)
        else:
            organisation, membership = row
            bump_version(world.session, organisation)
        write_profile(organisation, profile)
        membership.part = part
        world.session.add(organisation)
        world.joining.append(membership)
        if row is not None:
            tell_of_change(world.session, organisation.id)
        world.members[organisation.slug] = organisation, membership
        world.slug_of[organisation.id] = organisation.slug
        return organisation, membership

    def finish(self, world: World) -> None:
        world.session.flush()
        world.session.add_all(world.joining)
        world.session.flush()


def _profile(line: Line) -> Profile:
    return Profile(
        name=line.text("name"),
        kind=line.word("kind", OrganisationKind) or OrganisationKind.OTHER,
        country=line.text("country"),
        nuts=line.text("nuts"),
        headcount=line.money("headcount"),
        turnover=line.money("turnover"),
        balance_sheet=line.money("balance_sheet"),
        illustrative=line.flag("illustrative"),
        **{name: line.text(name) for name in _IDENTITY},
        domains=line.many("domains"),
    )


Holder = tuple[Person, RoleGrant]
_OF_A_PERSON = ("label", "language", "time_zone")
_BRUSSELS = "Europe/Brussels"


class People(Sheet[Holder]):
    """Who holds which role; somebody with two roles has two lines."""

    name = "people"
    says = "People by what they are, never by a name, with the role that each holds here."
    handle = ("email",)
    columns = (
        Column(name="email", kind=ADDRESS, required=True, key=True, example="research@acme.example", width=30),
        Column(name="label", required=True, note="who this is, by function", example="head of research", width=28),
        Column(name="role", kind=choice(Role), required=True, key=True, example="partner"),
        Column(name="organisation", note="a partner speaks for one", refers="organisations", example="acme"),
        Column(name="region", note="a WGRA member speaks for one", refers="regions"),
        Column(name="language", kind=replace(TEXT, empty="en"), note="ISO 639-1", example="pl", width=10),
        Column(name="time_zone", kind=replace(TEXT, empty=_BRUSSELS), note="IANA name", example="Europe/Warsaw"),
        Column(name="expertise", kind=MANY, note="what the person knows", example="sensors; coatings", width=30),
        Column(name="invite", kind=FLAG, note="write to a new one with a link that takes the role up", width=9),
        Column(name="ends", kind=FLAG, note="the role ends now; deadlines go to all of the role", width=9),
    )

    def rows(self, world: World) -> Iterable[Holder]:
        return [world.grants[key] for key in sorted(world.grants)]

    def values_of(self, world: World, row: Holder) -> Values:
        person, grant = row
        region = next((one.slug for one in world.regions.values() if one.id == grant.region_id), "")
        spoken = {"organisation": world.slug_of.get(grant.organisation_id or "", ""), "region": region}
        done = {"invite": False, "ends": False}  # what a line has done is no part of what there is
        return person.model_dump() | spoken | {"role": grant.role.value, "expertise": grant.expertise} | done

    def find(self, world: World, line: Line) -> Holder | None:
        role = line.word("role", Role)
        found = world.grants.get((address_key(line.text("email")), role)) if role else None
        if found is not None and "invite" in line.values:
            line.values["invite"] = False  # who is here already was invited: twice is once
        return found

    def refer(self, world: World, line: Line) -> None:
        address = address_key(line.text("email"))
        known = world.people.get(address) or world.elsewhere.get(address)
        if "email" in line.values:
            line.values["email"] = known.email if known else address

    def check(self, world: World, line: Line, row: Holder | None) -> None:
        if line.text("language") not in Locale("en").languages or len(line.text("language")) != 2:
            line.fault("language", "no_language", remedy="iso_639_1_in_small_letters_pl")
        if line.text("time_zone") not in available_timezones():
            line.fault("time_zone", "no_time_zone", remedy="iana_name_europe_warsaw")
        _check_person(world, line)
        _check_role(world, line, row)

    def keep(self, world: World, line: Line, row: Holder | None) -> Holder:
        address, role = address_key(line.text("email")), line.word("role", Role) or Role.OBSERVER
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
                unconfirmed=Role.ADMINISTRATOR not in world.grantable,  # brought by a manager, not by an operator
            )
            if line.flag("invite"):
                invite(world.session, grant)
        else:
            grant = row[1]
        grant.expertise = list(line.many("expertise"))
        if line.flag("ends"):
            world.session.flush()
            operator = Actor(Role.ADMINISTRATOR, world.partnership.id)
            end_role(world.session, grant, actor=operator, reason="by the workbook")
            del world.grants[address, role]
            return person, grant
        world.grants[address, role] = person, grant
        world.people[address] = person
        world.email_of[person.id] = person.email
        return person, grant


def _check_person(world: World, line: Line) -> None:
    """One person is described in one way: in all lines of the file, and in every partnership that knows it."""
    address = address_key(line.text("email"))
    said = tuple(line.text(name) for name in _OF_A_PERSON)
    for name, here, before in zip(_OF_A_PERSON, said, world.told.setdefault(address, said), strict=True):
        if here != before:
            line.fault(name, "differs_on_another_line", remedy="same_on_each_line", before=before)
    known = world.elsewhere.get(address)
    if known is not None and any(getattr(known, name) != line.text(name) for name in _OF_A_PERSON):
        line.fault("email", "person_known_otherwise", remedy="describe_person_as_known")


def _check_role(world: World, line: Line, row: Holder | None) -> None:
    organisation = world.organisation(line, "organisation")
    region = world.regions.get(line.text("region"))
    if region is None:
        world.missing(line, "region", "regions", world.regions)
    role = line.word("role", Role)
    if row is None and role is not None and role not in world.grantable:
        allowed = tuple(sorted(one.value for one in world.grantable))
        line.fault("role", "not_given_by_import", remedy="one_of", known=allowed)
    if line.flag("ends") and row is not None and role not in world.grantable:
        allowed = tuple(sorted(one.value for one in world.grantable))
        line.fault("ends", "not_given_by_import", remedy="one_of", known=allowed)
    if line.flag("ends") and row is None:
        line.fault("ends", "no_role_to_end", remedy="leave_it_out")
    if role is Role.PARTNER and not line.text("organisation"):
        line.fault("organisation", "organisation_needed", remedy="name_it")
    if role is Role.WGRA_MEMBER and not line.text("region"):
        line.fault("region", "region_needed", remedy="name_it")
    wanted = (region.id if region else None, organisation.id if organisation else None)
    held = (row[1].region_id, row[1].organisation_id) if row else wanted
    if line.ok("region", "organisation") and not line.waits and held != wanted:
        line.fault("role", "held_for_another_holder", remedy="end_that_grant_first")
