"""Routes that copy: sections of a protocol and cost lines into another collaboration, or a whole one into a new one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field
from sqlmodel import Session, col

from api.http.access import COLLABORATION, Allowed
from api.http.conditional import Answered, MaybeMatch, PreconditionRequired
from api.http.dependencies import Tx
from api.http.examples import example
from api.http.idempotency import Idempotent, keep_in
from api.http.problems import FaultOut
from api.http.schemas import Input, Line, Output, Prose, Slug
from api.routes.protocol.files import OfTarget, SectionDifferenceOut, Target
from states.collaborations.queries import collaboration_by_id
from states.collaborations.tables import Collaboration
from states.crossings.copying import Copied, Wanted, copy_protocol
from states.crossings.rights.parts import writer_of
from states.errors import Missing
from states.founding.naming import free_name
from states.lifecycle.copying import copy_collaboration
from states.matchmaking.queries import contact_by_id
from states.protocol.queries import version_numbered
from states.rights.access import Action
from states.rights.scopes import admit
from states.storage import aside, begin

router = APIRouter(prefix="/collaborations/{collaboration_id}", tags=["protocol"], route_class=Idempotent)

Into = Annotated[Target, Depends(OfTarget(Action.EDIT_PROTOCOL))]
From = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.OPEN_COLLABORATION))]


class ProtocolCopyIn(Input):
    model_config = example(source="0123456789abcdef0123456789abcdef", sections=["identity"], costs=False)

    source: str = Field(max_length=40, description="the collaboration that is copied from")
    version: int | None = Field(default=None, ge=1, description="number of a frozen version of it; left out: its draft")
    sections: list[str] = Field(default=[], max_length=100, description="keys; left out: every section")
    costs: bool = Field(default=False, description="cost lines too; those of the same short name are replaced")


class CollaborationCopyIn(Input):
    model_config = example(
        contact_id="0123456789abcdef0123456789abcdef",
        slug="soil-sensors-two",
        title="Soil sensors for three more river basins",
    )

    contact_id: str = Field(max_length=40, description="the contact from which the new one comes")
    slug: Slug | None = Field(default=None, description="made from its title where none is given")
    title: Line
    summary: Prose = Field(default="", description="left out: as of the one that is copied")
    protocol: bool = Field(default=True, description="sections of its draft too")
    sections: list[str] = Field(default=[], max_length=100, description="keys; left out: every section")
    costs: bool = Field(default=True, description="its cost lines too")


class ProtocolCopyOut(Output):
    dry_run: bool
    version: int = Field(description="of the draft as it was before; the ETag of a dry run, to be sent as If-Match")
    sections: list[SectionDifferenceOut] = Field(description="what is overwritten and added, field by field")
    costs: list[str] = Field(description="short names of the cost lines that are added or replaced")
    left_out: list[FaultOut] = Field(description="what the other collaboration cannot hold, and why")


class CollaborationCopyOut(ProtocolCopyOut):
    id: str
    slug: str


@router.post("/protocol/copies", response_model=ProtocolCopyOut)
def post_protocol_copy(
    target: Into,
    version: MaybeMatch,
    sent: ProtocolCopyIn,
    dry_run: Annotated[bool, Query(description="say what would be overwritten, and change nothing")] = False,
) -> Response:
    """Copy another collaboration's protocol into this one's draft.

    All sections or some of them, and the cost lines where asked for. What is empty there overwrites nothing here. A dry
    run answers what would be overwritten; its ETag is the If-Match.
    """
    if version is None and not dry_run:
        raise PreconditionRequired
    if dry_run:
        with aside() as session:
            copied = _copy(session, target, sent, version)
        return _told(copied, dry_run=True)
    with begin() as session:
        keep = keep_in(session)
        answer = _told(_copy(session, target, sent, version), dry_run=False)
        keep(answer)
    return answer


def _copy(session: Session, target: Target, sent: ProtocolCopyIn, version: int | None) -> Copied:
    row, actor = target.check(session)
    source = collaboration_by_id(session, sent.source)
    for action in (Action.READ_PROTOCOL, *((Action.READ_FUNDING_CASE,) if sent.costs else ())):
        admit(session, actor, source, action, noun="collaboration", named=sent.source)
    if source.partnership_id != row.partnership_id:
        raise Missing("collaboration", sent.source)
    frozen = None if sent.version is None else version_numbered(session, source.id, sent.version)
    wanted = Wanted(frozen, tuple(sent.sections), sent.costs)
    writer = writer_of(session, actor, row)
    return copy_protocol(session, source, row, wanted, actor=actor, writer=writer, expected_version=version)


@router.post("/copies", status_code=201)
def post_collaboration_copy(
    row: From, sent: CollaborationCopyIn, session: Tx, answer: Answered
) -> CollaborationCopyOut:
    """Open a copy of a collaboration: its partners, protocol and costs; nothing else goes over."""
    contact = contact_by_id(session, sent.contact_id)
    wanted = Wanted(None, tuple(sent.sections), sent.costs, protocol=sent.protocol)
    made, copied = copy_collaboration(
        session,
        row,
        contact=contact,
        slug=sent.slug
        or free_name(
            session, col(Collaboration.slug), sent.title, col(Collaboration.partnership_id) == row.partnership_id
        ),
        title=sent.title,
        summary=sent.summary,
        wanted=wanted,
    )
    answer.created("get_collaboration", collaboration_id=made.id)
    answer.tag(made.version)
    return CollaborationCopyOut(id=made.id, slug=made.slug, **_shown(copied, dry_run=False).model_dump())


def _shown(copied: Copied, *, dry_run: bool) -> ProtocolCopyOut:
    return ProtocolCopyOut(
        dry_run=dry_run,
        version=copied.version,
        sections=[SectionDifferenceOut.model_validate(one) for one in copied.sections],
        costs=copied.costs,
        left_out=[FaultOut.of(fault) for fault in copied.left_out],
    )


def _told(copied: Copied, *, dry_run: bool) -> Response:
    headers = {"ETag": f'"{copied.version}"'} if dry_run else {}
    body = _shown(copied, dry_run=dry_run).model_dump_json()
    return Response(body, media_type="application/json", headers=headers)
