"""What a path of the matchmaking leads to, and whether the actor may do there what the route does."""

from dataclasses import dataclass
from enum import StrEnum

from api.http.dependencies import CurrentActor, Tx
from states.clock import today
from states.computations.service import computation_by_id
from states.computations.tables import Computation
from states.errors import Missing
from states.matchmaking.consents.avoidances import avoidance_by_id
from states.matchmaking.consents.tables import Avoidance
from states.matchmaking.event_day.queries import (
    brokerage_by_id,
    meeting_by_id,
    participant_by_id,
    parties_of,
)
from states.matchmaking.event_day.tables import BrokerageEvent, Meeting, Participant, ParticipantState
from states.matchmaking.profiles.queries import interest_by_id, profile_by_id
from states.matchmaking.profiles.service import is_live
from states.matchmaking.profiles.tables import Interest, Profile
from states.matchmaking.timetable.service import KIND
from states.partners.tables import PartnershipEvent
from states.rights.access import Action, Role, Scope, may, require


@dataclass(frozen=True)
class OfProfile:
    """A profile by its id; one that is not public is there for its organisation and the managers only."""

    action: Action

    def __call__(self, profile_id: str, session: Tx, actor: CurrentActor) -> Profile:
        """Return the row, or raise `Missing` or `Denied`."""
        row = profile_by_id(session, profile_id)
        if row.partnership_id != actor.partnership_id:
            raise Missing("profile", profile_id)
        scope = Scope(row.partnership_id, organisation_ids=frozenset({row.organisation_id}))
        require(actor, self.action, scope)
        if not is_live(row, on=today()) and not may(actor, Action.READ_PROFILE_CHECKS, scope):
            raise Missing("profile", profile_id)
        return row


class Side(StrEnum):
    """Whose act it is: of who sent an expression of interest, of who is asked, or of either."""

    SENDER = "sender"
    HOST = "host"
    EITHER = "either"


@dataclass(frozen=True)
class OfInterest:
    """An expression of interest by its id; it is there for both sides and the managers only."""

    action: Action
    side: Side = Side.EITHER

    def __call__(self, interest_id: str, session: Tx, actor: CurrentActor) -> Interest:
        """Return the row, or raise `Missing` or `Denied`."""
        row = interest_by_id(session, interest_id)
        if row.partnership_id != actor.partnership_id:
            raise Missing("expression of interest", interest_id)
        sides = {Side.SENDER: {row.sender_id}, Side.HOST: {row.host_id}, Side.EITHER: {row.sender_id, row.host_id}}
        require(actor, self.action, Scope(row.partnership_id, organisation_ids=frozenset(sides[self.side])))
        return row


@dataclass(frozen=True)
class OfAvoidance:
    """A declared competitor or conflict by its id; it is there for who declared it and the managers only."""

    action: Action

    def __call__(self, avoidance_id: str, session: Tx, actor: CurrentActor) -> Avoidance:
        """Return the row, or raise `Missing` or `Denied`."""
        require(actor, self.action, Scope(actor.partnership_id))
        row = avoidance_by_id(session, avoidance_id)
        another = actor.role is Role.PARTNER and row.organisation_id != actor.organisation_id
        if row.partnership_id != actor.partnership_id or another:
            raise Missing("declared competitor or conflict", avoidance_id)
        return row


@dataclass(frozen=True)
class OfEvent:
    """An event of the own partnership by its id, whether or not its meetings are arranged yet."""

    action: Action

    def __call__(self, event_id: str, session: Tx, actor: CurrentActor) -> PartnershipEvent:
        """Return the row, or raise `Missing` or `Denied`."""
        row = session.get(PartnershipEvent, event_id)
        if row is None or row.partnership_id != actor.partnership_id:
            raise Missing("event", event_id)
        require(actor, self.action, Scope(row.partnership_id))
        return row


@dataclass(frozen=True)
class OfBrokerage:
    """The arrangement of an event's meetings by the event's id."""

    action: Action

    def __call__(self, event_id: str, session: Tx, actor: CurrentActor) -> BrokerageEvent:
        """Return the row, or raise `Missing` or `Denied`."""
        row = brokerage_by_id(session, event_id)
        if row.partnership_id != actor.partnership_id:
            raise Missing("brokerage event", event_id)
        require(actor, self.action, Scope(row.partnership_id))
        return row


@dataclass(frozen=True, slots=True)
class ParticipantInReach:
    """A participant and its event."""

    row: Participant
    event: BrokerageEvent


@dataclass(frozen=True)
class OfParticipant:
    """A participant by its id; one not validated is there for its organisation and the managers only."""

    action: Action

    def __call__(self, participant_id: str, session: Tx, actor: CurrentActor) -> ParticipantInReach:
        """Return the participant, or raise `Missing` or `Denied`."""
        row = participant_by_id(session, participant_id)
        if row.partnership_id != actor.partnership_id:
            raise Missing("participant", participant_id)
        scope = Scope(row.partnership_id, organisation_ids=frozenset({row.organisation_id}))
        require(actor, self.action, scope)
        if row.state is not ParticipantState.VALIDATED and not may(actor, Action.READ_MEETING, scope):
            raise Missing("participant", participant_id)
        return ParticipantInReach(row, brokerage_by_id(session, row.event_id))


@dataclass(frozen=True, slots=True)
class MeetingInReach:
    """A meeting and its event."""

    row: Meeting
    event: BrokerageEvent


@dataclass(frozen=True)
class OfMeeting:
    """A meeting by its id; it is there for its parties and the managers only."""

    action: Action

    def __call__(self, meeting_id: str, session: Tx, actor: CurrentActor) -> MeetingInReach:
        """Return the meeting, or raise `Missing` or `Denied`."""
        row = meeting_by_id(session, meeting_id)
        if row.partnership_id != actor.partnership_id:
            raise Missing("meeting", meeting_id)
        organisations = frozenset(entry.organisation.id for entry in parties_of(session, [row.id])[row.id])
        require(actor, self.action, Scope(row.partnership_id, organisation_ids=organisations))
        return MeetingInReach(row, brokerage_by_id(session, row.event_id))


@dataclass(frozen=True)
class OfTimetable:
    """The computation of a timetable by its id."""

    action: Action

    def __call__(self, timetable_id: str, session: Tx, actor: CurrentActor) -> Computation:
        """Return the row, or raise `Missing` or `Denied`."""
        row = computation_by_id(session, KIND, timetable_id)
        if row.partnership_id != actor.partnership_id:
            raise Missing("timetable", timetable_id)
        require(actor, self.action, Scope(row.partnership_id))
        return row
