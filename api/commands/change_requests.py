"""The commands `bankable change-requests`: describe, ask for, answer, carry out and withdraw changes."""

from dataclasses import replace
from typing import Annotated, Any

import typer
from sqlmodel import Session

from api.commands.collaborations import Partnership, Slug, collaboration_named
from states.collaborations.tables import Collaboration
from states.crossings.implementation import changes
from states.errors import Missing
from states.funding.awards.queries import agreements_of
from states.implementation.change_requests import (
    ChangePlan,
    Difference,
    change_description,
    change_plan_of,
    describe_change,
)
from states.implementation.queries import approvals_of, change_request_numbered, change_requests_of
from states.implementation.tables import ChangeRequest, KindOfChange
from states.protocol.queries import version_numbers
from states.storage import begin
from states.storage.amounts import NumberUnreadable, read_number

change_requests = typer.Typer(
    help="Describe changes of what was agreed on, ask for them, answer them and carry them out.", no_args_is_help=True
)

Number = Annotated[int, typer.Argument(help="number of the request")]
Differences = Annotated[list[str] | None, typer.Option("--difference", help="WHAT|BEFORE|AFTER, as often as needed")]
Shifted = Annotated[str | None, typer.Option(help="EUR that go elsewhere, of a budget shift")]


@change_requests.command("list")
def list_requests(partnership: Partnership, slug: Slug) -> None:
    """List change requests, one a line with tabs between: number, kind, state, shifted, redline, title."""
    with begin(read_only=True) as session:
        row = collaboration_named(session, partnership, slug)
        versions = version_numbers(session, [row.id])
        for one in change_requests_of(session, row.id):
            shifted = "" if one.shifted is None else f"{one.shifted:.2f}"
            redline = changes.redline_of(one, versions) or ""
            typer.echo("\t".join((str(one.number), one.kind, one.state, shifted, redline, one.title)))


@change_requests.command("show")
def show(partnership: Partnership, slug: Slug, number: Number) -> None:
    """Print the differences of a request, and who was asked: number, agreement or office, rule, answer, reason."""
    with begin(read_only=True) as session:
        collaboration, row = _named(session, partnership, slug, number)
        for one in row.differences:
            typer.echo("\t".join((one["what"], one["before"], one["after"])))
        numbers = {one.id: str(one.number) for one in agreements_of(session, collaboration.id)}
        for asked in approvals_of(session, [row.id])[row.id]:
            whose = numbers.get(asked.agreement_id or "", "office")
            typer.echo("\t".join((str(asked.number), whose, asked.why, asked.state, asked.reason)))


@change_requests.command()
def describe(
    partnership: Partnership,
    slug: Slug,
    kind: Annotated[KindOfChange, typer.Option(help="what changes")],
    title: Annotated[str, typer.Option(help="in short")],
    because: Annotated[str, typer.Option(help="why")],
    difference: Differences = None,
    shifted: Shifted = None,
) -> None:
    """Describe a change; nobody is asked yet. Print its number."""
    with begin() as session:
        row = collaboration_named(session, partnership, slug)
        plan = ChangePlan(kind, title, because, _differences(difference or []), _amount(shifted))
        made = describe_change(
            session, plan, partnership_id=row.partnership_id, collaboration_id=row.id, person_id=None
        )
        typer.echo(str(made.number))


@change_requests.command("change")
def change(
    partnership: Partnership,
    slug: Slug,
    number: Number,
    title: Annotated[str | None, typer.Option(help="in short")] = None,
    because: Annotated[str | None, typer.Option(help="why")] = None,
    difference: Differences = None,
    shifted: Shifted = None,
) -> None:
    """Correct the description of a draft; what is left out stays."""
    said: dict[str, Any] = {"title": title, "because": because, "shifted": _amount(shifted)}
    if difference is not None:
        said["differences"] = _differences(difference)
    with begin() as session:
        row = _named(session, partnership, slug, number)[1]
        wanted = {name: value for name, value in said.items() if value is not None}
        change_description(session, row, replace(change_plan_of(row), **wanted))


@change_requests.command()
def ask(partnership: Partnership, slug: Slug, number: Number) -> None:
    """Ask everybody who must agree by the playbook."""
    with begin() as session:
        changes.ask(session, *_named(session, partnership, slug, number))


@change_requests.command()
def answer(
    partnership: Partnership,
    slug: Slug,
    number: Number,
    approval: Annotated[int, typer.Argument(metavar="APPROVAL", help="number of who was asked, as in `show`")],
    agrees: Annotated[bool, typer.Option("--agree/--refuse", help="what was answered")],
    reason: Annotated[str, typer.Option(help="why; needed for a refusal")] = "",
) -> None:
    """Record an answer; the last approval freezes the next version of the protocol."""
    with begin() as session:
        collaboration, row = _named(session, partnership, slug, number)
        asked = next((one for one in approvals_of(session, [row.id])[row.id] if one.number == approval), None)
        if asked is None:
            raise Missing("change_approval", approval)
        changes.answer(session, collaboration, row, asked, agrees=agrees, reason=reason, person_id=None)
        typer.echo(row.state.value)


@change_requests.command("carry-out")
def carry_out(partnership: Partnership, slug: Slug, number: Number) -> None:
    """Note that an approved change is carried out."""
    with begin() as session:
        changes.carry_out(session, *_named(session, partnership, slug, number))


@change_requests.command()
def revise(partnership: Partnership, slug: Slug, number: Number) -> None:
    """Bring a change that is asked for or was refused back into a draft."""
    with begin() as session:
        changes.revise(session, _named(session, partnership, slug, number)[1])


@change_requests.command()
def withdraw(
    partnership: Partnership, slug: Slug, number: Number, because: Annotated[str, typer.Option(help="why")]
) -> None:
    """Withdraw a change that nobody wants any more."""
    with begin() as session:
        changes.withdraw(session, _named(session, partnership, slug, number)[1], because=because)


def _named(session: Session, partnership: str, slug: str, number: int) -> tuple[Collaboration, ChangeRequest]:
    collaboration = collaboration_named(session, partnership, slug)
    return collaboration, change_request_numbered(session, collaboration.id, number)


def _differences(texts: list[str]) -> tuple[Difference, ...]:
    found = [tuple(text.split("|")) for text in texts]
    for parts, text in zip(found, texts, strict=True):
        if len(parts) != len(("what", "before", "after")):
            raise typer.BadParameter(f"{text}: write WHAT|BEFORE|AFTER")
    return tuple(Difference(*parts) for parts in found)


def _amount(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return read_number(text)
    except NumberUnreadable as error:
        raise typer.BadParameter(f"{text}: {error}") from error
