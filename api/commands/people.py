"""The commands `bankable people`: who holds which role; invite, change, confirm, sign in, end and erase them."""

from dataclasses import replace
from typing import Annotated, Any

import typer
from sqlmodel import Session, col, select

from api.commands.addresses import warn_of
from api.http.lookups import region_named
from states.credentials.sessions import sessions_of
from states.crossings.people import end_role, erase_person, invite
from states.crossings.sign_in import LINK_MINUTES, end_all, link_for, person_with_role
from states.errors import Missing
from states.partners.addresses import address_key
from states.partners.people import (
    PersonPlan,
    confirm_grant,
    edit_grant,
    edit_person,
    grant_role,
    person_plan_of,
    register_person,
)
from states.partners.queries import find_grants, member_by_slug, organisation_slugs, partnership_by_slug, region_slugs
from states.partners.tables import Organisation, Partnership, Person, Region, RoleGrant
from states.rights.access import Actor, Role
from states.storage import begin

people = typer.Typer(help="List, invite, change, sign in, end and erase people and their roles.", no_args_is_help=True)

Partner = Annotated[str, typer.Argument(metavar="PARTNERSHIP", help="short name of the partnership")]
Email = Annotated[str, typer.Argument(help="e-mail address")]
OfRole = Annotated[Role, typer.Option("--role", help="in which role")]
Organ = Annotated[str | None, typer.Option("--organisation", help="short name; a partner speaks for one")]
Place = Annotated[str | None, typer.Option("--region", help="short name; a WGRA member speaks for one")]
Label = Annotated[str | None, typer.Option(help="who this is, by function")]
Language = Annotated[str | None, typer.Option(help="ISO 639-1")]
TimeZone = Annotated[str | None, typer.Option(help="IANA name")]
Expertise = Annotated[list[str] | None, typer.Option(help="as `bankable playbook show` lists it; may be repeated")]


@people.command("list")
def list_people(
    partnership: Partner,
    role: Annotated[Role | None, typer.Option(help="of this role alone")] = None,
    email: Annotated[str | None, typer.Option(help="of this address alone")] = None,
    ended: Annotated[bool, typer.Option(help="those too whose role has ended")] = False,
) -> None:
    """List who holds which role, one a line with tabs between: address, who, role, organisation or region, state."""
    with begin(read_only=True) as session:
        row = partnership_by_slug(session, partnership)
        query = find_grants(row.id, role=role, email=email, ended=ended)
        found = session.exec(query.order_by(col(Person.label), col(RoleGrant.id))).all()
        organisations = organisation_slugs(session, [one.organisation_id for one, _ in found if one.organisation_id])
        regions = region_slugs(session, [one.region_id for one, _ in found if one.region_id])
        for grant, person in found:
            spoken = organisations.get(grant.organisation_id or "") or regions.get(grant.region_id or "", "")
            typer.echo("\t".join((person.email, person.label, grant.role.value, spoken, _state(grant))))


@people.command("invite")
def invite_person(
    partnership: Partner,
    email: Email,
    role: OfRole,
    organisation: Organ = None,
    region: Place = None,
    label: Label = None,
    language: Language = None,
    time_zone: TimeZone = None,
    expertise: Expertise = None,
    silently: Annotated[bool, typer.Option(help="write no mail: a token is made here")] = False,
) -> None:
    """Give somebody a role, and write to that address with a link that takes it up."""
    with begin() as session:
        row = partnership_by_slug(session, partnership)
        given = {"language": language, "time_zone": time_zone}
        plan = PersonPlan(email, label or role.value.replace("_", " "), **_named(given))
        person = register_person(session, plan)
        spoken = _spoken(session, row, organisation, region)
        grant = grant_role(session, row, person, role, **spoken, expertise=expertise or ())
        if not silently:
            invite(session, grant)
        typer.echo("\t".join((person.email, person.label, role.value)))
        warn_of(person.email)


@people.command()
def edit(
    partnership: Partner,
    email: Email,
    role: OfRole,
    new_email: Annotated[str | None, typer.Option("--email", help="another address")] = None,
    organisation: Organ = None,
    region: Place = None,
    label: Label = None,
    language: Language = None,
    time_zone: TimeZone = None,
    expertise: Expertise = None,
) -> None:
    """Change how somebody is described and reached, and for whom that person speaks; what is left out stays."""
    with begin() as session:
        row = partnership_by_slug(session, partnership)
        grant, person = _held(session, row, email, role)
        changes = _named({"email": new_email, "label": label, "language": language, "time_zone": time_zone})
        if changes:
            edit_person(session, person, replace(person_plan_of(person), **changes))
            warn_of(person.email)
        spoken: dict[str, Any] = {
            "organisation": session.get(Organisation, grant.organisation_id or ""),
            "region": session.get(Region, grant.region_id or ""),
        }
        spoken |= _named(_spoken(session, row, organisation, region))
        edit_grant(session, grant, **spoken, expertise=grant.expertise if expertise is None else expertise)
    typer.echo("It is changed.")


@people.command()
def confirm(partnership: Partner, email: Email) -> None:
    """Confirm that somebody whom a manager named speaks for a partner."""
    with begin() as session:
        grant, _ = _held(session, partnership_by_slug(session, partnership), email, Role.PARTNER)
        confirm_grant(session, grant)
    typer.echo("It is confirmed.")


@people.command()
def end(
    partnership: Partner,
    email: Email,
    role: OfRole,
    reason: Annotated[str, typer.Option(help="why")],
    successor: Annotated[str | None, typer.Option(help="address of somebody with the same role")] = None,
) -> None:
    """End a role with its tokens and links; deadlines go to the successor or to all of the role, seats are left."""
    with begin() as session:
        row = partnership_by_slug(session, partnership)
        grant, _ = _held(session, row, email, role)
        heir = _held(session, row, successor, role)[0] if successor is not None else None
        operator = Actor(Role.ADMINISTRATOR, row.id)
        done = end_role(session, grant, actor=operator, reason=reason, successor=heir)
        typer.echo(f"deadlines {done.deadlines}\tseats {done.seats}\tprofiles {done.profiles}\tcases {done.cases}")
        for slug in done.unattended:
            typer.echo(f"open\t{slug}: nobody looks after it; bankable officer assign names somebody")


@people.command()
def erase(
    partnership: Partner, email: Email, reason: Annotated[str, typer.Option(help="why; kept, so without the name")]
) -> None:
    """Erase what is personal of somebody who holds no role any more, anywhere; it cannot be undone."""
    with begin() as session:
        row = partnership_by_slug(session, partnership)
        found = session.exec(find_grants(row.id, email=address_key(email), ended=True)).first()
        if found is None:
            raise Missing("person", email)
        erase_person(session, found[1], reason=reason)
    typer.echo("It is erased; what that person wrote and signed stays, without saying by whom.")


@people.command("sign-in")
def sign_in(email: Email) -> None:
    """Print a link that signs somebody in in a browser: once, and soon. It opens all that this person may do."""
    with begin() as session:
        person = person_with_role(session, email)
        if person is None:
            raise Missing("person", email)
        typer.echo(link_for(session, person))
    typer.echo(f"It opens once, within {LINK_MINUTES} minutes.", err=True)


@people.command()
def sessions(email: Email) -> None:
    """List where somebody is signed in, one a line with tabs between.

    Id, since when, last seen, when it ends if nothing is done in it, by what, role, browser.
    """
    with begin(read_only=True) as session:
        person = _known(session, email)
        for row, grant, partnership in sessions_of(session, person.id):
            seen = (f"{at:%Y-%m-%d %H:%M}" for at in (row.made_at, row.seen_at, row.ends_at))
            acts = f"{grant.role.value} in {partnership.slug}"
            typer.echo("\t".join((row.id, *seen, row.means.value, acts, row.browser)))


@people.command("sign-out")
def sign_out(email: Email) -> None:
    """Sign somebody out of every browser; links that were asked for to sign in end too."""
    with begin() as session:
        ended = end_all(session, _known(session, email))
    typer.echo(f"browsers {ended}")


def _known(session: Session, email: str) -> Person:
    person = session.exec(select(Person).where(Person.email == address_key(email))).one_or_none()
    if person is None:
        raise Missing("person", email)
    return person


def _held(session: Session, row: Partnership, email: str, role: Role) -> tuple[RoleGrant, Person]:
    found = session.exec(find_grants(row.id, role=role, email=address_key(email))).one_or_none()
    if found is None:
        raise Missing("role_grant", f"{role.value} {email}")
    return found


def _spoken(session: Session, row: Partnership, organisation: str | None, region: str | None) -> dict[str, Any]:
    return {
        "organisation": member_by_slug(session, row.id, organisation)[0] if organisation else None,
        "region": region_named(session, row.id, region) if region else None,
    }


def _named(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _state(grant: RoleGrant) -> str:
    if grant.until is not None:
        return f"until {grant.until:%Y-%m-%d}"
    return "to be confirmed" if grant.unconfirmed else ""
