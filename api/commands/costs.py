"""The commands `bankable cost`: what the partners of a collaboration spend; its protocol shows the same lines."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any

import typer
from sqlmodel import Session

from api.commands.collaborations import Partnership, Slug, collaboration_named
from api.http.lookups import organisations_named
from states.collaborations.tables import Collaboration
from states.crossings.costs import add_cost, change_cost, withdraw_cost
from states.errors import Fault
from states.funding.case.vocabulary import Activity, CostCategory
from states.funding.inputs.cost_lines import CostInvalid, CostPlan, cost_by_slug, plan_of
from states.funding.inputs.cost_summary import summary_of
from states.funding.inputs.tables import CostLine
from states.funding.money.worth import came_about
from states.funding.queries import costs_of
from states.partners.queries import organisation_slugs
from states.storage import begin
from states.storage.amounts import NumberUnreadable, read_number, read_rate

costs = typer.Typer(
    help="List, enter, change and withdraw what the partners of a collaboration spend.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="short name of the cost line")]
Amount = typer.Option(help="EUR, before any funding")
Start = typer.Option(formats=["%Y-%m-%d"], help="start of works: the first firm commitment")
Currency = typer.Option(help="ISO 4217, of --stated; the rate is the partnership's unless --rate gives one")
Stated = typer.Option(help="what an offer or a payroll says, in the currency; EUR follow from it")
OwnRate = typer.Option("--rate", help="units of the currency for EUR 1; with --rate-on and --rate-source")
RateDay = typer.Option(formats=["%Y-%m-%d"], help="day of an own rate")
RateSource = typer.Option(help="who says the own rate")
Vat = typer.Option("--vat", help="VAT in percent")
VatIncluded = typer.Option("--vat-included/--vat-on-top", help="whether the amount that is stated holds the VAT")
VatRecoverable = typer.Option("--vat-recoverable/--vat-final", help="where the organisation's status is not so")
InKind = typer.Option("--in-kind/--in-cash", help="brought without cash: cost and own contribution")
ByOption = typer.Option("--option", help="simplified cost option; see `bankable simplified list`")
Percent = typer.Option(help="of a flat rate, where less than at most")
Units = typer.Option(help="of a unit cost")


@costs.command("list")
def list_costs(partnership: Partnership, slug: Slug) -> None:
    """List cost lines, one a line with tabs between: short name, organisation, site, activity, category, EUR, start.

    A line that was not simply stated in EUR ends with how its EUR came about.
    """
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
            came = _came_about(one)
            typer.echo("\t".join((*what, start, came) if came else (*what, start)))


@costs.command()
def summary(partnership: Partnership, slug: Slug) -> None:
    """Say what the lines come to: partner, EUR that are eligible, of it in kind, EUR with VAT, VAT that comes back.

    Tabs stand between; what the acts say of it follows, each with its article.
    """
    with begin(read_only=True) as session:
        found = summary_of(session, collaboration_named(session, partnership, slug))
        names = organisation_slugs(session, set(found.by_partner))
        named = sorted((names[key], key) for key in found.by_partner)
        for name, one in [*((name, found.by_partner[key]) for name, key in named), ("all", found.whole)]:
            sums = (one.eligible, one.in_kind, one.with_vat, one.vat_left_out)
            typer.echo("\t".join((name, *(f"{amount:.2f}" for amount in sums))))
        for note in found.notes:
            unread = "" if note.verified else ", not compared with the text yet"
            typer.echo(f"{note.says} ({note.article}{unread})")


@costs.command()
def add(
    partnership: Partnership,
    slug: Slug,
    name: Name,
    organisation: Annotated[str, typer.Option(help="short name of the partner that spends it")],
    nuts: Annotated[str, typer.Option(help="NUTS 2024 code of the site, level 3 or 2")],
    activity: Annotated[Activity, typer.Option(help="what it pays for")],
    amount: Annotated[str | None, Amount] = None,
    category: Annotated[CostCategory, typer.Option(help="in what form it is spent")] = CostCategory.OTHER,
    starts_on: Annotated[datetime | None, Start] = None,
    title: Annotated[str, typer.Option(help="what it is")] = "",
    currency: Annotated[str | None, Currency] = None,
    stated: Annotated[str | None, Stated] = None,
    rate: Annotated[str | None, OwnRate] = None,
    rate_on: Annotated[datetime | None, RateDay] = None,
    rate_source: Annotated[str | None, RateSource] = None,
    vat_percent: Annotated[str | None, Vat] = None,
    vat_included: Annotated[bool | None, VatIncluded] = None,
    vat_recoverable: Annotated[bool | None, VatRecoverable] = None,
    in_kind: Annotated[bool | None, InKind] = None,
    option: Annotated[str | None, ByOption] = None,
    percent: Annotated[str | None, Percent] = None,
    units: Annotated[str | None, Units] = None,
) -> None:
    """Enter a cost line: its EUR, or what they follow from."""
    numbers = {"amount": amount, "stated": stated, "rate": rate, "vat_percent": vat_percent, "percent": percent}
    told = _told(
        numbers | {"units": units},
        currency=currency,
        rate_on=_day(rate_on),
        rate_source=rate_source,
        vat_included=vat_included,
        vat_recoverable=vat_recoverable,
        in_kind=in_kind,
        option=option,
    )
    with begin() as session:
        row = collaboration_named(session, partnership, slug)
        partner = _organisation(session, row, organisation)
        plan = CostPlan(name, partner, nuts, activity, None, _day(starts_on), category, title)
        typer.echo(add_cost(session, row, replace(plan, **told)).slug)


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
    currency: Annotated[str | None, Currency] = None,
    stated: Annotated[str | None, Stated] = None,
    rate: Annotated[str | None, OwnRate] = None,
    rate_on: Annotated[datetime | None, RateDay] = None,
    rate_source: Annotated[str | None, RateSource] = None,
    vat_percent: Annotated[str | None, Vat] = None,
    vat_included: Annotated[bool | None, VatIncluded] = None,
    vat_recoverable: Annotated[bool | None, VatRecoverable] = None,
    in_kind: Annotated[bool | None, InKind] = None,
    option: Annotated[str | None, ByOption] = None,
    percent: Annotated[str | None, Percent] = None,
    units: Annotated[str | None, Units] = None,
) -> None:
    """Change a cost line; what is left out stays."""
    numbers = {"amount": amount, "stated": stated, "rate": rate, "vat_percent": vat_percent, "percent": percent}
    told = _told(
        numbers | {"units": units},
        nuts=nuts,
        activity=activity,
        cost_category=category,
        starts_on=_day(starts_on),
        title=title,
        currency=currency,
        rate_on=_day(rate_on),
        rate_source=rate_source,
        vat_included=vat_included,
        vat_recoverable=vat_recoverable,
        in_kind=in_kind,
        option=option,
    )
    with begin() as session:
        row = collaboration_named(session, partnership, slug)
        line = cost_by_slug(session, row, name)
        if organisation is not None:
            told["organisation_id"] = _organisation(session, row, organisation)
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


def _told(numbers: Mapping[str, str | None], **others: object) -> dict[str, Any]:
    """Return what was given, its numbers read; an own rate is known by being given, another currency has none yet."""
    faults, read = list[Fault](), dict[str, Any]()
    for name, text in numbers.items():
        try:
            if text is not None:
                read[name] = read_rate(text) if name == "rate" else read_number(text)
        except NumberUnreadable as error:
            faults.append(error.fault.at(name))
    if faults:
        raise CostInvalid(faults=faults)
    told = read | {name: value for name, value in others.items() if value is not None}
    own = bool(told.keys() & {"rate", "rate_on", "rate_source"})
    return told | ({"own_rate": own} if own or "currency" in told else {})


def _came_about(line: CostLine) -> str:
    """Say how the EUR of a line came about; nothing where they were stated."""
    parts = [came_about(line)] if line.stated is not None else []
    if line.in_kind:
        parts.append("in kind")
    if line.option:
        parts.append(f"by {line.option}")
    return ", ".join(parts)


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None
