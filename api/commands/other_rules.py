"""Options of the funding commands by which a case is looked at under other rules, and how the difference is printed."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from api.commands.files import file_text
from api.commands.tables import print_tables
from states.errors import Invalid
from states.funding.aid.comparison import CaseComparison, compare_case
from states.funding.case.case import FundingCase
from states.funding.rules.choice import rules_of, why_chosen
from states.funding.rules.documents import SetDocument, read_document, shelf_with_one_more
from states.funding.rules.library import RuleSet, Shelf, shipped
from states.funding.rules.overview import shelf_under
from states.funding.rules.queries import shelf_for
from states.funding.solver.what_if import Difference
from states.partners.queries import partnership_by_slug
from states.storage import begin

OtherRules = Annotated[
    str | None,
    typer.Option("--rules", metavar="KEY_OR_FILE", help="say too what another rule set would change"),
]
RulesOf = Annotated[str | None, typer.Option(help="short name of a partnership: its own documents of law count too")]


def known_rules(of: str | None) -> Shelf:
    """Return what ships, or with a partnership what it may use."""
    if of is None:
        return shipped()
    with begin(read_only=True) as session:
        return shelf_for(session, partnership_by_slug(session, of).id)


def other_rules(named: str, of: str | None, shelf: Shelf) -> RuleSet:
    """Return the set that a file writes, or that a key names; raise `Missing` or `Invalid`."""
    file = Path(named)
    if file.is_file():
        document = read_document(file_text(file), source=named, shelf=shelf)
        if not isinstance(document, SetDocument):
            raise Invalid("no_rule_set", field="rules", remedy="one_of", rule_set=named, known=tuple(shelf.sets))
        return shelf_with_one_more(shelf, document).rule_set(document.id)
    if of is None:
        return shelf.rule_set(named)
    with begin(read_only=True) as session:
        key, other = shelf_under(session, partnership_by_slug(session, of).id, named)
    return other.rule_set(key)


def say_why(case: FundingCase, shelf: Shelf) -> None:
    """Print under which set a case is, and why."""
    rules = rules_of(case, shelf)
    typer.echo(f"Rules {rules.id} ({rules.fingerprint}): {why_chosen(case, rules)}.")


def show_comparison(case: FundingCase, before: RuleSet, after: RuleSet) -> None:
    """Print what another set changes of a case: ceilings by cost item, and answers."""
    _ceilings(before, after, compare_case(before, after, case))


def _ceilings(before: RuleSet, after: RuleSet, found: CaseComparison) -> None:
    names = (Column(before.id, overflow="fold"), Column(after.id, overflow="fold"))
    table = Table("Cost item", "Article", *names, title=f"The most aid under {before.id} and {after.id}")
    for one in found.ceilings:
        shown = (f"{figures[0]} %, {figures[1]} EUR" if figures else "-" for figures in (one.before, one.after))
        table.add_row(one.item, one.article, *shown)
    answers = Table("Where", *names, Column("What it says", overflow="fold"), title="What is answered otherwise")
    for other in found.answers:
        where = " ".join(filter(None, (other.partner, other.item, other.instrument, other.rule)))
        answers.add_row(where, other.before or "-", other.after or "-", f"{other.sentence} {other.remedy}".strip())
    print_tables(*(drawn for drawn in (table, answers) if drawn.row_count))
    if not found.ceilings and not found.answers:
        typer.echo(f"{after.id} changes nothing of this case.")


def show_differences(title: str, found: Iterable[Difference]) -> None:
    """Print what differs between two answers of the solver, mix by mix."""
    table = Table("Mix", "What", Column("Before", justify="right"), Column("After", justify="right"), title=title)
    for one in found:
        table.add_row(one.kind.value, one.what, *("-" if x is None else str(x) for x in (one.before, one.after)))
    print_tables(table)
