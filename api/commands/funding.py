"""The commands `bankable funding`: solve a funding case, check a scenario against it."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Column, Table

from api.commands.funding_explanations import funding
from states.errors import Invalid
from states.funding.case.case import FundingCase
from states.funding.case.reader import read_case, read_scenario
from states.funding.checks.checker import check as breaches_of
from states.funding.checks.checker import open_points
from states.funding.law.facts import Finding
from states.funding.solver.answer import Answer, Ground, Named
from states.funding.solver.solve import solve as find

__all__ = ["funding"]

Shape = TypeVar("Shape")
CaseFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="YAML or JSON")]


@funding.command()
def solve(
    case: CaseFile,
    as_json: Annotated[bool, typer.Option("--json", help="print ceilings, mixes, bindings or the clash")] = False,
    seconds: Annotated[
        float,
        typer.Option(
            min=1,
            max=3600,
            help="how much to search: seconds of a quiet core; a busy machine takes longer, up to ten times",
        ),
    ] = 4.0,
) -> None:
    """Find the named mixes of a case and what binds them, or the rules that clash.

    The exit code is 1 where rules clash, 2 where the case has faults, 3 where the search ended before its end.
    """
    answer = find(_case(case), seconds=seconds)
    if as_json:
        typer.echo(answer.model_dump_json(indent=2))
    else:
        _show(answer)
    raise typer.Exit(1 if answer.clash else 0 if answer.complete else 3)


@funding.command()
def check(case: CaseFile, scenario: CaseFile) -> None:
    """Recompute every rule from a scenario's money; the exit code is 1 where one is broken."""
    given, mix = _case(case), _read(scenario, read_scenario)
    breaches = breaches_of(given, mix)
    _rules("Breaches", breaches)
    _rules("Open points", open_points(given, mix))
    typer.echo(f"{mix.name}: {len(breaches)} breach{'' if len(breaches) == 1 else 'es'} under {given.rule_set}.")
    raise typer.Exit(1 if breaches else 0)


def _case(file: Path) -> FundingCase:
    return _read(file, read_case)


def _read(file: Path, reader: Callable[[str], Shape]) -> Shape:
    try:
        return reader(_text(file))
    except Invalid as error:
        for fault in error.faults:
            typer.echo(str(fault), err=True)
        raise typer.Exit(2) from None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Invalid("file_not_utf8", field=str(file), remedy="save_as_utf_8", file=str(file)) from None


def _show(answer: Answer) -> None:
    if answer.illustrative:
        typer.echo("Illustrative: partners, amounts and calls are made up.")
    if answer.clash:
        _rules("No mix keeps these rules together", answer.clash)
    for named in answer.scenarios:
        typer.echo(f"\n{named.kind.replace('_', ' ').capitalize()}: {named.statement}")
        if named.scenario is not None:
            _mix(named)
        _rules("No such mix, because of", named.clash)
    typer.echo(f"\n{answer.case}, rules {answer.rule_set} ({answer.fingerprint}), {answer.seconds} s.")
    if not answer.complete:
        typer.echo("The search ended before its end: mixes may be missing.")


def _mix(named: Named) -> None:
    assert named.scenario is not None
    assert named.measures is not None
    table = Table("Cost item", "Who pays", Column("EUR", justify="right"))
    for one in named.scenario.allocations:
        table.add_row(one.item, one.instrument, f"{one.amount:.2f}")
    for payer, amounts in (("the partner", named.scenario.own), ("nobody", named.scenario.gap)):
        for item, amount in amounts.items():
            table.add_row(item, payer, f"{amount:.2f}")
    Console().print(table)
    found = named.measures
    typer.echo(f"Gap {found.gap:.2f}, own {found.own:.2f}, cost of capital {found.cost_of_capital:.2f} EUR;")
    typer.echo(f"{found.applications} applications, money after {found.days_to_money} days on average.")
    for limit in named.bindings:
        saved = (
            f"saves {limit.gap:.2f} EUR of gap, {limit.private_cash:.2f} of private cash, {limit.waiting:.0f} EUR-days"
        )
        typer.echo(f"  One EUR more {saved}: {limit.ground.article}: {limit.ground.sentence}")


def _rules(title: str, found: Iterable[Finding | Ground]) -> None:
    if rows := list(found):
        table = Table("Rule", "Where", Column("What", overflow="fold"), "Verified", title=title)
        for one in rows:
            where = " ".join(filter(None, (one.partner, one.item, one.instrument)))
            table.add_row(one.article, where, one.sentence, "yes" if one.verified else "no")
        Console().print(table)
