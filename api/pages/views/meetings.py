"""Meetings as the partners and the organiser meet them: asked, answered, placed, held or missed, what came of them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.access import BROKERAGE, MEETING, Allowed, MeetingAccess
from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.http.paging import Page
from api.pages.event_heads import event_head
from api.pages.forms import UNANSWERED, Form
from api.pages.lists import Lists
from api.pages.origins import case_of
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.routes.matchmaking import consents, meeting_schemas, meetings, outcomes
from api.routes.matchmaking.profiles import list_profiles
from states.clock import now
from states.founding.naming import short_name
from states.matchmaking.event_day.queries import find_meetings, find_participants, parties_of
from states.matchmaking.event_day.tables import (
    BrokerageEvent,
    Meeting,
    MeetingState,
    NextStep,
    Participant,
    ParticipantState,
    PartyAnswer,
)
from states.matchmaking.meetings.states import AGREED
from states.matchmaking.profiles.tables import ProfileState
from states.rights.access import Action, Actor, confined_to
from states.rights.conditions import permitted_where

router = APIRouter()

ReadMeeting = Annotated[MeetingAccess, Depends(Allowed(MEETING, Action.READ_MEETING))]
_MOST_GUESTS, _SLUG = 3, 80
_PLACED = (MeetingState.SCHEDULED, MeetingState.MOVED)


@router.get("/events/{event_id}/meetings")
def get_meetings(
    request: Request,
    event: meetings.ReadEvent,
    session: Tx,
    actor: CurrentActor,
    cut: Page,
    state: str = "",
    participant: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """List the meetings of an event: those of one's organisation, and all for who runs it."""
    wanted = MeetingState(state) if state in set(MeetingState) else None
    return page(
        request,
        "meetings/meetings.html",
        head=event_head(session, actor, event.id),
        meetings=meetings.list_meetings(event, session, actor, cut, state=wanted, participant=participant or None),
        state=state,
        states=list(MeetingState),
        participant=participant,
        people=_people(session, actor, event),
    )


def _people(session: Session, actor: Actor, event: BrokerageEvent, *, only: bool = False) -> list[tuple[str, str]]:
    """Return whom the actor sees at an event, `only` who may meet now."""
    readable = permitted_where(session, actor, Participant, Action.READ_PARTICIPANTS)
    found = session.exec(find_participants(event.id, readable)).all()
    shown = [(row.id, f"{owner.name}: {row.label}") for row, owner in found if not only or _may_meet(row)]
    return sorted(shown, key=lambda one: (one[1].casefold(), one[0]))


def _may_meet(row: Participant) -> bool:
    return row.state is ParticipantState.VALIDATED


@router.get("/events/{event_id}/meetings/new")
def get_new_meeting(
    request: Request,
    event: meetings.AskAt,
    session: Tx,
    actor: CurrentActor,
    lists: Lists,
    asker: Annotated[str, Query(max_length=40)] = "",
    guest: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Ask who wants to meet whom about what; who runs the event may put the meeting into a slot at once."""
    own = confined_to(actor)
    found = session.exec(find_participants(event.id)).all()
    ours = {row.id for row, owner in found if own in (None, owner.id)}
    people = _people(session, actor, event, only=True)
    public = list_profiles(session, actor, lists.whole(), None, state=ProfileState.PUBLISHED)
    return page(
        request,
        "meetings/new.html",
        head=event_head(session, actor, event.id),
        askers=[one for one in people if one[0] in ours],
        guests=[one for one in people if own is None or one[0] not in ours],
        asker=asker,
        guest=guest,
        most=_MOST_GUESTS,
        profiles=[(one.id, f"{one.reference}: {one.title}") for one in public.items],
    )


@router.post("/events/{event_id}/meetings/new")
def post_new_meeting(sent: Form, event: meetings.AskAt, session: Tx, actor: CurrentActor) -> Response:
    """Ask for a meeting, or, as the organiser, arrange it on the spot."""
    guests = list(dict.fromkeys(filter(None, sent.all("guests"))))
    if sent.get("slot"):
        runs = Allowed(BROKERAGE, Action.RUN_BROKERAGE)(session, actor, event_id=event.id)
        said = sent.read(meeting_schemas.WalkInMeetingIn, guests=guests)
        made = meetings.post_walk_in_meeting(runs, said, session, actor, UNANSWERED)
    else:
        wish = sent.read(meeting_schemas.WishIn, guests=guests)
        made = meetings.post_meeting(event, wish, session, actor, UNANSWERED)
    return lead_to(f"/meetings/{made.id}", told="asked")


@router.get("/meetings/{meeting_id}")
def get_meeting(request: Request, found: ReadMeeting, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show a meeting: who asked whom for what, when and where it is, and what was said of it."""
    row, can, own = found.row, Abilities(session, actor, found.row), confined_to(actor)
    ours = [one.party for one in parties_of(session, [row.id])[row.id] if own in (None, one.organisation.id)]
    head = event_head(session, actor, found.event.id)
    tells = can(Action.READ_CONTACT_DETAILS.value) and row.state in AGREED
    runs = can(Action.RUN_BROKERAGE.value)
    return page(
        request,
        "meetings/meeting.html",
        head=head,
        meeting=meetings.get_meeting(found, session, actor, UNANSWERED),
        said=outcomes.list_outcomes(found, session, actor, lists.whole()).items,
        contacts=consents.list_meeting_contacts(found, session, lists.whole()).items if tells else [],
        can=can,
        own=own,
        own_asks=any(one.asked for one in ours),
        own_answers=any(one.answer is PartyAnswer.WAITING for one in ours),
        placed=row.state in _PLACED,
        begun=row.slot is not None and head.slots[row.slot].starts_at <= now(),
        case=case_of(session, actor, row.contact_id),
        others=_others(session, row) if runs else [],
        steps=list(NextStep),
    )


def _others(session: Session, row: Meeting) -> list[tuple[str, str]]:
    """Return the meetings of the same event that may have to come earlier."""
    found = session.exec(find_meetings(row.event_id, (MeetingState.ACCEPTED, *_PLACED))).all()
    return sorted(((one.id, one.subject) for one in found if one.id != row.id), key=lambda one: (one[1], one[0]))


@router.post("/meetings/{meeting_id}")
def post_meeting(sent: Form, found: meetings.Take, session: Tx, actor: CurrentActor) -> Response:
    """Answer a request, take it back, cancel the meeting, say who came, how it went, or that nothing more comes of it.

    Who runs the event puts it into a slot, or says what a timetable must keep of it.
    """
    then, key = sent.get("then"), found.row.id
    match then:
        case "accept" | "decline":
            said = sent.read(meeting_schemas.MeetingAnswerIn, accepted=then == "accept")
            meetings.post_meeting_answer(found, said, session, actor, UNANSWERED)
        case "withdraw":
            reason = sent.read(meeting_schemas.MeetingReasonIn)
            meetings.post_meeting_withdrawal(found, reason, session, actor, UNANSWERED)
        case "cancel":
            reason = sent.read(meeting_schemas.MeetingReasonIn)
            meetings.post_meeting_cancellation(found, reason, session, actor, UNANSWERED)
        case "close":
            reason = sent.read(meeting_schemas.MeetingReasonIn)
            outcomes.post_meeting_closing(found, reason, session, actor, UNANSWERED)
        case "place":
            place = sent.read(meeting_schemas.PlaceIn, locked="locked" in sent)
            meetings.put_place(_run(session, actor, key), must_match(sent.version), place, session, actor, UNANSWERED)
        case "bind":
            bound = sent.read(
                meeting_schemas.BindingIn,
                locked="locked" in sent,
                session=sent.get("session") or None,
                after_id=sent.get("after_id") or None,
            )
            meetings.put_binding(_run(session, actor, key), must_match(sent.version), bound, session, actor, UNANSWERED)
        case "attend":
            there = sent.read(meeting_schemas.AttendanceIn, missed=sent.all("missed"))
            meetings.post_attendance(found, there, session, actor, UNANSWERED)
        case "open":
            opened = sent.read(meeting_schemas.FromMeetingIn, slug=short_name(sent.get("title"))[:_SLUG].rstrip("-"))
            allowed = Allowed(MEETING, Action.OPEN_COLLABORATION)(session, actor, meeting_id=key)
            made = outcomes.post_collaboration_from_meeting(allowed, opened, session, UNANSWERED)
            return lead_to(f"/cases/{made.id}", told="opened")
        case _:
            outcomes.post_outcome(found, sent.read(meeting_schemas.OutcomeIn), session, actor, UNANSWERED)
    return lead_to(f"/meetings/{key}", told=then or "said")


def _run(session: Session, actor: Actor, key: str) -> MeetingAccess:
    return Allowed(MEETING, Action.RUN_BROKERAGE)(session, actor, meeting_id=key)
