"""The commands `bankable faults`: which rows are left out and why, and one of them tried at once."""

from typing import Annotated

import typer
from sqlmodel import col

import states.schema  # noqa: F401 - rows refer to tables that nothing else here loads
from states.storage import begin
from states.sweeps.queries import NEWEST_FIRST, find_faults
from states.sweeps.service import retry_fault
from states.sweeps.tables import SweepFault

app = typer.Typer(help="Look after rows that fail, and are left out by whoever goes through all.", no_args_is_help=True)


@app.command("list")
def list_faults(
    sweep: Annotated[str | None, typer.Option(help="only those of one sweep")] = None,
    ended: Annotated[bool, typer.Option("--ended", help="those that have passed since")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="how many, the newest first")] = 100,
) -> None:
    """List what fails, one a line, tabs between: id, sweep, kind and id of the row, tries, since, last, next, error."""
    where = [] if sweep is None else [col(SweepFault.sweep) == sweep]
    with begin(read_only=True) as session:
        for row in session.exec(find_faults(*where, ended=ended).order_by(*NEWEST_FIRST).limit(limit)):
            times = [at.isoformat(timespec="minutes") for at in (row.first_at, row.last_at, row.next_at)]
            shown = (row.id, row.sweep, row.noun, row.subject_id, row.times, *times, row.error)
            typer.echo("\t".join(map(str, shown)))


@app.command("retry")
def retry(fault: Annotated[str, typer.Argument(help="an id from the list")]) -> None:
    """Let a row be tried with the next sweep, whatever its pause; what passes leaves the list by itself."""
    with begin() as session:
        retry_fault(session, fault)
    typer.echo("It is tried with the next sweep.")
