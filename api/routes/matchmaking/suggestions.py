"""Routes of suggestions: whom a profile or a participant should meet and why, and one step from there."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlmodel import Session

from api.http.access import PARTICIPANT, PROFILE, Allowed, ParticipantAccess
from api.http.conditional import Answered
from api.http.dependencies import CurrentActor, Tx, person_of
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.problems import refusals
from api.http.schemas import Listing
from api.routes.matchmaking.interests import present_interests
from api.routes.matchmaking.meeting_schemas import MeetingOut
from api.routes.matchmaking.meeting_views import present_meetings, sees_all, tag_of
from api.routes.matchmaking.profile_schemas import InterestOut
from api.routes.matchmaking.suggestion_schemas import (
    GuestOut,
    InterestStepIn,
    IntroductionOut,
    Language,
    MeetingStepIn,
    SuggestionOut,
    suggested,
    suggestion_values,
)
from states.clock import today
from states.crossings.matchmaking.suggestions import suggestions_at, suggestions_in
from states.errors import Missing
from states.matchmaking.profiles.queries import profile_by_id
from states.matchmaking.profiles.service import is_live
from states.matchmaking.profiles.tables import Profile
from states.matchmaking.suggestions.introductions import ask_suggested, introductions, need_in_force, take_up
from states.rights.access import Action, Actor

router = APIRouter(tags=["matchmaking"], route_class=Idempotent)

Read = Annotated[Profile, Depends(Allowed(PROFILE, Action.READ_SUGGESTIONS))]
Own = Annotated[Profile, Depends(Allowed(PROFILE, Action.EDIT_PROFILE))]
ReadAt = Annotated[ParticipantAccess, Depends(Allowed(PARTICIPANT, Action.READ_SUGGESTIONS))]
AskAs = Annotated[ParticipantAccess, Depends(Allowed(PARTICIPANT, Action.EDIT_PARTICIPANT))]
In = Annotated[Language, Query(description="of the taxonomy's labels")]


@router.get("/profiles/{profile_id}/suggestions", responses=refusals(409))
def list_suggestions(row: Read, session: Tx, page: Page, language: In = Language.EN) -> Listing[SuggestionOut]:
    """List the public profiles of the other side that suit best, with what either side sees, what is missing and
    what it would add; refused while the profile is not public."""
    found = page.each(session, lambda: suggestions_in(session, row.partnership_id))
    need_in_force(found, row)

    def show(places: Sequence[int]) -> list[SuggestionOut]:
        shown = found.of(row.id, start=places[0], stop=places[-1] + 1) if places else ()
        others = suggested(session, [one.other.id for one in shown])
        return [
            SuggestionOut.model_validate(
                suggestion_values(one, own=row.id, other=others[one.other.id], language=language.value)
            )
            for one in shown
        ]

    return page.cut(range(len(found.picks.get(row.id, ()))), int, show=show)


@router.post("/profiles/{profile_id}/suggestions/{other_id}/interest", status_code=201)
def post_suggested_interest(
    row: Own, other_id: str, sent: InterestStepIn, session: Tx, actor: CurrentActor, answer: Answered
) -> InterestOut:
    """Express the interest of the profile's organisation in a suggested one; what is left out comes from both."""
    other = _public(session, actor, other_id)
    made = take_up(
        session, row, other, person_id=person_of(actor), message=sent.message, role_proposed=sent.role_proposed
    )
    answer.created("get_interest", interest_id=made.id)
    answer.tag(made.version)
    return present_interests(session, [made])[0]


@router.get("/participants/{participant_id}/suggestions", responses=refusals(409))
def list_introductions(found: ReadAt, session: Tx, page: Page, language: In = Language.EN) -> Listing[IntroductionOut]:
    """List whom a participant of an event should still ask, among those with a free slot in common, for all public
    profiles of its organisation."""
    pool = page.each(session, lambda: suggestions_at(session, found.event))
    entries = introductions(session, found.event, found.row, pool)

    def show(places: Sequence[int]) -> list[IntroductionOut]:
        part = [(place + 1, entries[place]) for place in places]
        shown = [
            (rank, entry, pool.of(entry.profile_id, start=entry.place, stop=entry.place + 1)[0]) for rank, entry in part
        ]
        others = suggested(session, [one.other.id for _, _, one in shown])
        return [
            IntroductionOut.model_validate(
                suggestion_values(one, own=entry.profile_id, other=others[one.other.id], language=language.value)
                | {
                    "rank": rank,
                    "guests": [GuestOut(participant_id=guest.id, label=guest.label) for guest in entry.guests],
                }
            )
            for rank, entry, one in shown
        ]

    return page.cut(range(len(entries)), int, show=show)


@router.post("/participants/{participant_id}/suggestions/{profile_id}/meeting", status_code=201)
def post_suggested_meeting(
    found: AskAs, profile_id: str, sent: MeetingStepIn, session: Tx, actor: CurrentActor, answer: Answered
) -> MeetingOut:
    """Ask for a meeting about a suggested profile: whoever there has most free slots in common is asked."""
    profile, late = _public(session, actor, profile_id), sees_all(actor, found.event)
    row = ask_suggested(
        session, found.event, found.row, profile, message=sent.message, priority=sent.priority, late=late
    )
    answer.created("get_meeting", meeting_id=row.id)
    answer.tag(tag_of(actor, found.event, row))
    return present_meetings(session, actor, found.event, [row])[0]


def _public(session: Session, actor: Actor, key: str) -> Profile:
    row = profile_by_id(session, key)
    if row.partnership_id != actor.partnership_id or not is_live(row, on=today()):
        raise Missing("profile", key)
    return row
