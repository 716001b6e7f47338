"""The commands `bankable funding`: solve a funding case, check a scenario against it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from api.commands.case_files import case_in, read_or_exit
from api.commands.places_of_law import funding
from states.funding.case.reader import read_scenario
from states.funding.checks.checker import check as breaches_of
from states.funding.checks.checker import open_points
from states.funding.law.facts import Finding
from states.funding.solver.answer import Answer, Ground, Named
from states.funding.solver.solve import solve as find

__all__ = ["funding"]

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
    answer = find(case_in(case), seconds=seconds)
    if as_json:
        typer.echo(answer.model_dump_json(indent=2))
    else:
        _show(answer)
    raise typer.Exit(1 if answer.clash else 0 if answer.complete else 3)


@funding.command()
def check(case: CaseFile, scenario: CaseFile) -> None:
    """Recompute every rule from a scenario's money; the exit code is 1 where one is broken."""
    given, mix = case_in(case), read_or_exit(scenario, read_scenario)
    breaches = breaches_of(given, mix)
    _rules("Breaches", breaches)
    _rules("Open points", open_points(given, mix))
    typer.echo(f"{mix.name}: {len(breaches)} breach{'' if len(breaches) == 1 else 'es'} under {given.rule_set}.")
    raise typer.Exit(1 if breaches else 0)


def _show(answer: Answer) -> None:
    if answer.illustrative:
        typer.echo("Illustrative: partners, amounts and calls are made up.")
    if answer.clash:
        _rules("No mix keeps these rules together", answer.clash)
    for named in answer.scenarios:
        typer.echo(f"\n{named.kind.replace('_', ' ').capitalize()}: {named.statement}")
        if named.scenario is not None:
            _mix(named)
        _rules("Instruments that pay nothing", named.unpaid)
        _rules("Open points", named.open_points)
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
    applications = f"{found.applications} application{'' if found.applications == 1 else 's'}"
    typer.echo(f"{applications}, money after {found.days_to_money} days on average.")
    for limit in named.bindings:
        saved = (
            f"saves {limit.gap:.2f} EUR of gap, {limit.private_cash:.2f} of private cash, {limit.waiting:.0f} EUR-days"
        )
        typer.echo(f"  One EUR more {saved}: {limit.ground.article}: {limit.ground.sentence}")


def _rules(title: str, found: Iterable[Finding | Ground]) -> None:
    if rows := list(found):
        table = Table(
            "Rule", "Where", Column("What", overflow="fold"), Column("Remedy", overflow="fold"), "Verified", title=title
        )
        for one in rows:
            where = " ".join(filter(None, (one.partner, one.item, one.instrument)))
            table.add_row(one.article, where, one.sentence, one.remedy, "yes" if one.verified else "no")
        Console(width=None if Console().is_terminal else 160).print(table)
