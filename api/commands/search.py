"""The command `bankable search`: what an installation holds, by its words."""

from typing import Annotated

import typer
from rich.table import Column, Table
from sqlmodel import col, select

from api.commands.tables import print_tables
from states.crossings.search import hits, search
from states.partners.queries import partnership_by_slug
from states.partners.tables import Partnership
from states.rights.access import Actor, Role
from states.search import SearchKind
from states.search.words import read_words
from states.storage import begin
from states.storage.paging import Part, read_part


def find(
    words: Annotated[list[str], typer.Argument(help='all must be there; "a phrase", begun*, and -not after --')],
    kind: Annotated[SearchKind | None, typer.Option(help="these alone")] = None,
    partnership: Annotated[str | None, typer.Option(help="its short name; without it, every partnership")] = None,
    top: Annotated[int, typer.Option(min=1, max=200, help="how many at most of each partnership")] = 20,
) -> None:
    """Find collaborations, organisations, documents and evidence by their words, as an administrator may read them."""
    asked = read_words(" ".join(f'"{word}"' if " " in word else word for word in words), field="words")
    table = Table("Partnership", "Kind", Column("Title", overflow="fold"), "Short name or id")
    with begin(read_only=True) as session:
        everywhere = select(Partnership).order_by(col(Partnership.slug))
        rows = session.exec(everywhere) if partnership is None else [partnership_by_slug(session, partnership)]
        for row in rows:
            reader = Actor(Role.ADMINISTRATOR, row.id)
            found = search(session, asked, reader, tuple(SearchKind) if kind is None else (kind,))
            part: Part[tuple[SearchKind, str]] = read_part(session, found.query, found.order, limit=top)
            for hit in hits(session, reader, part.items):
                found_as = hit.evidence or (hit.document or hit.kind).value
                if hit.edition is not None:
                    found_as += f", edition {hit.edition}"
                found_as += ", replaced" if hit.replaced else ""
                table.add_row(row.slug, found_as, hit.title, hit.slug or hit.id)
            if part.total > len(part.items):
                table.add_row(row.slug, "", f"and {part.total - len(part.items)} more", "")
    if table.row_count:
        print_tables(table)
    else:
        typer.echo("Nothing is found.")
