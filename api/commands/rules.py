"""The commands `bankable rules`: check documents of law, add, verify and put them in force, end and compare them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table
from sqlmodel import Session

from api.commands.files import file_text
from api.commands.printing import as_json
from api.commands.signed_in import MaybeToken, Token
from api.commands.tables import print_tables
from states.clock import today
from states.credentials.tokens import actor_of
from states.errors import Denied, Invalid
from states.funding.rules.comparison import Difference
from states.funding.rules.documents import Document, read_document
from states.funding.rules.library import Shelf, shipped
from states.funding.rules.overview import (
    Comparable,
    comparable,
    comparable_named,
    compare,
    entries_of,
    entry_named,
    shipped_comparable,
    shipped_entries,
    shipped_entry,
    shipped_text,
    text_of,
)
from states.funding.rules.queries import document_by_key, shelf_for
from states.funding.rules.service import (
    Signatory,
    add_document,
    put_in_force,
    supersede,
    verify_document,
    withdraw_document,
)
from states.funding.rules.tables import RuleDocument
from states.rights.access import Action, Scope, require
from states.storage import begin

rules = typer.Typer(
    help="Check, add, verify and compare the law that cases rely on: rule sets, aid maps, cohesion categories.",
    no_args_is_help=True,
)

Key = Annotated[str, typer.Argument(help="id of a document, alone or as id@version")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="YAML")]
Reason = Annotated[str, typer.Option(help="why; scenarios that rest on it say so")]
AsJson = Annotated[bool, typer.Option("--json", help="as JSON")]
KeyOrFile = Annotated[str, typer.Argument(metavar="KEY_OR_FILE", help="the key of a document, or a file")]


@dataclass(frozen=True, slots=True)
class _Office:
    """The transaction in which somebody acts for an office, and who that is."""

    session: Session
    partnership_id: str
    who: Signatory


@rules.command()
def check(file: File, token: MaybeToken = None) -> None:
    """Print every fault of a document with its line and what to do; the exit code is 1 if there is one."""
    with _asking(token) as office:
        found = _read(file, _shelf(office))
    typer.echo(f"{file}: {found.id}@{found.version} ({found.kind}) has no fault.")


@rules.command("list")
def list_rules(token: MaybeToken = None, json: AsJson = False) -> None:
    """List documents, one a line with tabs between: key, kind, state, first day, last day, whether it holds, title."""
    with _asking(token) as office:
        on = today()
        found = entries_of(office.session, office.partnership_id, on=on) if office else shipped_entries(on=on)
    if json:
        typer.echo(as_json({"rules": [asdict(one) for one in found]}))
        return
    for one in found:
        until = one.valid_to.isoformat() if one.valid_to else "-"
        holds = "holds" if one.holds else "-"
        typer.echo("\t".join((one.key, one.kind, one.state, one.valid_from.isoformat(), until, holds, one.title)))


@rules.command()
def show(
    key: Key,
    token: MaybeToken = None,
    text: Annotated[bool, typer.Option("--text", help="its YAML, to begin one's own with")] = False,
) -> None:
    """Print what is known of a document as one JSON object, or its text."""
    with _asking(token) as office:
        if office is None:
            found = shipped_entry(key, on=today())
            written = shipped_text(found.slug)
        else:
            found = entry_named(office.session, office.partnership_id, key, on=today())
            written = text_of(office.session, office.partnership_id, found)
    typer.echo(written if text else as_json(asdict(found)), nl=not text)


@rules.command()
def add(file: File, token: Token) -> None:
    """Add a document as a draft. A second person verifies it before it can be put in force."""
    with _acting(token, Action.EDIT_RULES) as office:
        with _faults_told():
            row = add_document(office.session, office.partnership_id, file_text(file), by=office.who, source=str(file))
        _say(row)


@rules.command()
def verify(key: Key, token: Token) -> None:
    """Record that you compared a draft with the official text: never one that you added."""
    with _acting(token, Action.VERIFY_RULES) as office:
        _say(verify_document(office.session, _named(office, key), by=office.who))


@rules.command("put-in-force")
def put(key: Key, token: Token) -> None:
    """Let cases rely on a verified document for the days on which it holds."""
    with _acting(token, Action.EDIT_RULES) as office:
        _say(put_in_force(office.session, _named(office, key)))


@rules.command("supersede")
def supersede_one(key: Key, reason: Reason, token: Token) -> None:
    """End a document because another text holds in its place; scenarios that rest on it become stale."""
    with _acting(token, Action.EDIT_RULES) as office:
        _say(supersede(office.session, _named(office, key), reason=reason))


@rules.command()
def withdraw(key: Key, reason: Reason, token: Token) -> None:
    """End a document because it is wrong; scenarios that rest on it become stale with the reason."""
    with _acting(token, Action.EDIT_RULES) as office:
        _say(withdraw_document(office.session, _named(office, key), reason=reason))


@rules.command("compare")
def compare_two(before: KeyOrFile, after: KeyOrFile, token: MaybeToken = None, json: AsJson = False) -> None:
    """Print what differs between two documents, article by article: rates, ceilings, thresholds, dates."""
    with _asking(token) as office:
        found = compare(_comparable(before, office), _comparable(after, office))
    if json:
        typer.echo(as_json({"before": before, "after": after, "differences": [asdict(one) for one in found]}))
    else:
        _show(f"{before} and {after}", found)


@contextmanager
def _asking(token: str | None) -> Iterator[_Office | None]:
    """Yield the office of a token, to read; nothing without one: what ships is known all the same."""
    if token is None:
        yield None
        return
    with begin(read_only=True) as session:
        actor = actor_of(session, token)
        require(actor, Action.READ_RULES, Scope(actor.partnership_id))
        yield _Office(session, actor.partnership_id, Signatory(actor.person_id or "", actor.role.value))


@contextmanager
def _acting(token: str, action: Action) -> Iterator[_Office]:
    with begin() as session:
        actor = actor_of(session, token)
        require(actor, action, Scope(actor.partnership_id))
        if actor.person_id is None:
            raise Denied("only_a_person")
        yield _Office(session, actor.partnership_id, Signatory(actor.person_id, actor.role.value))


def _shelf(office: _Office | None) -> Shelf:
    return shelf_for(office.session, office.partnership_id) if office else shipped()


def _named(office: _Office, key: str) -> RuleDocument:
    return document_by_key(office.session, office.partnership_id, key)


def _comparable(named: str, office: _Office | None) -> Comparable:
    file = Path(named)
    if file.is_file():
        return comparable(_read(file, _shelf(office)))
    return comparable_named(office.session, office.partnership_id, named) if office else shipped_comparable(named)


def _show(title: str, found: Iterable[Difference]) -> None:
    columns = ("Article", "Rule", "What", "Field", Column("Before", overflow="fold"), Column("After", overflow="fold"))
    table = Table(*columns, title=title)
    for one in found:
        table.add_row(one.article, one.named, one.change, one.field, one.before or "-", one.after or "-")
    print_tables(table)


def _say(row: RuleDocument) -> None:
    typer.echo(f"{row.slug}@{row.number}\t{row.state.value}")


def _read(file: Path, shelf: Shelf) -> Document:
    with _faults_told():
        return read_document(file_text(file), source=str(file), shelf=shelf)


@contextmanager
def _faults_told() -> Iterator[None]:
    try:
        yield
    except Invalid as error:
        for fault in error.faults:
            typer.echo(str(fault), err=True)
        raise typer.Exit(1) from None
