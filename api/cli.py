"""The command `bankable`: its commands by name, each loaded when it is called, and one line where something says no."""

import os
import sys
from importlib import import_module
from traceback import walk_tb
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from states.errors import BankableError, Invalid
from states.rights.authors import acting, by_command
from states.shapes import shape_fault

USAGE_ERROR = 2

# By name: where the command or group is, and what the list of commands says of it (a test holds it to its docstring).
COMMANDS = {
    "template": (
        "api.commands.workbook:template",
        "Write an empty workbook with drop-downs, notes and an example in each sheet.",
    ),
    "import": (
        "api.commands.workbook:import_file",
        "Bring a workbook or a table in: all of it, or nothing and a line for every fault (exit code 1).",
    ),
    "export": (
        "api.commands.workbook:export",
        "Write a workbook of all that a partnership has; brought in again it changes nothing.",
    ),
    "migrate": (
        "api.commands.database:migrate",
        "Bring the database to the newest schema; say what was changed, and which files were open to others.",
    ),
    "seed": (
        "api.commands.database:seed",
        "Load the S3 medical technology partnership as its report of 2020 describes it; what is there stays.",
    ),
    "backup": (
        "api.commands.backups:backups",
        "Back an installation up: rows, stored documents and secret in one file.",
    ),
    "rates": (
        "api.commands.rates:rates",
        "Bring in exchange rates, list them, and let cost lines go by those of a month.",
    ),
    "rules": (
        "api.commands.rules:rules",
        "Check, add, verify and compare the law that cases rely on: rule sets, aid maps, cohesion categories.",
    ),
    "simplified": (
        "api.commands.simplified:simplified",
        "List, add, choose and end flat rates, unit costs and lump sums that cost lines can go by.",
    ),
    "search": (
        "api.commands.search:find",
        "Find collaborations, organisations, documents and evidence by their words, as an administrator may read them.",
    ),
    "documents": (
        "api.commands.documents:app",
        "List issued documents, ask for them, print them again, make damaged files good.",
    ),
    "evidence": (
        "api.commands.evidence:evidence",
        "File, list, get, supersede, withdraw and redact evidence, or ask for some by a link.",
    ),
    "questions": (
        "api.commands.questions:questions",
        "Ask, answer, ask on, close and withdraw questions on a case, or list them.",
    ),
    "sections": (
        "api.commands.sections:sections",
        "Give sections of a protocol to people, return, hand over and take back what they write.",
    ),
    "agreements": (
        "api.commands.agreements:agreements",
        "Plan, sign, amend and end agreements with funders, one for each source, and look after their conditions.",
    ),
    "progress": (
        "api.commands.progress:progress",
        "List, open, write, hand in, accept and return what partners did and spent; planned money against actual.",
    ),
    "change-requests": (
        "api.commands.change_requests:change_requests",
        "Describe changes of what was agreed on, ask for them, answer them and carry them out.",
    ),
    "results": (
        "api.commands.results:results",
        "Record what was aimed at and achieved, and list what is open before a collaboration can be completed.",
    ),
    "verify": (
        "api.commands.documents:verify",
        "Say whether a file is a document that was issued here, or whether a case file or backup is as it was made.",
    ),
    "doctor": (
        "api.commands.doctor:doctor",
        "Say what works and what does not; the exit code is 1 if something is wrong.",
    ),
    "settings": (
        "api.commands.settings:settings",
        "Print the settings, one a line with tabs between: variable, value in force, whether it was set.",
    ),
    "secret": ("api.commands.secrets:secrets", "List, change and end the secrets that sign links and seals."),
    "seals": ("api.commands.seals:seals", "Look after the seals over what people sign and decide."),
    "run": ("api.commands.processes:run", "Run the runner: hand messages over and run flows, until Ctrl-C."),
    "serve": (
        "api.commands.processes:serve",
        "Bring the database to the newest schema, start API, Prefect server and runner on this machine, say where.",
    ),
    "openapi": (
        "api.commands.openapi:openapi",
        "Write the description of the API (OpenAPI 3.1, JSON); it needs no database and no server.",
    ),
    "demo": (
        "api.commands.processes:demo",
        "Take the seed partnership's story the whole way to a bankable proposal.",
    ),
    "pool": ("api.commands.pool:pool", "Let Prefect's workers run the flows, on as many machines as wanted."),
    "token": ("api.commands.tokens:tokens", "Make, list and end bearer tokens."),
    "calendar": ("api.commands.calendar:calendars", "Make, list and end calendar feeds."),
    "init": (
        "api.commands.init:init",
        "Make the database and the first partnership by a few questions; end with its manager's token.",
    ),
    "partnership": (
        "api.commands.partnerships:partnerships",
        "Found, describe, close and reopen partnerships.",
    ),
    "region": ("api.commands.regions:regions", "Add and correct the regions of a partnership."),
    "taxonomy": ("api.commands.taxonomies:taxonomies", "List the keywords of a partnership, choose or bring them."),
    "area": ("api.commands.areas:areas", "Make, rename, assign and end working areas."),
    "organisation": (
        "api.commands.organisations:organisations",
        "Register and correct the organisations of a partnership.",
    ),
    "contact": ("api.commands.contacts:contacts", "List, record, correct and withdraw contacts."),
    "collaboration": (
        "api.commands.case_files:collaborations",
        "Open collaborations, say what may be done with one, and do it; take whole cases out and in.",
    ),
    "changes": (
        "api.commands.changes:changes",
        "List who wrote what in a partnership or one of its collaborations, the newest first.",
    ),
    "cost": (
        "api.commands.costs:costs",
        "List, enter, change and withdraw what the partners of a collaboration spend.",
    ),
    "decision": (
        "api.commands.decisions:decisions",
        "Prepare, confirm, release and correct the decision on a review round.",
    ),
    "people": ("api.commands.people:people", "List, invite, change, sign in, end and erase people and their roles."),
    "checklists": (
        "api.commands.checklists:checklists",
        "Say how checklists stand; answer, confirm, sign off, reopen, begin anew.",
    ),
    "officer": (
        "api.commands.officers:officers",
        "Say who looks after a case, who steps in, and who is away.",
    ),
    "playbook": ("api.commands.playbooks:playbooks", "List, check and draw playbooks; change editions."),
    "diagram": (
        "api.commands.diagrams:diagram",
        "Draw the states and moves of whatever has a life as a Mermaid diagram; without a name, list what there is.",
    ),
    "protocol": (
        "api.commands.protocols:protocols",
        "Write the investment protocol of a collaboration, and freeze it.",
    ),
    "instrument": (
        "api.commands.instruments:instruments",
        "List, add, correct and close programmes that may pay.",
    ),
    "outbox": ("api.commands.outbox:app", "Look after the messages that flows answer."),
    "faults": (
        "api.commands.faults:app",
        "Look after rows that fail, and are left out by whoever goes through all.",
    ),
    "events": (
        "api.commands.events:events",
        "Plan, announce, change and cancel events, and say before who is told; schedule their meetings.",
    ),
    "funding": ("api.commands.finances:funding", "Who may pay for what, by which rule."),
    "mails": ("api.commands.mails:mail_commands", "List and show mails; resolve those of unknown fate."),
    "report": (
        "api.commands.reports:reports",
        "Draft a half-year's report, answer it, issue it by two hands, correct it.",
    ),
    "reminders": ("api.commands.reminders:reminders", "Foresee reminders, and read their ledger."),
    "suggest": ("api.commands.suggestions:suggest", "Who should meet whom, and which partner a collaboration wants."),
}


class Commands(TyperGroup):
    """A group that loads the command it is asked for, and ends with one line on stderr where something says no."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Put the command itself in the place of the one that only lends its name to the list; its operator writes."""
        name, _, rest = super().resolve_command(ctx, args)
        if name is None:
            return None, None, rest
        command = load(name)
        called = [name, *rest[:1]] if isinstance(command, TyperGroup) else [name]
        ctx.with_resource(acting(by_command(" ".join(["bankable", *called]))))
        return name, command, rest

    def invoke(self, ctx: Any) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Invalid as error:
            for fault in error.faults:
                typer.echo(str(fault), err=True)
        except BankableError as error:
            typer.echo(error.message, err=True)
        except _errors("sqlalchemy.exc", "OperationalError", "ProgrammingError") as error:
            typer.echo(f"The database does not answer as it should: {error.orig}", err=True)
            typer.echo("`bankable migrate` brings it up to date, `bankable doctor` says more.", err=True)
        except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
            typer.echo(f"A file or folder cannot be used: {error}", err=True)
        except _errors("pydantic_core", "ValidationError") as error:
            if error.title != "Settings":
                raise
            for fault in error.errors():
                place = f"BANKABLE_{str(fault['loc'][0]).upper()}"
                typer.echo(f"{place}: {shape_fault(fault).message}", err=True)
        except (ValueError, LookupError) as error:
            if not _is_of_a_row(error):
                raise
            typer.echo(f"A row of the database cannot be read: {error}", err=True)
            typer.echo("`bankable faults list` names those that are known.", err=True)
        raise typer.Exit(USAGE_ERROR)


def _is_of_a_row(error: Exception) -> bool:
    """Tell whether an error came from a value that the database holds and its column cannot."""
    return any(
        frame.f_globals["__name__"].startswith("sqlalchemy.engine.") for frame, _ in walk_tb(error.__traceback__)
    )


def _errors(module: str, *names: str) -> Any:
    """Return a library's errors where it is loaded; where it is not, it raised none."""
    return tuple(getattr(sys.modules[module], name) for name in names) if module in sys.modules else ()


def load(name: str) -> Any:
    """Import a command or a group of commands, and make it ready to be called."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    found = getattr(import_module(module), attribute)
    parent = typer.Typer(rich_markup_mode=None)
    if isinstance(found, typer.Typer):
        parent.add_typer(found, name=name)
    else:
        parent.command(name)(found)
    return get_group(parent).commands[name]


def _listed() -> None:
    """Stand in the list of commands until the command is loaded."""


app = typer.Typer(cls=Commands, no_args_is_help=True, rich_markup_mode=None, add_completion=False)


def _say_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # no command needs it

        typer.echo(f"bankable {version('bankable')}")
        raise typer.Exit


@app.callback()
def main(
    _: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="print the version")
    ] = False,
) -> None:
    """Take interregional collaborations from a handshake to a bankable proposal."""


for _name, (_, _text) in COMMANDS.items():
    app.command(_name, help=_text)(_listed)


def run() -> None:
    """Run the command `bankable`: whatever it makes and starts is its user's alone."""
    os.umask(0o077)
    app()
