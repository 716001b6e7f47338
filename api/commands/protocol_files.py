"""The commands `bankable protocol export` and `import`: the protocol as a file that people edit in their own tools."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.collaborations import collaboration_named
from api.commands.differences import tell_copied, tell_sections
from states.crossings.copying import Wanted, copy_protocol
from states.errors import Invalid
from states.playbooks.editions import playbook_of
from states.protocol.queries import version_numbered
from states.protocol_files.reading import Format, read_protocol_file
from states.protocol_files.showing import show_protocol
from states.protocol_files.taking import Settle, need_untouched, take
from states.protocol_files.writing import write_file
from states.storage import aside, begin

Partnership = Annotated[str, typer.Argument(help="short name of the partnership")]
Slug = Annotated[str, typer.Argument(metavar="COLLABORATION", help="short name of the collaboration")]


def export_protocol(
    partnership: Partnership,
    collaboration: Slug,
    file: Annotated[Path, typer.Argument(dir_okay=False, help="an .xlsx or .docx file; what is there is replaced")],
    version: Annotated[int | None, typer.Option(help="number of a frozen version; left out: the draft")] = None,
    template: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="a Word file in whose styles a document is written")
    ] = None,
    section: Annotated[list[str] | None, typer.Option(help="key of a section; left out: all")] = None,
) -> None:
    """Write the protocol as a workbook or Word document to be edited; brought in as it is, it changes nothing."""
    form = _format(file)
    with begin(read_only=True) as session:
        row = collaboration_named(session, partnership, collaboration)
        frozen = None if version is None else version_numbered(session, row.id, version)
        shown = show_protocol(session, row, version=frozen, only=section or ())
    file.write_bytes(write_file(shown, form, template=template.read_bytes() if template else None))
    typer.echo(f"{file} holds {'the draft' if version is None else f'version {version}'}.")


def import_protocol(
    partnership: Partnership,
    collaboration: Slug,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="as `export` wrote it")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would change, and change nothing")] = False,
    seen: Annotated[int | None, typer.Option(help="the draft's version that the dry run named")] = None,
    conflicts: Annotated[
        Settle, typer.Option(help="what stands where both changed a place: refuse all, the file's, or what stands now")
    ] = Settle.REFUSE,
) -> None:
    """Bring an edited file in, merged with what others wrote since: all of it, or nothing and a line for every fault.

    What went stands as [-this-] and what came as {+that+}.
    """
    with begin(read_only=True) as session:
        sections = playbook_of(session, collaboration_named(session, partnership, collaboration)).protocol
    filed = read_protocol_file(file.read_bytes(), sections)
    with aside() if dry_run else begin() as session:
        row = collaboration_named(session, partnership, collaboration)
        taken = take(session, row, filed, settle=conflicts, expected_version=seen)
        if not dry_run:
            need_untouched(taken, conflicts)
    tell_sections(taken.sections)
    for one in taken.conflicts:
        typer.echo(f"conflict\t{one.place}\tbase: {one.base}\tyours: {one.yours}\ttheirs: {one.theirs}")
    if dry_run:
        typer.echo(f"This was a dry run on version {taken.version} of the draft: nothing was brought in.")


def copy_sections(
    partnership: Partnership,
    source: Annotated[str, typer.Argument(metavar="FROM", help="short name of the collaboration that is copied from")],
    target: Annotated[str, typer.Argument(metavar="TO", help="short name of the one that is copied into")],
    version: Annotated[int | None, typer.Option(help="number of a frozen version; left out: the draft")] = None,
    section: Annotated[list[str] | None, typer.Option(help="key of a section; left out: all")] = None,
    costs: Annotated[bool, typer.Option("--costs", help="cost lines too")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would be overwritten, change nothing")] = False,
    seen: Annotated[int | None, typer.Option(help="the draft's version that the dry run named")] = None,
) -> None:
    """Copy sections of one collaboration's protocol into another's draft; what is empty overwrites nothing.

    What is overwritten stands as [-this-] and what came as {+that+}; what does not fit is left out and named.
    """
    with aside() if dry_run else begin() as session:
        former = collaboration_named(session, partnership, source)
        row = collaboration_named(session, partnership, target)
        frozen = None if version is None else version_numbered(session, former.id, version)
        wanted = Wanted(frozen, section or (), costs)
        copied = copy_protocol(session, former, row, wanted, expected_version=seen)
    tell_copied(copied)
    if dry_run:
        typer.echo(f"This was a dry run on version {copied.version} of the draft: nothing was copied.")


def _format(file: Path) -> Format:
    known = tuple(form.value for form in Format)
    suffix = file.suffix.lower().removeprefix(".")
    if suffix not in known:
        raise Invalid("kind_of_file_unknown", field=str(file), remedy="one_of", known=known)
    return Format(suffix)
