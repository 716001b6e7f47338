"""The commands `bankable cost`: what the partners of a collaboration spend; its protocol shows the same lines."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import typer
from sqlmodel import Session

from api.commands.collaborations import Partnership, Slug, collaboration_named
from api.http.lookups import organisations_named
from states.collaborations.tables import Collaboration
from states.crossings.costs import add_cost, change_cost, withdraw_cost
from states.funding.case.vocabulary import Activity, CostCategory
from states.funding.inputs.cost_lines import CostInvalid, CostPlan, cost_by_slug, plan_of
from states.funding.queries import costs_of
from states.partners.queries import organisation_slugs
from states.storage import begin
from states.storage.amounts import NumberUnreadable, read_number

costs = typer.Typer(
    help="List, enter, change and withdraw what the partners of a collaboration spend.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="short name of the cost line")]
Amount = typer.Option(help="EUR, before any funding")
Start = typer.Option(formats=["%Y-%m-%d"], help="start of works: the first firm commitment")


@costs.command("list")
def list_costs(partnership: Partnership, slug: Slug) -> None:
    """List cost lines, one a line with tabs between: short name, organisation, site, activity, category, EUR, start."""
    with begin(read_only=True) as session:
        lines = costs_of(session, collaboration_named(session, partnership, slug).id)
        names = organisation_slugs(session, {line.organisation_id for line in lines})
        for one in lines:
            start = one.starts_on.isoformat() if one.starts_on else ""
            what = (
                one.slug,
                names[one.organisation_id],
                one.nuts,
                one.activity,
                one.cost_category,
                f"{one.amount:.2f}",
            )
            typer.echo("\t".join((*what, start)))


@costs.command()
def add(
    partnership: Partnership,
    slug: Slug,
    name: Name,
    organisation: Annotated[str, typer.Option(help="short name of the partner that spends it")],
    nuts: Annotated[str, typer.Option(help="NUTS 2024 code of the site, level 3 or 2")],
    activity: Annotated[Activity, typer.Option(help="what it pays for")],
    amount: Annotated[str, Amount],
    category: Annotated[CostCategory, typer.Option(help="in what form it is spent")] = CostCategory.OTHER,
    starts_on: Annotated[datetime | None, Start] = None,
    title: Annotated[str, typer.Option(help="what it is")] = "",
) -> None:
    """Enter a cost line."""
    with begin() as session:
        row = collaboration_named(session, partnership, slug)
        partner = _organisation(session, row, organisation)
        plan = CostPlan(name, partner, nuts, activity, _amount(amount), _day(starts_on), category, title)
        typer.echo(add_cost(session, row, plan).slug)


@costs.command()
def change(
    partnership: Partnership,
    slug: Slug,
    name: Name,
    organisation: Annotated[str | None, typer.Option(help="short name of the partner that spends it")] = None,
    nuts: Annotated[str | None, typer.Option(help="NUTS 2024 code of the site, level 3 or 2")] = None,
    activity: Annotated[Activity | None, typer.Option(help="what it pays for")] = None,
    amount: Annotated[str | None, Amount] = None,
    category: Annotated[CostCategory | None, typer.Option(help="in what form it is spent")] = None,
    starts_on: Annotated[datetime | None, Start] = None,
    title: Annotated[str | None, typer.Option(help="what it is")] = None,
) -> None:
    """Change a cost line; what is left out stays."""
    with begin() as session:
        row = collaboration_named(session, partnership, slug)
        line = cost_by_slug(session, row, name)
        wanted: dict[str, Any] = {
            "organisation_id": None if organisation is None else _organisation(session, row, organisation),
            "nuts": nuts,
            "activity": activity,
            "amount": None if amount is None else _amount(amount),
            "cost_category": category,
            "starts_on": _day(starts_on),
            "title": title,
        }
        told = {key: value for key, value in wanted.items() if value is not None}
        change_cost(session, row, line, replace(plan_of(line), **told))
    typer.echo("It is changed.")


@costs.command()
def withdraw(partnership: Partnership, slug: Slug, name: Name) -> None:
    """Take a cost line out; what was frozen or solved with it keeps it."""
    with begin() as session:
        row = collaboration_named(session, partnership, slug)
        withdraw_cost(session, row, cost_by_slug(session, row, name))
    typer.echo("It is withdrawn.")


def _organisation(session: Session, row: Collaboration, slug: str) -> str:
    return organisations_named(session, row.partnership_id, {"organisation": slug})["organisation"].id


def _amount(text: str) -> Decimal:
    try:
        return read_number(text)
    except NumberUnreadable as error:
        raise CostInvalid(faults=[error.fault.at("amount")]) from error


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None
