"""What the routes of brokerage events, participants and timetables read and answer."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from api.http.examples import example
from api.http.schemas import Input, Line, Output, Prose, Slug
from states.computations.tables import ComputationState
from states.matchmaking.event_day.programme import EventSession, Span
from states.matchmaking.event_day.setup import Setup
from states.matchmaking.event_day.tables import Attendance, EventMode, ParticipantState, Scheduling

Count = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
Slots = Annotated[list[Count], Field(max_length=2000)]


class SpanIn(Input):
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class SessionIn(SpanIn):
    title: Line
    tables: Count = Field(description="numbered from 1; 0 where all meet online")
    breaks: list[SpanIn] = Field(default=[], max_length=50)


class BrokerageIn(Input):
    """How the meetings of an event are arranged; times with their offset, lengths in minutes."""

    model_config = example(
        mode="on_site",
        scheduling="organiser",
        time_zone="Europe/Warsaw",
        sessions=[
            {
                "starts_at": "2027-06-10T09:00:00+02:00",
                "ends_at": "2027-06-10T12:00:00+02:00",
                "title": "Morning",
                "tables": 10,
            }
        ],
        requests_from="2027-05-01T08:00:00+02:00",
        requests_until="2027-06-01T18:00:00+02:00",
        slot_minutes=20,
        pause_minutes=5,
    )

    mode: EventMode
    scheduling: Scheduling
    time_zone: Line = Field(description="IANA name, for agendas: Europe/Warsaw")
    sessions: list[SessionIn] = Field(max_length=100)
    requests_from: AwareDatetime
    requests_until: AwareDatetime
    slot_minutes: Count = 20
    pause_minutes: Count = 0
    answer_hours: Count = Field(default=72, description="after so many an unanswered request expires")
    most_meetings: Count = Field(default=20, description="accepted ones of one participant")
    most_per_session: Count | None = None
    most_requests: Count = Field(default=20, description="unanswered ones that one participant sent")
    fairness: Count | None = Field(default=None, description="largest difference of breaks between participants")
    link_base: str = Field(default="", max_length=300, description="an online meeting is there, its id behind")

    def setup(self) -> Setup:
        """Return it as the domain takes it."""
        sessions = [
            EventSession(
                one.title,
                one.starts_at,
                one.ends_at,
                one.tables,
                tuple(Span(part.starts_at, part.ends_at) for part in one.breaks),
            )
            for one in self.sessions
        ]
        return Setup(**{name: value for name, value in self if name != "sessions"}, sessions=sessions)


class SpanOut(Output):
    starts_at: datetime
    ends_at: datetime


class SessionOut(SpanOut):
    title: str
    tables: int
    breaks: list[SpanOut]


class BrokerageOut(Output):
    event_id: str
    mode: EventMode
    scheduling: Scheduling
    time_zone: str
    sessions: list[SessionOut]
    requests_from: datetime
    requests_until: datetime
    slot_minutes: int
    pause_minutes: int
    answer_hours: int
    most_meetings: int
    most_per_session: int | None
    most_requests: int
    fairness: int | None
    link_base: str
    published_at: datetime | None = Field(description="of the timetable")
    version: int


class SlotOut(SpanOut):
    number: int = Field(description="from 0")
    session: int = Field(description="from 0")
    tables: int


class DelegateIn(Input):
    """Who comes, called by a function ("head of research") and not by a name."""

    model_config = example(label="head of development", attendance="on_site")

    label: Line
    attendance: Attendance
    unavailable: Slots = Field(default=[], description="slots, from 0")
    cluster: Slug | None = Field(default=None, description="the cluster by which the organisation came")


class RegistrationIn(DelegateIn):
    model_config = example(label="head of development", attendance="on_site", organisation="medtech-katowice")

    organisation: Slug | None = Field(default=None, description="a partner's own, unless a manager registers another")
    walk_in: bool = Field(default=False, description="came without registration: for the organiser only")
    illustrative: bool = False


class ParticipantOut(Output):
    """A participant as others see it."""

    id: str
    organisation: str
    organisation_name: str
    country: str
    label: str
    attendance: Attendance
    booth: int | None
    state: ParticipantState
    walk_in: bool
    illustrative: bool


class OwnParticipantOut(ParticipantOut):
    """A participant as its organisation and the organiser see it."""

    cluster: str | None
    unavailable: list[int]
    most_meetings: int | None
    reason: str
    checked_in_at: datetime | None
    registered_at: datetime
    version: int


class ValidationIn(Input):
    model_config = example(accepted=True)

    accepted: bool
    reason: Prose = Field(default="", description="why not")


class SeatingIn(Input):
    model_config = example(booth=4, most_meetings=8)

    booth: Count | None = Field(description="the participant's own table; null: none")
    most_meetings: Count | None = Field(description="null: as for everybody at the event")


class TimetableIn(Input):
    model_config = example(seconds=30)

    seconds: Count = Field(default=60, description="of work, 1 to 3600; a busy machine takes longer")
    keep: bool = Field(default=False, description="move as few placed meetings as possible")


class ProgressOut(Output):
    at: datetime
    breaks: int | None
    unplaced: int
    bound: int | None


class TimetableReasonOut(Output):
    """Why not all meetings have a place, or why a timetable fits no more, and changes of which each one mends it."""

    cause: str
    message: str
    mends: list[str]
    meetings: list[str] = Field(default=[], description="ids")
    participants: list[str] = Field(default=[], description="ids")
    slots: list[int] = Field(default=[], description="from 0")


class TimetableOut(Output):
    id: str
    event_id: str
    state: ComputationState
    asked_at: datetime
    seconds: int
    keep: bool
    ended_at: datetime | None
    took: float | None = Field(description="seconds")
    breaks: int | None
    bound: int | None = Field(description="no timetable has fewer breaks")
    unfair: int = Field(description="by so many breaks the fairness asked for is missed")
    proven: bool
    moved: int | None = Field(description="placed meetings that change their slot")
    unplaced: list[str] = Field(description="ids of meetings")
    explanation: list[TimetableReasonOut]
    published_at: datetime | None
    version: int


class PlacementOut(Output):
    meeting_id: str
    slot: int
    table: int | None


class TimetableWithPlacesOut(TimetableOut):
    placements: list[PlacementOut]
    progress: list[ProgressOut]
