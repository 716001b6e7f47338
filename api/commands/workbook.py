"""The commands `bankable template`, `import` and `export`: a partnership's records as one workbook."""

from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session, select

from api.commands.counting import counted
from api.commands.files import file_text
from states.errors import Invalid
from states.matchmaking.suggestions.chosen_taxonomy import taxonomy_of
from states.matchmaking.suggestions.taxonomy import LANGUAGES
from states.partners.queries import partnership_by_slug
from states.partners.tables import Partnership
from states.storage import begin
from states.workbook.bringing import bring_in
from states.workbook.files import read_file
from states.workbook.importing import read_workbook
from states.workbook.mapping import apply_mapping, read_mapping
from states.workbook.writing import export as export_workbook
from states.workbook.writing import template as empty_workbook

PartnershipName = Annotated[str, typer.Option(help="its short name; needed where there are several")]
Language = Annotated[str, typer.Option(help=f"of headings: {', '.join(LANGUAGES)}")]
NewFile = Annotated[Path, typer.Argument(dir_okay=False, help="an .xlsx file; what is there is replaced")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="an .xlsx or .csv file")]


def template(
    file: NewFile,
    language: Language = "en",
    partnership: Annotated[str, typer.Option(help="short name; whose keywords are listed, NACE's where none is")] = "",
) -> None:
    """Write an empty workbook with drop-downs, notes and an example in each sheet."""
    tree = None
    if partnership:
        with begin(read_only=True) as session:
            tree = taxonomy_of(session, partnership_by_slug(session, partnership).id)
    file.write_bytes(empty_workbook(language=language, tree=tree))
    typer.echo(f"{file} is ready to be filled in; its sheet guide says how.")


def export(file: NewFile, partnership: PartnershipName = "", language: Language = "en") -> None:
    """Write a workbook of all that a partnership has; brought in again it changes nothing."""
    with begin(read_only=True) as session:
        row = _partnership(session, partnership)
        file.write_bytes(export_workbook(session, row, language=language))
        typer.echo(f"{file} holds the records of {row.slug}.")


def import_file(
    file: File,
    partnership: PartnershipName = "",
    mapping: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="YAML: which column of another platform is which")
    ] = None,
    encoding: Annotated[str, typer.Option(help="of a CSV file, such as cp1250; found out where it is left out")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would happen and change nothing")] = False,
) -> None:
    """Bring a workbook or a table in: all of it, or nothing and a line for every fault (exit code 1)."""
    try:
        grids = read_file(file.read_bytes(), name=file.name, encoding=encoding)
        if mapping is not None:
            grids = apply_mapping(read_mapping(file_text(mapping), source=mapping.name), grids)
        reports = bring_in(
            read_workbook(grids), into=lambda session: _partnership(session, partnership), dry_run=dry_run
        )
    except Invalid as error:
        for fault in error.faults:
            typer.echo(str(fault), err=True)
        typer.echo(f"{counted(len(error.faults), 'fault')}; nothing was brought in.", err=True)
        raise typer.Exit(1) from None
    for one in reports:
        goes = "would go" if dry_run else "goes" if one.mails == 1 else "go"
        told = f"; {counted(one.mails, 'mail')} {goes} out, to {', '.join(one.told)}" if one.mails else ""
        typer.echo(f"{one.sheet}: {one.added} added, {one.changed} changed, {one.unchanged} unchanged{told}")
    if dry_run:
        typer.echo("This was a dry run: nothing was brought in.")


def _partnership(session: Session, slug: str) -> Partnership:
    if slug:
        return partnership_by_slug(session, slug)
    found = session.exec(select(Partnership).order_by(Partnership.slug)).all()
    if len(found) != 1:
        names = ", ".join(row.slug for row in found) or "none is here yet"
        raise Invalid("which_partnership_meant", field="--partnership", remedy="one_of_these", names=names)
    return found[0]
