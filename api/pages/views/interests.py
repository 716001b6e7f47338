"""Expressions of interest: who sent or got one, answered in time, and who is behind both sides once the host agrees."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.http.access import INTEREST, Allowed
from api.http.dependencies import CurrentActor, Tx
from api.http.paging import Page
from api.pages.forms import UNANSWERED, Form
from api.pages.lists import Lists
from api.pages.origins import case_of
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.pages.views.profiles import pool_rights
from api.routes.matchmaking import interests, profile_schemas
from states.matchmaking.profiles.tables import Interest, InterestState
from states.rights.access import Action

router = APIRouter()

ReadInterest = Annotated[Interest, Depends(Allowed(INTEREST, Action.READ_INTEREST))]


@router.get("/interests")
def get_interests(request: Request, session: Tx, actor: interests.Reader, cut: Page, state: str = "") -> Response:
    """List the expressions of interest that the own organisation sent or got; a manager gets all."""
    wanted = InterestState(state) if state in set(InterestState) else None
    found = interests.list_interests(session, actor, cut, state=wanted, sort="-sent")
    return page(
        request,
        "meetings/interests.html",
        can=pool_rights(actor),
        listed=found,
        state=state,
        states=list(InterestState),
    )


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
        case=case_of(session, actor, row.contact_id),
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
