"""Read the record of changes, newest first."""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import ColumnElement, tuple_
from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from states.changes.declared import RECORDED
from states.changes.recording import write_records
from states.changes.tables import ChangeRecord, RecordKind
from states.errors import Invalid
from states.rights.authors import Author, Via


@dataclass(frozen=True, slots=True)
class Change:
    """A record of change; `number` orders those of one instant, `act` is shared by all that one transaction wrote."""

    number: int
    at: datetime
    act: str
    author: Author
    route: str
    noun: str
    subject_id: str
    partnership_id: str | None
    collaboration_id: str | None
    kind: RecordKind
    field: str
    before: object
    after: object

    @property
    def mark(self) -> tuple[datetime, int]:
        """Where it stands in a list: what comes after it is asked for by this."""
        return self.at, self.number


@dataclass(frozen=True, slots=True)
class ChangesOf:
    """Which changes are wanted: of a noun or one row of it, of a collaboration, of a partnership, by a person, ...

    `since` and `until` are instants; of the first a change may be, of the second none. Raises `Invalid` for a noun
    that is no table.
    """

    noun: str | None = None
    subject_id: str | None = None
    collaboration_id: str | None = None
    partnership_id: str | None = None
    person_id: str | None = None
    field: str | None = None
    kind: RecordKind | None = None
    via: Via | None = None
    act: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.noun is not None and self.noun not in SQLModel.metadata.tables:
            known = tuple(sorted(RECORDED))
            raise Invalid("no_recorded_noun", field="noun", remedy="one_of", noun=self.noun, known=known)


NEWEST_FIRST = (col(ChangeRecord.at).desc(), col(ChangeRecord.number).desc())
_EQUAL = [one.name for one in fields(ChangesOf) if one.name not in ("since", "until")]


def find_changes(wanted: ChangesOf, *where: ColumnElement[bool]) -> SelectOfScalar[ChangeRecord]:
    """Return the query for the changes that fit, in no order."""
    query = select(ChangeRecord).where(*where)
    for name in _EQUAL:
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(ChangeRecord, name) == value)
    if wanted.since is not None:
        query = query.where(col(ChangeRecord.at) >= wanted.since)
    if wanted.until is not None:
        query = query.where(col(ChangeRecord.at) < wanted.until)
    return query


def changes_of(
    session: Session, wanted: ChangesOf, *, older_than: tuple[datetime, int] | None = None, limit: int | None = None
) -> list[Change]:
    """Return the changes that fit, newest first, with those of the present transaction.

    `older_than` is the mark of the last one of the page before. Whoever asks sees to it that it may be read.
    """
    write_records(session)
    query = find_changes(wanted).order_by(*NEWEST_FIRST)
    if older_than is not None:
        query = query.where(tuple_(col(ChangeRecord.at), col(ChangeRecord.number)) < older_than)
    if limit is not None:
        query = query.limit(limit)
    return [read_change(row) for row in session.exec(query)]


def read_change(row: ChangeRecord) -> Change:
    """Return a record as it is told."""
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
        route=row.route,
        noun=row.noun,
        subject_id=row.subject_id,
        partnership_id=row.partnership_id,
        collaboration_id=row.collaboration_id,
        kind=row.kind,
        field=row.field,
        before=row.before,
        after=row.after,
    )
