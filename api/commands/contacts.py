"""The commands `bankable contact`: who met or wrote to whom, and how it ended."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import typer
from sqlmodel import Session, col

from api.commands.collaborations import Partnership
from api.http.lookups import event_of, organisations_named
from states.errors import Missing
from states.matchmaking.queries import ORDERS, contact_by_id, find_contacts
from states.matchmaking.service import contact_plan_of, correct_contact, record_contact, withdraw_contact
from states.matchmaking.tables import Contact, ContactKind, ContactStatus
from states.partners.queries import organisation_slugs, partnership_by_slug
from states.storage import begin

contacts = typer.Typer(help="List, record, correct and withdraw contacts.", no_args_is_help=True)

Key = Annotated[str, typer.Argument(metavar="CONTACT", help="its id, as in the list")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="day on which they met")]
AtEvent = Annotated[str | None, typer.Option(help="id of the event at which they met")]


@contacts.command("list")
def list_contacts(
    partnership: Partnership,
    kind: Annotated[ContactKind | None, typer.Option(help="of this kind alone")] = None,
    status: Annotated[ContactStatus | None, typer.Option(help="that ended so alone")] = None,
) -> None:
    """List contacts, one a line with tabs between: id, kind, who asked, whom, status, day, subject, why withdrawn."""
    with begin(read_only=True) as session:
        query = find_contacts(partnership_by_slug(session, partnership).id, kind=kind, status=status)
        rows = session.exec(query.order_by(ORDERS["recorded"], col(Contact.id))).all()
        names = organisation_slugs(session, {key for row in rows for key in (row.requester_id, row.host_id)})
        for row in rows:
            day = row.held_on.isoformat() if row.held_on else ""
            who = (names[row.requester_id], names[row.host_id])
            typer.echo("\t".join((row.id, row.kind, *who, row.status, day, row.subject, row.withdraw_reason)))


@contacts.command()
def record(
    partnership: Partnership,
    requester: Annotated[str, typer.Argument(help="short name of the organisation that asked")],
    host: Annotated[str, typer.Argument(help="short name of the organisation that was asked")],
    subject: Annotated[str, typer.Option(help="what it is about")],
    status: Annotated[ContactStatus, typer.Option(help="how it ended")],
    kind: Annotated[ContactKind, typer.Option(help="what it is")] = ContactKind.MEETING,
    held_on: Day = None,
    event: AtEvent = None,
) -> None:
    """Record who met or wrote to whom, and print its id; `bankable collaboration open --contact` goes on from it."""
    with begin() as session:
        key = partnership_by_slug(session, partnership).id
        found = organisations_named(session, key, {"requester": requester, "host": host})
        row = record_contact(
            session,
            partnership_id=key,
            kind=kind,
            requester=found["requester"],
            host=found["host"],
            subject=subject,
            status=status,
            event=event_of(session, key, event) if event else None,
            held_on=held_on.date() if held_on else None,
        )
        typer.echo(row.id)


@contacts.command()
def correct(
    partnership: Partnership,
    contact: Key,
    requester: Annotated[str | None, typer.Option(help="short name of the organisation that asked")] = None,
    host: Annotated[str | None, typer.Option(help="short name of the organisation that was asked")] = None,
    subject: Annotated[str | None, typer.Option(help="what it is about")] = None,
    status: Annotated[ContactStatus | None, typer.Option(help="how it ended")] = None,
    held_on: Day = None,
    event: AtEvent = None,
) -> None:
    """Correct a contact; what is left out stays. Once a collaboration came from it, its organisations stay too."""
    with begin() as session:
        row = contact_named(session, partnership, contact)
        named = {place: slug for place, slug in (("requester", requester), ("host", host)) if slug is not None}
        found = organisations_named(session, row.partnership_id, named)
        given: dict[str, Any] = {
            "subject": subject,
            "status": status,
            "held_on": held_on.date() if held_on else None,
            "event_id": event_of(session, row.partnership_id, event).id if event else None,
        }
        changes = {name: value for name, value in given.items() if value is not None}
        changes |= {f"{place}_id": one.id for place, one in found.items()}
        correct_contact(session, row, replace(contact_plan_of(row), **changes))
    typer.echo("It is corrected.")


@contacts.command()
def withdraw(
    partnership: Partnership,
    contact: Key,
    reason: Annotated[str, typer.Option(help="why it should not have been recorded")],
) -> None:
    """Withdraw a contact that was recorded by mistake: it stays, with the reason, and is counted nowhere."""
    with begin() as session:
        withdraw_contact(session, contact_named(session, partnership, contact), reason=reason)
    typer.echo("It is withdrawn.")


def contact_named(session: Session, partnership: str, key: str) -> Contact:
    """Return a contact of a partnership by its id, or raise `Missing`."""
    row = contact_by_id(session, key)
    if row.partnership_id != partnership_by_slug(session, partnership).id:
        raise Missing("contact", key)
    return row
