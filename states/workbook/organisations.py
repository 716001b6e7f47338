"""The sheet of organisations."""

from collections.abc import Iterable

from states.partners.organisations import Profile, profile_faults, tell_of_change, write_profile
from states.partners.slugs import slug_fault
from states.partners.tables import Membership, MembershipPart, Organisation, OrganisationKind
from states.places import nuts
from states.storage import bump_version
from states.workbook.cells import COUNTRY, FLAG, MONEY, WHOLE, choice
from states.workbook.line import Column, Line, Values
from states.workbook.places import resolve
from states.workbook.sheet import Sheet
from states.workbook.world import World

Entry = tuple[Organisation, Membership]


class Organisations(Sheet[Entry]):
    """Organisations at their sites, with their part in the partnership."""

    name = "organisations"
    says = "Enterprises, technology centres, clusters and all others, each at one site."
    handle = ("slug",)
    columns = (
        Column(name="slug", required=True, key=True, note="short name: small letters, digits, hyphens", example="acme"),
        Column(name="name", required=True, example="Acme Implants", width=34),
        Column(name="kind", kind=choice(OrganisationKind), required=True, example="sme"),
        Column(name="nuts", required=True, note="code of NUTS 2024 of the site, or the region's name", example="PL22"),
        Column(name="country", kind=COUNTRY, note="may stay empty: it follows from the site", example="PL", width=10),
        Column(name="headcount", kind=WHOLE, note="annual work units", example=42, width=11),
        Column(name="turnover", kind=MONEY, note="EUR a year", example=5_300_000),
        Column(name="balance_sheet", kind=MONEY, note="EUR", example=4_100_000),
        Column(name="part", kind=choice(MembershipPart, empty=MembershipPart.MEMBER), example="member"),
        Column(name="illustrative", kind=FLAG, note="made up for a demonstration", example="yes", width=11),
    )

    def rows(self, world: World) -> Iterable[Entry]:
        """Return the members, by name."""
        return sorted(world.members.values(), key=lambda row: (row[0].name, row[0].slug))

    def values_of(self, world: World, row: Entry) -> Values:
        """Return what is known of an organisation."""
        return row[0].model_dump() | {"part": row[1].part}

    def find(self, world: World, line: Line) -> Entry | None:
        """Return the member of that slug."""
        return world.members.get(line.text("slug"))

    def prepare(self, line: Line) -> None:
        """Turn a region's name into its code, and take the country from it where none is given."""
        resolve(line, "nuts")
        site = line.text("nuts")
        if site and line.ok("nuts") and not line.text("country") and line.ok("country"):
            line.values["country"] = nuts.country(site)

    def check(self, world: World, line: Line, row: Entry | None) -> None:
        """Note what stands against the organisation."""
        slug = line.text("slug")
        fault = slug_fault(slug, taken=slug in world.foreign_slugs)
        line.blame([fault] if fault else [])
        line.blame(profile_faults(_profile(line)))

    def keep(self, world: World, line: Line, row: Entry | None) -> Entry:
        """Register or change an organisation."""
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
        """Write organisations before what refers to them."""
        world.session.flush()
        world.session.add_all(world.joining)
        world.session.flush()


def _profile(line: Line) -> Profile:
    return Profile(
        name=line.text("name"),
        kind=line.word("kind", OrganisationKind) or OrganisationKind.OTHER,
        country=line.text("country"),
        nuts=line.text("nuts"),
        headcount=line.whole("headcount"),
        turnover=line.money("turnover"),
        balance_sheet=line.money("balance_sheet"),
        illustrative=line.flag("illustrative"),
    )
