"""Routes of a protocol in people's tools: taken out as a workbook or a Word document, and brought in again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import Field
from sqlmodel import Session

from api.http.access import COLLABORATION, Allowed, AllowedVersion, VersionAccess
from api.http.conditional import Answered, MaybeMatch, PreconditionRequired
from api.http.dependencies import CurrentActor, Tx, bearer
from api.http.idempotency import Idempotent, keep_in
from api.http.problems import TouchedOut
from api.http.schemas import Output
from api.routes.changes.changes import FieldChangeOut
from states.collaborations.tables import Collaboration
from states.credentials.tokens import actor_of
from states.crossings.rights.collaborations import blinding_of
from states.crossings.rights.parts import writer_of
from states.playbooks.editions import playbook_of
from states.protocol.definition import SectionSpec
from states.protocol_files.reading import Format, read_protocol_file
from states.protocol_files.shapes import Filed
from states.protocol_files.showing import Shown, show_protocol
from states.protocol_files.taking import Settle, Taken, need_untouched, take
from states.protocol_files.writing import write_file
from states.rights.access import Action, Actor
from states.storage import aside, begin
from states.texts.titles import Said

router = APIRouter(prefix="/collaborations/{collaboration_id}/protocol", tags=["protocol"], route_class=Idempotent)

TYPES = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
FILES: dict[int | str, dict[str, Any]] = {200: {"content": {one: {} for one in TYPES.values()}}}

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_PROTOCOL))]
ReadVersion = Annotated[VersionAccess, Depends(AllowedVersion(Action.READ_DOSSIER))]
Form = Annotated[Format, Query(alias="format", description="a workbook or a Word document")]
Only = Annotated[list[str], Query(alias="section", max_length=100, description="keys; left out: every section")]


class Target:
    """The collaboration that a file is for; its right is asked before the file is read, and again after."""

    def __init__(self, token: str, key: str, action: Action) -> None:
        self._token, self._key, self._action = token, key, action

    def check(self, session: Session) -> tuple[Collaboration, Actor]:
        """Return the collaboration and who acts, or raise `Missing` or `Denied`."""
        actor = actor_of(session, self._token)
        return Allowed(COLLABORATION, self._action)(session, actor, collaboration_id=self._key), actor

    def sections(self) -> Sequence[SectionSpec]:
        """Return what the collaboration's playbook asks for."""
        with begin(read_only=True) as session:
            row, _ = self.check(session)
            return playbook_of(session, row).protocol

    def take(self, session: Session, filed: Filed, settle: Settle, version: int | None) -> Taken:
        """Take a file in a transaction."""
        row, actor = self.check(session)
        writer = writer_of(session, actor, row)
        return take(session, row, filed, writer=writer, settle=settle, expected_version=version)


@dataclass(frozen=True)
class OfTarget:
    """Who may bring a file; it holds no transaction while the file is read."""

    action: Action

    def __call__(self, collaboration_id: str, token: Annotated[str, Depends(bearer)]) -> Target:
        """Return where it goes, or raise `Missing` or `Denied`."""
        target = Target(token, collaboration_id, self.action)
        with begin(read_only=True) as session:
            target.check(session)
        return target


Into = Annotated[Target, Depends(OfTarget(Action.EDIT_PROTOCOL))]
From = Annotated[Target, Depends(OfTarget(Action.READ_PROTOCOL))]


class SectionDifferenceOut(Output):
    key: str
    title: Said
    fields: list[FieldChangeOut] = Field(description="every field that changes, word by word and row by row")


class ProtocolImportOut(Output):
    dry_run: bool
    made_from: int | None = Field(description="the version that the file was made from; null: the draft")
    version: int = Field(description="of the draft as it was before; the ETag of a dry run, to be sent as If-Match")
    sections: list[SectionDifferenceOut]
    conflicts: list[TouchedOut] = Field(description="places that the file and somebody else changed since it was made")


@router.get("/file", response_class=Response, responses=FILES)
def get_protocol_file(
    row: Read,
    session: Tx,
    actor: CurrentActor,
    form: Form = Format.XLSX,
    only: Only = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """Take the protocol's draft out as a file to be edited; brought in again as it is, it changes nothing."""
    shown = show_protocol(session, row, only=only, writer=writer_of(session, actor, row))
    return _file(shown, row, form)


@router.post("/file", response_class=Response, responses={200: {"content": {TYPES[Format.DOCX]: {}}}})
def post_protocol_file(
    source: From,
    template: Annotated[bytes, Body(media_type="application/octet-stream", description="a Word file: .docx or .dotx")],
    only: Only = [],  # noqa: B006
) -> Response:
    """Take the draft out as a Word document by an office's own template: in its styles, with its headers and footers.

    Nothing is kept of the template.
    """
    with begin(read_only=True) as session:
        row, actor = source.check(session)
        shown = show_protocol(session, row, only=only, writer=writer_of(session, actor, row))
    return _file(shown, row, Format.DOCX, template=template)


@router.get("/versions/{number}/file", response_class=Response, responses=FILES)
def get_version_file(
    found: ReadVersion,
    session: Tx,
    actor: CurrentActor,
    form: Form = Format.XLSX,
    only: Only = [],  # noqa: B006
) -> Response:
    """Take a frozen version out as a file; what is edited there is merged into the draft. In a blind stage partners go
    by label, and nothing can be taken from the file."""
    hidden = blinding_of(session, actor, found.collaboration)
    shown = show_protocol(session, found.collaboration, version=found.row, only=only, blinding=hidden)
    return _file(shown, found.collaboration, form)


@router.post("/imports", response_model=ProtocolImportOut)
def post_protocol_import(
    target: Into,
    version: MaybeMatch,
    file: Annotated[
        bytes, Body(media_type="application/octet-stream", description="an XLSX or DOCX file taken out here")
    ],
    answer: Answered,
    dry_run: Annotated[bool, Query(description="say what would change, and change nothing")] = False,
    conflicts: Annotated[
        Settle, Query(description="what stands where both changed a place: refuse all, the file's, or what stands now")
    ] = Settle.REFUSE,
) -> Response:
    """Bring an edited protocol in: all of it merged with what others wrote since, or nothing and every fault.

    A dry run answers what would change word by word; its ETag is the If-Match of the request that takes the file. A
    partner changes its own rows, and what was given to it; each fault names sheet and cell, or heading.
    """
    if version is None and not dry_run:
        raise PreconditionRequired
    filed = read_protocol_file(file, target.sections())
    if dry_run:
        with aside() as session:
            taken = target.take(session, filed, conflicts, version)
    else:
        with begin() as session:
            keep = keep_in(session)
            taken = target.take(session, filed, conflicts, version)
            need_untouched(taken, conflicts)
            done = _told(taken, dry_run=False)
            keep(done)
            return done
    answer.tag(taken.version)
    return _told(taken, dry_run=True)


def _told(taken: Taken, *, dry_run: bool) -> Response:
    told = ProtocolImportOut(
        dry_run=dry_run,
        made_from=taken.base.number,
        version=taken.version,
        sections=[SectionDifferenceOut.model_validate(one) for one in taken.sections],
        conflicts=[TouchedOut.model_validate(one) for one in taken.conflicts],
    )
    headers = {"ETag": f'"{taken.version}"'} if dry_run else {}
    return Response(told.model_dump_json(), media_type="application/json", headers=headers)


def _file(shown: Shown, row: Collaboration, form: Format, *, template: bytes | None = None) -> Response:
    name = "protocol" if shown.base.masked else f"{row.slug}-protocol"
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(write_file(shown, form, template=template), media_type=TYPES[form], headers=headers)
