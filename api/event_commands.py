"""The commands `bankable events`: what can be done for a brokerage event from a shell."""

import typer

from api.timetable_commands import solve_file

events = typer.Typer(no_args_is_help=True)
events.command("solve")(solve_file)


@events.callback()
def group() -> None:
    """Schedule brokerage events."""
