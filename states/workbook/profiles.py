"""The sheet of partnering profiles."""

import re
from collections.abc import Iterable
from dataclasses import replace

from states.clock import now
from states.matchmaking.profiles.content import LENGTHS, ProfileContent, content_faults, write_content
from states.matchmaking.profiles.service import reference_stem
from states.matchmaking.profiles.tables import (
    Cooperation,
    Development,
    Ipr,
    OfferKind,
    PartnerType,
    Profile,
    ProfileState,
    ProfileType,
)
from states.storage import bump_version
from states.workbook.cells import ANSWER, COUNTRIES, DAY, FLAG, MANY, MONEY, TEXT, WHOLE, choice, choices
from states.workbook.line import Column, Line, Values
from states.workbook.sheet import Sheet
from states.workbook.world import World

_WRITABLE = (ProfileState.DRAFT, ProfileState.ON_HOLD)
_REFERENCE = r"(BO|BR|TO|TR|RDR)[A-Z]{2}\d{11,14}"


def _prose(name: str, note: str, example: str = "", *, width: int = 40) -> Column:
    return Column(name=name, note=f"{note}; at most {LENGTHS[name]} characters", example=example or None, width=width)


class Profiles(Sheet[Profile]):
    """What organisations offer and want; a new profile is a draft, and its quality is checked before it is public."""

    name = "profiles"
    says = "Offers and requests. A new one comes in as a draft; a public one is not changed by an import."
    handle = ("reference",)
    columns = (
        Column(name="reference", note="empty for a new profile: it is given one", width=20),
        Column(name="organisation", required=True, key=True, refers="organisations", example="acme"),
        Column(name="type", kind=choice(ProfileType), required=True, key=True, example="technology_offer"),
        replace(_prose("title", "of the profile", "Sensor that harvests its power"), required=True, key=True),
        Column(name="offer_kind", kind=choice(OfferKind), note="of an offer only", example="technology"),
        _prose("summary", "for lists", "A sensor that needs no battery."),
        _prose("description", "what it is", "Lives on the heat of its surroundings.", width=60),
        _prose("advantages", "of an offer", "No battery to change for ten years."),
        _prose("expertise_sought", "of a request"),
        Column(name="development", kind=choice(Development), note="how far it has come", example="lab_tested"),
        Column(name="trl", kind=WHOLE, note="technology readiness level, 1 to 9", example=5, width=6),
        Column(name="ipr", kind=choice(Ipr), note="how it is protected", example="patent_applied"),
        _prose("ipr_note", "on the protection"),
        _prose("partner_role", "what the partner is to do", "Builds the sensor in and tests it."),
        Column(name="partner_types", kind=choices(PartnerType), example="sme_50_to_249; university", width=28),
        Column(name="cooperation", kind=choices(Cooperation), example="research", width=24),
        Column(
            name="keywords",
            kind=MANY,
            note="codes or labels, as the sheet lists has them",
            listed=True,
            width=24,
        ),
        Column(name="countries", kind=COUNTRIES, note="wanted; none: any", example="FI; FR", width=16),
        Column(name="languages", kind=MANY, note="spoken, ISO 639-1", example="en; pl", width=14),
        Column(name="text_language", kind=replace(TEXT, empty="en"), note="of the texts", example="en", width=10),
        _prose("call_programme", "of a research request", width=18),
        _prose("call_reference", "of a research request", width=18),
        _prose("call_scheme", "of a research request", width=18),
        Column(name="call_closes_on", kind=DAY, note="of a research request", width=12),
        Column(name="coordinator_wanted", kind=ANSWER, note="of a research request", width=12),
        Column(name="budget", kind=MONEY, note="EUR of the whole proposal; of a research request"),
        Column(name="interest_until", kind=DAY, note="last day to show interest; of a research request", width=12),
        Column(name="duration_weeks", kind=WHOLE, note="of a research request", width=10),
        _prose("acronym", "of a research request", width=14),
        Column(name="author", note="told to whom is accepted", refers="people", example="research@acme.example"),
        Column(name="illustrative", kind=FLAG, note="made up for a demonstration", example="yes", width=11),
    )

    def rows(self, world: World) -> Iterable[Profile]:
        return sorted(world.profiles.values(), key=lambda row: row.reference)

    def values_of(self, world: World, row: Profile) -> Values:
        author = world.email_of.get(row.author_person_id or "", "")
        return row.model_dump() | {"organisation": world.slug_of.get(row.organisation_id, ""), "author": author}

    def find(self, world: World, line: Line) -> Profile | None:
        """Return the profile of that reference; without one, that of the organisation with that type and title."""
        if line.text("reference"):
            return world.profiles.get(line.text("reference"))
        pair = world.members.get(line.text("organisation"))
        found = world.profiles_by_title.get((pair[0].id if pair else "", line.text("type"), line.text("title")), [])
        if len(found) > 1:
            line.fault("title", "belongs_several_profiles", remedy="give_reference_one_that_meant")
        if not found:
            return None
        line.values["reference"] = found[0].reference
        return found[0]

    def refer(self, world: World, line: Line) -> None:
        world.person(line, "author")
        by_label = world.taxonomy.by_label
        keywords = (by_label.get(one.casefold(), one) for one in line.many("keywords"))
        if "keywords" in line.values:
            line.values["keywords"] = tuple(dict.fromkeys(keywords))

    def check(self, world: World, line: Line, row: Profile | None) -> None:
        organisation = world.organisation(line, "organisation")
        if line.ok("type", "title", "organisation") and (kind := line.word("type", ProfileType)):
            line.blame(content_faults(_content(line, kind), tree=world.taxonomy))
        if row is None:
            reference = line.text("reference")
            if reference and not re.fullmatch(_REFERENCE, reference):
                line.fault("reference", "no_reference_of_a_profile", remedy="leave_empty_for_new_profile")
        elif line.changed:
            if organisation is not None and organisation.id != row.organisation_id:
                line.fault("organisation", "not_whose_profile", remedy="draft_another_profile")
            if line.text("type") != row.type.value:
                line.fault("type", "not_its_type", remedy="draft_another_profile", type=row.type)
            if row.state not in _WRITABLE:
                line.fault(line.changed[0], "profile_not_writable", remedy="reopen_as_draft", state=row.state)

    def keep(self, world: World, line: Line, row: Profile | None) -> Profile:
        kind = ProfileType(line.text("type"))
        organisation = world.members[line.text("organisation")][0]
        content, author = _content(line, kind), world.people.get(line.text("author").casefold())
        if row is None:
            stem = reference_stem(kind, country=organisation.country)
            row = Profile(
                partnership_id=world.partnership.id,
                organisation_id=organisation.id,
                reference=line.text("reference") or _next_reference(world, stem),
                type=kind,
                title=content.title,
                created_at=now(),
                # Given here because the row's own way to make an empty list takes half a millisecond.
                partner_types=[],
                cooperation=[],
                keywords=[],
                countries=[],
                languages=[],
            )
            world.session.add(row)
            world.profiles[row.reference] = row
            world.profiles_by_title.setdefault((organisation.id, kind.value, content.title), []).append(row)
        else:
            bump_version(world.session, row)
        write_content(row, content, tree=world.taxonomy)
        row.author_person_id, row.illustrative = author.id if author else None, line.flag("illustrative")
        return row


def _next_reference(world: World, stem: str) -> str:
    if stem not in world.numbers:
        # Two who draft at once on the same day get numbers one after the other.
        world.session.refresh(world.partnership, with_for_update=True)
        taken = (reference.removeprefix(stem) for reference in world.profiles if reference.startswith(stem))
        world.numbers[stem] = max(map(int, taken), default=0)
    world.numbers[stem] += 1
    return f"{stem}{world.numbers[stem]:03}"


def _content(line: Line, kind: ProfileType) -> ProfileContent:
    answer = line.values.get("coordinator_wanted")
    return ProfileContent(
        type=kind,
        title=line.text("title"),
        offer_kind=line.word("offer_kind", OfferKind),
        summary=line.text("summary"),
        description=line.text("description"),
        advantages=line.text("advantages"),
        expertise_sought=line.text("expertise_sought"),
        development=line.word("development", Development),
        trl=line.whole("trl"),
        ipr=line.word("ipr", Ipr),
        ipr_note=line.text("ipr_note"),
        partner_role=line.text("partner_role"),
        partner_types=line.words("partner_types", PartnerType),
        cooperation=line.words("cooperation", Cooperation),
        keywords=line.many("keywords"),
        countries=line.many("countries"),
        languages=line.many("languages"),
        text_language=line.text("text_language"),
        call_programme=line.text("call_programme"),
        call_reference=line.text("call_reference"),
        call_scheme=line.text("call_scheme"),
        call_closes_on=line.day("call_closes_on"),
        coordinator_wanted=answer if isinstance(answer, bool) else None,
        budget=line.money("budget"),
        interest_until=line.day("interest_until"),
        duration_weeks=line.whole("duration_weeks"),
        acronym=line.text("acronym"),
    )
