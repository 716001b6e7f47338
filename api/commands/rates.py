"""The commands `bankable rates`: bring in exchange rates, say which month counts, and let cost lines go by it."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from api.commands.collaborations import Partnership, Slug, collaboration_named
from states.crossings.costs import at_rates_of, take_rates_of
from states.funding.money.options import rule
from states.funding.money.rates import INFOREURO, editions_of, holding, import_rates, month_for, terms_of
from states.funding.money.tables import RateRule
from states.partners.queries import partnership_by_slug
from states.storage import begin
from states.workbook.rate_tables import month_named, read_rates

rates = typer.Typer(
    help="Bring in exchange rates, list them, and let cost lines go by those of a month.", no_args_is_help=True
)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="JSON, CSV or XLSX")]
Month = typer.Option(help="such as 2026-11")


@rates.command("import")
def import_file(
    partnership: Partnership,
    file: File,
    month: Annotated[str | None, typer.Option(help="of the rates, where the file names none, such as 2026-11")] = None,
    source: Annotated[str, typer.Option(help="who publishes them")] = INFOREURO,
) -> None:
    """Bring in rates as the Commission publishes them: all, or nothing and each fault at its row and column.

    A rate that differs supersedes what was there; cost lines keep the rate that they have.
    """
    published = read_rates(file.read_bytes(), name=file.name, month=month_named(month))
    with begin() as session:
        made = import_rates(session, partnership_by_slug(session, partnership), published, source=source)
    typer.echo(f"{made.added} added, {made.superseded} superseded, {made.unchanged} unchanged")


@rates.command("list")
def list_rates(
    partnership: Partnership,
    month: Annotated[str | None, Month] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217")] = None,
    superseded: Annotated[bool, typer.Option("--superseded", help="those too that a later edition superseded")] = False,
) -> None:
    """List rates, one a line with tabs between: currency, month, units for EUR 1, edition, source."""
    read = editions_of if superseded else holding
    with begin(read_only=True) as session:
        key = partnership_by_slug(session, partnership).id
        for one in read(session, key, currency=currency, month=month_named(month)):
            typer.echo(f"{one.currency}\t{one.month:%Y-%m}\t{one.rate:f}\t{one.edition}\t{one.source}")


@rates.command("rule")
def rule_on(
    partnership: Partnership,
    month: Annotated[RateRule | None, typer.Option(help="of which month a rate is taken; shown where left out")] = None,
) -> None:
    """Say of which month rates are taken: that of the entry, of the first submission, or of the first agreement."""
    with begin() as session:
        row = partnership_by_slug(session, partnership)
        terms = terms_of(session, row.id)
        if month is not None:
            terms = rule(session, row, rate_rule=month, options=terms.options, expected_version=terms.version)
        typer.echo(terms.rate_rule)


@rates.command()
def preview(partnership: Partnership, slug: Slug, month: Annotated[str | None, Month] = None) -> None:
    """Say what changes by the rates of a month, the rule's where left out: line, rate and EUR, both anew."""
    _take(partnership, slug, month_named(month), dry_run=True)


@rates.command()
def take(partnership: Partnership, slug: Slug, month: Annotated[str | None, Month] = None) -> None:
    """Let the cost lines of a collaboration go by the rates of a month, the rule's where left out."""
    _take(partnership, slug, month_named(month), dry_run=False)


def _take(partnership: str, slug: str, month: date | None, *, dry_run: bool) -> None:
    with begin(read_only=dry_run) as session:
        row = collaboration_named(session, partnership, slug)
        day, total = month or month_for(session, row), Decimal(0)
        for one in at_rates_of(session, row, day):
            line = one.line
            total += one.amount - line.amount
            now = f"{line.rate:f}\t{line.amount:.2f}"
            typer.echo(f"{line.slug}\t{line.currency}\t{now}\t{one.rate:f}\t{one.amount:.2f}")
        if not dry_run:
            take_rates_of(session, row, day)
        typer.echo(f"{day:%Y-%m}: EUR {total:+.2f}" + ("; nothing is changed" if dry_run else ""))
