"""Routes of calendar feeds: made, listed, revoked with a token; read without one, at an address that is the secret."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Response
from pydantic import Field
from sqlmodel import Session

from api.http.access import PARTNERSHIP, Allowed
from api.http.conditional import Answered
from api.http.dependencies import InPartnership, Tx, person_of
from api.http.examples import example
from api.http.paging import Page
from api.http.problems import refusals
from api.http.schemas import Input, Line, Listing, Output
from states.calendars.entries import Entry, deadline_entry
from states.calendars.feeds import (
    feed_address,
    feed_of,
    feeds_of,
    is_to_note,
    make_feed,
    note_reading,
    open_feed,
    revoke_feed,
)
from states.calendars.ics import ENGLISH, MEDIA_TYPE, calendar_name, feed, known_language
from states.calendars.queries import actors_of, entries_of, shown_deadlines, shown_events
from states.calendars.tables import CalendarFeed
from states.crossings.rights.collaborations import blindings_behind
from states.deadlines.queries import waits_for
from states.deadlines.tables import Deadline
from states.errors import Missing
from states.matchmaking.meetings.calendar_entries import entries_of_person
from states.partners.tables import Partnership, Person
from states.rights.access import Action, Actor, Role
from states.rights.scopes import permitted
from states.storage import begin
from states.sweeps.apart import LeftOut, listening
from states.sweeps.service import open_faults, settle_faults
from states.texts.read_back import said_to_wait

SHOWN = "calendar"
"""What feeds leave out is written down as of this sweep."""

# No idempotency keys here: an answer that is kept to be given again would keep the secret.
router = APIRouter(tags=["calendars"])
public = APIRouter(tags=["calendars"])

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]
Subscriber = Annotated[Actor, Depends(InPartnership(Action.SUBSCRIBE))]
Edit = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.EDIT_PARTNERSHIP))]


class FeedIn(Input):
    model_config = example(label="on my telephone")

    label: Line | None = Field(default=None, description="where it is read, to know it by")


class FeedOut(Output):
    id: str
    label: str
    created_at: datetime
    last_read_at: datetime | None = Field(description="to the hour")


class FeedMadeOut(FeedOut):
    url: str = Field(description="the address to subscribe to; shown this once, whoever knows it reads the calendar")


@router.get("/me/calendar-feeds")
def list_own_feeds(actor: Insider, session: Tx, page: Page) -> Listing[FeedOut]:
    """List the own calendar feeds that are not revoked."""
    rows = page.each(session, lambda: feeds_of(session, actor.partnership_id, person_id=person_of(actor)))
    return page.cut(rows, lambda one: one.id, show=lambda part: [FeedOut.model_validate(one) for one in part])


@router.post("/me/calendar-feeds", status_code=201)
def post_own_feed(actor: Subscriber, sent: FeedIn, session: Tx) -> FeedMadeOut:
    """Make a calendar feed of one's own: the deadlines that wait for oneself, and the partnership's events."""
    return _made(*make_feed(session, actor.partnership_id, person_id=person_of(actor), label=sent.label or ""))


@router.delete("/me/calendar-feeds/{feed_id}", status_code=204)
def delete_own_feed(actor: Subscriber, feed_id: str, session: Tx) -> Response:
    """Revoke an own calendar feed at once, and for good."""
    revoke_feed(session, feed_of(session, feed_id, actor.partnership_id, person_id=person_of(actor)))
    return Response(status_code=204)


@router.get("/partnerships/{partnership}/calendar-feeds")
def list_feeds(row: Edit, session: Tx, page: Page) -> Listing[FeedOut]:
    """List the feeds of the whole partnership that are not revoked."""
    rows = page.each(session, lambda: feeds_of(session, row.id))
    return page.cut(rows, lambda one: one.id, show=lambda part: [FeedOut.model_validate(one) for one in part])


@router.post("/partnerships/{partnership}/calendar-feeds", status_code=201)
def post_feed(row: Edit, sent: FeedIn, session: Tx) -> FeedMadeOut:
    """Make a feed of all the partnership's deadlines, by their titles alone, and of its events."""
    return _made(*make_feed(session, row.id, label=sent.label or ""))


@router.delete("/partnerships/{partnership}/calendar-feeds/{feed_id}", status_code=204)
def delete_feed(row: Edit, feed_id: str, session: Tx) -> Response:
    """Revoke a feed of the partnership at once, and for good."""
    revoke_feed(session, feed_of(session, feed_id, row.id))
    return Response(status_code=204)


@public.get(
    "/calendars/{secret}.ics",
    response_class=Response,
    responses={
        200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}},
        304: {"description": "The client has it already"},
        **refusals(404, 422, 429, 503),
    },
)
def get_calendar(secret: str, session: Tx, answer: Answered, after: BackgroundTasks) -> Response:
    """Read a calendar feed; its address is the right, and a revoked one is as unknown as one that never was."""
    row = open_feed(session, secret)
    with listening() as left_out:
        body = _calendar(session, row, secret)
    if left_out or open_faults(session, SHOWN, partnership_id=row.partnership_id):
        after.add_task(_settle, row.partnership_id, left_out)
    if is_to_note(row):
        after.add_task(_note, row.id)  # this transaction reads only, and two at once could use up the connections
    tag = sha256(body).hexdigest()
    headers = {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    if answer.is_known(tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, media_type=MEDIA_TYPE, headers=headers)


def _note(feed_id: str) -> None:
    with begin() as session:
        note_reading(session, feed_id)


def _settle(partnership_id: str, left_out: Sequence[LeftOut]) -> None:
    """Write down what the feed had to do without, and that what it shows again fails no more."""
    failed = {(one.noun, one.key): one.error for one in left_out}
    with begin() as session:
        settle_faults(session, SHOWN, failed, of=partnership_id)


def _made(row: CalendarFeed, secret: str) -> FeedMadeOut:
    return FeedMadeOut(**FeedOut.model_validate(row).model_dump(), url=feed_address(secret))


def _calendar(session: Session, row: CalendarFeed, secret: str) -> bytes:
    language, roles = ENGLISH, frozenset[Role]()
    deadlines = shown_deadlines(session, row.partnership_id)
    if row.person_id is not None:
        actors = actors_of(session, row.person_id, row.partnership_id)
        if not actors:
            raise Missing("calendar", secret)  # whoever holds no role any more reads nothing
        language, roles = session.get_one(Person, row.person_id).language, frozenset(one.role for one in actors)
        due = _waiting(session, actors, deadlines, known_language(language))
    else:
        due = entries_of(deadlines, deadline_entry)
    entries = [*due, *shown_events(session, row.partnership_id, roles=roles)]
    if row.person_id is not None:
        entries += entries_of_person(session, row.person_id, row.partnership_id, language=language)
    name = calendar_name(session.get_one(Partnership, row.partnership_id).name, language=language)
    return feed(entries, name=name, language=language)


def _waiting(session: Session, actors: list[Actor], rows: list[Deadline], language: str) -> list[Entry]:
    found: dict[str, Entry] = {}
    for actor in actors:
        waiting = permitted(session, actor, [row for row in rows if waits_for(row, actor)], Action.READ_DEADLINES)
        hidden = blindings_behind(session, actor, [row.collaboration_id for row in waiting])
        entries = entries_of(
            waiting,
            lambda row: replace(
                deadline_entry(row),
                title=said_to_wait(hidden[row.collaboration_id].text(row.title), language),  # noqa: B023
            ),
        )
        found |= {entry.uid: entry for entry in entries}
    return list(found.values())
