"""The commands `bankable taxonomy`: the words in which a partnership's matchmaking speaks."""

from pathlib import Path
from typing import Annotated

import typer

import states.schema  # noqa: F401 - rows refer to tables that nothing else here loads
from api.commands.counting import counted
from api.commands.files import file_text
from states.matchmaking.suggestions.chosen_taxonomy import bring_taxonomy, choose_taxonomy, taxonomy_of
from states.matchmaking.suggestions.taxonomy import LANGUAGES, read_taxonomy
from states.partners.queries import partnership_by_slug
from states.storage import begin

taxonomies = typer.Typer(help="List the keywords of a partnership, choose or bring them.", no_args_is_help=True)

Partnership = Annotated[str, typer.Argument(help="short name of the partnership")]


@taxonomies.command("list")
def list_keywords(
    partnership: Partnership,
    language: Annotated[str, typer.Option(help=f"of the labels: {', '.join(LANGUAGES)}")] = "en",
) -> None:
    """List the keywords, one a line with a tab between: code, label."""
    with begin(read_only=True) as session:
        tree = taxonomy_of(session, partnership_by_slug(session, partnership).id)
    for code in tree.nodes:
        typer.echo(f"{code}\t{tree.label(code, language)}")


@taxonomies.command()
def choose(
    partnership: Partnership, name: Annotated[str, typer.Argument(help="medtech, nace, or own for one's own again")]
) -> None:
    """Speak a taxonomy that comes with Bankable; codes that profiles use must be in it."""
    with begin() as session:
        found = choose_taxonomy(session, partnership_by_slug(session, partnership), name)
    typer.echo(f"{name} {found.version}: {counted(len(found.nodes), 'keyword')}.")


@taxonomies.command()
def bring(
    partnership: Partnership,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML: version; nodes with code, en")],
) -> None:
    """Bring a taxonomy of one's own as a file; the workbook's sheet keywords does the same."""
    nodes = [{"code": node.code, **node.labels} for node in read_taxonomy(file_text(file)).nodes.values()]
    with begin() as session:
        found = bring_taxonomy(session, partnership_by_slug(session, partnership), nodes)
    typer.echo(f"own {found.version}: {counted(len(found.nodes), 'keyword')}.")
