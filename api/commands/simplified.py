"""The commands `bankable simplified`: flat rates, unit costs and lump sums that cost lines can go by."""

from datetime import datetime
from typing import Annotated

import typer

from api.commands.collaborations import Partnership
from states.errors import Fault
from states.funding.case.vocabulary import CostCategory
from states.funding.money.options import (
    Option,
    OptionInvalid,
    OptionPlan,
    add_option,
    chosen_options,
    end_option,
    option_row,
    options_of,
    rule,
    withdraw_option,
)
from states.funding.money.rates import terms_of
from states.funding.money.tables import OptionKind
from states.partners.queries import partnership_by_slug
from states.storage import begin
from states.storage.amounts import NumberUnreadable, read_number

simplified = typer.Typer(
    help="List, add, choose and end flat rates, unit costs and lump sums that cost lines can go by.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="short name of the option")]
Day = typer.Option(formats=["%Y-%m-%d"])


@simplified.command("list")
def list_options(partnership: Partnership) -> None:
    """List options, one a line with tabs between: name, how much of what, for what, article, verified, chosen."""
    with begin(read_only=True) as session:
        key = partnership_by_slug(session, partnership).id
        chosen = chosen_options(session, key)
        for one in options_of(session, key).values():
            verified = "verified" if one.verified else "unverified"
            used = "chosen" if one.id in chosen else "not chosen"
            covers = ", ".join(one.covers)
            typer.echo("\t".join((one.id, _measure(one), covers, one.article, verified, used)))


@simplified.command()
def add(
    partnership: Partnership,
    name: Name,
    title: Annotated[str, typer.Option(help="what it is")],
    kind: Annotated[OptionKind, typer.Option(help="in which form")],
    covers: Annotated[list[CostCategory], typer.Option(help="cost category that it stands for; may be repeated")],
    source: Annotated[str, typer.Option(help="where the programme says it")],
    valid_from: Annotated[datetime, Day],
    valid_to: Annotated[datetime | None, Day] = None,
    base: Annotated[list[CostCategory] | None, typer.Option(help="that a flat rate is a part of; repeated")] = None,
    percent: Annotated[str | None, typer.Option(help="of a flat rate, at most")] = None,
    amount: Annotated[str | None, typer.Option(help="EUR a unit, or of the lump sum")] = None,
    unit: Annotated[str, typer.Option(help="what a unit cost counts")] = "",
    under: Annotated[str, typer.Option(help="the option of a regulation whose bounds it keeps")] = "",
    article: Annotated[str, typer.Option(help="where it is not the regulation's")] = "",
    instrument: Annotated[str, typer.Option(help="the programme that it is of, from the catalogue")] = "",
) -> None:
    """Add an option of a programme or a call."""
    try:
        numbers = {"percent": percent, "amount": amount}
        read = {key: None if text is None else read_number(text) for key, text in numbers.items()}
    except NumberUnreadable as error:
        place = "percent" if amount is None else "amount"
        raise OptionInvalid(faults=[Fault(place, error.fault.text, remedy=error.fault.advice)]) from error
    plan = OptionPlan(
        slug=name,
        title=title,
        kind=kind,
        covers=tuple(covers),
        source=source,
        valid_from=valid_from.date(),
        valid_to=valid_to.date() if valid_to else None,
        base=tuple(base or ()),
        unit=unit,
        under=under,
        article=article,
        instrument=instrument,
        **read,
    )
    with begin() as session:
        typer.echo(add_option(session, partnership_by_slug(session, partnership), plan).slug)


@simplified.command()
def choose(
    partnership: Partnership,
    option: Annotated[list[str] | None, typer.Option(help="name of an option; may be repeated; none: all")] = None,
) -> None:
    """Say which options new cost lines may go by."""
    with begin() as session:
        row = partnership_by_slug(session, partnership)
        terms = terms_of(session, row.id)
        rule(session, row, rate_rule=terms.rate_rule, options=option or [], expected_version=terms.version)
    typer.echo("It is ruled.")


@simplified.command()
def end(partnership: Partnership, name: Name, on: Annotated[datetime, Day]) -> None:
    """Say until when an option that was added may be used."""
    with begin() as session:
        row = option_row(session, partnership_by_slug(session, partnership).id, name)
        end_option(session, row, valid_to=on.date())
    typer.echo("It ends then.")


@simplified.command()
def withdraw(partnership: Partnership, name: Name) -> None:
    """Take out an option that was added, and that no cost line goes by."""
    with begin() as session:
        withdraw_option(session, option_row(session, partnership_by_slug(session, partnership).id, name))
    typer.echo("It is withdrawn.")


def _measure(one: Option) -> str:
    if one.kind is OptionKind.FLAT_RATE:
        return f"at most {one.percent} % of {', '.join(one.base)}"
    return f"EUR {one.amount}" + (f" a {one.unit}" if one.unit else "")
