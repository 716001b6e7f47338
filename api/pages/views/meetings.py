"""Meetings and expressions of interest as the partners meet them: asked, answered, and what came of them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.http.access import INTEREST, MEETING, Allowed, MeetingAccess
from api.http.dependencies import CurrentActor, Tx
from api.http.paging import Page
from api.pages.forms import UNANSWERED, Form
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.routes.matchmaking import interests, meeting_schemas, meetings, outcomes, profile_schemas
from states.matchmaking.event_day.tables import NextStep
from states.matchmaking.profiles.tables import Interest, InterestState
from states.rights.access import Action

router = APIRouter()

ReadMeeting = Annotated[MeetingAccess, Depends(Allowed(MEETING, Action.READ_MEETING))]
Take = Annotated[MeetingAccess, Depends(Allowed(MEETING, Action.TAKE_PART))]
ReadInterest = Annotated[Interest, Depends(Allowed(INTEREST, Action.READ_INTEREST))]


@router.get("/events/{event_id}/meetings")
def get_meetings(request: Request, event: meetings.ReadEvent, session: Tx, actor: CurrentActor, cut: Page) -> Response:
    """List the meetings of an event: those of one's organisation, and all for who runs it."""
    found = meetings.list_meetings(event, session, actor, cut)
    return page(request, "meetings/meetings.html", meetings=found, event_id=event.id)


@router.get("/meetings/{meeting_id}")
def get_meeting(request: Request, found: ReadMeeting, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show a meeting: who asked whom for what, when and where it is, and what was said of it."""
    return page(
        request,
        "meetings/meeting.html",
        meeting=meetings.get_meeting(found, session, actor, UNANSWERED),
        said=outcomes.list_outcomes(found, session, actor, lists.whole()).items,
        can=Abilities(session, actor, found.row),
        steps=list(NextStep),
    )


@router.post("/meetings/{meeting_id}")
def post_meeting(sent: Form, found: Take, session: Tx, actor: CurrentActor) -> Response:
    """Answer a request, take it back, cancel the meeting, say how it went, or that nothing more comes of it."""
    then = sent.get("then")
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
        case _:
            outcomes.post_outcome(found, sent.read(meeting_schemas.OutcomeIn), session, actor, UNANSWERED)
    return lead_to(f"/meetings/{found.row.id}", told=then or "said")


@router.get("/interests/{interest_id}")
def get_interest(request: Request, row: ReadInterest, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show an expression of interest, and, once the host has agreed, who is behind both sides."""
    can = Abilities(session, actor, row)
    known = row.state is InterestState.INTERESTED and can(Action.READ_CONTACT_DETAILS.value)
    return page(
        request,
        "meetings/interest.html",
        interest=interests.get_interest(row, session, UNANSWERED),
        people=interests.list_contact_details(row, session, lists.whole()).items if known else [],
        can=can,
    )


@router.post("/interests/{interest_id}")
def post_interest(sent: Form, row: ReadInterest, session: Tx, actor: CurrentActor) -> Response:
    """Answer as the host, answer the host's question, or take the interest back."""
    then, key = sent.get("then"), row.id
    match then:
        case "inform":
            asked = Allowed(INTEREST, Action.PURSUE_INTEREST)(session, actor, interest_id=key)
            interests.post_information(asked, sent.read(profile_schemas.InformationIn), session, UNANSWERED)
        case "withdraw":
            asked = Allowed(INTEREST, Action.PURSUE_INTEREST)(session, actor, interest_id=key)
            interests.post_interest_withdrawal(asked, sent.read(profile_schemas.ProfileReasonIn), session, UNANSWERED)
        case _:
            asked = Allowed(INTEREST, Action.ANSWER_INTEREST)(session, actor, interest_id=key)
            said = sent.read(profile_schemas.InterestAnswerIn)
            interests.post_answer(asked, said, session, actor, UNANSWERED)
    return lead_to(f"/interests/{key}", told=then or "answered")
