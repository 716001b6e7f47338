"""Routes of tokens: one's own, made for a part of what one may do; and those of a partnership, listed and ended."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field
from sqlmodel import Session, col, select

from api.http.access import PARTNERSHIP, Allowed
from api.http.dependencies import InPartnership, Tx, person_of
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Output
from states.credentials.tokens import DEFAULT_DAYS, create_token, revoke_token
from states.errors import Denied, Missing
from states.partners.tables import AccessToken, Partnership, Person, RoleGrant
from states.rights.access import Action, Actor, Role, TokenScope

router = APIRouter(tags=["people"], route_class=Idempotent)

Self = Annotated[Actor, Depends(InPartnership(Action.MAKE_TOKEN))]
Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]
ReadAll = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.READ_TOKENS))]
Revoke = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.REVOKE_TOKEN))]


class TokenIn(Input):
    model_config = example(label="nightly export", scopes=["read"], days=90)

    label: Line = Field(description="what it is for")
    scopes: list[TokenScope] = Field(default=list(TokenScope), max_length=3, description="a part of one's own")
    days: int = Field(default=DEFAULT_DAYS, ge=1, le=366)


class TokenOut(Output):
    id: str
    person: str = Field(description="whose it is, by function")
    role: Role
    scopes: list[TokenScope]
    label: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class TokenMadeOut(Output):
    token: str = Field(description="shown this once")


@router.get("/me/tokens")
def list_own_tokens(actor: Insider, session: Tx, page: Page) -> Listing[TokenOut]:
    """List one's own tokens for this role, newest first; what they are is kept nowhere."""
    return _list(session, page, _own(session, actor))


@router.post("/me/tokens", status_code=201)
def post_own_token(actor: Self, sent: TokenIn, session: Tx) -> TokenMadeOut:
    """Make another token for oneself, for no more than the present one is made for; it is shown this once."""
    beyond = set(sent.scopes) - actor.scopes
    if beyond:
        raise Denied("token_without_scope", scope=min(beyond))
    grant = session.get_one(RoleGrant, _own(session, actor))
    text = create_token(session, grant, days=sent.days, label=sent.label, scopes=sent.scopes)
    return TokenMadeOut(token=text)


@router.delete("/me/tokens/{token_id}", status_code=204)
def delete_own_token(actor: Self, token_id: str, session: Tx) -> Response:
    """End one of one's own tokens at once."""
    row = session.get(AccessToken, token_id)
    if row is None or row.grant_id != _own(session, actor):
        raise Missing("token", token_id)
    revoke_token(session, token_id)
    return Response(status_code=204)


@router.get("/partnerships/{partnership}/tokens")
def list_tokens(row: ReadAll, session: Tx, page: Page) -> Listing[TokenOut]:
    """List the tokens that open this partnership, newest first."""
    return _list(session, page, None, partnership_id=row.id)


@router.delete("/partnerships/{partnership}/tokens/{token_id}", status_code=204)
def delete_token(row: Revoke, token_id: str, session: Tx) -> Response:
    """End a token at once, whoever has it."""
    found = session.get(AccessToken, token_id)
    if found is None or session.get_one(RoleGrant, found.grant_id).partnership_id != row.id:
        raise Missing("token", token_id)
    revoke_token(session, token_id)
    return Response(status_code=204)


def _own(session: Session, actor: Actor) -> str:
    query = select(RoleGrant.id).where(
        RoleGrant.person_id == person_of(actor),
        RoleGrant.partnership_id == actor.partnership_id,
        RoleGrant.role == actor.role,
    )
    return session.exec(query).one()


def _list(session: Session, page: Page, grant_id: str | None, *, partnership_id: str = "") -> Listing[TokenOut]:
    query = (
        select(AccessToken, RoleGrant, Person)
        .join(RoleGrant, col(RoleGrant.id) == col(AccessToken.grant_id))
        .join(Person, col(Person.id) == col(RoleGrant.person_id))
        .where(RoleGrant.id == grant_id if grant_id is not None else RoleGrant.partnership_id == partnership_id)
    )
    return page.read(
        session,
        query,
        col(AccessToken.created_at).desc(),
        col(AccessToken.id),
        show=lambda rows: [
            TokenOut(
                **token.model_dump(include={"id", "scopes", "label", "created_at", "expires_at", "revoked_at"}),
                person=person.label,
                role=grant.role,
            )
            for token, grant, person in rows
        ],
    )
