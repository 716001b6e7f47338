"""The commands `bankable playbook`: check one, draw one."""

from pathlib import Path
from typing import Annotated

import typer

from states.errors import Invalid
from states.machines.drawing import diagram as mermaid
from states.playbooks.editions import find
from states.playbooks.reader import parse

playbooks = typer.Typer(help="Check and draw playbooks.", no_args_is_help=True)


@playbooks.command()
def check(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]) -> None:
    """Print every fault of a playbook with its line; the exit code is 1 if there is one."""
    try:
        playbook = parse(_text(file), source=str(file))
    except Invalid as error:
        for fault in error.faults:
            typer.echo(str(fault))
        raise typer.Exit(1) from None
    typer.echo(f"{file}: {playbook.key} has {len(playbook.stages)} stages and {len(playbook.moves)} moves; no fault.")


@playbooks.command("diagram")
def draw(playbook: Annotated[str, typer.Argument(help="a file, or the name of a playbook")] = "s3") -> None:
    """Draw a playbook as a Mermaid state diagram."""
    file = Path(playbook)
    text = _text(file) if file.is_file() else find(playbook)
    typer.echo(mermaid(parse(text, source=playbook).machine()), nl=False)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Invalid("file_not_utf8", field=str(file), remedy="save_as_utf_8", file=str(file)) from None
