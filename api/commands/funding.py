"""The commands `bankable funding`: solve a funding case, check a scenario against it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from api.commands.files import file_text
from api.commands.other_rules import OtherRules, RulesOf, known_rules, other_rules, say_why, show_differences
from api.commands.places_of_law import funding
from api.commands.printing import as_json
from api.commands.tables import print_tables
from states.funding.case.case import FundingCase, FundingScenario
from states.funding.case.reader import read_case, read_scenario
from states.funding.checks.checker import check as breaches_of
from states.funding.checks.checker import open_points
from states.funding.law.facts import Finding
from states.funding.rules.choice import rules_of, settled
from states.funding.rules.library import RuleSet
from states.funding.solver.answer import Answer, Ground, Named
from states.funding.solver.solve import solve as find
from states.funding.solver.what_if import difference

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
    rules: OtherRules = None,
    of: RulesOf = None,
) -> None:
    """Find the named mixes of a case and what binds them, or the rules that clash; and what other rules would change.

    The exit code is 1 where rules clash, 2 where the case has faults, 3 where the search ended before its end.
    """
    shelf = known_rules(of)
    given = settled(read_case(file_text(case)), shelf)
    answer = find(given, rules=rules_of(given, shelf), seconds=seconds)
    other = None
    if rules is not None:
        law = other_rules(rules, of, shelf)
        other = find(given.changed(rule_set=law.id), rules=law, seconds=seconds)
    if as_json:
        typer.echo(answer.model_dump_json(indent=2) if other is None else _both(answer, other))
    else:
        _show(answer)
        say_why(given, shelf)
        if other is not None:
            _show(other)
            show_differences(f"What {other.rule_set} changes", difference(answer, other))
    raise typer.Exit(1 if answer.clash else 0 if answer.complete else 3)


@funding.command()
def check(case: CaseFile, scenario: CaseFile, rules: OtherRules = None, of: RulesOf = None) -> None:
    """Recompute every rule from a scenario's money; the exit code is 1 where one is broken."""
    shelf = known_rules(of)
    given, mix = settled(read_case(file_text(case)), shelf), read_scenario(file_text(scenario))
    if rules is not None:
        law = other_rules(rules, of, shelf)
        free = mix.model_copy(update={"rule_set": law.id, "fingerprint": ""})
        _checked(given.changed(rule_set=law.id), free, law)
    breaches = _checked(given, mix, rules_of(given, shelf))
    raise typer.Exit(1 if breaches else 0)


def _checked(case: FundingCase, mix: FundingScenario, rules: RuleSet) -> int:
    """Print what a scenario breaks under a set of rules, and what stands open; return how much is broken."""
    breaches = breaches_of(case, mix, rules=rules)
    _rules("Breaches", breaches)
    _rules("Open points", open_points(case, mix, rules=rules))
    typer.echo(f"{mix.name}: {len(breaches)} breach{'' if len(breaches) == 1 else 'es'} under {rules.id}.")
    return len(breaches)


def _both(answer: Answer, other: Answer) -> str:
    """Return two answers and what differs between them as JSON."""
    differences = [one.model_dump(mode="json") for one in difference(answer, other)]
    answers = {"answer": answer.model_dump(mode="json"), "other": other.model_dump(mode="json")}
    return as_json({**answers, "differences": differences})


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
    print_tables(table)
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
        print_tables(table)
