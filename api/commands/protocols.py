"""The commands `bankable protocol`: what an investment protocol asks, written from a file, and frozen."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, cast

import typer
from sqlmodel import Session

from api.commands.collaborations import collaboration_named
from api.commands.differences import field_lines
from api.commands.files import file_text
from api.commands.protocol_files import copy_sections, export_protocol, import_protocol
from states.crossings.changes.compared import DRAFT, Side, SideKind, side_named
from states.crossings.changes.compared import compare as differences
from states.crossings.costs import SectionChanged, write_protocol
from states.crossings.costs import freeze as freeze_draft
from states.crossings.deadlines.followers import followed
from states.errors import Fault, Invalid
from states.playbooks.editions import playbook_of
from states.protocol.content import unfilled
from states.protocol.definition import FieldSpec, SectionSpec
from states.protocol.progress import Progress, progress_of
from states.protocol.queries import drafts_of
from states.protocol.section_states import UNWRITTEN, others_wrote_since
from states.protocol.tables import SectionDraft
from states.rights.blinding import Blinding
from states.storage import begin
from states.yaml_source import read_yaml

protocols = typer.Typer(help="Write the investment protocol of a collaboration, and freeze it.", no_args_is_help=True)

protocols.command("export")(export_protocol)
protocols.command("import")(import_protocol)
protocols.command("copy")(copy_sections)

_VERSIONS = "_versions"  # no section is called so

Partnership = Annotated[str, typer.Argument(help="short name of the partnership")]
Slug = Annotated[str, typer.Argument(metavar="COLLABORATION", help="short name of the collaboration")]


@protocols.command()
def show(partnership: Partnership, collaboration: Slug) -> None:
    """Print the draft as a file that `write` takes: every section and field with what stands there."""
    with begin(read_only=True) as session:
        row = collaboration_named(session, partnership, collaboration)
        drafts = {draft.key: draft for draft in drafts_of(session, [row.id])[row.id]}
        sections = playbook_of(session, row).protocol
        for section in sections:
            draft = drafts.get(section.key)
            typer.echo("\n".join(_lines(section, draft.content if draft else {})))
        versions = {one.key: drafts[one.key].version if one.key in drafts else UNWRITTEN for one in sections}
        typer.echo(f"{_VERSIONS}: {json.dumps(versions)}  # what was shown: `write` overwrites nothing newer")


@protocols.command()
def status(partnership: Partnership, collaboration: Slug) -> None:
    """Say how far each section is: not started, in progress by whom and what is missing, or complete."""
    with begin(read_only=True) as session:
        row = collaboration_named(session, partnership, collaboration)
        for one in progress_of(session, row, sections=playbook_of(session, row).protocol):
            words = [one.state.value.replace("_", " "), f"by {one.by}" if one.by else ""]
            words[0] += f", {len(one.missing)} missing" if one.state is Progress.IN_PROGRESS else ""
            typer.echo("\t".join((one.section.key, *words, "; ".join(one.missing))).rstrip("\t"))


@protocols.command()
def write(
    partnership: Partnership,
    collaboration: Slug,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML, as `show` prints it")],
    merge: Annotated[bool, typer.Option("--merge", help="merge with what others wrote since it was shown")] = False,
) -> None:
    """Write the sections of a file: all of them or none; what is left out stays. Say what is missing then.

    A section that somebody changed since it was shown is a fault, or merged where nothing touches.
    """
    wanted = _read(file)
    versions = _versions(wanted.pop(_VERSIONS, {}))
    with begin() as session:
        row = collaboration_named(session, partnership, collaboration)
        sections = {one.key: one for one in playbook_of(session, row).protocol}
        drafts = {one.key: one for one in drafts_of(session, [row.id])[row.id]}
        faults: list[Fault] = []
        for key, content in wanted.items():
            if key not in sections:
                faults.append(Fault(key, "no_such_section", remedy="one_of", known=tuple(sections)))
                continue
            try:
                expected = _expected(session, drafts.get(key), versions.get(key))
                write_protocol(session, row, sections[key], content, expected_version=expected, merging=merge)
            except SectionChanged as error:
                remedy, shown, actual = "show_again_or_merge", error.expected or 0, error.actual or 0
                faults.append(Fault(key, "changed_since_shown", remedy=remedy, shown=shown, actual=actual))
            except Invalid as error:
                faults += error.faults
        if faults:
            raise Invalid(faults=faults)
        session.flush()
        contents = {draft.key: draft.content for draft in drafts_of(session, [row.id])[row.id]}
        missing = unfilled(contents, sections=list(sections.values()))
    for place in missing:
        typer.echo(f"missing\t{place}")


@protocols.command()
def freeze(partnership: Partnership, collaboration: Slug) -> None:
    """Freeze the draft as the next version, which is reviewed and costed from now on; partners are asked to sign it."""
    with begin() as session:
        row = collaboration_named(session, partnership, collaboration)
        with followed(session, row):
            number = freeze_draft(session, row).number
    typer.echo(f"Version {number} is frozen.")


@protocols.command()
def compare(
    partnership: Partnership,
    collaboration: Slug,
    before: Annotated[
        str | None,
        typer.Option("--from", help="version, draft or instant; left out: the version that reviewers saw last"),
    ] = None,
    after: Annotated[str, typer.Option("--to", help="the same")] = DRAFT,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of lines")] = False,
) -> None:
    """Print what changed between two states, a field or row a line.

    What went stands as [-this-] and what came as {+that+}.
    """
    with begin(read_only=True) as session:
        row = collaboration_named(session, partnership, collaboration)
        old, new = side_named(session, row, before, place="--from"), side_named(session, row, after, place="--to")
        found = differences(session, row, old, new, blinding=Blinding())
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found.fields], ensure_ascii=False, indent=2))
        return
    typer.echo(f"From {_named(old)} to {_named(new)}:")
    for change in found.fields:
        for line in field_lines(change):
            typer.echo(f"{change.section_title}\t{line}")


def _named(side: Side) -> str:
    match side.kind:
        case SideKind.VERSION:
            seen = f", which panel {side.panel} was asked to judge on {side.seen_at:%Y-%m-%d}" if side.seen_at else ""
            return f"version {side.number}{seen}"
        case SideKind.INSTANT:
            return f"{side.at:%Y-%m-%d %H:%M} UTC"
        case SideKind.DRAFT:
            return "the draft"


def _versions(written: Mapping[str, object]) -> dict[str, int]:
    faults = [
        Fault(f"{_VERSIONS}.{key}", "no_version", remedy="leave_versions_as_shown", given=str(given))
        for key, given in written.items()
        if not re.fullmatch(r"[0-9]{1,9}", str(given))
    ]
    if faults:
        raise Invalid(faults=faults)
    return {key: int(str(given)) for key, given in written.items()}


def _expected(session: Session, draft: SectionDraft | None, shown: int | None) -> int | None:
    """Return the version that must stand; None where the file says none, or only who writes now has written since."""
    if draft is None or shown is None or not others_wrote_since(session, draft, shown):
        return None
    return shown


def _lines(section: SectionSpec, content: Mapping[str, object]) -> Iterator[str]:
    yield f"{section.key}:  # {section.title}"
    for field in section.fields:
        held = content.get(field.key)
        title = f"{field.title}{'' if field.mandatory else ' (may stay empty)'}"
        if not field.columns:
            yield f"  {field.key}: {json.dumps(held or '', ensure_ascii=False)}  # {title}"
            continue
        rows = cast(Sequence[Mapping[str, str]], held or ())
        yield f"  {field.key}:{'' if rows else ' []'}  # {title}; a row is - {_row(field, {})}"
        yield from (f"    - {_row(field, row)}" for row in rows)


def _row(field: FieldSpec, row: Mapping[str, str]) -> str:
    cells = (f"{one.key}: {json.dumps(row.get(one.key, ''), ensure_ascii=False)}" for one in field.columns)
    return f"{{{', '.join(cells)}}}"


def _read(file: Path) -> dict[str, dict[str, object]]:
    tree, faults = read_yaml(file_text(file), source=str(file))
    if not faults and not (isinstance(tree, Mapping) and all(isinstance(one, Mapping) for one in tree.values())):
        faults = [Fault(str(file), "no_sections", remedy="as_protocol_show_prints")]
    if faults:
        raise Invalid(faults=faults)
    return cast(dict[str, dict[str, object]], _texts(tree))


def _texts(value: object) -> object:
    """Return a tree whose numbers and words are texts, as the cells of a protocol are."""
    if isinstance(value, Mapping):
        return {str(key): _texts(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_texts(one) for one in value]
    return "" if value is None else str(value)
