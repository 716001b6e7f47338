"""The command `bankable diagram`: list and draw the states and moves of whatever has a life."""

from typing import Annotated

import typer

from api.commands.playbooks import draw
from states.machine_catalogue import MACHINES
from states.machines.drawing import chapter
from states.machines.drawing import diagram as mermaid


def diagram(
    name: Annotated[str, typer.Argument(help="one of the list, a playbook, or a playbook's file")] = "",
    every: Annotated[bool, typer.Option("--all", help="draw all of the list, as Markdown")] = False,
) -> None:
    """Draw the states and moves of whatever has a life as a Mermaid diagram; without a name, list what there is."""
    if every:
        typer.echo("\n".join(chapter(machine) for machine in MACHINES.values()), nl=False)
    elif name in MACHINES:
        typer.echo(mermaid(MACHINES[name]), nl=False)
    elif name:
        draw(name)
    else:
        width = max(len(key) for key in MACHINES)
        for machine in MACHINES.values():
            typer.echo(f"{machine.name:{width}}  {machine.title}")
        typer.echo(f"{'s3':{width}}  The lifecycle of a collaboration, or another playbook by its name or file")
