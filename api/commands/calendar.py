"""The commands `bankable calendar`: make a feed, list them, end one."""

from typing import Annotated

import typer
from sqlmodel import col, select

import states.schema  # noqa: F401 - rows refer to tables that nothing else here loads
from states.calendars.feeds import feed_address, make_feed, revoke_feed
from states.calendars.queries import actors_of
from states.calendars.tables import CalendarFeed
from states.errors import Fault, Invalid, Missing
from states.partners.queries import partnership_by_slug
from states.partners.tables import Partnership, Person
from states.storage import begin

calendars = typer.Typer(help="Make, list and end calendar feeds.", no_args_is_help=True)


@calendars.command()
def make(
    partnership: Annotated[str, typer.Option(help="its short name")],
    person: Annotated[str | None, typer.Option(help="e-mail address of whose it is; without it, the whole's")] = None,
    label: Annotated[str, typer.Option(help="where it is read")] = "",
) -> None:
    """Print the address of a new feed: it is shown this once, and whoever knows it reads the calendar."""
    with begin() as session:
        row = partnership_by_slug(session, partnership)
        person_id = None
        if person is not None:
            person_id = session.exec(select(Person.id).where(Person.email == person)).one_or_none()
            if person_id is None or not actors_of(session, person_id, row.id):
                fault = Fault(
                    "person",
                    "holds_no_role_in",
                    remedy="make_token_first_gives_one",
                    person=person,
                    partnership=partnership,
                )
                raise Invalid(faults=[fault])
        _, secret = make_feed(session, row.id, person_id=person_id, label=label)
    typer.echo(feed_address(secret))


@calendars.command("list")
def list_feeds() -> None:
    """List the feeds, one a line with tabs between: id, state, partnership, person, last reading, label."""
    query = (
        select(CalendarFeed, Partnership, Person)
        .join(Partnership, col(Partnership.id) == col(CalendarFeed.partnership_id))
        .join(Person, col(Person.id) == col(CalendarFeed.person_id), isouter=True)
        .order_by(col(CalendarFeed.created_at), col(CalendarFeed.id))
    )
    with begin(read_only=True) as session:
        for row, partnership, person in session.exec(query):
            state = "good" if row.revoked_at is None else "revoked"
            read = row.last_read_at.isoformat(timespec="minutes") if row.last_read_at else "never"
            whose = person.label if row.person_id else "all"
            typer.echo("\t".join([row.id, state, partnership.slug, whose, read, row.label]))


@calendars.command()
def revoke(feed_id: Annotated[str, typer.Argument(help="as in the list")]) -> None:
    """End a feed at once, and for good."""
    with begin() as session:
        row = session.get(CalendarFeed, feed_id)
        if row is None:
            raise Missing("calendar_feed", feed_id)
        revoke_feed(session, row)
    typer.echo("The feed is revoked.")
