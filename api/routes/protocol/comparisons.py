"""Routes of what became of a protocol: two states compared, a write of a section as it was, and taken back."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from sqlmodel import Session

from api.http.access import COLLABORATION, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, Tx
from api.http.idempotency import Idempotent
from api.http.problems import refusals
from api.http.schemas import Output
from api.routes.changes.changes import FieldChangeOut
from api.routes.protocol.protocols import SectionOut, SectionsView, definition_of
from states.collaborations.tables import Collaboration
from states.crossings.changes.compared import DRAFT, Side, SideKind, compare, side_named
from states.crossings.changes.sections import section_change, undo_section_change
from states.crossings.rights.collaborations import blinding_of
from states.errors import Denied
from states.rights.access import Action, Actor, Scope, may
from states.rights.scopes import admit

router = APIRouter(prefix="/collaborations/{collaboration_id}/protocol", tags=["protocol"], route_class=Idempotent)

Dossier = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_DOSSIER))]
Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_PROTOCOL))]
Edit = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.EDIT_PROTOCOL))]


class SideOut(Output):
    kind: SideKind
    number: int | None = Field(description="of a frozen version")
    at: datetime | None = Field(description="when the version was frozen, or the instant that was asked for")
    panel: str = Field(description="who was asked last to judge the version; empty: not asked for")
    seen_at: datetime | None = Field(description="when that round was opened")


class ProtocolComparisonOut(Output):
    collaboration_id: str
    before: SideOut
    after: SideOut
    same: bool
    fields: list[FieldChangeOut] = Field(description="every field that differs, in the order of the playbook")


class SectionChangeOut(Output):
    number: int
    at: datetime
    key: str
    before: dict[str, object] = Field(description="what stood in the section before this write; empty: nothing")
    after: dict[str, object]


class NotTheirs(Denied):
    """A write is taken back by who made it, or by the office."""

    code = "not_your_write"


@router.get("/compare", responses=refusals(409))
def get_protocol_comparison(
    row: Dossier,
    session: Tx,
    actor: CurrentActor,
    before: Annotated[
        str | None,
        Query(
            alias="from",
            max_length=40,
            description="number of a version, `draft` or an instant; left out: the version that reviewers saw last",
        ),
    ] = None,
    after: Annotated[str, Query(alias="to", max_length=40, description="the same")] = DRAFT,
) -> ProtocolComparisonOut:
    """Tell what differs between two states of a protocol, field by field, row by row and word by word.

    Whoever may not read the draft compares frozen versions, a reviewer those for which a declaration was made.
    """
    old, new = (side_named(session, row, name, place=place) for name, place in ((before, "from"), (after, "to")))
    for side in (old, new):
        _need_readable(session, actor, row, side)
    found = compare(session, row, old, new, blinding=blinding_of(session, actor, row))
    return ProtocolComparisonOut(
        collaboration_id=row.id,
        before=SideOut.model_validate(old),
        after=SideOut.model_validate(new),
        same=not found.fields,
        fields=[FieldChangeOut.model_validate(one) for one in found.fields],
    )


def _need_readable(session: Session, actor: Actor, row: Collaboration, side: Side) -> None:
    asked, action = (row, Action.READ_PROTOCOL) if side.version is None else (side.version, Action.READ_DOSSIER)
    admit(session, actor, asked, action, noun="collaboration", named=row.id)


@router.get("/sections/{key}/changes/{number}")
def get_section_change(row: Read, key: str, number: int, session: Tx) -> SectionChangeOut:
    """Read what stood in a section before and after one write of it; the list of changes has the numbers."""
    found = section_change(session, row.id, key, number)
    return SectionChangeOut(number=number, at=found.change.at, key=key, before=found.before, after=found.after)


@router.post("/sections/{key}/changes/{number}/undoing")
def post_section_undoing(
    row: Edit, key: str, number: int, version: IfMatch, session: Tx, actor: CurrentActor, answer: Answered
) -> SectionOut:
    """Take one write of a section back: its fields are written as they were before; who wrote it or the office may.

    It is a write of its own, with its own record; it is refused where somebody wrote the same fields since.
    """
    done = section_change(session, row.id, key, number)
    mine = actor.person_id is not None and done.change.author.person_id == actor.person_id
    if not mine and not may(actor, Action.EDIT_COLLABORATION, Scope(row.partnership_id)):
        raise NotTheirs()
    section = definition_of(session, row, key)
    view = SectionsView.of(session, actor, row)
    draft = undo_section_change(session, row, section, done, expected_version=version, writer=view.writer)
    answer.tag(draft.version)
    return view.section(section, draft)
