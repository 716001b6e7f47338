"""The commands `bankable run`, `serve` and `demo`: what starts processes."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer


def run() -> None:
    """Run the runner: hand messages over and run flows, until Ctrl-C."""
    os.execv(sys.executable, [sys.executable, "-m", "flows", "run"])


def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="port of the API")] = 8400,
    prefect_port: Annotated[int, typer.Option(min=1, max=65535, help="port of Prefect's server")] = 4200,
    host: Annotated[
        str, typer.Option(help="address of this machine that both listen on; Prefect's pages ask for no password")
    ] = "127.0.0.1",
) -> None:
    """Bring the database to the newest schema, start API, Prefect server and runner on this machine, say where.

    Links in mails lead to the API that is started, or where BANKABLE_PUBLIC_URL says.
    """
    from api.commands.database import bring_up_to_date, close_up
    from api.operations.supervisor import (
        serve as start,  # with Alembic and every table: a second that `run` does not need
    )
    from states.storage import engine

    bring_up_to_date()
    close_up()
    engine().dispose()
    start(port=port, prefect_port=prefect_port, host=host)


def demo(
    home: Annotated[Path, typer.Option(help="the folder to fill; what the last run left there is removed")] = Path(
        "var/demo"
    ),
    database_url: Annotated[
        str, typer.Option(help="an empty PostgreSQL database; without it SQLite in the folder")
    ] = "",
) -> None:
    """Take the seed partnership's story the whole way to a bankable proposal."""
    from api.demo.run import run as tell  # no other command needs it

    tell(home, database_url=database_url)
