"""The commands `bankable migrate` and `seed`: the schema, and a partnership to begin with."""

from pathlib import Path

import typer

from api.operations.privacy import close_paths
from states.schema import update
from states.settings import settings
from states.storage import begin, engine


def migrate() -> None:
    """Bring the database to the newest schema; say what was changed, and which files were open to others."""
    kept, made = bring_up_to_date()
    for line in [*([f"backed up in {kept}"] if kept else []), *(f"made {change}" for change in made), *close_up()]:
        typer.echo(line)
    typer.echo("The database is at the newest schema.")


def bring_up_to_date() -> tuple[Path | None, list[str]]:
    """Back SQLite up where its schema changes, and change it; return the backup and each migration that was made."""
    # Here, not above: the store's side of a backup is nothing that the schema needs.
    from states.backups.service import make_before_upgrade

    return make_before_upgrade(engine(), settings().home / "backups"), update(engine())


def close_up() -> list[str]:
    """Close to others what an earlier release left open to them, and say what: files, and links in rows."""
    from states.mail.sending import unsign_links  # the whole domain: migrate needs its tables alone

    with begin() as session:
        unsigned = unsign_links(session)
    said = [f"links that lie unsigned in rows now: {unsigned}"] if unsigned else []
    return [*said, *(f"closed to others: {path}" for path in close_paths())]


def seed() -> None:
    """Load the S3 medical technology partnership as its report of 2020 describes it; what is there stays."""
    # Here, not above: this is the whole domain, and migrate needs its tables alone.
    from states.seeds.example import load_example

    with begin() as session:
        partnership, opened = load_example(session)
        typer.echo(f"{partnership.slug}: {len(opened)} collaborations are new.")
