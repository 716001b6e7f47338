"""What the routes of meetings, their outcomes and the funnel read and answer."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from api.http.examples import ID, example
from api.http.schemas import Input, Line, Money, Output, Prose, Slug
from states.crossings.matchmaking.funnel import FunnelBy
from states.matchmaking.event_day.tables import MeetingState, NextStep, PartyAnswer

Count = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
Key = Annotated[str, Field(max_length=40)]


class WishIn(Input):
    """For what a meeting is wanted, and how much."""

    model_config = example(
        subject="Hip stems with a coating", message="We look for a coating.", priority=3, asker=ID, guests=[ID]
    )

    subject: Line
    message: Prose = ""
    priority: Count = Field(description="1 to 5; 5 is most wanted")
    asker: Key | None = Field(default=None, description="id of a participant; a partner's only one if left out")
    guests: list[Key] = Field(max_length=20, description="ids of participants")
    profile_id: Key | None = Field(default=None, description="the profile that it is about")


class WalkInMeetingIn(WishIn):
    model_config = example(subject="Hip stems with a coating", priority=3, asker=ID, guests=[ID], slot=3)

    slot: Count
    table: Count | None = Field(default=None, description="the first free one if left out")


class PartyOut(Output):
    participant_id: str
    organisation: str
    organisation_name: str
    label: str
    asked: bool
    answer: PartyAnswer
    reason: str
    missed: bool


class MeetingOut(Output):
    """A meeting; place and time are told once the timetable is published."""

    id: str
    event_id: str
    profile_id: str | None
    subject: str
    message: str
    priority: int
    state: MeetingState
    changed_at: datetime
    changed_by: str | None = Field(description="the organisation; null: the organiser or the clock")
    reason: str
    requested_at: datetime
    expires_at: datetime
    parties: list[PartyOut]
    slot: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    table: int | None
    link: str
    locked: bool
    session: int | None
    after_id: str | None
    walk_in: bool
    held_at: datetime | None
    closed_because: str
    contact_id: str | None
    illustrative: bool
    version: int


class MeetingAnswerIn(Input):
    model_config = example(accepted=True, participant=ID)

    accepted: bool
    reason: Prose = Field(default="", description="why not")
    participant: Key | None = Field(default=None, description="whose answer; a partner's only one if left out")


class MeetingReasonIn(Input):
    model_config = example(reason="The delegate cannot come.")

    reason: Prose = ""


class PlaceIn(Input):
    model_config = example(slot=3, table=2, locked=True)

    slot: Count = Field(description="from 0")
    table: Count | None = Field(default=None, description="the first free one if left out")
    locked: bool = Field(default=True, description="stays there when a timetable is computed")


class BindingIn(Input):
    model_config = example(session=1)

    locked: bool = False
    session: Count | None = Field(default=None, description="the only one in which it may be, from 0")
    after_id: Key | None = Field(default=None, description="the meeting that comes earlier")


class AttendanceIn(Input):
    model_config = example(missed=[ID])

    missed: list[Key] = Field(default=[], max_length=30, description="ids of the participants who did not come")


class OutcomeIn(Input):
    model_config = example(rating=4, next_step="visit", note="They come in autumn.", participant=ID)

    rating: Count = Field(description="1 to 5; 5 is best")
    next_step: NextStep
    note: Prose = ""
    participant: Key | None = Field(default=None, description="whose word; a partner's only one if left out")


class OutcomeOut(Output):
    id: str
    organisation: str
    rating: int
    next_step: NextStep
    note: str
    at: datetime


class FromMeetingIn(Input):
    model_config = example(
        slug="coated-stems", title="Coated hip stems", summary="Stems from one, coating from the other."
    )

    slug: Slug
    title: Line
    summary: Prose = ""


class FunnelLineOut(Output):
    key: str
    title: str
    requested: int
    accepted: int
    held: int
    followed_up: int
    collaborations: int
    protocols: int = Field(description="collaborations with a frozen protocol")
    funded: int = Field(description="collaborations with money committed or signed")
    money: Money = Field(description="EUR committed or signed in the chosen scenarios")


class FunnelOut(Output):
    """A meeting counts in each line that one of its participants belongs to, and once in the total."""

    by: FunnelBy
    lines: list[FunnelLineOut]
    total: FunnelLineOut
