"""The commands `bankable pool`: Prefect's work pool set up, and worked on by this machine."""

import os
import sys
from typing import Annotated

import typer

pool = typer.Typer(help="Let Prefect's workers run the flows, on as many machines as wanted.", no_args_is_help=True)


@pool.command("setup")
def set_up() -> None:
    """Make the work pool and its deployments on the server at PREFECT_API_URL; again after each upgrade."""
    _become("set-up-pool")


@pool.command("work")
def work(
    name: Annotated[str, typer.Option(help="what Prefect calls this worker; without it a new name each time")] = "",
    limit: Annotated[int, typer.Option(min=1, help="runs at once at most; each takes a processor and 300 MB")] = 2,
) -> None:
    """Take runs from the work pool until Ctrl-C or one SIGTERM, with the BANKABLE_* settings of this shell."""
    _become("work-on-pool", "--limit", str(limit), *(["--name", name] if name else []))


def _become(*command: str) -> None:
    os.execv(sys.executable, [sys.executable, "-m", "flows", *command])
