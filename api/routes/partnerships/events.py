"""Routes of a partnership's events: brokerage days, plenaries, sessions; announced, changed, cancelled."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlmodel import Session

from api.http.access import PARTNERSHIP, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Output, Prose, Text
from states.calendars.event_announcements import (
    announce,
    announce_event,
    announcement_of,
    cancel_event,
    change_event,
    plan_event,
)
from states.errors import Missing
from states.partners.event_plans import EventPlan, plan_of
from states.partners.queries import events_of
from states.partners.tables import EventKind, Partnership, PartnershipEvent
from states.rights.access import Action, Role

router = APIRouter(prefix="/partnerships/{partnership}/events", tags=["events"], route_class=Idempotent)

Read = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.READ_PARTNERSHIP))]
Edit = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.EDIT_PARTNERSHIP))]
Date = Annotated[
    Line, Field(description='as exact as it is known: "2020-10-24", "October 2020"; it follows from starts_at')
]
Moment = Annotated[datetime, Field(description="with an offset, or by the clock of time_zone")]
Zone = Annotated[Line, Field(description="IANA name of the event's clock, such as Europe/Brussels")]
Audience = Annotated[list[Role], Field(max_length=len(Role), description="the roles that are told; none: all")]

_TEXTS = {"held_on", "time_zone", "place", "url", "information"}
_CLEARED = _TEXTS | {"starts_at", "ends_at"}


class EventIn(Input):
    model_config = example(
        name="Brokerage day", kind="brokerage", held_on="2027-06-10", place="Katowice", audience=["partner"]
    )

    name: Line
    kind: EventKind
    held_on: Date | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    time_zone: Zone | None = None
    place: Line | None = None
    url: Line | None = None
    information: Prose = ""
    illustrative: bool = False
    audience: Audience = Field(default=[])
    announce: bool = Field(
        default=False, description="tell the audience at once; otherwise announcing is a step of its own"
    )


class EventPatch(Input):
    model_config = example(place="Katowice, hall 2")

    name: Line | None = None
    kind: EventKind | None = None
    held_on: Date | None = None
    starts_at: Moment | None = Field(default=None, description="null clears it, and all of the exact time")
    ends_at: Moment | None = Field(default=None, description="null clears it")
    time_zone: Zone | None = None
    place: Line | None = Field(default=None, description="null clears it")
    url: Line | None = Field(default=None, description="null clears it")
    information: Prose | None = None
    illustrative: bool | None = None
    audience: Audience | None = Field(
        default=None, description="the roles that are told; of an announced event: besides those told before"
    )


class CancellationIn(Input):
    model_config = example(reason="Too few have registered.")

    reason: Prose


class AnnouncedToOut(Output):
    """Who is told, and from when on the mail goes out: in working hours where that person is, unless it begins soon."""

    person: Text = Field(description="by role")
    not_before: datetime


class AnnouncementOut(Output):
    announced_at: datetime | None = Field(description="none: nobody was told of it")
    mails: list[AnnouncedToOut] = Field(description="that would go out if it were announced now")


class EventOut(Output):
    id: str
    name: str
    kind: EventKind
    held_on: str = Field(description='a date that may be partial: "2020-03", "2020~mid"')
    starts_at: datetime | None
    ends_at: datetime | None
    time_zone: str
    place: str
    url: str
    information: str
    illustrative: bool
    audience: list[Role] = Field(description="the roles that are told; none: all")
    announced_at: datetime | None = Field(description="none: nobody was told of it")
    cancelled_at: datetime | None
    cancel_reason: str
    version: int


@router.get("")
def list_events(row: Read, session: Tx, page: Page) -> Listing[EventOut]:
    """List the events in the order of their dates, which may be partial."""
    rows = page.each(session, lambda: events_of(session, row.id))
    return page.cut(rows, lambda one: one.id, show=lambda part: [EventOut.model_validate(one) for one in part])


@router.post("", status_code=201)
def post_event(row: Edit, sent: EventIn, session: Tx, answer: Answered) -> EventOut:
    """Add an event, its date maybe in part. Nobody is told of it until it is announced, at once or in a step of its
    own."""
    apart = {"audience", "announce"}
    plan = EventPlan(**{name: value for name, value in sent if value is not None and name not in apart})
    event = (announce_event if sent.announce else plan_event)(session, row, plan, audience=sent.audience)
    answer.created("get_event", partnership=row.slug, event_id=event.id)
    answer.tag(event.version)
    return EventOut.model_validate(event)


@router.get("/{event_id}")
def get_event(row: Read, event_id: str, session: Tx, answer: Answered) -> EventOut:
    """Read an event; its ETag is what a change sends back as If-Match."""
    event = _event(session, row, event_id)
    answer.tag(event.version)
    return EventOut.model_validate(event)


@router.patch("/{event_id}")
def patch_event(
    row: Edit, event_id: str, version: IfMatch, sent: EventPatch, session: Tx, answer: Answered
) -> EventOut:
    """Change an event, and tell those who were told of it; what is left out stays, deadlines that hang on it move."""
    event = _event(session, row, event_id)
    change_event(session, event, _plan(event, sent), audience=sent.audience, expected_version=version)
    answer.tag(event.version)
    return EventOut.model_validate(event)


@router.get("/{event_id}/announcement")
def get_announcement(row: Edit, event_id: str, session: Tx) -> AnnouncementOut:
    """Say whom announcing the event would tell, and when; nothing is sent."""
    event = _event(session, row, event_id)
    told = announcement_of(session, event) if event.announced_at is None else []
    mails = [AnnouncedToOut(person=reader.person.label, not_before=at) for reader, at in told]
    return AnnouncementOut(announced_at=event.announced_at, mails=mails)


@router.post("/{event_id}/announcement")
def post_announcement(row: Edit, event_id: str, version: IfMatch, session: Tx, answer: Answered) -> EventOut:
    """Announce an event to its audience by mail, each in working hours where that person is, unless it begins soon."""
    event = announce(session, _event(session, row, event_id), expected_version=version)
    answer.tag(event.version)
    return EventOut.model_validate(event)


@router.post("/{event_id}/cancellation")
def post_cancellation(
    row: Edit, event_id: str, version: IfMatch, sent: CancellationIn, session: Tx, answer: Answered
) -> EventOut:
    """Cancel an event that is not over, with a reason, and tell those who heard of it."""
    event = _event(session, row, event_id)
    cancel_event(session, event, reason=sent.reason, expected_version=version)
    answer.tag(event.version)
    return EventOut.model_validate(event)


def _event(session: Session, row: Partnership, key: str) -> PartnershipEvent:
    event = session.get(PartnershipEvent, key)
    if event is None or event.partnership_id != row.id:
        raise Missing("event", key)
    return event


def _plan(event: PartnershipEvent, sent: EventPatch) -> EventPlan:
    given = {name: value for name, value in sent if name in sent.model_fields_set and name != "audience"}
    if "starts_at" in given:
        follows = ("ends_at", "time_zone") if given["starts_at"] is None else ("held_on",)
        given = dict.fromkeys(follows) | given
    changes: dict[str, Any] = {
        name: "" if value is None and name in _TEXTS else value
        for name, value in given.items()
        if value is not None or name in _CLEARED
    }
    return replace(plan_of(event), **changes)
