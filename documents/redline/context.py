"""What a redline shows: every field, row and word that differs between two frozen versions."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import ClassVar

from pydantic import AwareDatetime, Field
from sqlmodel import Session

from documents.formats import cell
from documents.gathering import CELLS, content_of, protocol_meta, subject_of
from documents.languages import gettext as _
from documents.meta import Confidentiality, DocumentContext, Line, Plain, Sha256, Text
from states.archive.tables import BETWEEN, DocumentKind
from states.changes.words import Run, RunKind
from states.errors import Missing
from states.playbooks.definition import Playbook
from states.protocol.comparison import Became, CellChange, FieldChange, RowChange, compare_protocols
from states.protocol.definition import ColumnKind
from states.protocol.queries import version_by_id
from states.protocol.tables import ProtocolVersion
from states.review.queries import rounds_of
from states.texts.titles import said


class ShownRun(Plain):
    """A part of a text that stayed, went or came."""

    kind: RunKind
    text: Text


class ShownCell(Plain):
    """A cell that changed; `runs` are its words, where it was a text before and is one now."""

    title: Line
    before: Text = ""
    after: Text = ""
    runs: tuple[ShownRun, ...] = ()


class ShownRow(Plain):
    """A row that came, went or changed, with the number that it has now, or had."""

    became: Became
    number: int = Field(ge=1)
    name: Text = ""
    cells: tuple[ShownCell, ...] = ()


class ShownField(Plain):
    """A field that changed: a text by its words, a table by its rows."""

    title: Line
    became: Became
    runs: tuple[ShownRun, ...] = ()
    rows: tuple[ShownRow, ...] = ()


class ShownSection(Plain):
    """A section in which something changed."""

    number: int | None = Field(default=None, ge=1, description="none: the playbook does not know it any more")
    title: Line
    fields: tuple[ShownField, ...]


class ShownVersion(Plain):
    """One of the two versions; `panels` were asked to judge it, each with the day on which it was."""

    number: int = Field(ge=1)
    frozen_at: AwareDatetime
    sha256: Sha256
    panels: tuple[tuple[str, date], ...] = ()


class RedlineContext(DocumentContext):
    """What changed in a protocol from one frozen version to another."""

    KIND: ClassVar[DocumentKind] = DocumentKind.REDLINE

    before: ShownVersion
    after: ShownVersion
    changed: tuple[ShownSection, ...] = ()
    unchanged: tuple[str, ...] = Field(default=(), description="titles of the sections in which nothing changed")


def gather(session: Session, *, subject_id: str) -> RedlineContext:
    """Read two frozen versions of one protocol by their ids, and compare them; raise `Missing`."""
    one, _between, other = subject_id.partition(BETWEEN)
    before, after = version_by_id(session, one), version_by_id(session, other)
    if before.collaboration_id != after.collaboration_id:
        raise Missing("protocol_version", other)
    subject = subject_of(session, after.collaboration_id)
    playbook = subject.playbook
    found = compare_protocols(content_of(before), content_of(after), sections=playbook.protocol)
    changed = {change.section for change in found}
    return RedlineContext(
        meta=protocol_meta(
            subject,
            after,
            kind=RedlineContext.KIND,
            subtitle=_("What changed in the investment protocol from version %(before)s to version %(after)s")
            % {"before": before.number, "after": after.number},
            issued_at=max(before.frozen_at, after.frozen_at),
            confidentiality=Confidentiality.PARTNERSHIP,
        ),
        before=_version(session, playbook, before),
        after=_version(session, playbook, after),
        changed=tuple(_sections(playbook, found)),
        unchanged=tuple(said(section.title) for section in playbook.protocol if section.key not in changed),
    )


def _version(session: Session, playbook: Playbook, version: ProtocolVersion) -> ShownVersion:
    asked = [row for row in rounds_of(session, [version.collaboration_id]) if row.protocol_version_id == version.id]
    titles = {key: said(panel.title) for key, panel in playbook.panels.items()}
    return ShownVersion(
        number=version.number,
        frozen_at=version.frozen_at,
        sha256=version.sha256,
        panels=tuple((titles.get(row.panel, row.panel), row.opened_at.date()) for row in asked),
    )


def _sections(playbook: Playbook, found: Sequence[FieldChange]) -> list[ShownSection]:
    numbers = {section.key: number for number, section in enumerate(playbook.protocol, start=1)}
    return [
        ShownSection(
            number=numbers.get(key), title=said(changes[0].section_title), fields=tuple(_field(one) for one in changes)
        )
        for key, group in groupby(found, key=lambda change: change.section)
        for changes in [list(group)]
    ]


def _field(change: FieldChange) -> ShownField:
    rows = tuple(_row(one) for one in change.rows)
    return ShownField(title=said(change.title), became=change.became, runs=_runs(change.runs), rows=rows)


def _row(change: RowChange) -> ShownRow:
    cells = tuple(_cell(one) for one in change.cells)
    return ShownRow(became=change.became, number=change.now or change.was or 1, name=change.key, cells=cells)


def _cell(change: CellChange) -> ShownCell:
    before, after = (_written(change.kind, value) for value in (change.before, change.after))
    return ShownCell(title=said(change.title), before=before, after=after, runs=_runs(change.runs))


def _written(kind: ColumnKind, value: str) -> str:
    """Write a cell as the protocol does; what does not read as its kind stays as it was typed."""
    try:
        match kind:
            case ColumnKind.MONEY | ColumnKind.PERCENT:
                return cell(Decimal(value), CELLS[kind][0])
            case ColumnKind.DATE:
                return cell(date.fromisoformat(value), CELLS[kind][0])
            case ColumnKind.CHOICE:
                return said(value) if value else value
    except (ArithmeticError, ValueError):
        pass
    return value


def _runs(runs: Sequence[Run]) -> tuple[ShownRun, ...]:
    return tuple(ShownRun(kind=run.kind, text=run.text) for run in runs)
