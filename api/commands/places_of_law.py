"""The command `bankable funding place`: what the law knows of a place, with its source."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Column, Table

from api.commands.funding_explanations import funding
from api.commands.other_rules import RulesOf, known_rules
from api.commands.printing import as_json
from api.commands.tables import print_tables
from states.clock import today
from states.funding.case.reader import cohesion_at
from states.funding.law.places import aid_area, category, cofinancing
from states.places import nuts

__all__ = ["funding"]


@funding.command()
def place(
    code: Annotated[str, typer.Argument(help="NUTS 2024, level 2 or 3, such as PL229")],
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="a day; else today")] = None,
    rules: Annotated[str, typer.Option(help="the set of rules")] = "eu-2023",
    of: RulesOf = None,
    json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """Print where a place lies on the aid map, its cohesion category, and what the funds pay there at most."""
    nuts.unit(code)
    day, shelf = on.date() if on else today(), known_rules(of)
    law, own = shelf.rule_set(rules), shelf.categories
    known = cohesion_at(code, day, own=own)
    rows = [aid_area(law, code, day), category(code, day, own=own)]
    rows += cofinancing(law, code, known, day) if known else []
    if json:
        typer.echo(as_json({"place": code, "on": day, "findings": [asdict(one) for one in rows]}))
        return
    table = Table("Article", Column("What it says", overflow="fold"), "Remedy", "Verified", title=f"{code} on {day}")
    for one in rows:
        table.add_row(one.article, one.sentence, one.remedy, "yes" if one.verified else "no")
    print_tables(table)
