"""Rows of brokerage events: the programme, who takes part, and their meetings."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel, UniqueConstraint

import states.matchmaking.profiles.tables  # noqa: F401 - a meeting refers to a profile
from states.storage import EnumText, Instant, Json, new_id, new_list


class EventMode(StrEnum):
    ON_SITE = "on_site"
    ONLINE = "online"
    HYBRID = "hybrid"


class Scheduling(StrEnum):
    """Accepted meetings take the first common slot at once, or wait for the organiser's timetable."""

    PARTICIPANTS = "participants"
    ORGANISER = "organiser"


class BrokerageEvent(SQLModel, table=True):
    """How the meetings of one event of the partnership are arranged."""

    __tablename__ = "brokerage_event"

    id: str = Field(primary_key=True, foreign_key="partnership_event.id", description="that of the event itself")
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    mode: EventMode = Field(sa_type=EnumText(EventMode))
    scheduling: Scheduling = Field(sa_type=EnumText(Scheduling))
    time_zone: str = Field(description="IANA name; agendas are written in it")
    sessions: list[dict[str, object]] = Field(sa_type=Json, description="as in states.matchmaking.event_day.programme")
    slot_minutes: int
    pause_minutes: int = Field(default=0, description="between two slots, to change tables")
    requests_from: datetime = Field(sa_type=Instant)
    requests_until: datetime = Field(sa_type=Instant)
    answer_hours: int = Field(description="after so many an unanswered request expires")
    most_meetings: int = Field(description="accepted ones of one participant")
    most_per_session: int | None = Field(default=None, description="of one participant; none: no limit")
    most_requests: int = Field(description="unanswered ones sent by one participant")
    fairness: int | None = Field(default=None, description="largest difference of breaks between participants")
    link_base: str = Field(default="", description="address of online meetings, followed by the meeting's id")
    published_at: datetime | None = Field(default=None, sa_type=Instant, description="of the timetable")
    demand: int = Field(default=1, description="counts every change that a timetable depends on")
    version: int = 1


class Attendance(StrEnum):
    ON_SITE = "on_site"
    ONLINE = "online"


class ParticipantState(StrEnum):
    REGISTERED = "registered"
    VALIDATED = "validated"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Participant(SQLModel, table=True):
    """A delegate of an organisation at an event, called by a function ("head of research"), not by a name."""

    __tablename__ = "participant"
    __table_args__ = (UniqueConstraint("event_id", "organisation_id", "label"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    event_id: str = Field(foreign_key="brokerage_event.id", index=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    person_id: str | None = Field(default=None, foreign_key="person.id", description="none: has no account")
    cluster_id: str | None = Field(default=None, foreign_key="organisation.id", description="the cluster it came by")
    label: str
    attendance: Attendance = Field(sa_type=EnumText(Attendance))
    unavailable: list[int] = Field(default_factory=new_list, sa_type=Json, description="slots, from 0")
    booth: int | None = Field(default=None, description="the table at which this participant stays")
    most_meetings: int | None = Field(default=None, description="none: as for everybody at the event")
    state: ParticipantState = Field(default=ParticipantState.REGISTERED, sa_type=EnumText(ParticipantState))
    reason: str = Field(default="", description="why rejected or withdrawn")
    walk_in: bool = False
    registered_at: datetime = Field(sa_type=Instant)
    checked_in_at: datetime | None = Field(default=None, sa_type=Instant)
    illustrative: bool = False
    version: int = 1


class MeetingState(StrEnum):
    """From the request to the meeting; `moved` is scheduled anew after its slot was told."""

    REQUESTED = "requested"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    MOVED = "moved"
    CANCELLED = "cancelled"
    HELD = "held"
    NO_SHOW = "no_show"


class Meeting(SQLModel, table=True):
    """A meeting of participants of one event, from its request on; its slot is null until it is published."""

    __tablename__ = "meeting"
    __table_args__ = (UniqueConstraint("event_id", "slot", "table_number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    event_id: str = Field(foreign_key="brokerage_event.id", index=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    profile_id: str | None = Field(default=None, foreign_key="profile.id", description="what it is about")
    subject: str
    message: str = ""
    priority: int = Field(description="1 to 5; 5 is most wanted")
    state: MeetingState = Field(default=MeetingState.REQUESTED, sa_type=EnumText(MeetingState), index=True)
    changed_at: datetime = Field(sa_type=Instant, description="when it came into its state")
    changed_by: str | None = Field(default=None, foreign_key="organisation.id", description="none: organiser or clock")
    reason: str = ""
    expires_at: datetime = Field(sa_type=Instant)
    requested_at: datetime = Field(sa_type=Instant)
    accepted_at: datetime | None = Field(default=None, sa_type=Instant)
    session: int | None = Field(default=None, description="the only session in which it may be")
    after_id: str | None = Field(default=None, foreign_key="meeting.id", description="the meeting that comes earlier")
    held_at: datetime | None = Field(default=None, sa_type=Instant)
    slot: int | None = None
    told_slot: int | None = Field(default=None, description="where participants last saw it, cancelled or not")
    table_number: int | None = Field(default=None, description="from 1; none where all attend online")
    link: str = ""
    locked: bool = Field(default=False, description="stays where it is when a timetable is computed")
    walk_in: bool = False
    contact_id: str | None = Field(default=None, foreign_key="contact.id", description="carries the collaboration")
    closed_because: str = Field(default="", description="why nothing more will come of it")
    illustrative: bool = False
    version: int = 1


class PartyAnswer(StrEnum):
    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class MeetingParty(SQLModel, table=True):
    """A participant's part in a meeting; who asked has accepted from the beginning."""

    __tablename__ = "meeting_party"
    __table_args__ = (UniqueConstraint("meeting_id", "participant_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    meeting_id: str = Field(foreign_key="meeting.id", index=True)
    participant_id: str = Field(foreign_key="participant.id", index=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    asked: bool = Field(default=False, description="this one asked for the meeting")
    answer: PartyAnswer = Field(default=PartyAnswer.WAITING, sa_type=EnumText(PartyAnswer))
    reason: str = ""
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    missed: bool = Field(default=False, description="did not come")


class NextStep(StrEnum):
    NONE = "none"
    NDA = "nda"
    CALL = "call"
    VISIT = "visit"
    EXPRESSION_OF_INTEREST = "expression_of_interest"
    JOINT_IDEA = "joint_idea"


class MeetingOutcome(SQLModel, table=True):
    """What one side says of a meeting; said anew at each reminder, so the newest line counts."""

    __tablename__ = "meeting_outcome"

    id: str = Field(default_factory=new_id, primary_key=True)
    meeting_id: str = Field(foreign_key="meeting.id", index=True)
    party_id: str = Field(foreign_key="meeting_party.id", index=True)
    person_id: str | None = Field(default=None, foreign_key="person.id")
    rating: int = Field(description="1 to 5")
    next_step: NextStep = Field(sa_type=EnumText(NextStep))
    note: str = ""
    at: datetime = Field(sa_type=Instant)
