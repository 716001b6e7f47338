"""Routes of browser sessions: where somebody is signed in, and out of which browsers; nobody signs in here."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field
from sqlmodel import col

from api.http.dependencies import InPartnership, Tx, person_of
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Listing, Output
from api.routes.people.people import EraseGrant
from states.credentials.sessions import BrowserSession, Means, end_session, find_sessions, own_session
from states.crossings.sign_in import end_all
from states.rights.access import Action, Actor, Role

router = APIRouter(tags=["people"], route_class=Idempotent)

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]
Self = Annotated[Actor, Depends(InPartnership(Action.MAKE_TOKEN))]


class BrowserSessionOut(Output):
    id: str
    browser: str = Field(description="what it calls itself")
    means: Means
    partnership: str
    role: Role = Field(description="in force there; one may act there in any other of one's own")
    made_at: datetime
    seen_at: datetime = Field(description="when a page was read or a form sent in it last, to five minutes")
    expires_at: datetime = Field(description="when it ends if nobody does anything in it")


class SessionsEndedOut(Output):
    browsers: int = Field(description="in which the person was signed in")


@router.get("/me/sessions")
def list_own_sessions(actor: Insider, session: Tx, page: Page) -> Listing[BrowserSessionOut]:
    """List the browsers in which one is signed in, in whichever role; the last seen first."""
    return page.read(
        session,
        find_sessions(person_of(actor)),
        col(BrowserSession.seen_at).desc(),
        col(BrowserSession.id),
        show=lambda rows: [
            BrowserSessionOut(
                **row.model_dump(include={"id", "browser", "means", "made_at", "seen_at"}),
                expires_at=row.ends_at,
                partnership=partnership.slug,
                role=grant.role,
            )
            for row, grant, partnership in rows
        ],
    )


@router.delete("/me/sessions/{session_id}", status_code=204)
def delete_own_session(actor: Self, session_id: str, session: Tx) -> Response:
    """Sign one browser out, wherever it is."""
    end_session(session, own_session(session, person_of(actor), session_id))
    return Response(status_code=204)


@router.delete("/partnerships/{partnership}/people/{grant_id}/sessions")
def delete_sessions(found: EraseGrant, session: Tx) -> SessionsEndedOut:
    """Sign somebody out of every browser at once, by an administrator; links that were asked for to sign in end too."""
    return SessionsEndedOut(browsers=end_all(session, found.person))
