"""What becomes of texts, sections and copies, as lines of a terminal."""

from collections.abc import Iterator, Sequence

import typer

from states.changes.words import Run, RunKind
from states.crossings.copying import Copied
from states.protocol.comparison import FieldChange, SectionDifference

_MARKS = {RunKind.SAME: "{}", RunKind.REMOVED: "[-{}-]", RunKind.ADDED: "{{+{}+}}"}  # as `git diff --word-diff` has it


def tell_copied(copied: Copied) -> None:
    """Print what a copy writes, and what it leaves out."""
    tell_sections(copied.sections)
    for slug in copied.costs:
        typer.echo(f"cost line\t{slug}")
    for fault in copied.left_out:
        typer.echo(f"left out\t{fault}")


def tell_sections(sections: Sequence[SectionDifference]) -> None:
    """Print what becomes of sections, a field or row a line."""
    for section in sections:
        for change in section.fields:
            for line in field_lines(change):
                typer.echo(f"{section.title}\t{line}")


def field_lines(change: FieldChange) -> Iterator[str]:
    """Yield what became of a field of the protocol: its text, or its rows one a line."""
    if change.runs:
        yield f"{change.title}: {marked(change.runs)}"
    for row in change.rows:
        cells = (f"{cell.title}: {marked(cell.runs) or f'{cell.before} → {cell.after}'}" for cell in row.cells)
        yield f"{change.title}, {row.key} ({row.became}): {'; '.join(cells)}"


def marked(runs: list[Run]) -> str:
    """Return a text with what went and came in marks."""
    return "".join(_MARKS[run.kind].format(run.text) for run in runs)
