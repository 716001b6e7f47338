"""The commands `bankable events`: plan, announce, change and cancel events; a dry run names who would be told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import typer
from sqlmodel import Session

import states.schema  # noqa: F401 - rows refer to tables that nothing else here loads
from api.commands.timetables import solve_file
from states.calendars.event_announcements import (
    announce,
    announce_event,
    cancel_event,
    change_event,
    plan_event,
    waiting_mails,
)
from states.calendars.states import EVENT, event_state
from states.errors import Missing
from states.partners.event_plans import EventPlan, plan_of
from states.partners.queries import events_of, partnership_by_slug
from states.partners.tables import EventKind, PartnershipEvent
from states.rights.access import Role
from states.storage import aside, begin

events = typer.Typer(
    help="Plan, announce, change and cancel events, and say before who is told; schedule their meetings.",
    no_args_is_help=True,
)
events.command("solve")(solve_file)

Partnership = Annotated[str, typer.Argument(help="short name of the partnership")]
Event = Annotated[str, typer.Argument(metavar="EVENT", help="its id, as in the list")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="say who would be told and when, and change nothing")]
Date = Annotated[str | None, typer.Option(help='as exact as it is known: "2027-06-10", "June 2027"')]
Moment = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M%z"], help="by the clock of --time-zone"),
]
Zone = Annotated[str | None, typer.Option(help="IANA name of the event's clock, such as Europe/Brussels")]
Words = Annotated[str | None, typer.Option()]
Audience = Annotated[list[Role] | None, typer.Option(help="a role that is told; may be repeated; none: all")]


@events.command("list")
def list_events(partnership: Partnership) -> None:
    """List the events, one a line with tabs between: id, date, name, kind, state, roles that are told."""
    with begin(read_only=True) as session:
        for row in events_of(session, partnership_by_slug(session, partnership).id):
            typer.echo("\t".join((*_shown(row), ", ".join(row.audience) or "all")))


@events.command()
def add(
    partnership: Partnership,
    name: Annotated[str, typer.Argument(help="its name")],
    kind: Annotated[EventKind, typer.Option(help="what it is")],
    held_on: Date = None,
    starts_at: Moment = None,
    ends_at: Moment = None,
    time_zone: Zone = None,
    place: Words = None,
    url: Words = None,
    information: Words = None,
    audience: Audience = None,
    at_once: Annotated[bool, typer.Option("--announce", help="announce it at once")] = False,
    dry_run: DryRun = False,
) -> None:
    """Add an event; nobody is told of it until it is announced."""
    given = _given(held_on, starts_at, ends_at, time_zone, place, url, information)
    with _telling(dry_run) as (session, tell):
        enter = announce_event if at_once else plan_event
        plan = EventPlan(name, kind, **given)
        tell(enter(session, partnership_by_slug(session, partnership), plan, audience=audience or ()))


@events.command()
def change(
    partnership: Partnership,
    event: Event,
    name: Words = None,
    kind: Annotated[EventKind | None, typer.Option(help="what it is")] = None,
    held_on: Date = None,
    starts_at: Moment = None,
    ends_at: Moment = None,
    time_zone: Zone = None,
    place: Words = None,
    url: Words = None,
    information: Words = None,
    audience: Audience = None,
    dry_run: DryRun = False,
) -> None:
    """Change an event and tell those who were told of it; what is left out stays."""
    given = _given(held_on, starts_at, ends_at, time_zone, place, url, information)
    given |= {key: value for key, value in (("name", name), ("kind", kind)) if value is not None}
    with _telling(dry_run) as (session, tell):
        row = _event(session, partnership, event)
        moved = {"held_on": ""} if "starts_at" in given else _DATED if "held_on" in given else {}
        tell(change_event(session, row, replace(plan_of(row), **moved | given), audience=audience))


@events.command("announce")
def announce_one(partnership: Partnership, event: Event, dry_run: DryRun = False) -> None:
    """Announce an event to its audience by mail, each in working hours where that person is, unless it begins soon."""
    with _telling(dry_run) as (session, tell):
        tell(announce(session, _event(session, partnership, event)))


@events.command()
def cancel(
    partnership: Partnership,
    event: Event,
    reason: Annotated[str, typer.Option(help="why; those who heard of the event read it")],
    dry_run: DryRun = False,
) -> None:
    """Cancel an event that is not over, and tell those who heard of it."""
    with _telling(dry_run) as (session, tell):
        tell(cancel_event(session, _event(session, partnership, event), reason=reason))


_DATED: dict[str, Any] = {"starts_at": None, "ends_at": None, "time_zone": ""}
"""An event that is on a date is at no exact time."""


def _given(
    held_on: str | None,
    starts_at: datetime | None,
    ends_at: datetime | None,
    time_zone: str | None,
    place: str | None,
    url: str | None,
    information: str | None,
) -> dict[str, Any]:
    return {name: value for name, value in locals().items() if value is not None}


@contextmanager
def _telling(dry_run: bool) -> Iterator[tuple[Session, Callable[[PartnershipEvent], None]]]:
    """Yield a transaction, in a dry run one that changes nothing, and what prints an event and who is told of it."""

    def tell(row: PartnershipEvent) -> None:
        mails = waiting_mails(session, row)
        typer.echo("\t".join(_shown(row)))
        for label, mail in mails:
            typer.echo(f"{mail.values['change']}\t{label}\t{mail.not_before:%Y-%m-%d %H:%M} UTC")
        typer.echo(f"{len(mails)} mails {'would wait' if dry_run else 'wait'} to be sent.")

    with (aside if dry_run else begin)() as session:
        yield session, tell


def _shown(row: PartnershipEvent) -> tuple[str, ...]:
    begins = plan_of(row).starts_at
    day = f"{begins:%Y-%m-%d %H:%M} {row.time_zone}" if begins else row.held_on
    return row.id, day, row.name, row.kind.value, EVENT.states[event_state(row)].lower()


def _event(session: Session, partnership: str, key: str) -> PartnershipEvent:
    row = session.get(PartnershipEvent, key)
    if row is None or row.partnership_id != partnership_by_slug(session, partnership).id:
        raise Missing("event", key)
    return row
