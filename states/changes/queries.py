"""Read the record of changes, newest first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import tuple_
from sqlmodel import Session, col, select

from states.changes.recording import write_records
from states.changes.tables import ChangeKind, ChangeRecord
from states.rights.authors import Author, Via


@dataclass(frozen=True, slots=True)
class Change:
    """A record of change; `number` orders those of one instant, `act` is shared by all that one transaction wrote."""

    number: int
    at: datetime
    act: str
    author: Author
    noun: str
    subject_id: str
    partnership_id: str | None
    collaboration_id: str | None
    kind: ChangeKind
    field: str
    before: object
    after: object

    @property
    def mark(self) -> tuple[datetime, int]:
        """Where it stands in a list: what comes after it is asked for by this."""
        return self.at, self.number


@dataclass(frozen=True, slots=True)
class ChangesOf:
    """Which changes are wanted: of a noun or one row of it, of a collaboration, of a partnership, by a person."""

    noun: str | None = None
    subject_id: str | None = None
    collaboration_id: str | None = None
    partnership_id: str | None = None
    person_id: str | None = None
    field: str | None = None


def changes_of(
    session: Session, wanted: ChangesOf, *, older_than: tuple[datetime, int] | None = None, limit: int | None = None
) -> list[Change]:
    """Return the changes that fit, newest first, with those of the present transaction.

    `older_than` is the mark of the last one of the page before. Whoever asks sees to it that it may be read.
    """
    write_records(session)
    query = select(ChangeRecord).order_by(col(ChangeRecord.at).desc(), col(ChangeRecord.number).desc())
    for name in ("noun", "subject_id", "collaboration_id", "partnership_id", "person_id", "field"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(ChangeRecord, name) == value)
    if older_than is not None:
        query = query.where(tuple_(col(ChangeRecord.at), col(ChangeRecord.number)) < older_than)
    if limit is not None:
        query = query.limit(limit)
    return [_read(row) for row in session.exec(query)]


def _read(row: ChangeRecord) -> Change:
    assert row.number is not None
    author = Author(
        Via(row.via),
        row.key,
        role=row.role,
        person_id=row.person_id,
        organisation_id=row.organisation_id,
        operator=row.operator,
    )
    return Change(
        number=row.number,
        at=row.at,
        act=row.act,
        author=author,
        noun=row.noun,
        subject_id=row.subject_id,
        partnership_id=row.partnership_id,
        collaboration_id=row.collaboration_id,
        kind=row.kind,
        field=row.field,
        before=row.before,
        after=row.after,
    )
