"""The command `bankable funding finances`: the financial plan of a scenario, and its figures, as tables."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated

import typer
from rich.table import Column, Table
from sqlmodel import Session

from api.commands.funding import funding
from api.commands.funding_explanations import PartnershipOption, collaboration_named
from api.commands.tables import print_tables
from states.collaborations.tables import Collaboration
from states.errors import Invalid, Missing
from states.funding.finance.scenario_finances import Finances, finances_of
from states.funding.finance.simulation import quantile
from states.funding.finance.statements import Balance, Cash, Profit
from states.funding.queries import scenarios_of
from states.funding.tables import Scenario
from states.storage import begin

__all__ = ["funding"]

Row = tuple[str | Decimal, ...]

_NOTHING = Decimal(0)
_PROFIT = (
    *("revenue", "operating_cost", "project_cost", "depreciation", "grants_released"),
    *("interest", "premiums", "tax", "after_tax"),
)
_CASH = ("operating", "tax", "premiums", "uses", "grants", "paid_in", "drawn", "debt_service", "closing")
_BALANCE = ("fixed_assets", "receivables", "inventories", "cash", "payables", "loans", "deferred_grants", "equity")


@funding.command()
def finances(
    collaboration: Annotated[str, typer.Argument(help="short name of a collaboration")],
    scenario: Annotated[str | None, typer.Option(help="its name; else the one that is chosen")] = None,
    of: PartnershipOption = None,
) -> None:
    """Print the financial plan of a scenario: uses, sources, statements, returns, coverage, and what moves them."""
    with begin(read_only=True) as session:
        row = _scenario(session, collaboration_named(session, collaboration, of), scenario)
        found = finances_of(session, row)
    plan = found.plan
    made_up = "; illustrative: parts of it are made up" if plan.illustrative else ""
    typer.echo(f"{plan.name}, {plan.prices.value} prices of {plan.price_year}{made_up}")
    print_tables(*_tables(found))
    for year, missing in found.statements.shortfalls.items():
        typer.echo(f"At the end of {year} {missing:.2f} EUR are missing: cash is below zero.")


def _scenario(session: Session, row: Collaboration, name: str | None) -> Scenario:
    rows = scenarios_of(session, row.id)
    wanted = next((one for one in rows if (one.chosen if name is None else one.name == name)), None)
    if wanted is not None:
        return wanted
    if name is not None:
        raise Missing("scenario", name)
    names = ", ".join(one.name for one in rows) or "there is none"
    raise Invalid("no_scenario_chosen", field="--scenario", remedy="name_one_of", names=names)


def _tables(found: Finances) -> Iterator[Table]:
    plan, made = found.plan, found.statements
    spent = [(one.partner, one.region, one.category, str(one.year), one.amount) for one in plan.uses]
    yield _table("Uses, EUR", ("Partner", "Region", "Category", "Year", "Amount"), spent)
    paid = [(one.name, one.kind, _by_year(one.payments), sum(one.payments.values(), _NOTHING)) for one in plan.sources]
    yield _table("Sources, EUR", ("Source", "Kind", "By year", "Total"), paid)
    yield _statement("Profit and loss, EUR", _PROFIT, made.profit)
    yield _statement("Cash flow, EUR", _CASH, made.cash)
    yield _statement("Balance, EUR", _BALANCE, made.balance)
    yield _table("Figures", ("Figure", "Value"), _figures(found))
    split = [(one.region, one.cost, one.grant, str(one.jobs)) for one in found.regions]
    yield _table("By region, EUR and full-time equivalents", ("Region", "Cost", "Grant", "Jobs"), split)
    moved = [
        (one.variable, one.fallen, one.risen, "yes" if one.critical else "no", _figure(one.switching, " %"))
        for one in found.sensitivity
    ]
    yield _table("What moves NPV", ("Variable", "1 % less", "1 % more", "Critical", "NPV is zero at"), moved)


def _figures(found: Finances) -> Iterator[Row]:
    told, measured = found.indicators, found.indicators.coverage
    for name, one in (
        ("project, after tax and before funding", told.project),
        ("investment (FNPV/C)", told.on_investment),
        ("national capital (FNPV/K)", told.on_national_capital),
        ("owners", told.of_owners),
    ):
        yield f"NPV of the {name}, EUR", one.npv
        yield f"IRR of the {name}", " and ".join(_figure(rate, " %") for rate in one.irr) or "none"
    yield "MIRR", _figure(told.mirr, " %")
    yield "Payback", _figure(told.payback, " years")
    yield "Discounted payback", _figure(told.discounted_payback, " years")
    yield "DSCR, least and mean", f"{_figure(measured.least)} and {_figure(measured.average)}"
    yield "LLCR", _figure(measured.llcr)
    yield "Funding gap, EUR", told.funding_gap.gap
    yield "Funding gap, of the discounted cost", _figure(told.funding_gap.rate, " %")
    yield "Private for each public EUR", _figure(told.leverage.private_per_public)
    yield "Investment for each EUR of the Union", _figure(told.leverage.eu_multiplier)
    for aid in found.aid:
        yield f"Gross grant equivalent of {aid.name}, EUR", aid.amount or f"not known without {aid.missing}"
    if found.simulation is not None:
        for percent in (5, 50, 95):
            value = quantile(found.simulation.npv, percent)
            yield f"NPV in {found.simulation.runs} draws, percentile {percent}, EUR", value
        yield "Draws with NPV below zero", _figure(found.simulation.loses, " %")


def _statement(title: str, names: Sequence[str], years: Sequence[Profit | Cash | Balance]) -> Table:
    headings = [name.replace("_", " ").capitalize() for name in names]
    rows = [(str(one.year), *(getattr(one, name) for name in names)) for one in years]
    return _table(title, ("Year", *headings), rows)


def _table(title: str, headings: Sequence[str], rows: Iterable[Row]) -> Table:
    listed = list(rows)
    money = [bool(listed) and isinstance(cell, Decimal) for cell in (listed[0] if listed else headings)]
    columns = [
        Column(heading, justify="right" if right else "left", overflow="fold")
        for heading, right in zip(headings, money, strict=True)
    ]
    table = Table(*columns, title=title, title_justify="left")
    for row in listed:
        table.add_row(*(f"{cell:,.2f}" if isinstance(cell, Decimal) else cell for cell in row))
    return table


def _by_year(payments: Mapping[int, Decimal]) -> str:
    return "; ".join(f"{year}: {amount:,.2f}" for year, amount in sorted(payments.items()))


def _figure(value: Decimal | None, unit: str = "") -> str:
    return "none" if value is None else f"{value}{unit}"
