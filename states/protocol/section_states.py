"""What a section said at a version that somebody read, and who wrote it last: by the record of changes."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlmodel import Session

from states.changes.authors import author_of
from states.changes.queries import ChangesOf, changes_of
from states.changes.recording import record
from states.collaborations.tables import Collaboration
from states.protocol.content import Content
from states.protocol.tables import SectionDraft
from states.rights.authors import Author
from states.storage import bump_version

UNWRITTEN = 0


@dataclass(frozen=True, slots=True)
class Written:
    """Who wrote a section last, and when."""

    author: Author
    at: datetime


def claim_section(
    session: Session, collaboration: Collaboration, draft: SectionDraft, *, expected: int | None = None
) -> None:
    """Raise the version of a section, on record: what a version said is found again. Raises `Stale`."""
    bump_version(session, draft, expected=expected)
    record(
        session,
        "section_draft",
        draft.id,
        field="version",
        before=draft.version - 1,
        after=draft.version,
        partnership_id=collaboration.partnership_id,
        collaboration_id=collaboration.id,
    )


def content_at(session: Session, draft: SectionDraft, version: int) -> Content | None:
    """Return what a section said at a version; None where no record leads back to it."""
    content, counted = draft.content, draft.version
    if version == UNWRITTEN:
        return {}
    changes = [] if counted == version else changes_of(session, _of(draft))
    for _, act in groupby(changes, key=lambda change: change.act):
        by_field = {change.field: change for change in act}
        if "version" not in by_field:
            return None  # made here, or written by a release that kept no count
        if "content" in by_field:
            content = by_field["content"].before  # type: ignore[assignment]
        counted = by_field["version"].before  # type: ignore[assignment]
        if counted <= version:
            break
    return content if counted == version else None


def others_wrote_since(session: Session, draft: SectionDraft, version: int) -> bool:
    """Tell whether anybody but who acts now has written a section since a version; True where nobody can tell."""
    counted, own = draft.version, author_of(session)
    changes = [] if counted == version else changes_of(session, _of(draft))
    for _, act in groupby(changes, key=lambda change: change.act):
        by_field = {change.field: change for change in act}
        author = next(iter(by_field.values())).author
        if (author.via, author.person_id, author.operator) != (own.via, own.person_id, own.operator):
            return True
        made = by_field.get("version")
        counted = int(str(made.before)) if made is not None and "" not in by_field else UNWRITTEN
        if counted <= version:
            break
    return counted != version


def last_written(session: Session, draft: SectionDraft) -> Written | None:
    """Return who wrote the content last."""
    changes = changes_of(session, _of(draft))
    found = next((change for change in changes if change.field in ("", "content", "illustrative")), None)
    return Written(found.author, found.at) if found else None


def _of(draft: SectionDraft) -> ChangesOf:
    return ChangesOf(noun="section_draft", subject_id=draft.id)
