"""The commands `bankable reminders`: what would go out, what went out and what did not, what if a date moved."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Column, Table
from sqlmodel import Session, col, select

from api.routes.operations.reminders import (
    MOST_DAYS,
    ForeseenOut,
    LedgerLineOut,
    ledger_of_days,
    present_foreseen,
    present_ledger,
)
from states.deadlines.ledger import LEDGER_ORDER, LineStatus, ledger_lines
from states.deadlines.preview import foresee, what_if
from states.deadlines.service import date_faults
from states.deadlines.tables import Deadline
from states.errors import Invalid, Missing
from states.partners.queries import partnership_by_slug
from states.partners.tables import Partnership
from states.storage import begin

reminders = typer.Typer(help="Foresee reminders, and read their ledger.", no_args_is_help=True)

OfOne = Annotated[str | None, typer.Option("--partnership", help="its short name; without it, every partnership")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of a table")]
_DAYS = ["%Y-%m-%d"]


@reminders.command()
def preview(
    days: Annotated[int, typer.Option(min=0, max=MOST_DAYS)] = 30, partnership: OfOne = None, as_json: AsJson = False
) -> None:
    """Show what would go out in the next days, to whom and when (UTC), if nothing were done until then."""
    with begin(read_only=True) as session:
        found = [
            one
            for key in _partnerships(session, partnership)
            for one in present_foreseen(foresee(session, partnership_id=key, days=days))
        ]
    _foreseen(found, as_json)


@reminders.command()
def ledger(
    first: Annotated[datetime | None, typer.Option("--from", formats=_DAYS, help="a month before --to")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=_DAYS, help="today")] = None,
    status: Annotated[LineStatus | None, typer.Option(help="only those")] = None,
    partnership: OfOne = None,
    as_json: AsJson = False,
) -> None:
    """Show the reminders that were planned for these days: what became of each, and why."""
    with begin(read_only=True) as session:
        found = [
            one
            for key in _partnerships(session, partnership)
            for lines in [session.exec(ledger_of_days(key, _day(first), _day(last), status).order_by(*LEDGER_ORDER))]
            for one in present_ledger(ledger_lines(lines.all()))
        ]
    if as_json:
        typer.echo(TypeAdapter(list[LedgerLineOut]).dump_json(found, indent=2))
        return
    rows = ((one.planned_for, one.person, _what(one), one.status, one.why) for one in found)
    _table(("day", "to", "what", "status", "why"), rows, nothing="Nothing was planned for these days.")


@reminders.command("what-if")
def what_if_moved(
    deadline: Annotated[str, typer.Argument(help="its id, as `preview --json` gives it")],
    due_on: Annotated[datetime, typer.Option("--due-on", formats=_DAYS, help="the other day")],
    as_json: AsJson = False,
) -> None:
    """Show which reminders would go (-) and which would come (+) if a deadline were due on another day."""
    with begin(read_only=True) as session:
        row = session.get(Deadline, deadline)
        if row is None:
            raise Missing("deadline", deadline)
        if faults := date_faults(due_on.date(), before=row.due_on):
            raise Invalid(faults=faults)
        now, then = (present_foreseen(side) for side in what_if(session, row, due_on=due_on.date()))
    goes, comes = ([one for one in side if one not in other] for side, other in ((now, then), (then, now)))
    if as_json:
        typer.echo(TypeAdapter(dict[str, list[ForeseenOut]]).dump_json({"goes": goes, "comes": comes}, indent=2))
        return
    rows = [(sign, *_cells(one)) for sign, side in (("-", goes), ("+", comes)) for one in side]
    _table(("", "when (UTC)", "to", "what", "by"), rows, nothing="No reminder would move.")


def _foreseen(found: Sequence[ForeseenOut], as_json: bool) -> None:
    if as_json:
        typer.echo(TypeAdapter(list[ForeseenOut]).dump_json(list(found), indent=2))
        return
    _table(("when (UTC)", "to", "what", "by"), map(_cells, found), nothing="Nothing would go out.")


def _day(given: datetime | None) -> date | None:
    return given.date() if given is not None else None


def _cells(one: ForeseenOut) -> tuple[object, ...]:
    return f"{one.at:%Y-%m-%d %H:%M}", one.person, _what(one), one.channel


def _what(one: ForeseenOut | LedgerLineOut) -> str:
    told = " (waits for another)" if one.escalation else ""
    return f"{one.title}, due {one.due_on}, {one.rung:+d}{told}"


def _table(heads: Iterable[str], rows: Iterable[tuple[object, ...]], *, nothing: str) -> None:
    table = Table(*(Column(head, overflow="fold") for head in heads), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*map(str, row))
    if table.rows:
        Console(markup=False, highlight=False).print(table)
    else:
        typer.echo(nothing)


def _partnerships(session: Session, slug: str | None) -> list[str]:
    if slug is not None:
        return [partnership_by_slug(session, slug).id]
    return list(session.exec(select(Partnership.id).order_by(col(Partnership.slug))))
