"""What the database holds of a partnership, read once for all lines of a file, and what the file has added."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process
from sqlmodel import Session, col, select

from states.collaborations.queries import MemberEntry, collaborations_of, members_of
from states.collaborations.tables import Collaboration
from states.errors import Fault
from states.funding.inputs.tables import Call, CostLine
from states.funding.queries import instruments_of, windows_of
from states.funding.tables import Instrument, Scenario, Source
from states.matchmaking.event_day.tables import BrokerageEvent, Meeting, MeetingParty, Participant
from states.matchmaking.profiles.queries import profiles_of
from states.matchmaking.profiles.tables import Profile
from states.matchmaking.suggestions.chosen_taxonomy import OWN, taxonomy_of
from states.matchmaking.suggestions.taxonomy import Node, Taxonomy
from states.matchmaking.tables import Contact
from states.partners.addresses import address_key
from states.partners.queries import WorkingAreaEntry, events_of, holders, organisations_of, regions_of, working_areas_of
from states.partners.registry_faults import code_fault
from states.partners.tables import Membership, Organisation, Partnership, PartnershipEvent, Person, Region, RoleGrant
from states.places import nuts
from states.places.region_reader import read_regions
from states.rights.access import Role
from states.workbook.line import Line


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A source with its scenario, and the slug of the collaboration."""

    collaboration: str
    scenario: Scenario
    source: Source


_LIKE = 60  # percent of the letters, for a name that was meant perhaps


class World:
    """A partnership as the sheets see it; `doubtful` are lines with faults, by sheet and what others call them.

    `grantable` are the roles that whoever brings the file may give.
    """

    def __init__(self, session: Session, partnership: Partnership, *, grantable: Iterable[Role] = ()) -> None:
        self.session, self.partnership, self.grantable = session, partnership, frozenset(grantable)
        self.doubtful: set[tuple[str, str]] = set()
        self.joining: list[Membership] = []
        self.fresh_codes: list[str] = []  # of regions that the file adds
        self.told: dict[str, tuple[str, ...]] = {}
        self.numbers: dict[str, int] = {}
        self.keywords_changed = False
        self.meetings_by_words: dict[tuple[object, ...], list[Meeting]] | None = None

    @cached_property
    def regions(self) -> dict[str, Region]:
        return {row.slug: row for row in regions_of(self.session, self.partnership.id)}

    @cached_property
    def members(self) -> dict[str, tuple[Organisation, Membership]]:
        return {pair[0].slug: pair for pair in organisations_of(self.session, self.partnership.id)}

    @cached_property
    def slug_of(self) -> dict[str, str]:
        return {row.id: slug for slug, (row, _) in self.members.items()}

    @cached_property
    def foreign_slugs(self) -> set[str]:
        """Slugs that organisations of other partnerships have."""
        return set(self.session.exec(select(Organisation.slug))) - set(self.members)

    @cached_property
    def grants(self) -> dict[tuple[str, Role], tuple[Person, RoleGrant]]:
        """Roles that are held, by address (its case does not matter) and role."""
        held = holders(self.session, self.partnership.id, *Role)
        return {(address_key(one.person.email), one.grant.role): (one.person, one.grant) for one in held}

    @cached_property
    def people(self) -> dict[str, Person]:
        """People who hold a role here, by address."""
        return {address: person for (address, _), (person, _) in self.grants.items()}

    @cached_property
    def email_of(self) -> dict[str, str]:
        """Addresses by id, of all who hold a role here."""
        return {person.id: person.email for person in self.people.values()}

    @cached_property
    def elsewhere(self) -> dict[str, Person]:
        """People of whom another partnership knows, or nobody any more, by address."""
        grants = select(RoleGrant.person_id).where(RoleGrant.partnership_id != self.partnership.id)
        others = set(self.session.exec(grants))
        people = self.session.exec(select(Person))
        known = {address_key(row.email): row for row in people}
        return {address: row for address, row in known.items() if row.id in others or address not in self.people}

    @cached_property
    def areas(self) -> dict[int, WorkingAreaEntry]:
        """Working areas with their regions, by number."""
        return {entry.area.number: entry for entry in working_areas_of(self.session, self.partnership.id)}

    @cached_property
    def own_keywords(self) -> dict[str, Node]:
        """The nodes of the partnership's own taxonomy by code; none while it speaks one that is shipped."""
        return dict(self.taxonomy.nodes) if self.partnership.taxonomy == OWN else {}

    @cached_property
    def collaborations(self) -> dict[str, Collaboration]:
        return {row.slug: row for row in collaborations_of(self.session, self.partnership.id)}

    @cached_property
    def costs(self) -> dict[tuple[str, str], CostLine]:
        """Cost lines by the slugs of collaboration and line."""
        places = {row.id: slug for slug, row in self.collaborations.items()}
        lines = self.session.exec(select(CostLine).where(col(CostLine.collaboration_id).in_(places)))
        named = {(places[one.collaboration_id], one.slug): one for one in lines}
        return dict(sorted(named.items()))

    @cached_property
    def members_of(self) -> dict[str, list[MemberEntry]]:
        """Who takes part in each collaboration, by its id."""
        return members_of(self.session, [row.id for row in self.collaborations.values()])

    def partners_of(self, row: Collaboration) -> list[MemberEntry]:
        """Who takes part in one of them, also in one that the file has opened or changed."""
        if row.id not in self.members_of:
            self.members_of.update(members_of(self.session, [row.id]))
        return self.members_of[row.id]

    @cached_property
    def sources(self) -> dict[tuple[str, str, int], SourceEntry]:
        """Sources of scenarios by the slug of the collaboration, the scenario's name, and their place in it."""
        places = {row.id: slug for slug, row in self.collaborations.items()}
        query = select(Scenario, Source).join(Source, col(Source.scenario_id) == col(Scenario.id))
        found = self.session.exec(query.where(col(Scenario.collaboration_id).in_(places))).all()
        entries = [SourceEntry(places[row.collaboration_id], row, source) for row, source in found]
        return {
            (one.collaboration, one.scenario.name, one.source.position): one
            for one in sorted(entries, key=lambda one: (one.collaboration, one.scenario.name, one.source.position))
        }

    @cached_property
    def contact_behind(self) -> dict[str, Contact]:
        """The first contact behind each collaboration, by its id."""
        query = select(Contact).where(Contact.partnership_id == self.partnership.id)
        found: dict[str, Contact] = {}
        for row in self.session.exec(query.order_by(col(Contact.recorded_at), col(Contact.id))):
            if row.collaboration_id is not None:
                found.setdefault(row.collaboration_id, row)
        return found

    @cached_property
    def taxonomy(self) -> Taxonomy:
        return taxonomy_of(self.session, self.partnership.id)

    @cached_property
    def profiles(self) -> dict[str, Profile]:
        return {row.reference: row for row in profiles_of(self.session, self.partnership.id)}

    @cached_property
    def profiles_by_title(self) -> dict[tuple[str, str, str], list[Profile]]:
        """Profiles by organisation, type and title."""
        found: dict[tuple[str, str, str], list[Profile]] = {}
        for row in self.profiles.values():
            found.setdefault((row.organisation_id, row.type.value, row.title), []).append(row)
        return found

    @cached_property
    def events(self) -> list[PartnershipEvent]:
        return events_of(self.session, self.partnership.id)

    @cached_property
    def setups(self) -> dict[str, BrokerageEvent]:
        """How meetings are arranged, by event."""
        query = select(BrokerageEvent).where(BrokerageEvent.partnership_id == self.partnership.id)
        return {row.id: row for row in self.session.exec(query)}

    @cached_property
    def participants(self) -> dict[tuple[str, str, str], Participant]:
        """Participants by event, organisation and label."""
        query = select(Participant).where(Participant.partnership_id == self.partnership.id)
        rows = self.session.exec(query.order_by(col(Participant.registered_at), col(Participant.id)))
        return {(row.event_id, row.organisation_id, row.label): row for row in rows}

    @cached_property
    def meetings(self) -> dict[str, Meeting]:
        """Meetings by id, in the order of their requests."""
        query = select(Meeting).where(Meeting.partnership_id == self.partnership.id)
        rows = self.session.exec(query.order_by(col(Meeting.requested_at), col(Meeting.id)))
        return {row.id: row for row in rows}

    @cached_property
    def parties(self) -> dict[str, list[MeetingParty]]:
        """Parts in meetings by the meeting's id."""
        query = select(MeetingParty).join(Meeting, col(Meeting.id) == col(MeetingParty.meeting_id))
        found: dict[str, list[MeetingParty]] = {key: [] for key in self.meetings}
        for row in self.session.exec(query.where(Meeting.partnership_id == self.partnership.id)):
            found[row.meeting_id].append(row)
        return found

    @cached_property
    def participant_by_id(self) -> dict[str, Participant]:
        return {row.id: row for row in self.participants.values()}

    @cached_property
    def profile_by_id(self) -> dict[str, Profile]:
        return {row.id: row for row in self.profiles.values()}

    @cached_property
    def instruments(self) -> dict[str, Instrument]:
        return {row.slug: row for row in instruments_of(self.session, self.partnership.id)}

    @cached_property
    def instrument_by_id(self) -> dict[str, Instrument]:
        return {row.id: row for row in self.instruments.values()}

    @cached_property
    def calls(self) -> dict[tuple[str, str], Call]:
        """Calls by the slugs of instrument and call: instruments by name, of each the first to close first."""
        known = windows_of(self.session, [row.id for row in self.instruments.values()])
        return {(slug, call.slug): call for slug, row in self.instruments.items() for call in known[row.id]}

    def organisation(self, line: Line, column: str) -> Organisation | None:
        pair = self.members.get(line.text(column))
        if pair is None:
            self.missing(line, column, "organisations", self.members)
        return pair[0] if pair else None

    def person(self, line: Line, column: str) -> Person | None:
        """Return the person whose address a column holds, if it holds one."""
        found = self.people.get(address_key(line.text(column)))
        if found is None:
            self.missing(line, column, "people", ())
        elif column in line.values:
            line.values[column] = found.email
        return found

    def event(self, line: Line, column: str = "event") -> PartnershipEvent | None:
        """Return the event that a column names: by its name, with its date in brackets where several have it."""
        wanted, titles = line.text(column), self.event_titles
        held = [row for row in self.events if row.cancelled_at is None]
        named = [row for row in held if wanted in (row.name, f"{row.name} ({row.held_on})")]
        named = named or [row for row in self.events if titles[row.id] == wanted]
        if len(named) == 1:
            line.values[column] = titles[named[0].id]
            return named[0]
        if named:
            choices = tuple(titles[row.id] for row in named)
            line.fault(column, "several_events_have_name", remedy="one_of", known=choices)
        else:
            self.missing(line, column, "events", titles.values())
        return None

    @property
    def event_titles(self) -> dict[str, str]:
        """What the sheets call an event, by its id."""
        names = [row.name for row in self.events if row.cancelled_at is None]
        plain = {row.id: names.count(row.name) == 1 and row.cancelled_at is None for row in self.events}
        ended = {row.id: ", cancelled" if row.cancelled_at else "" for row in self.events}
        return {
            row.id: row.name if plain[row.id] else f"{row.name} ({row.held_on}{ended[row.id]})" for row in self.events
        }

    def missing(self, line: Line, column: str, sheet: str, known: Iterable[str]) -> None:
        """Note that a filled column names nothing, unless it names a line that has faults itself."""
        wanted = line.text(column)
        if not wanted or not line.ok(column):
            return
        if (sheet, wanted) in self.doubtful:
            line.waits = True
            return
        close = process.extractOne(wanted, list(known), scorer=fuzz.ratio, score_cutoff=_LIKE)
        remedy = "perhaps_name" if close else "add_to_sheet_or_mend"
        line.fault(column, "not_in_sheet", remedy=remedy, sheet=sheet, near=close[0] if close else "")


def resolve(line: Line, column: str) -> None:
    """Put codes in the place of what stands in a column, be it one or several; note what is no region."""
    value = line.values.get(column)
    if not value:
        return
    written = value if isinstance(value, tuple) else (str(value),)
    codes, faults = [], []
    for text in written:
        found = _code(column, text)
        if isinstance(found, Fault):
            faults.append(found)
        else:
            codes.append(found)
    line.blame(faults)
    line.values[column] = tuple(dict.fromkeys(codes)) if isinstance(value, tuple) else "".join(codes)


def _code(column: str, text: str) -> str | Fault:
    fault = code_fault(column, text)
    if fault is None:
        return nuts.unit(text).code
    reading = read_regions(text)
    if len(reading.read) == 1 and not reading.unread and reading.read[0].guessed is None:
        return reading.read[0].code
    return fault
