"""Routes of the investment protocol: its sections as they are written, and the versions frozen from them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
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
from states.errors import Missing, Stale
from states.playbooks.editions import playbook_of
from states.protocol.content import unfilled
from states.protocol.definition import FieldSpec, SectionSpec
from states.protocol.queries import drafts_of, versions_of
from states.protocol.tables import ProtocolVersion, SectionDraft
from states.rights import blinding
from states.rights.access import Action
from states.rights.scopes import permitted

router = APIRouter(prefix="/collaborations/{collaboration_id}/protocol", tags=["protocol"], route_class=Idempotent)

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_PROTOCOL))]
Edit = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.EDIT_PROTOCOL))]
ReadVersions = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_DOSSIER))]
ReadVersion = Annotated[VersionAccess, Depends(AllowedVersion(Action.READ_DOSSIER))]


class SectionIn(Input):
    model_config = example(content={"acronym": "BIOCOMP"})

    content: dict[str, Prose | list[dict[str, Prose]]] = Field(
        description="by field: a text, or the rows of a table with every cell as text (money as 1250000.00)"
    )
    illustrative: bool = False


class SectionOut(Output):
    key: str
    title: str
    fields: list[FieldSpec]
    content: dict[str, object]
    missing: list[str] = Field(description="mandatory fields that are empty")
    illustrative: bool
    updated_at: datetime | None
    version: int = Field(description="0 where nothing is written yet; the section's ETag")


class ProtocolOut(Output):
    collaboration_id: str
    sections: list[SectionOut]
    missing: list[str] = Field(description="mandatory fields that are empty")


class VersionLineOut(Output):
    id: str
    number: int
    sha256: str
    illustrative: list[str] = Field(description="keys of the illustrative sections")
    frozen_at: datetime


class VersionOut(VersionLineOut):
    content: Annotated[dict[str, object], blinding.Prose]


@router.get("")
def get_protocol(row: Read, session: Tx) -> ProtocolOut:
    """Read the protocol's draft: every section of the playbook with its fields, its content and what is missing."""
    drafts = {draft.key: draft for draft in drafts_of(session, [row.id])[row.id]}
    sections = playbook_of(session, row).protocol
    missing = unfilled({key: draft.content for key, draft in drafts.items()}, sections=sections)
    shown = [present_section(section, drafts.get(section.key)) for section in sections]
    return ProtocolOut(collaboration_id=row.id, sections=shown, missing=list(missing))


@router.get("/sections/{key}")
def get_section(row: Read, key: str, session: Tx, answer: Answered) -> SectionOut:
    """Read a section of the protocol; its ETag is what a change of it sends back as If-Match."""
    draft = _draft(session, row, key)
    answer.tag(draft.version if draft else UNWRITTEN)
    return present_section(definition_of(session, row, key), draft)


@router.put("/sections/{key}")
def put_section(row: Edit, key: str, version: IfMatch, sent: SectionIn, session: Tx, answer: Answered) -> SectionOut:
    """Write a section of the protocol anew; If-Match is "0" where nothing is written yet.

    The table of costs is that of the cost lines: what is written into it changes, adds and withdraws them.
    """
    section = definition_of(session, row, key)
    if version != UNWRITTEN and _draft(session, row, key) is None:
        raise Stale("protocol_section", expected=version, actual=UNWRITTEN)
    draft = write_protocol(
        session, row, section, sent.content, illustrative=sent.illustrative, expected_version=version
    )
    answer.tag(draft.version)
    return present_section(section, draft)


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


def version_numbered(session: Session, row: Collaboration, number: int) -> ProtocolVersion:
    """Return the frozen version of that number, or raise `Missing`."""
    found = next((one for one in versions_of(session, row.id) if one.number == number), None)
    if found is None:
        raise Missing("protocol_version", number)
    return found


def definition_of(session: Session, row: Collaboration, key: str) -> SectionSpec:
    """Return what the playbook says of a section, or raise `Missing`."""
    found = next((section for section in playbook_of(session, row).protocol if section.key == key), None)
    if found is None:
        raise Missing("protocol_section", key)
    return found


def _draft(session: Session, row: Collaboration, key: str) -> SectionDraft | None:
    return next((draft for draft in drafts_of(session, [row.id])[row.id] if draft.key == key), None)


def present_section(section: SectionSpec, draft: SectionDraft | None) -> SectionOut:
    """Show a section as it stands, with what is missing in it."""
    content = draft.content if draft else {}
    return SectionOut(
        key=section.key,
        title=section.title,
        fields=section.fields,
        content=content,
        missing=list(unfilled({section.key: content}, sections=[section])),
        illustrative=draft.illustrative if draft else False,
        updated_at=draft.updated_at if draft else None,
        version=draft.version if draft else UNWRITTEN,
    )
