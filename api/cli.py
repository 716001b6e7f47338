"""The command `bankable`: set up, seed, tokens, calendars, playbooks, the state of the installation, and what runs."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Column, Table
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlmodel import Session
from typer.core import TyperGroup

from api.commands.calendar import calendars
from api.commands.events import app as events
from api.commands.finances import funding
from api.commands.mails import mail_commands
from api.commands.reminders import reminders
from api.commands.suggestions import suggest
from api.commands.tokens import tokens
from api.commands.workbook import export, import_file, template
from api.operations.doctor import examine
from states.changes import acting, by_command
from states.errors import BankableError, Invalid
from states.funding.catalogue.loading import load_catalogue, shipped_catalogue
from states.lifecycle.machine import diagram as mermaid
from states.playbooks.editions import find
from states.playbooks.reader import parse
from states.schema import upgrade
from states.seeds.registry import load_registry
from states.seeds.report import load_report
from states.seeds.situation import load_situation
from states.settings import Settings
from states.storage import begin, engine

USAGE_ERROR = 2
_COMMAND = "bankable.command"


class Commands(TyperGroup):
    """A group of commands that ends with one line on stderr where the domain or the database says no."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Note which command is meant, for the record of what it changes."""
        ctx.meta[_COMMAND] = " ".join(["bankable", *self._names(ctx, args)])
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> object:
        """Run the command, in the name of whoever runs it."""
        try:
            with acting(by_command(ctx.meta[_COMMAND])):
                return super().invoke(ctx)
        except BankableError as error:
            typer.echo(error.message, err=True)
        except (OperationalError, ProgrammingError) as error:
            typer.echo(f"The database does not answer as it should: {error.orig}", err=True)
            typer.echo("`bankable migrate` brings it up to date, `bankable doctor` says more.", err=True)
        except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
            typer.echo(f"A file or folder cannot be used: {error}", err=True)
        except ValidationError as error:
            if error.title != Settings.__name__:
                raise
            for fault in error.errors():
                typer.echo(f"BANKABLE_{str(fault['loc'][0]).upper()}: {fault['msg']}", err=True)
        raise typer.Exit(USAGE_ERROR)

    def _names(self, ctx: Any, args: list[str]) -> Iterator[str]:
        found: object = self
        for name in args:
            found = found.get_command(ctx, name) if isinstance(found, TyperGroup) else None
            if found is None:
                return
            yield name


app = typer.Typer(cls=Commands, no_args_is_help=True, rich_markup_mode=None, add_completion=False)
playbooks = typer.Typer(help="Check and draw playbooks.", no_args_is_help=True)
app.add_typer(tokens, name="token")
app.add_typer(calendars, name="calendar")
app.add_typer(playbooks, name="playbook")
app.add_typer(events, name="events")
app.add_typer(funding, name="funding")
app.add_typer(mail_commands, name="mails")
app.add_typer(reminders, name="reminders")
app.add_typer(suggest, name="suggest")
app.command()(template)
app.command("import")(import_file)
app.command()(export)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    upgrade(engine())
    typer.echo("The database is at the newest schema.")


@app.command()
def seed() -> None:
    """Load the S3 medical technology partnership as its report of 2020 describes it; what is there stays."""
    with begin() as session:
        partnership, opened = load_seeds(session)
        typer.echo(f"{partnership}: {opened} collaborations are new.")


def load_seeds(session: Session) -> tuple[str, int]:
    """Load registry, catalogue of instruments, situation and report; return the partnership's slug and what is new."""
    partnership = load_registry(session)
    load_catalogue(session, partnership.id, shipped_catalogue())
    opened = load_situation(session, partnership)
    load_report(session, partnership)
    return partnership.slug, len(opened)


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


@playbooks.command()
def diagram(playbook: Annotated[str, typer.Argument(help="a file, or the name of a playbook")] = "s3") -> None:
    """Draw a playbook as a Mermaid state diagram."""
    file = Path(playbook)
    text = _text(file) if file.is_file() else find(playbook)
    typer.echo(mermaid(parse(text, source=playbook)), nl=False)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Invalid(f"{file} is no UTF-8 text", field=str(file), remedy="save it as UTF-8") from None


@app.command()
def doctor() -> None:
    """Say what works and what does not; the exit code is 1 if something is wrong."""
    findings = examine()
    table = Table("", "What", Column("Finding", overflow="fold"))
    for finding in findings:
        table.add_row("ok" if finding.ok else "WRONG", finding.what, finding.detail)
    Console().print(table)
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


@app.command()
def run() -> None:
    """Run the runner: relay events and run flows, until Ctrl-C."""
    os.execv(sys.executable, [sys.executable, "-m", "flows", "run"])


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="port of the API")] = 8400,
    prefect_port: Annotated[int, typer.Option(min=1, max=65535, help="port of Prefect's server")] = 4200,
) -> None:
    """Bring the database to the newest schema, start API, Prefect server and runner on this machine, say where."""
    from api.operations.supervisor import serve as start  # starts processes; no other command needs it

    upgrade(engine())
    engine().dispose()
    start(port=port, prefect_port=prefect_port)


@app.command()
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
