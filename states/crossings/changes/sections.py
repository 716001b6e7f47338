"""What stood in a protocol at an instant, and a change of a section taken back as a new write."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from states.changes.queries import Change, ChangesOf, changes_of, find_changes, read_change
from states.changes.tables import ChangeRecord, RecordKind
from states.collaborations.tables import Collaboration
from states.crossings.costs import write_protocol
from states.errors import Missing, Refusal, Refused
from states.protocol.content import Content
from states.protocol.definition import SectionSpec
from states.protocol.ownership import Writer
from states.protocol.queries import drafts_of
from states.protocol.tables import SectionDraft

_NOUN, _CONTENT = "section_draft", "content"


class SectionChangedSince(Refused):
    """Somebody has written the same fields since."""

    code = "section_changed_since"


@dataclass(frozen=True, slots=True)
class SectionChange:
    """A write of a section: what stood there before and after it."""

    change: Change
    key: str
    before: Content
    after: Content


def protocol_at(session: Session, collaboration_id: str, at: datetime) -> dict[str, Content]:
    """Return what stood in the draft at an instant, by section: what was written since is taken back in turn.

    A section that was there before changes were recorded is as the first record of it says that it was.
    """
    drafts = drafts_of(session, [collaboration_id])[collaboration_id]
    held: dict[str, Content | None] = {draft.id: draft.content for draft in drafts}
    for change in changes_of(session, ChangesOf(noun=_NOUN, collaboration_id=collaboration_id)):
        if change.at <= at:
            break
        if change.kind is RecordKind.CREATED:
            held[change.subject_id] = None
        elif change.field == _CONTENT and isinstance(change.before, dict):
            held[change.subject_id] = change.before
    return {draft.key: content for draft in drafts if (content := held[draft.id])}


def section_change(session: Session, collaboration_id: str, key: str, number: int) -> SectionChange:
    """Return the write of a section with that number, or raise `Missing`."""
    wanted = ChangesOf(noun=_NOUN, collaboration_id=collaboration_id)
    draft = select(SectionDraft.id).where(SectionDraft.collaboration_id == collaboration_id, SectionDraft.key == key)
    here = (col(ChangeRecord.number) == number, col(ChangeRecord.subject_id).in_(draft))
    row = session.exec(find_changes(wanted, *here)).one_or_none()
    if row is None or (row.kind is RecordKind.CHANGED and row.field != _CONTENT):
        raise Missing("change_of_section", number)
    change = read_change(row)
    return SectionChange(change, key, _content(change, change.before), _content(change, change.after))


def _content(change: Change, side: object) -> Content:
    held = side if change.kind is RecordKind.CHANGED or not isinstance(side, Mapping) else side.get(_CONTENT)
    return held if isinstance(held, dict) else {}


def undo_section_change(
    session: Session,
    row: Collaboration,
    section: SectionSpec,
    done: SectionChange,
    *,
    expected_version: int | None = None,
    writer: Writer | None = None,
) -> SectionDraft:
    """Write the fields that a change changed as they were before it; the others stay as they are now.

    It is a write of its own, with its own record. Raises `SectionChangedSince` with every field that was written since.
    """
    draft = next(one for one in drafts_of(session, [row.id])[row.id] if one.key == section.key)
    fields = [
        name for name in (*done.before, *done.after) if (done.before.get(name) or "") != (done.after.get(name) or "")
    ]
    fields = list(dict.fromkeys(fields))
    since = [name for name in fields if (draft.content.get(name) or "") != (done.after.get(name) or "")]
    if since:
        titles = {field.key: field.title for field in section.fields}
        known = tuple(titles.get(name, name) for name in since)
        place = f"protocol/sections/{section.key}"
        raise SectionChangedSince([Refusal("section_changed_since", fields=known, mend_by=("partner",), where=place)])
    content = {name: done.before.get(name) for name in fields}
    return write_protocol(session, row, section, content, expected_version=expected_version, writer=writer)
