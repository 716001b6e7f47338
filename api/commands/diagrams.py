"""The command `bankable diagram`: list and draw the states and moves of whatever has a life."""

from pathlib import Path
from typing import Annotated

import typer

from states.errors import Invalid
from states.machines.drawing import chapter
from states.machines.drawing import diagram as mermaid
from states.playbooks.editions import find
from states.playbooks.reader import parse


def diagram(
    name: Annotated[str, typer.Argument(help="of a list entry, of a playbook, or a playbook's file")] = "",
    every: Annotated[bool, typer.Option("--all", help="draw all of the list, as Markdown")] = False,
) -> None:
    """Draw states and moves as a Mermaid state diagram; without a name, list what can be drawn."""
    from states.machine_catalogue import MACHINES  # every table of the house; no other command needs them all

    if every:
        typer.echo("\n".join(chapter(machine) for machine in MACHINES.values()), nl=False)
    elif name in MACHINES:
        typer.echo(mermaid(MACHINES[name]), nl=False)
    elif name:
        draw_playbook(name)
    else:
        width = max(len(key) for key in MACHINES)
        for machine in MACHINES.values():
            typer.echo(f"{machine.name:{width}}  {machine.title}")
        typer.echo(f"{'s3':{width}}  The lifecycle of a collaboration, or any other playbook by its name or file")


def draw_playbook(playbook: Annotated[str, typer.Argument(help="a file, or the name of a playbook")] = "s3") -> None:
    """Draw a playbook as a Mermaid state diagram."""
    file = Path(playbook)
    text = read_text(file) if file.is_file() else find(playbook)
    typer.echo(mermaid(parse(text, source=playbook).machine()), nl=False)


def read_text(file: Path) -> str:
    """Return the text of a file, or raise `Invalid`."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Invalid(f"{file} is no UTF-8 text", field=str(file), remedy="save it as UTF-8") from None
