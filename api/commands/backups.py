"""The commands `bankable backup ...`: make one, verify it, restore it into an empty place."""

from pathlib import Path
from typing import Annotated

import typer

from states.backups.service import Manifest, make, restore, verify
from states.clock import machine_now
from states.settings import settings
from states.storage import engine

backups = typer.Typer(
    no_args_is_help=True, help="Back an installation up: rows, stored documents and secret in one file."
)

File = Annotated[Path, typer.Argument(help="the backup", dir_okay=False, exists=True)]


@backups.command("make")
def make_backup(
    file: Annotated[Path | None, typer.Argument(help="a new file; by default in the folder's `backups`")] = None,
) -> None:
    """Write a backup while others work; the exit code is 1 where documents have no file in the store."""
    path = file or settings().home / "backups" / f"bankable-{machine_now():%Y%m%d-%H%M%S}.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    made = make(engine(), path)
    typer.echo(f"{path}: {_said(made)}")
    for digest in made.absent:
        typer.echo(f"The store does not hold {digest}, which a document names.", err=True)
    if made.absent:
        raise typer.Exit(1)


@backups.command("verify")
def verify_backup(file: File) -> None:
    """Read a whole backup and compare each part with its checksum; nothing else is needed for it."""
    typer.echo(f"{file}: {_said(verify(file))}; every part fits its checksum.")


@backups.command("restore")
def restore_backup(file: File) -> None:
    """Bring a backup into an empty installation, on either engine; all of it, or nothing."""
    made = restore(file, engine())
    typer.echo(f"{file}: {_said(made)}; restored.")
    typer.echo("`bankable migrate` brings the schema to the newest, `bankable doctor` says whether all of it fits.")


def _said(made: Manifest) -> str:
    return (
        f"{made.rows} rows and {made.files} stored files of {made.made_at}, Bankable {made.release}, "
        f"schema {made.revision}, {made.engine}"
    )
