"""Routes of meetings: requested, answered, placed, cancelled, held or missed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlmodel import Session, col

from api.http.access import BROKERAGE, MEETING, Allowed, MeetingAccess
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, Tx
from api.http.idempotency import Idempotent
from api.http.lookups import need_participant
from api.http.paging import Page
from api.http.schemas import Listing, kept
from api.routes.matchmaking.meeting_schemas import (
    AttendanceIn,
    BindingIn,
    MeetingAnswerIn,
    MeetingOut,
    MeetingReasonIn,
    PlaceIn,
    WalkInMeetingIn,
    WishIn,
)
from api.routes.matchmaking.meeting_views import (
    need_part,
    present_meetings,
    sees_all,
    shown_state,
    speaker,
    tag_of,
)
from states.errors import Missing
from states.matchmaking.event_day.attendance import add_walk_in_meeting, record_attendance
from states.matchmaking.event_day.queries import find_meetings, meeting_by_id, participants_of, parties_of
from states.matchmaking.event_day.tables import BrokerageEvent, Meeting, MeetingState, Participant, ParticipantState
from states.matchmaking.meetings.placing import bind_meeting, cancel_meeting, place_meeting
from states.matchmaking.meetings.requests import Wish, answer_request, request_meeting, withdraw_request
from states.matchmaking.profiles.queries import profile_by_id
from states.matchmaking.profiles.tables import Profile
from states.rights.access import Action, Actor, confined_to

router = APIRouter(tags=["brokerage"], route_class=Idempotent)

ReadEvent = Annotated[BrokerageEvent, Depends(Allowed(BROKERAGE, Action.READ_MEETINGS))]
AskAt = Annotated[BrokerageEvent, Depends(Allowed(BROKERAGE, Action.REQUEST_MEETING))]
RunEvent = Annotated[BrokerageEvent, Depends(Allowed(BROKERAGE, Action.RUN_BROKERAGE))]
Read = Annotated[MeetingAccess, Depends(Allowed(MEETING, Action.READ_MEETING))]
Take = Annotated[MeetingAccess, Depends(Allowed(MEETING, Action.TAKE_PART))]
Run = Annotated[MeetingAccess, Depends(Allowed(MEETING, Action.RUN_BROKERAGE))]


@router.get("/events/{event_id}/meetings")
def list_meetings(
    event: ReadEvent,
    session: Tx,
    actor: CurrentActor,
    page: Page,
    state: MeetingState | None = None,
    participant: Annotated[str | None, Query(max_length=40, description="the id of one who takes part")] = None,
) -> Listing[MeetingOut]:
    """List the meetings of an event in the order of their requests; a partner gets those of its organisation."""
    need_participant(session, actor, event.id, participant)
    states = [one for one in MeetingState if state in (None, shown_state(actor, event, one))]
    return page.read(
        session,
        find_meetings(event.id, states, organisation_id=confined_to(actor), participant_id=participant),
        col(Meeting.requested_at),
        col(Meeting.id),
        show=lambda rows: present_meetings(session, actor, event, rows),
    )


@router.post("/events/{event_id}/meetings", status_code=201)
def post_meeting(event: AskAt, sent: WishIn, session: Tx, actor: CurrentActor, answer: Answered) -> MeetingOut:
    """Ask participants of other organisations for a meeting; the organiser may do so at any time."""
    asker, guests = _people(session, actor, event, sent)
    wish, late = _wish(session, actor, sent), sees_all(actor, event)
    row = request_meeting(session, event, wish, asker=asker, guests=guests, late=late)
    answer.created("get_meeting", meeting_id=row.id)
    return _answered(session, actor, event, row, answer)


@router.post("/events/{event_id}/walk-in-meetings", status_code=201)
def post_walk_in_meeting(
    event: RunEvent, sent: WalkInMeetingIn, session: Tx, actor: CurrentActor, answer: Answered
) -> MeetingOut:
    """Arrange a meeting on the spot: all have agreed, and it stays where it is put."""
    asker, guests = _people(session, actor, event, sent)
    wish = _wish(session, actor, sent)
    row = add_walk_in_meeting(session, event, wish, asker=asker, guests=guests, slot=sent.slot, table=sent.table)
    answer.created("get_meeting", meeting_id=row.id)
    return _answered(session, actor, event, row, answer)


@router.get("/meetings/{meeting_id}")
def get_meeting(found: Read, session: Tx, actor: CurrentActor, answer: Answered) -> MeetingOut:
    """Read a meeting; its place is told once the timetable is published."""
    return _answered(session, actor, found.event, found.row, answer)


@router.post("/meetings/{meeting_id}/answer")
def post_meeting_answer(
    found: Take, sent: MeetingAnswerIn, session: Tx, actor: CurrentActor, answer: Answered
) -> MeetingOut:
    """Answer a request for a meeting: accept it, or decline it with a reason. Where participants schedule
    themselves, an accepted meeting takes the first slot that all have free."""
    entries = [entry for entry in parties_of(session, [found.row.id])[found.row.id] if not entry.party.asked]
    who = speaker(actor, [entry.participant for entry in entries], sent.participant, place="participant")
    party = next(entry.party for entry in entries if entry.participant is who)
    answer_request(session, found.event, found.row, party, accepted=sent.accepted, reason=sent.reason)
    return _answered(session, actor, found.event, found.row, answer)


@router.post("/meetings/{meeting_id}/withdrawal")
def post_meeting_withdrawal(
    found: Take, sent: MeetingReasonIn, session: Tx, actor: CurrentActor, answer: Answered
) -> MeetingOut:
    """Take a request back that nobody has accepted; only who asked can, or the organiser."""
    asked = [entry for entry in parties_of(session, [found.row.id])[found.row.id] if entry.party.asked]
    speaker(actor, [entry.participant for entry in asked], asked[0].participant.id, place="participant")
    withdraw_request(session, found.row, by=confined_to(actor), reason=sent.reason)
    return _answered(session, actor, found.event, found.row, answer)


@router.post("/meetings/{meeting_id}/cancellation")
def post_meeting_cancellation(
    found: Take, sent: MeetingReasonIn, session: Tx, actor: CurrentActor, answer: Answered
) -> MeetingOut:
    """Cancel an accepted meeting with a reason; its place is free again."""
    need_part(session, actor, found.row)
    cancel_meeting(session, found.event, found.row, by=confined_to(actor), reason=sent.reason)
    return _answered(session, actor, found.event, found.row, answer)


@router.put("/meetings/{meeting_id}/place")
def put_place(
    found: Run, version: IfMatch, sent: PlaceIn, session: Tx, actor: CurrentActor, answer: Answered
) -> MeetingOut:
    """Put a meeting into a slot and at a table by hand; without a table, at the first free one."""
    place_meeting(
        session,
        found.event,
        found.row,
        slot=sent.slot,
        table=sent.table,
        locked=sent.locked,
        expected_version=version,
    )
    return _answered(session, actor, found.event, found.row, answer)


@router.put("/meetings/{meeting_id}/binding")
def put_binding(
    found: Run, version: IfMatch, sent: BindingIn, session: Tx, actor: CurrentActor, answer: Answered
) -> MeetingOut:
    """Say what a timetable must keep of a meeting: the present place, a session, or that another meeting comes
    earlier. What is left out stays, and null frees it."""
    sent = kept(sent, found.row)
    after = None if sent.after_id is None else _meeting_of(session, found.event, sent.after_id)
    bind_meeting(
        session,
        found.event,
        found.row,
        locked=sent.locked,
        only_session=sent.session,
        after=after,
        expected_version=version,
    )
    return _answered(session, actor, found.event, found.row, answer)


@router.post("/meetings/{meeting_id}/attendance")
def post_attendance(found: Take, sent: AttendanceIn, session: Tx, actor: CurrentActor, answer: Answered) -> MeetingOut:
    """Say who did not come to a meeting, once the slot has begun; the meeting was held if two or more did."""
    need_part(session, actor, found.row)
    record_attendance(session, found.event, found.row, missed=sent.missed, by=confined_to(actor))
    return _answered(session, actor, found.event, found.row, answer)


def _people(
    session: Session, actor: Actor, event: BrokerageEvent, sent: WishIn
) -> tuple[Participant, list[Participant]]:
    known = {row.id: row for row, _ in participants_of(session, event.id)}
    guests = []
    for key in sent.guests:
        if key not in known:
            raise Missing("participant", key)
        guests.append(known[key])
    present = [one for one in known.values() if one.state in (ParticipantState.REGISTERED, ParticipantState.VALIDATED)]
    return speaker(actor, present, sent.asker, place="asker"), guests


def _wish(session: Session, actor: Actor, sent: WishIn) -> Wish:
    profile = None if sent.profile_id is None else _profile(session, actor, sent.profile_id)
    return Wish(subject=sent.subject, priority=sent.priority, message=sent.message, profile=profile)


def _profile(session: Session, actor: Actor, key: str) -> Profile:
    row = profile_by_id(session, key)
    if row.partnership_id != actor.partnership_id:
        raise Missing("profile", key)
    return row


def _meeting_of(session: Session, event: BrokerageEvent, key: str) -> Meeting:
    row = meeting_by_id(session, key)
    if row.event_id != event.id:
        raise Missing("meeting", key)
    return row


def _answered(session: Session, actor: Actor, event: BrokerageEvent, row: Meeting, answer: Answered) -> MeetingOut:
    answer.tag(tag_of(actor, event, row))
    return present_meetings(session, actor, event, [row])[0]
