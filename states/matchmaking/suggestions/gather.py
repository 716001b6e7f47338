"""Reads cards and consortia out of the database, for matching, which knows none."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace

from sqlmodel import Session, col, or_, select

from states.collaborations.queries import collaborations_of, members_of
from states.collaborations.tables import Collaboration
from states.matchmaking.consents.avoidances import Avoided, avoided
from states.matchmaking.event_day.queries import brokerage_by_id, participants_of
from states.matchmaking.event_day.tables import Meeting, MeetingParty, MeetingState
from states.matchmaking.meetings.occupancy import free_slots
from states.matchmaking.profiles.queries import live_profiles
from states.matchmaking.profiles.tables import OFFERS, Interest, PartnerType, Profile, ProfileType
from states.matchmaking.suggestions.cards import Ally, Card, Line, Side, Sought
from states.matchmaking.suggestions.chosen_taxonomy import taxonomy_of
from states.matchmaking.suggestions.needs import Party
from states.matchmaking.suggestions.taxonomy import Taxonomy
from states.matchmaking.tables import Contact, ContactStatus
from states.partners.queries import organisations_of
from states.partners.tables import Organisation, OrganisationKind, SizeClass
from states.places.cohesion import CohesionTable

_LINES = {
    ProfileType.BUSINESS_OFFER: Line.BUSINESS,
    ProfileType.BUSINESS_REQUEST: Line.BUSINESS,
    ProfileType.TECHNOLOGY_OFFER: Line.TECHNOLOGY,
    ProfileType.TECHNOLOGY_REQUEST: Line.TECHNOLOGY,
    ProfileType.RESEARCH_REQUEST: Line.RESEARCH,
}
_WISHES = {
    PartnerType.SME_UP_TO_10: [Sought(OrganisationKind.SME, SizeClass.MICRO)],
    PartnerType.SME_11_TO_49: [Sought(OrganisationKind.SME, SizeClass.SMALL)],
    PartnerType.SME_50_TO_249: [Sought(OrganisationKind.SME, SizeClass.MEDIUM)],
    PartnerType.LARGE: [Sought(OrganisationKind.LARGE_ENTERPRISE)],
    PartnerType.UNIVERSITY: [Sought(OrganisationKind.UNIVERSITY)],
    PartnerType.RESEARCH_INSTITUTION: [Sought(OrganisationKind.TECHNOLOGY_CENTRE)],
    PartnerType.OTHER: [
        Sought(OrganisationKind.CLUSTER),
        Sought(OrganisationKind.AUTHORITY),
        Sought(OrganisationKind.INVESTOR),
        Sought(OrganisationKind.OTHER),
    ],
}

Others = defaultdict[str, set[str]]
Allies = defaultdict[str, set[Ally]]


def cards(
    session: Session, partnership_id: str, *, event_id: str | None = None, organisations: Collection[str] | None = None
) -> list[Card]:
    """Return what is public today as cards; for an event those of its validated participants, with their free slots.

    Of some `organisations` (ids) only, where they are given.
    Organisations have met if a meeting of theirs was held; allies are the other members of their collaborations; they
    avoid those with whom they declared a competition or a conflict. Who has no free slot left is not there.
    """
    free = None if event_id is None else _free_slots(session, event_id)
    found = live_profiles(session, partnership_id, organisations=organisations if free is None else free)
    met, allies = _met(session, partnership_id), _allies(session, partnership_id)
    avoids, tree = avoided(session, partnership_id), taxonomy_of(session, partnership_id)
    made = [
        replace(
            _card(profile, organisation, tree),
            met=frozenset(met[organisation.id]),
            allies=frozenset(allies[organisation.id]),
            avoids=avoids.get(organisation.id, frozenset()),
        )
        for profile, organisation in found
    ]
    return made if free is None else [replace(card, slots=free[card.organisation]) for card in made]


def consortium(
    session: Session, collaboration: Collaboration, *, own: CohesionTable | None = None
) -> tuple[Party, ...]:
    """Return the present members of a collaboration as parties, for `partner_wanted`."""
    avoids = avoided(session, collaboration.partnership_id)
    tree = taxonomy_of(session, collaboration.partnership_id)
    return tuple(
        _party(entry.organisation, frozenset(), avoids, tree, own)
        for entry in members_of(session, [collaboration.id])[collaboration.id]
    )


def pool(session: Session, partnership_id: str, *, own: CohesionTable | None = None) -> tuple[Party, ...]:
    """Return every organisation of a partnership as a party, by name, with all that its public offers name."""
    offered: defaultdict[str, set[str]] = defaultdict(set)
    for profile, organisation in live_profiles(session, partnership_id):
        if profile.type in OFFERS:
            offered[organisation.id].update(profile.keywords)
    avoids, found = avoided(session, partnership_id), organisations_of(session, partnership_id)
    tree = taxonomy_of(session, partnership_id)
    return tuple(_party(row, frozenset(offered[row.id] & tree.nodes.keys()), avoids, tree, own) for row, _ in found)


def topic(session: Session, collaboration: Collaboration) -> frozenset[str]:
    """Return what a collaboration is about: the keywords of the profiles from whose contacts it came."""
    behind = select(Contact.id).where(Contact.collaboration_id == collaboration.id)
    asked = select(Meeting.profile_id).where(col(Meeting.contact_id).in_(behind))
    sought = select(Interest.profile_id).where(col(Interest.contact_id).in_(behind))
    rows = session.exec(select(Profile).where(or_(col(Profile.id).in_(asked), col(Profile.id).in_(sought))))
    known = taxonomy_of(session, collaboration.partnership_id).nodes
    return frozenset(code for row in rows for code in row.keywords if code in known)


def _party(
    row: Organisation, keywords: frozenset[str], avoids: Avoided, tree: Taxonomy, own: CohesionTable | None
) -> Party:
    return Party(row.id, row.nuts, row.kind, row.size_class, keywords, avoids.get(row.id, frozenset()), tree, own)


def _card(profile: Profile, organisation: Organisation, tree: Taxonomy) -> Card:
    texts = (profile.title, profile.summary, profile.advantages, profile.expertise_sought)
    return Card(
        id=profile.id,
        organisation=organisation.id,
        side=Side.OFFER if profile.type in OFFERS else Side.REQUEST,
        line=_LINES[profile.type],
        nuts=organisation.nuts,
        kind=organisation.kind,
        size=organisation.size_class,
        keywords=frozenset(tree.nodes.keys() & set(profile.keywords)),  # of an earlier taxonomy some may be left
        texts={profile.text_language: "\n".join(texts)},
        cooperation=frozenset(profile.cooperation),
        languages=frozenset(profile.languages),
        trl=profile.trl,
        sought=frozenset(wish for name in profile.partner_types for wish in _WISHES[PartnerType(name)]),
        countries_sought=frozenset(profile.countries),
        valid_from=profile.valid_from,
        valid_until=profile.valid_until,
        tree=tree,
    )


def _free_slots(session: Session, event_id: str) -> dict[str, frozenset[int]]:
    """Collect the slots in which at least one participant of an organisation is free, where there are any."""
    free = free_slots(session, brokerage_by_id(session, event_id))
    found: defaultdict[str, frozenset[int]] = defaultdict(frozenset)
    for participant, organisation in participants_of(session, event_id):
        if slots := free.get(participant.id):
            found[organisation.id] |= slots
    return found


def _met(session: Session, partnership_id: str) -> Others:
    contacts = select(Contact.requester_id, Contact.host_id).where(
        Contact.partnership_id == partnership_id, col(Contact.status) == ContactStatus.HELD
    )
    came = (
        select(Meeting.id, MeetingParty.organisation_id)
        .join(MeetingParty, col(MeetingParty.meeting_id) == col(Meeting.id))
        .where(
            Meeting.partnership_id == partnership_id,
            col(Meeting.state) == MeetingState.HELD,
            col(MeetingParty.missed).is_(False),
        )
    )
    together: defaultdict[str, list[str]] = defaultdict(list)
    for meeting, organisation in session.exec(came):
        together[meeting].append(organisation)
    found: Others = defaultdict(set)
    for group in (*session.exec(contacts), *together.values()):
        for one in group:
            found[one].update(other for other in group if other != one)
    return found


def _allies(session: Session, partnership_id: str) -> Allies:
    rows = collaborations_of(session, partnership_id)
    found: Allies = defaultdict(set)
    for entries in members_of(session, [row.id for row in rows]).values():
        members = {Ally(entry.organisation.id, entry.organisation.nuts) for entry in entries}
        for one in members:
            found[one.organisation] |= members - {one}
    return found
