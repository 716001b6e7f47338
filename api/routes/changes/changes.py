"""Routes of the record of change: who wrote what, when and by what means, and what it was before."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from sqlalchemy import ColumnElement
from sqlmodel import Session, col

from api.http.access import COLLABORATION, PARTNERSHIP, Allowed
from api.http.dependencies import CurrentActor, InPartnership, Tx
from api.http.idempotency import Idempotent
from api.http.paging import Page, Pages
from api.http.schemas import Listing, Output
from states.changes.queries import NEWEST_FIRST, ChangesOf, find_changes, read_change
from states.changes.tables import ChangeRecord, RecordKind
from states.changes.words import RunKind
from states.collaborations.tables import Collaboration
from states.crossings.changes.rights import own_changes, readable_changes
from states.crossings.changes.told import tell
from states.partners.tables import Partnership
from states.protocol.comparison import Became
from states.protocol.definition import ColumnKind
from states.rights.access import Action, Actor, Scope
from states.rights.authors import Via
from states.rights.scopes import scopes_of
from states.texts.titles import Said

router = APIRouter(tags=["changes"], route_class=Idempotent)

OfCase = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_CHANGES))]
OfAll = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.READ_ALL_CHANGES))]
Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]


class TextRunOut(Output):
    kind: RunKind = Field(description="same and removed make the old text, same and added the new one")
    text: str


class CellChangeOut(Output):
    column: str
    title: Said
    kind: ColumnKind
    before: str
    after: str
    runs: list[TextRunOut] = Field(description="of a text that is another one, word by word")


class RowChangeOut(Output):
    became: Became
    key: str = Field(description="by what people know the row: whose it is, and its first text")
    was: int | None = Field(description="its number before; null: it is new")
    now: int | None = Field(description="its number now; null: it is gone")
    cells: list[CellChangeOut]


class FieldChangeOut(Output):
    section: str
    section_title: Said
    field: str
    title: Said
    became: Became
    runs: list[TextRunOut] = Field(description="of a text, word by word")
    rows: list[RowChangeOut] = Field(description="of a table, row by row; a row that only moved did not change")


class HandOut(Output):
    via: Via
    role: str = Field(description="empty: who ran a command on the machine itself")
    route: str = Field(description="of the API, without what its path names; empty: none, or before 0.2.0")
    key: str | None = Field(description="id of the token or link, or name of the command or flow")
    person_id: str | None
    person: str | None = Field(description="who that is by function, as it is called today; a reviewer goes without")
    organisation: str | None = Field(description="for which the author acts")
    operator: str = Field(description="account that ran a command")


class HeldOut(Output):
    field: str
    label: str
    value: object
    shown: str = Field(description="as people read it")


class RecordedChangeOut(Output):
    number: int
    at: datetime
    act: str = Field(description="the same for all that one request wrote")
    author: HandOut
    noun: str = Field(description="table of what was changed")
    noun_title: str
    subject_id: str
    subject: str = Field(description="what it is called today; empty: it has no name, or is gone")
    partnership_id: str | None
    collaboration_id: str | None
    kind: RecordKind
    field: str = Field(description="column; empty: the row was made or removed")
    label: str = Field(description="word for the field")
    before: object
    after: object
    was: str = Field(description="`before` as people read it")
    now: str = Field(description="`after` as people read it")
    runs: list[TextRunOut] = Field(description="of a text that changed, word by word")
    fields: list[HeldOut] = Field(description="of a row that was made or removed")
    sections: list[FieldChangeOut] = Field(description="of a section of the protocol, field by field")


def narrowed(
    noun: Annotated[str | None, Query(max_length=60, description="only of this table")] = None,
    subject: Annotated[str | None, Query(max_length=100, description="only of the row with this id")] = None,
    field: Annotated[str | None, Query(max_length=60, description="only of this column")] = None,
    kind: RecordKind | None = None,
    person: Annotated[str | None, Query(max_length=40, description="only by the person with this id")] = None,
    via: Via | None = None,
    act: Annotated[str | None, Query(max_length=40, description="only what this request wrote")] = None,
    since: Annotated[datetime | None, Query(description="from this instant; without an offset: UTC")] = None,
    until: Annotated[datetime | None, Query(description="before this instant; without an offset: UTC")] = None,
) -> ChangesOf:
    """Return what a list is narrowed to."""
    return ChangesOf(
        noun=noun,
        subject_id=subject,
        field=field,
        kind=kind,
        person_id=person,
        via=via,
        act=act,
        since=_aware(since),
        until=_aware(until),
    )


def _aware(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


Narrowed = Annotated[ChangesOf, Depends(narrowed)]


@router.get("/collaborations/{collaboration_id}/changes")
def list_collaboration_changes(
    row: OfCase, session: Tx, actor: CurrentActor, page: Page, wanted: Narrowed
) -> Listing[RecordedChangeOut]:
    """List who wrote what of a collaboration, the newest first: of all whose rows the token may read."""
    [scope] = scopes_of(session, actor, [row])
    here = col(ChangeRecord.collaboration_id) == row.id
    return _listed(session, actor, page, wanted, here, readable_changes(actor, scope))


@router.get("/partnerships/{partnership}/changes")
def list_partnership_changes(
    row: OfAll, session: Tx, actor: CurrentActor, page: Page, wanted: Narrowed
) -> Listing[RecordedChangeOut]:
    """List who wrote what in the whole partnership, the newest first; of a row or a person by the filters."""
    here = col(ChangeRecord.partnership_id) == row.id
    return _listed(session, actor, page, wanted, here, readable_changes(actor, Scope(row.id, cleared=True)))


@router.get("/me/changes")
def list_own_changes(session: Tx, actor: Insider, page: Page, wanted: Narrowed) -> Listing[RecordedChangeOut]:
    """List what one wrote oneself in this partnership, in whatever role, the newest first."""
    return _listed(session, actor, page, wanted, own_changes(actor))


def _listed(
    session: Session, actor: Actor, page: Pages, wanted: ChangesOf, *where: ColumnElement[bool]
) -> Listing[RecordedChangeOut]:
    def show(rows: Sequence[ChangeRecord]) -> list[RecordedChangeOut]:
        changes = [read_change(row) for row in rows]
        return [RecordedChangeOut.model_validate(one) for one in tell(session, changes, actor=actor)]

    return page.read(session, find_changes(wanted, *where), *NEWEST_FIRST, show=show)
