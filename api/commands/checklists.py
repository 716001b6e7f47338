"""The commands `bankable checklists`: how each stands, answer items, confirm, sign off, reopen, begin anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from sqlmodel import Session

from api.commands.collaborations import Partnership, Slug, collaboration_named
from api.commands.signed_in import Token
from api.http.access import COLLABORATION, Allowed
from states.checklists.service import Given
from states.collaborations.tables import Collaboration
from states.credentials.tokens import actor_of
from states.crossings.checklists import (
    Shown,
    answer,
    begin_anew,
    checklist_for,
    checklists_for,
    confirm,
    reopen_list,
    sign,
)
from states.rights.access import Action, Actor
from states.storage import begin

checklists = typer.Typer(
    help="Say how checklists stand; answer, confirm, sign off, reopen, begin anew.", no_args_is_help=True
)

Key = Annotated[str, typer.Argument(metavar="CHECKLIST", help="its key, as in the list")]
Item = Annotated[str, typer.Argument(help="key of an item of the checklist")]
Reason = Annotated[str, typer.Option(help="why")]


@checklists.command("list")
def list_checklists(partnership: Partnership, slug: Slug) -> None:
    """List the checklists of a case, one a line with tabs between: key, title, round, state, answered, failing."""
    with begin(read_only=True) as session:
        for one in checklists_for(session, collaboration_named(session, partnership, slug), None):
            typer.echo(_line(one))


@checklists.command()
def show(partnership: Partnership, slug: Slug, checklist: Key) -> None:
    """Show the items of a checklist: key, state, answer, question, source, comment."""
    with begin(read_only=True) as session:
        found = checklist_for(session, collaboration_named(session, partnership, slug), checklist, None)
        for item in found.standing.spec.items:
            given = found.answers.get(item.key)
            value, comment = (given.value, given.comment) if given is not None else ("", "")
            state = found.standing.items[item.key].value
            typer.echo("\t".join((item.key, state, value, item.text, item.source, comment)))


@checklists.command("answer")
def answer_item(
    partnership: Partnership,
    slug: Slug,
    checklist: Key,
    item: Item,
    value: Annotated[str, typer.Argument(help="yes, no, not_applicable; a text; a whole number; empty: taken back")],
    token: Token,
    comment: Annotated[str, typer.Option(help="what else is to be said")] = "",
    evidence: Annotated[list[str] | None, typer.Option(help="id of a file on which it rests; may be repeated")] = None,
) -> None:
    """Answer an item."""
    with _filling(partnership, slug, checklist, token) as (session, row, actor):
        answer(session, row, checklist, [Given(item, value, comment, evidence or ())], actor=actor)


@checklists.command("confirm")
def confirm_answers(
    partnership: Partnership,
    slug: Slug,
    checklist: Key,
    items: Annotated[list[str], typer.Argument(help="keys of items that somebody else has answered")],
    token: Token,
) -> None:
    """Confirm answers as the second person."""
    with _filling(partnership, slug, checklist, token) as (session, row, actor):
        confirm(session, row, checklist, items, actor=actor)


@checklists.command("sign-off")
def sign_off(partnership: Partnership, slug: Slug, checklist: Key, token: Token) -> None:
    """Sign a complete checklist off."""
    with _filling(partnership, slug, checklist, token) as (session, row, actor):
        sign(session, row, checklist, actor=actor)


@checklists.command()
def reopen(partnership: Partnership, slug: Slug, checklist: Key, reason: Reason, token: Token) -> None:
    """Open a signed checklist again: its answers stay, and it is signed anew."""
    with _filling(partnership, slug, checklist, token) as (session, row, actor):
        reopen_list(session, row, checklist, reason=reason, actor=actor)


@checklists.command("new-round")
def new_round(partnership: Partnership, slug: Slug, checklist: Key, reason: Reason, token: Token) -> None:
    """Begin another round of a checklist; the former one stays as it was."""
    with _filling(partnership, slug, checklist, token) as (session, row, actor):
        begin_anew(session, row, checklist, reason=reason, actor=actor)


@contextmanager
def _filling(partnership: str, slug: str, checklist: str, token: str) -> Iterator[tuple[Session, Collaboration, Actor]]:
    """Yield a transaction, the case and who may fill its checklists; say afterwards how the list stands."""
    with begin() as session:
        actor = actor_of(session, token)
        key = collaboration_named(session, partnership, slug).id
        row = Allowed(COLLABORATION, Action.FILL_CHECKLIST)(session, actor, collaboration_id=key)
        yield session, row, actor
        typer.echo(_line(checklist_for(session, row, checklist, actor)))


def _line(one: Shown) -> str:
    standing = one.standing
    state = one.row.state.value if one.row is not None else "not begun"
    answered = sum(1 for given in one.answers.values() if given.value)
    failing = sum(1 for item in standing.wrong if item not in standing.unfinished)
    counts = (f"{answered} of {len(standing.spec.items)} answered", f"{failing} failing")
    return "\t".join((standing.spec.key, standing.spec.title, str(standing.number), state, *counts))
