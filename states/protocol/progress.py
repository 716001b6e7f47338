"""How far each section of a protocol is: not started, in progress by whom with what missing, or complete."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Session

from states.changes.queries import ChangesOf, changes_of
from states.collaborations.tables import Collaboration
from states.partners.queries import person_labels
from states.protocol.content import filled
from states.protocol.definition import SectionSpec
from states.protocol.queries import drafts_of
from states.protocol.section_states import Written
from states.rights.authors import Author


class Progress(StrEnum):
    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class SectionProgress:
    """How far a section is; `missing` are the titles of its mandatory fields that are empty, `by` who wrote it last."""

    section: SectionSpec
    state: Progress
    missing: tuple[str, ...]
    by: str
    written: Written | None


def progress_of(
    session: Session, collaboration: Collaboration, *, sections: Sequence[SectionSpec]
) -> list[SectionProgress]:
    """Return how far each section is, in their order; who wrote last goes by function, or by role."""
    drafts = {draft.key: draft for draft in drafts_of(session, [collaboration.id])[collaboration.id]}
    changes = changes_of(session, ChangesOf(noun="section_draft", collaboration_id=collaboration.id))
    last = {change.subject_id: Written(change.author, change.at) for change in reversed(changes)}
    people = {one.author.person_id for one in last.values() if one.author.person_id is not None}
    labels = person_labels(session, people)
    found = []
    for section in sections:
        draft = drafts.get(section.key)
        content = {section.key: draft.content} if draft else {}
        begun = any(filled(content, section=section, field=field) for field in section.fields)
        missing = tuple(
            field.title
            for field in section.fields
            if field.mandatory and not filled(content, section=section, field=field)
        )
        written = last.get(draft.id) if draft and begun else None
        by = _called(written.author, labels) if written else ""
        state = Progress.NOT_STARTED if not begun else Progress.IN_PROGRESS if missing else Progress.COMPLETE
        found.append(SectionProgress(section, state, missing, by, written))
    return found


def _called(author: Author, labels: Mapping[str, str]) -> str:
    """Return by what somebody goes: a person by function, else the role, or the account that ran a command."""
    return labels.get(author.person_id or "") or author.role or author.operator
