"""Routes of the investment protocol: its sections as they are written, and the versions frozen from them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from sqlmodel import Session

from api.http.access import COLLABORATION, Allowed, AllowedVersion, VersionAccess
from api.http.conditional import UNWRITTEN, Answered, IfMatch
from api.http.dependencies import CurrentActor, Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Listing, Output, Prose
from states.collaborations.tables import Collaboration
from states.crossings.costs import freeze, write_protocol
from states.crossings.deadlines.followers import followed
from states.crossings.rights.collaborations import blinding_of
from states.crossings.rights.parts import writer_of
from states.errors import Missing, Stale
from states.playbooks.editions import playbook_of
from states.protocol.content import Row, table_rows, unfilled, used
from states.protocol.definition import FieldSpec, SectionSpec
from states.protocol.ownership import Writer
from states.protocol.parts import Owners
from states.protocol.progress import Progress, progress_of
from states.protocol.queries import draft_version, drafts_of, versions_of
from states.protocol.tables import SectionDraft
from states.rights import blinding
from states.rights.access import Action, Actor
from states.rights.scopes import permitted
from states.texts.titles import Said

router = APIRouter(prefix="/collaborations/{collaboration_id}/protocol", tags=["protocol"], route_class=Idempotent)

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_PROTOCOL))]
Edit = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.EDIT_PROTOCOL))]
ReadVersions = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_DOSSIER))]
ReadVersion = Annotated[VersionAccess, Depends(AllowedVersion(Action.READ_DOSSIER))]


Merge = Annotated[bool, Query(description="merge with what others wrote since the version of If-Match")]


class SectionIn(Input):
    model_config = example(content={"acronym": "BIOCOMP"})

    content: dict[str, Prose | list[dict[str, Prose]] | None] = Field(
        description="by field: a text, or the rows of a table with every cell as text (money as 1250000.00); a field "
        "that is left out stays, and null takes it away"
    )
    illustrative: bool | None = Field(default=None, description="left out: as it is")


class OwnerOut(Output):
    organisation: str | None = Field(description="short name; none: nobody who takes part")
    name: str
    yours: bool = Field(description="whether you may change the row")


class SectionOut(Output):
    key: str
    title: Said
    fields: list[FieldSpec]
    content: dict[str, object]
    missing: list[Said] = Field(description="mandatory fields that are empty")
    used: dict[str, int] = Field(description="by field: characters of a text, rows of a table; `limit` bounds them")
    owners: dict[str, list[OwnerOut]] = Field(
        description="by table in which each row is an organisation's: whose they are, row by row"
    )
    yours: list[str] = Field(description="the fields of which you write something, tables your own rows at least")
    illustrative: bool
    updated_at: datetime | None
    version: int = Field(description="0 where nothing is written yet; the section's ETag")


class ProtocolOut(Output):
    collaboration_id: str
    version: int = Field(description="of the draft as a whole: a file or copy that is taken sends it as If-Match")
    sections: list[SectionOut]
    missing: list[Said] = Field(description="mandatory fields that are empty")


class SectionStatusOut(Output):
    key: str
    title: Said
    state: Progress
    missing: list[Said] = Field(description="titles of the mandatory fields that are empty")
    written_by: str | None = Field(description="who wrote it last, by function")
    written_at: datetime | None


class ProtocolStatusOut(Output):
    collaboration_id: str
    sections: list[SectionStatusOut]


class VersionLineOut(Output):
    id: str
    number: int
    sha256: str
    illustrative: list[str] = Field(description="keys of the illustrative sections")
    frozen_at: datetime


class VersionOut(VersionLineOut):
    content: Annotated[dict[str, object], blinding.Prose]


@router.get("")
def get_protocol(row: Read, session: Tx, actor: CurrentActor) -> ProtocolOut:
    """Read the protocol's draft: every section of the playbook with its fields, its content and what is missing."""
    drafts = {draft.key: draft for draft in drafts_of(session, [row.id])[row.id]}
    sections = playbook_of(session, row).protocol
    missing = unfilled({key: draft.content for key, draft in drafts.items()}, sections=sections)
    view = SectionsView.of(session, actor, row)
    shown = [view.section(section, drafts.get(section.key)) for section in sections]
    version = draft_version(drafts.values())
    return ProtocolOut(collaboration_id=row.id, version=version, sections=shown, missing=list(missing))


@router.get("/status")
def get_protocol_status(row: Read, session: Tx) -> ProtocolStatusOut:
    """Read how far each section of the protocol is: not started, in progress and what is missing, or complete."""
    found = progress_of(session, row, sections=playbook_of(session, row).protocol)
    shown = [
        SectionStatusOut(
            key=one.section.key,
            title=one.section.title,
            state=one.state,
            missing=list(one.missing),
            written_by=one.by or None,
            written_at=one.written.at if one.written else None,
        )
        for one in found
    ]
    return ProtocolStatusOut(collaboration_id=row.id, sections=shown)


@router.get("/sections/{key}")
def get_section(row: Read, key: str, session: Tx, actor: CurrentActor, answer: Answered) -> SectionOut:
    """Read a section of the protocol; its ETag is what a change of it sends back as If-Match."""
    draft = _draft(session, row, key)
    answer.tag(draft.version if draft else UNWRITTEN)
    return SectionsView.of(session, actor, row).section(definition_of(session, row, key), draft)


@router.put("/sections/{key}")
def put_section(
    row: Edit,
    key: str,
    version: IfMatch,
    sent: SectionIn,
    session: Tx,
    actor: CurrentActor,
    answer: Answered,
    merge: Merge = False,
) -> SectionOut:
    """Write fields of a section; what is left out stays. If-Match is "0" where nothing is written yet.

    A partner writes its own rows of tables, and what was given to it; the rows of others go along as they stand. The
    lead and the office write all. Where somebody else wrote since, the answer (412) holds yours, theirs and the base;
    with `merge=true` what does not touch is merged: texts word by word, tables row by row and cell by cell. The table
    of costs is that of the cost lines: what is written into it changes, adds and withdraws them.
    """
    section = definition_of(session, row, key)
    if version != UNWRITTEN and _draft(session, row, key) is None:
        raise Stale("protocol_section", expected=version, actual=UNWRITTEN)
    view = SectionsView.of(session, actor, row)
    draft = write_protocol(
        session,
        row,
        section,
        sent.content,
        illustrative=sent.illustrative,
        expected_version=version,
        writer=view.writer,
        merging=merge,
    )
    answer.tag(draft.version)
    return view.section(section, draft)


@router.get("/versions")
def list_versions(row: ReadVersions, session: Tx, actor: CurrentActor, page: Page) -> Listing[VersionLineOut]:
    """List the frozen versions of a protocol, oldest first; a reviewer sees those for which a declaration was made."""
    rows = permitted(session, actor, page.each(session, lambda: versions_of(session, row.id)), Action.READ_DOSSIER)
    return page.cut(rows, lambda one: one.id, show=lambda part: [VersionLineOut.model_validate(one) for one in part])


@router.post("/versions", status_code=201)
def post_version(row: Edit, session: Tx, answer: Answered) -> VersionOut:
    """Freeze the protocol's draft as the next version, which is reviewed and costed from now on; partners are asked
    to sign it."""
    with followed(session, row):
        frozen = freeze(session, row)
    answer.created("get_version", collaboration_id=row.id, number=frozen.number)
    answer.tag(frozen.sha256)
    return VersionOut.model_validate(frozen)


@router.get("/versions/{number}")
def get_version(found: ReadVersion, session: Tx, actor: CurrentActor, answer: Answered) -> VersionOut:
    """Read a frozen version of a protocol; it never changes. In a blind stage partners go by label."""
    hidden = blinding_of(session, actor, found.collaboration)
    answer.tag(f"blind-{found.row.sha256}" if hidden else found.row.sha256)
    return hidden.over(VersionOut.model_validate(found.row))


def definition_of(session: Session, row: Collaboration, key: str) -> SectionSpec:
    """Return what the playbook says of a section, or raise `Missing`."""
    found = next((section for section in playbook_of(session, row).protocol if section.key == key), None)
    if found is None:
        raise Missing("protocol_section", key)
    return found


def _draft(session: Session, row: Collaboration, key: str) -> SectionDraft | None:
    return next((draft for draft in drafts_of(session, [row.id])[row.id] if draft.key == key), None)


@dataclass(frozen=True, slots=True)
class SectionsView:
    """How a protocol looks to who asks: all of it, and what of it the asker may write."""

    owners: Owners
    writer: Writer | None

    @classmethod
    def of(cls, session: Session, actor: Actor, row: Collaboration) -> "SectionsView":
        """Return how it looks to this actor."""
        return cls(Owners(session, row), writer_of(session, actor, row))

    def section(self, section: SectionSpec, draft: SectionDraft | None) -> SectionOut:
        """Show a section as it stands."""
        content = draft.content if draft else {}
        return SectionOut(
            key=section.key,
            title=section.title,
            fields=section.fields,
            content=content,
            missing=list(unfilled({section.key: content}, sections=[section])),
            used={field.key: used(content, field) for field in section.fields},
            owners={
                field.key: [
                    self._owner(row, field.owner_column)
                    for row in table_rows({section.key: content}, section.key, field.key)
                ]
                for field in section.fields
                if field.owner_column is not None
            },
            yours=[field.key for field in section.fields if self._writes(section, field)],
            illustrative=draft.illustrative if draft else False,
            updated_at=draft.updated_at if draft else None,
            version=draft.version if draft else UNWRITTEN,
        )

    def _owner(self, row: Row, column: str) -> OwnerOut:
        found = self.owners.of_row(row, column)
        yours = self.writer is None or (found is not None and found.id == self.writer.organisation_id)
        name = found.name if found else row.get(column, "")
        return OwnerOut(organisation=found.slug if found else None, name=name, yours=yours)

    def _writes(self, section: SectionSpec, field: FieldSpec) -> bool:
        return self.writer is None or field.owner_column is not None or self.writer.may_write(section, field)
