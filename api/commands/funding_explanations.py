"""The commands `bankable funding case`, `explain`, `catalogue`: a case, its rules by partner, instruments at first."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table
from sqlmodel import Session, select

from api.commands.counting import counted
from api.commands.files import file_text
from api.commands.other_rules import OtherRules, known_rules, other_rules, say_why, show_comparison
from api.commands.tables import print_tables
from states.collaborations.tables import Collaboration
from states.errors import Invalid, Missing
from states.funding.case.case import FundingCase
from states.funding.case.explained import explain_case
from states.funding.case.gathering import case_and_shelf, case_of
from states.funding.case.reader import read_case, read_shape
from states.funding.catalogue.loading import Catalogue, catalogue_of_places, load_catalogue
from states.funding.queries import instruments_of
from states.funding.rules.choice import rules_of, settled
from states.funding.rules.library import RuleSet
from states.partners.queries import partnership_by_slug, regions_of
from states.partners.tables import Partnership
from states.storage import begin

funding = typer.Typer(help="Who may pay for what, by which rule.", no_args_is_help=True)

PartnershipOption = Annotated[str | None, typer.Option(help="where several partnerships have the short name")]


@funding.command()
def explain(
    case: Annotated[str, typer.Argument(help="short name of a collaboration, or a file with a case: YAML or JSON")],
    of: PartnershipOption = None,
    rules: OtherRules = None,
) -> None:
    """Print what the rules say of each partner: answer, article, what would change it; and what other rules would.

    The exit code is 2 where a file has faults.
    """
    unread: list[str] = []
    if Path(case).is_file():
        shelf = known_rules(of)
        known, partnership = settled(read_case(file_text(Path(case))), shelf), of
    else:
        with begin(read_only=True) as session:
            row = collaboration_named(session, case, of)
            known, shelf = case_and_shelf(session, row)
            partnership = session.get_one(Partnership, row.partnership_id).slug
            unread = [one.name for one in instruments_of(session, row.partnership_id) if not one.terms]
    law = rules_of(known, shelf)
    _explain(known, law)
    say_why(known, shelf)
    if rules is not None:
        show_comparison(known, law, other_rules(rules, partnership, shelf))
    if unread:
        typer.echo(f"Left out, because nobody put in their terms: {'; '.join(unread)}.", err=True)


def _explain(case: FundingCase, rules: RuleSet) -> None:
    columns = (
        "Partner",
        "Answer",
        "Article",
        Column("What it says", overflow="fold"),
        Column("Remedy", overflow="fold"),
    )
    title = f"{case.name}, {case.date}, rules {rules.names}{' (illustrative)' if case.illustrative else ''}"
    table = Table(*columns, title=title)
    for one in explain_case(case, rules=rules):
        unsure = "" if one.verified else " (not verified)"
        table.add_row(one.partner, one.answer.value, f"{one.article}{unsure}", one.sentence, one.remedy)
    print_tables(table)


@funding.command("case")
def print_case(
    collaboration: Annotated[str, typer.Argument(help="short name of a collaboration")], of: PartnershipOption = None
) -> None:
    """Print the funding case of a collaboration as it is now: JSON, as `solve` takes it."""
    with begin(read_only=True) as session:
        typer.echo(case_of(session, collaboration_named(session, collaboration, of)).model_dump_json(indent=2))


@funding.command()
def catalogue(
    partnership: Annotated[str, typer.Argument(help="short name of the partnership")],
    file: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="YAML; else what ships for its regions"),
    ] = None,
    illustrative: Annotated[bool, typer.Option(help="with those that are made up to illustrate")] = False,
) -> None:
    """Put instruments with terms, criteria and calls into a partnership; those that are there stay as they are."""
    with begin() as session:
        row = partnership_by_slug(session, partnership)
        if file is None:
            codes = [code for region in regions_of(session, row.id) for code in region.codes]
            sent = catalogue_of_places(codes, illustrative=illustrative)
        else:
            sent = read_shape(file_text(file), Catalogue)
        loaded = load_catalogue(session, row.id, sent)
        typer.echo(f"{partnership}: {counted(len(loaded), 'instrument')} {'is' if len(loaded) == 1 else 'are'} new.")


def collaboration_named(session: Session, slug: str, partnership: str | None) -> Collaboration:
    """Return the collaboration of that short name, or raise `Missing`, or `Invalid` where several have it."""
    query = select(Collaboration).where(Collaboration.slug == slug)
    if partnership is not None:
        query = query.where(Collaboration.partnership_id == partnership_by_slug(session, partnership).id)
    found = list(session.exec(query))
    if not found:
        raise Missing("collaboration", slug)
    if len(found) > 1:
        raise Invalid(
            "several_partnerships", field="collaboration", remedy="name_one_with_of", count=len(found), slug=slug
        )
    return found[0]
