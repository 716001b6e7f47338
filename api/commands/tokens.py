"""The commands `bankable token`: make one for a role, list them, end one."""

from typing import Annotated

import typer
from sqlmodel import Session, col, select

from api.http.lookups import region_named
from states.clock import machine_now
from states.credentials.tokens import DEFAULT_DAYS, create_token, revoke_token
from states.errors import Missing
from states.partners.people import grant_role, person_by_email
from states.partners.queries import holders, organisation_by_slug, partnership_by_slug
from states.partners.tables import AccessToken, Organisation, Partnership, Person, Region, RoleGrant
from states.rights.access import EVERY_SCOPE, Role, TokenScope
from states.storage import begin

tokens = typer.Typer(help="Make, list and end bearer tokens.", no_args_is_help=True)


@tokens.command()
def create(
    role: Annotated[Role, typer.Option(help="what the bearer is in the partnership")],
    partnership: Annotated[str, typer.Option(help="its short name")],
    region: Annotated[str | None, typer.Option(help="short name; a WGRA member speaks for one")] = None,
    organisation: Annotated[str | None, typer.Option(help="short name; a partner speaks for one")] = None,
    email: Annotated[str | None, typer.Option(help="which person, where several hold the role")] = None,
    scope: Annotated[list[TokenScope] | None, typer.Option(help="what it is good for; all where none is named")] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="how long it is good for")] = DEFAULT_DAYS,
    label: Annotated[str, typer.Option(help="what it is for")] = "",
) -> None:
    """Print a new token: it is shown this once. The person is who holds the role, registered now if nobody does."""
    with begin() as session:
        row = partnership_by_slug(session, partnership)
        spoken_region = region_named(session, row.id, region) if region else None
        spoken_organisation = organisation_by_slug(session, organisation) if organisation else None
        grant = _grant(session, row, role, region=spoken_region, organisation=spoken_organisation, email=email)
        text = create_token(session, grant, days=days, label=label, scopes=scope or EVERY_SCOPE)
    typer.echo(text)
    typer.echo(f"It acts as {role.value} in {partnership} for {days} days and is not shown again.", err=True)


def _grant(
    session: Session,
    partnership: Partnership,
    role: Role,
    *,
    region: Region | None,
    organisation: Organisation | None,
    email: str | None,
) -> RoleGrant:
    for holder in holders(session, partnership.id, role):
        fits_region = region is None or holder.grant.region_id == region.id
        fits_organisation = organisation is None or holder.grant.organisation_id == organisation.id
        if fits_region and fits_organisation and email in (None, holder.person.email):
            return holder.grant
    spoken_for = [place.slug for place in (region, organisation) if place is not None]
    name = "-".join([role.value.replace("_", "-"), *spoken_for])
    person = person_by_email(
        session,
        email=email or f"{name}@{partnership.slug}.invalid",
        label=", ".join([role.value.replace("_", " "), *spoken_for]),
    )
    return grant_role(session, partnership, person, role, region=region, organisation=organisation)


@tokens.command("list")
def list_tokens() -> None:
    """List the tokens, one a line with tabs between: id, state, partnership, role, person, label."""
    query = (
        select(AccessToken, RoleGrant, Person, Partnership)
        .join(RoleGrant, col(RoleGrant.id) == col(AccessToken.grant_id))
        .join(Person, col(Person.id) == col(RoleGrant.person_id))
        .join(Partnership, col(Partnership.id) == col(RoleGrant.partnership_id))
        .order_by(col(AccessToken.created_at), col(AccessToken.id))
    )
    with begin(read_only=True) as session:
        for token, grant, person, partnership in session.exec(query):
            shown = (token.id, _state(token), partnership.slug, grant.role.value, person.label, token.label)
            typer.echo("\t".join(shown))


def _state(token: AccessToken) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "expired" if token.expires_at <= machine_now() else f"until {token.expires_at:%Y-%m-%d}"


@tokens.command()
def revoke(token_id: Annotated[str, typer.Argument(help="an id from the list")]) -> None:
    """End a token at once."""
    with begin() as session:
        if session.get(AccessToken, token_id) is None:
            raise Missing("token", token_id)
        revoke_token(session, token_id)
    typer.echo("It is revoked.")
