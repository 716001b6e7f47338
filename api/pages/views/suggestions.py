"""Who should meet whom and why: for a public profile, and for a participant of an event; one step from there."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.dependencies import CurrentActor, Tx
from api.http.paging import Page
from api.pages.event_heads import event_head
from api.pages.forms import UNANSWERED, Form
from api.pages.languages import present_language
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.routes.matchmaking import profiles, suggestion_schemas, suggestions
from api.routes.matchmaking.participants import get_participant

router = APIRouter()


def taxonomy_language() -> suggestion_schemas.Language:
    """Return in which language keywords are called: that of the page, where the taxonomy speaks it."""
    spoken = present_language()
    known = suggestion_schemas.Language
    return known(spoken) if spoken in set(known) else known.EN


@router.get("/profiles/{profile_id}/suggestions")
def get_suggestions(request: Request, row: suggestions.Read, session: Tx, actor: CurrentActor, cut: Page) -> Response:
    """Show the profiles that suit best, with what either side sees."""
    return page(
        request,
        "profiles/suggestions.html",
        profile=profiles.get_profile(row, session, UNANSWERED),
        can=Abilities(session, actor, row),
        listed=suggestions.list_suggestions(row, session, cut, taxonomy_language()),
    )


@router.post("/profiles/{profile_id}/suggestions/{other_id}")
def post_suggested(sent: Form, row: suggestions.Own, other_id: str, session: Tx, actor: CurrentActor) -> Response:
    """Express interest in a suggested profile."""
    step = sent.read(suggestion_schemas.InterestStepIn)
    made = suggestions.post_suggested_interest(row, other_id, step, session, actor, UNANSWERED)
    return lead_to(f"/interests/{made.id}", told="sent")


@router.get("/participants/{participant_id}/suggestions")
def get_introductions(
    request: Request, found: suggestions.ReadAt, session: Tx, actor: CurrentActor, cut: Page
) -> Response:
    """Show whom a participant should still ask, among those with a free slot in common."""
    return page(
        request,
        "profiles/introductions.html",
        head=event_head(session, actor, found.event.id),
        participant=get_participant(found, session, actor, UNANSWERED),
        can=Abilities(session, actor, found.row),
        listed=suggestions.list_introductions(found, session, cut, taxonomy_language()),
    )


@router.post("/participants/{participant_id}/suggestions/{profile_id}")
def post_introduced(
    sent: Form, found: suggestions.AskAs, profile_id: str, session: Tx, actor: CurrentActor
) -> Response:
    """Ask for a meeting about a suggested profile."""
    step = sent.read(suggestion_schemas.MeetingStepIn)
    made = suggestions.post_suggested_meeting(found, profile_id, step, session, actor, UNANSWERED)
    return lead_to(f"/meetings/{made.id}", told="asked")
