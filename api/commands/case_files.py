"""The commands `bankable collaboration export` and `take-in`, and what `bankable verify` says of a case file."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from api.commands.collaborations import Partnership, Slug, collaboration_named, collaborations
from api.commands.counting import counted
from states.casefile.described import schema
from states.casefile.export import export_to, note_taken_out
from states.casefile.operations import Programme, list_operations, written
from states.casefile.reading import CaseDamaged
from states.casefile.taking import take_in
from states.casefile.verifying import Checked, verify_case
from states.casefile.views import office
from states.errors import Invalid
from states.partners.queries import partnership_by_slug
from states.rights.access import Role
from states.storage import begin, snapshot

__all__ = ["collaborations"]


@collaborations.command("export")
def export_case(
    partnership: Partnership,
    slug: Slug,
    file: Annotated[Path, typer.Argument(help="a new file, such as case.zip", dir_okay=False)],
    people: Annotated[bool, typer.Option("--people", help="with names and addresses of people")] = False,
) -> None:
    """Take a whole case out: rows, files, documents, history, provenance, and a manifest of their SHA-256.

    An unchanged case is the same bytes each time. The exit code is 1 where the store has lost files of it.
    """
    with snapshot() as session:
        row = collaboration_named(session, partnership, slug)
        made = export_to(session, row.id, file, office(people=people))
    with begin() as session:
        note_taken_out(session, made, role=Role.ADMINISTRATOR)
    typer.echo(f"{file}: {slug}, {counted(len(made.manifest.parts), 'part')}, SHA-256 {made.manifest.own_digest()}")
    for name in made.manifest.absent:
        typer.echo(f"The store has lost {name}, which the case names.", err=True)
    if made.manifest.absent:
        raise typer.Exit(1)


@collaborations.command("take-in")
def take_case_in(
    file: Annotated[Path, typer.Argument(help="a case file of another installation", dir_okay=False, exists=True)],
    into: Annotated[str, typer.Option(help="short name of the partnership; without it that of the case")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would happen and change nothing")] = False,
) -> None:
    """Take a case of another installation in: all of it with its history, or nothing and a line for every fault.

    What the case points to is matched, and made where it is not here; every difference is said. The exit code is 1
    where something is wrong with the file, or does not go with what is here.
    """
    try:
        taken = take_in(
            file, into=lambda session: partnership_by_slug(session, into) if into else None, dry_run=dry_run
        )
    except Invalid as error:
        for fault in error.faults:
            typer.echo(str(fault), err=True)
        typer.echo(f"{counted(len(error.faults), 'fault')}; nothing was taken in.", err=True)
        raise typer.Exit(1) from None
    for line in _told(taken.checked):
        typer.echo(line)
    for one in taken.differences:
        typer.echo(
            f"{one.noun} {one.name}: {one.field} is {one.here!r} here, and stays; in the file it is {one.there!r}"
        )
    for said, counts in (("made", taken.made), ("found", taken.found)):
        if counts:
            typer.echo(f"{said}: {', '.join(f'{counts[noun]} {noun}' for noun in sorted(counts))}")
    rows = counted(taken.rows, "row")
    if dry_run:
        typer.echo(f"{rows} would go into {taken.partnership}. This was a dry run.")
    else:
        typer.echo(f"{rows} and {counted(taken.files, 'new file')} taken into {taken.partnership}.")


@collaborations.command("operations")
def list_of_operations(
    partnership: Partnership,
    file: Annotated[Path, typer.Argument(help="an .xlsx file; what is there is replaced", dir_okay=False)],
    fund: Annotated[str, typer.Option(help="of all; without it the programmes of the instruments")] = "",
    objective: Annotated[str, typer.Option(help="specific objective, of all")] = "",
    intervention: Annotated[str, typer.Option(help="type of intervention, of all")] = "",
    rate: Annotated[
        float | None, typer.Option(help="Union co-financing rate in percent, of all", min=0, max=100)
    ] = None,
) -> None:
    """Write the list of operations, what is funded and who does it; say what is missing, with exit code 1.

    An operation is a collaboration with a signed agreement (Regulation (EU) 2021/1060, Article 49(3)).
    """
    said = Programme(fund, objective, intervention, None if rate is None else Decimal(str(rate)))
    with begin(read_only=True) as session:
        found = list_operations(session, partnership_by_slug(session, partnership), said)
    file.write_bytes(written(found))
    operations, bodies = counted(len(found.operations), "operation"), len(found.beneficiaries)
    typer.echo(f"{file}: {operations}, {bodies} beneficiaries.")
    for fault in found.missing:
        typer.echo(str(fault), err=True)
    if found.missing:
        raise typer.Exit(1)


@collaborations.command("schema")
def print_schema() -> None:
    """Print the JSON schema of the parts of a case file."""
    typer.echo(json.dumps(schema(), indent=1, ensure_ascii=False))


def tell_case_file(file: Path) -> None:
    """Say what a case file holds and what of it was checked, with exit code 1 and every fault where it is altered."""
    try:
        found = verify_case(file)
    except CaseDamaged as error:
        for fault in error.faults:
            typer.echo(str(fault), err=True)
        typer.echo(f"{file}: ALTERED: {counted(len(error.faults), 'fault')}.", err=True)
        raise typer.Exit(1) from None
    for line in _told(found):
        typer.echo(line)


def _told(found: Checked) -> list[str]:
    case = found.manifest.case
    whole = "for the office" if found.manifest.audience == "office" else "for a partner: a part of the case"
    return [
        f"{case['slug']}: {case['title']} ({case['id']}), taken out with Bankable {found.release} {whole}",
        f"{counted(found.rows, 'row')}, {counted(found.files, 'file')}, SHA-256 {found.manifest.own_digest()}",
        f"every part fits its checksum; {counted(found.lines, 'move')} in order",
        _of_seals(found),
        *(f"lost before it was taken out: {name}" for name in found.manifest.absent),
    ]


def _of_seals(found: Checked) -> str:
    if not found.unknown:
        return f"{counted(found.seals, 'seal')} checked with a secret that is here: all fit"
    names = ", ".join(sorted(found.unknown))
    return (
        f"seals not checked: {sum(found.unknown.values())} were made with the secret {names}, which is not here; "
        f"they are as many as the case counts, and add up"
    )
