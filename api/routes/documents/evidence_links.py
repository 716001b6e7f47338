"""Routes of links by which a partner without an account files one kind of evidence for its organisation."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field
from sqlmodel import Session

from api.http.access import COLLABORATION, Allowed
from api.http.dependencies import Tx
from api.http.examples import ID, example
from api.http.forms import SentForm, body_of, form_of
from api.http.idempotency import Idempotent, keep_in
from api.http.problems import refusals
from api.http.schemas import Input, Line, Output
from api.routes.documents.evidence import EvidenceOut, shown
from states.archive.evidence.arriving import arrived
from states.archive.evidence.file_types import SHOWN
from states.archive.evidence.queries import request_by_id
from states.archive.evidence.service import Upload
from states.archive.evidence.tables import EvidenceRequest
from states.archive.tables import DocumentClass
from states.changes import speak_as
from states.collaborations.queries import collaboration_by_id
from states.collaborations.tables import Collaboration
from states.credentials.links import LinkFor, LinkPurpose, SignedLink, make_link, open_link
from states.crossings.evidence import Wanted, ask_for_evidence, file_evidence, need_speaker, take_back_request
from states.partners.tables import Organisation
from states.playbooks.editions import playbook_of
from states.rights.access import Action, Role
from states.settings import settings
from states.storage import begin
from states.texts.titles import Said

router = APIRouter(tags=["evidence"], route_class=Idempotent)

Ask = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.EDIT_COLLABORATION))]


class EvidenceRequestIn(Input):
    model_config = example(kind="letter_of_intent", organisation="medtech-gliwice", person=ID, days=30)

    kind: Line = Field(description="a kind of the playbook")
    organisation: Line = Field(description="short name of the member that is asked")
    person: Line = Field(description="id of somebody who speaks for it; `GET .../protocol/writers` lists them")
    evidence_class: DocumentClass = DocumentClass.CONFIDENTIAL
    days: int = Field(default=30, ge=1, le=60)


class EvidenceRequestOut(Output):
    id: str
    link: str = Field(description="shown this once; good for one file at a time until it expires")


class LinkedEvidenceIn(Input):
    model_config = example(dated_on="2026-11-20", title="Letter of intent")

    dated_on: date = Field(description="the day that the document itself bears")
    title: Annotated[str, Field(max_length=300)] = Field(default="", description="empty: the name of the file")
    description: Annotated[str, Field(max_length=2_000)] = ""


class AskedEvidenceOut(Output):
    """What somebody with a link is asked to file."""

    collaboration: str
    organisation: str
    kind: str
    title: Said = Field(description="of the kind")
    types: list[str] = Field(description="of files that are taken")
    most_bytes: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LinkAccess:
    """A link that is still good, and what it asks for."""

    link: SignedLink
    asked: EvidenceRequest
    collaboration: Collaboration
    organisation: Organisation


def _of_link(session: Session, token: str) -> LinkAccess:
    """Return what the link asks for, or raise `LinkForged` or `LinkEnded`; its holder speaks for the organisation."""
    link = open_link(session, token, purpose=LinkPurpose.EVIDENCE)
    asked = request_by_id(session, link.subject_id)
    need_speaker(session, asked, link.person_id)
    speak_as(session, role=Role.PARTNER.value, organisation_id=asked.organisation_id)
    collaboration = collaboration_by_id(session, asked.collaboration_id)
    return LinkAccess(link, asked, collaboration, session.get_one(Organisation, asked.organisation_id))


def of_link(token: str, session: Tx) -> LinkAccess:
    """Return what the link asks for; it is its own right, for this alone."""
    return _of_link(session, token)


def opened(token: str) -> str:
    """Return the link's text once it is known to be good; no transaction is held while a file comes in."""
    with begin(read_only=True) as session:
        _of_link(session, token)
    return token


ByLink = Annotated[LinkAccess, Depends(of_link)]
Opened = Annotated[str, Depends(opened)]


async def _sent(request: Request, _: Opened) -> AsyncIterator[SentForm]:
    async with form_of(request) as form:
        yield form


Form = Annotated[SentForm, Depends(_sent)]


@router.post("/collaborations/{collaboration_id}/evidence-requests", status_code=201)
def post_evidence_request(row: Ask, sent: EvidenceRequestIn, session: Tx) -> EvidenceRequestOut:
    """Ask a member for one kind of evidence: make a link by which its person files it without an account."""
    asked = ask_for_evidence(
        session,
        row,
        organisation=sent.organisation,
        kind=sent.kind,
        evidence_class=sent.evidence_class,
        person_id=sent.person,
    )
    wanted = LinkFor(row.partnership_id, sent.person, LinkPurpose.EVIDENCE, asked.id)
    return EvidenceRequestOut(id=asked.id, link=f"/api/v1/links/evidence/{make_link(session, wanted, days=sent.days)}")


@router.delete("/collaborations/{collaboration_id}/evidence-requests/{request_id}", status_code=204)
def delete_evidence_request(row: Ask, request_id: str, session: Tx) -> Response:
    """Take back what a member was asked for: its link ends at once, what was filed by it stays."""
    take_back_request(session, row.id, request_id)
    return Response(status_code=204)


@router.get("/links/evidence/{token}", responses=refusals(410))
def get_evidence_link(found: ByLink, session: Tx) -> AskedEvidenceOut:
    """Read what a link asks to file: which kind, for which organisation, of which types, until when."""
    return AskedEvidenceOut(
        collaboration=found.collaboration.title,
        organisation=found.organisation.name,
        kind=found.asked.kind,
        title=playbook_of(session, found.collaboration).evidence.kinds.get(found.asked.kind, found.asked.kind),
        types=list(SHOWN),
        most_bytes=settings().evidence_most_bytes,
        expires_at=found.link.expires_at,
    )


@router.post(
    "/links/evidence/{token}",
    status_code=201,
    response_model=EvidenceOut,
    responses=refusals(410),
    openapi_extra=body_of(LinkedEvidenceIn, several=False),
)
def post_evidence_link(token: Opened, form: Form) -> Response:
    """Send one file by a link, without an account; the link is good for more until it expires."""
    said = form.read(LinkedEvidenceIn)
    with arrived(form.need_files(1)) as [upload], begin() as session:
        keep = keep_in(session)
        told = file_by_link(session, token, said, upload).model_dump_json()
        answer = Response(told, status_code=201, media_type="application/json")
        keep(answer)
    return answer


def file_by_link(session: Session, token: str, said: LinkedEvidenceIn, upload: Upload) -> EvidenceOut:
    """File what has arrived by a link that is still good, and return it as it is shown."""
    found = _of_link(session, token)
    wanted = Wanted(
        kind=found.asked.kind,
        title=said.title or upload.name or "file",
        dated_on=said.dated_on,
        evidence_class=found.asked.evidence_class,
        organisation=found.organisation.slug,
        description=said.description,
    )
    row = file_evidence(session, found.collaboration, wanted, upload, actor=None, person_id=found.link.person_id)
    return shown(session, [row])[0]
