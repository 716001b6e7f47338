"""The commands `bankable results`: what was aimed at and achieved, and what is open before the end."""

from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any

import typer

from api.commands.collaborations import Partnership, Slug, collaboration_named
from states.crossings.implementation.closure import closure_of
from states.implementation.queries import result_numbered, results_of
from states.implementation.results import ResultPlan, change_result, record_result, remove_result, result_plan_of
from states.storage import begin
from states.storage.amounts import NumberUnreadable, read_number

results = typer.Typer(
    help="Record what was aimed at and achieved, and list what is open before a collaboration can be completed.",
    no_args_is_help=True,
)

Number = Annotated[int, typer.Argument(help="number of the result")]
Unit = Annotated[str | None, typer.Option(help="such as pieces")]
Achieved = Annotated[str | None, typer.Option(help="as a number; left out: not known yet")]
Source = Annotated[str | None, typer.Option(help="where it can be seen")]
Explanation = Annotated[str | None, typer.Option(help="why less was achieved")]


@results.command("list")
def list_results(partnership: Partnership, slug: Slug) -> None:
    """List results, one a line with tabs between: number, indicator, unit, target, achieved, source, explanation."""
    with begin(read_only=True) as session:
        for one in results_of(session, collaboration_named(session, partnership, slug).id):
            figures = [f"{one.target.normalize():f}", "" if one.achieved is None else f"{one.achieved.normalize():f}"]
            typer.echo("\t".join((str(one.number), one.indicator, one.unit, *figures, one.source, one.explanation)))


@results.command()
def add(
    partnership: Partnership,
    slug: Slug,
    indicator: Annotated[str, typer.Argument(help="its name")],
    target: Annotated[str, typer.Option(help="as a number")],
    unit: Unit = None,
    achieved: Achieved = None,
    source: Source = None,
    explanation: Explanation = None,
) -> None:
    """Record an indicator; print its number."""
    with begin() as session:
        row = collaboration_named(session, partnership, slug)
        said = _said(unit, None, achieved, source, explanation)
        plan = replace(ResultPlan(indicator, _number(target)), **said)
        typer.echo(str(record_result(session, plan, partnership_id=row.partnership_id, collaboration_id=row.id).number))


@results.command("change")
def change(
    partnership: Partnership,
    slug: Slug,
    number: Number,
    target: Annotated[str | None, typer.Option(help="as a number")] = None,
    unit: Unit = None,
    achieved: Achieved = None,
    source: Source = None,
    explanation: Explanation = None,
) -> None:
    """Say what was achieved, or correct it; what is left out stays."""
    with begin() as session:
        row = result_numbered(session, collaboration_named(session, partnership, slug).id, number)
        change_result(session, row, replace(result_plan_of(row), **_said(unit, target, achieved, source, explanation)))


@results.command()
def remove(partnership: Partnership, slug: Slug, number: Number) -> None:
    """Take out an indicator that was recorded by mistake."""
    with begin() as session:
        remove_result(session, result_numbered(session, collaboration_named(session, partnership, slug).id, number))


@results.command("open")
def list_open(partnership: Partnership, slug: Slug) -> None:
    """List what is open before it can be completed, one a line with tabs between: what, which."""
    with begin(read_only=True) as session:
        found = closure_of(session, collaboration_named(session, partnership, slug))
        for number in found.awards.running:
            typer.echo(f"agreement not ended\t{number}")
        for source in found.awards.unsigned:
            typer.echo(f"source without agreement\t{source}")
        for one in found.awards.conditions:
            typer.echo(f"condition\t{one.agreement}/{one.number} {one.text}")
        for period, count in found.implementation.open_periods:
            typer.echo(f"progress not accepted\tperiod {period}: {count}")
        for number in found.implementation.running:
            typer.echo(f"change request\t{number}")
        for indicator in (*found.implementation.unachieved, *found.implementation.unexplained):
            typer.echo(f"indicator\t{indicator}")


def _said(
    unit: str | None, target: str | None, achieved: str | None, source: str | None, explanation: str | None
) -> dict[str, Any]:
    said: dict[str, Any] = {
        "unit": unit,
        "target": None if target is None else _number(target),
        "achieved": None if achieved is None else _number(achieved),
        "source": source,
        "explanation": explanation,
    }
    return {name: value for name, value in said.items() if value is not None}


def _number(text: str) -> Decimal:
    try:
        return read_number(text)
    except NumberUnreadable as error:
        raise typer.BadParameter(f"{text}: {error}") from error
