"""Routes of evidence: files that are filed, read, corrected, superseded, withdrawn and redacted."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, BackgroundTasks, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field
from sqlmodel import Session, col, select

from api.http.access import COLLABORATION, EVIDENCE, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, InPartnership, Tx, bearer
from api.http.examples import example
from api.http.forms import SentForm, body_of, form_of
from api.http.idempotency import Idempotent, keep_in
from api.http.lookups import OfCollaboration, need_collaboration
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Output, Prose, Text
from api.http.searching import Narrowing
from states.archive.absence import read_chunks
from states.archive.evidence.arriving import arrived
from states.archive.evidence.definition import Source
from states.archive.evidence.facts import DemandState
from states.archive.evidence.file_types import FILE_TYPES
from states.archive.evidence.queries import ORDERS, downloads_of, listed_evidence
from states.archive.evidence.removal import remove_bytes
from states.archive.evidence.service import (
    correct_evidence,
    need_bytes,
    note_download,
    redact_evidence,
)
from states.archive.evidence.tables import Evidence, EvidenceDownload, EvidenceState, EvidenceSubject, Scan
from states.archive.tables import DocumentClass
from states.collaborations.tables import Collaboration
from states.credentials.tokens import actor_of
from states.crossings.evidence import Wanted, demands, file_evidence, need_kind, withdraw
from states.crossings.merging import merged_into
from states.crossings.rights.collaborations import blinding_of
from states.crossings.search import matching
from states.partners.queries import member_by_slug, organisation_slugs
from states.partners.tables import Region
from states.rights.access import Action, Actor
from states.rights.conditions import permitted_where
from states.search import SearchKind
from states.storage import begin
from states.storage.paging import sorted_by
from states.texts.titles import Said

router = APIRouter(tags=["evidence"], route_class=Idempotent)

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]
Read = Annotated[Evidence, Depends(Allowed(EVIDENCE, Action.READ_EVIDENCE))]
Edit = Annotated[Evidence, Depends(Allowed(EVIDENCE, Action.EDIT_EVIDENCE))]
Redact = Annotated[Evidence, Depends(Allowed(EVIDENCE, Action.REDACT_EVIDENCE))]
ReadDemands = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_PROGRESS))]


class EvidenceIn(Input):
    """What is said of files; it holds for each of them."""

    model_config = example(kind="letter_of_support", dated_on="2026-11-20", region="upper-silesia")

    kind: Line = Field(description="a kind of the playbook")
    dated_on: date = Field(description="the day that the document itself bears")
    title: Annotated[str, Field(max_length=300)] = Field(default="", description="empty: the name of the file")
    description: Annotated[str, Field(max_length=2_000)] = ""
    evidence_class: DocumentClass = DocumentClass.CONFIDENTIAL
    subject: EvidenceSubject = EvidenceSubject.COLLABORATION
    subject_name: Annotated[str, Field(max_length=100)] = Field(
        default="", description="of a member or cost line its short name, of a section its key, of a condition its id"
    )
    organisation: Annotated[str, Field(max_length=100)] = Field(
        default="", description="short name of the member whose it is; empty: the collaboration's"
    )
    region: Annotated[str, Field(max_length=100)] = Field(default="", description="short name of the region it is from")
    supersedes: Annotated[str, Field(max_length=40)] = Field(default="", description="id of the one that it replaces")


class EvidencePatch(Input):
    model_config = example(title="Letter of support, signed")

    title: Line | None = None
    description: Annotated[str, Field(max_length=2_000)] | None = None
    dated_on: date | None = None


class EvidenceEndIn(Input):
    model_config = example(reason="It names people who did not agree.")

    reason: Prose


class EvidenceOut(Output):
    id: str
    collaboration_id: str
    kind: str
    subject: EvidenceSubject
    subject_id: str
    organisation: str | None = Field(description="whose it is; null: the collaboration's")
    region: str | None = Field(description="the region that gave it")
    evidence_class: DocumentClass
    title: str
    description: str
    dated_on: date
    sha256: str
    size: int = Field(description="bytes")
    media_type: str = Field(description="by its content")
    file_name: str
    scan: Scan = Field(description="`not_scanned`: this installation has no scanner for malware")
    state: EvidenceState
    superseded_by: str | None
    reason: str = Field(description="why it was withdrawn or redacted")
    filed_by: str | None
    filed_at: datetime
    ended_at: datetime | None
    downloads: int
    version: int


class FiledOut(Output):
    items: list[EvidenceOut]


class DownloadOut(Output):
    person_id: str | None
    role: str
    at: datetime


class DemandOut(Output):
    kind: str
    title: Said
    source: Source
    stages: list[str]
    owner: Text = Field(description="name of the partner or region that owes it; empty: anybody")
    state: DemandState
    evidence_id: str | None = Field(description="the newest that is filed")
    dated_on: date | None
    oldest: date | None = Field(description="the first day that counts today; null: none is too old")


class DemandsOut(Output):
    demands: list[DemandOut]


class Target:
    """The collaboration that files are for; its right is asked before they are read, and again after."""

    def __init__(self, token: str, key: str) -> None:
        self._token, self._key = token, key

    def check(self, session: Session) -> tuple[Collaboration, Actor]:
        """Return it with who acts, or raise `Missing` or `Denied`."""
        actor = actor_of(session, self._token)
        return Allowed(COLLABORATION, OfTarget.action)(session, actor, collaboration_id=self._key), actor


class OfTarget:
    """Who may file; it holds no transaction while the files are read."""

    action = Action.FILE_EVIDENCE

    def __call__(self, collaboration_id: str, request: Request, token: Annotated[str, Depends(bearer)]) -> Target:
        """Return where they go, or raise `Missing` or `Denied`."""
        target = Target(token, collaboration_id)
        with begin(read_only=True) as session:
            target.check(session)
        request.state.let_in = True
        return target


Into = Annotated[Target, Depends(OfTarget())]


async def _sent(request: Request, _: Into) -> AsyncIterator[SentForm]:
    async with form_of(request) as form:
        yield form


Form = Annotated[SentForm, Depends(_sent)]


@router.post(
    "/collaborations/{collaboration_id}/evidence",
    status_code=201,
    response_model=FiledOut,
    openapi_extra=body_of(EvidenceIn, several=True),
)
def post_evidence(target: Into, form: Form) -> Response:
    """Keep one or more files as evidence: all of them, or none and every fault. Types are told by content, not by name.

    A partner files for its own organisation, the lead for every member. With `supersedes` one file takes the place of
    another one of its kind and organisation. A form may be sent again under its key, and is filed once.
    """
    said = form.read(EvidenceIn)
    files = form.need_files(*([1] if said.supersedes else []))
    with arrived(files) as uploads, begin() as session:
        collaboration, actor = target.check(session)
        keep = keep_in(session)
        rows = []
        for upload in uploads:
            values = said.model_dump(exclude={"supersedes"}) | {"title": said.title or upload.name or "file"}
            rows.append(
                file_evidence(session, collaboration, Wanted(**values), upload, actor=actor, supersedes=said.supersedes)
            )
        told = FiledOut(items=shown(session, rows))
        answer = Response(told.model_dump_json(), status_code=201, media_type="application/json")
        keep(answer)
    return answer


@router.get("/evidence")
def list_evidence(
    session: Tx,
    actor: Insider,
    page: Page,
    words: Narrowing,
    collaboration: OfCollaboration = None,
    kind: Annotated[str | None, Query(max_length=40)] = None,
    state: EvidenceState | None = None,
    subject: EvidenceSubject | None = None,
    organisation: Annotated[str | None, Query(max_length=100, description="short name of the one whose it is")] = None,
    evidence_class: DocumentClass | None = None,
    dated_before: Annotated[date | None, Query(description="older than this day")] = None,
    sort: Literal["filed", "-filed", "dated", "-dated"] = "filed",
) -> Listing[EvidenceOut]:
    """List the evidence that the token may read; of a collaboration also that of what merged into it."""
    need_collaboration(session, actor, collaboration)
    owner = None if organisation is None else member_by_slug(session, actor.partnership_id, organisation)[0].id
    if kind is not None:
        need_kind(session, kind)
    keys = None if collaboration is None else (collaboration, *merged_into(session, collaboration))
    found = listed_evidence(
        actor.partnership_id,
        permitted_where(session, actor, Evidence, Action.READ_EVIDENCE),
        matching(session, SearchKind.EVIDENCE, words, actor),
        collaboration_ids=keys,
        kind=kind,
        state=state,
        subject=subject,
        organisation_id=owner,
        evidence_class=evidence_class,
        dated_before=dated_before,
    )
    order = sorted_by(ORDERS, sort, col(Evidence.id))
    return page.read(session, found, *order, show=lambda rows: shown(session, rows))


@router.get("/evidence/{evidence_id}")
def get_evidence(row: Read, session: Tx, answer: Answered) -> EvidenceOut:
    """Read what is on record of a file; its ETag is what a change of it sends back as If-Match."""
    answer.tag(row.version)
    return shown(session, [row])[0]


@router.get(
    "/evidence/{evidence_id}/content",
    response_class=Response,
    responses={
        200: {"content": {one.media_type: {"schema": {"type": "string", "format": "binary"}} for one in FILE_TYPES}}
    },
)
def get_evidence_content(row: Read, session: Tx, actor: CurrentActor, answer: Answered) -> Response:
    """Read a file's bytes, compared with their SHA-256 first; who had them and when is noted."""
    need_bytes(row)
    answer.tag(row.sha256)
    chunks = read_chunks(session, row.sha256)
    with begin() as writing:
        note_download(writing, row, person_id=actor.person_id, role=actor.role)
    plain = row.file_name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    headers = {
        "ETag": f'"{row.sha256}"',
        "Content-Length": str(row.size),
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(row.file_name)}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }
    return StreamingResponse(chunks, media_type=row.media_type, headers=headers)


@router.get("/evidence/{evidence_id}/downloads")
def list_evidence_downloads(row: Edit, session: Tx, page: Page) -> Listing[DownloadOut]:
    """List who had the bytes of a file and when, the first one first."""
    found = select(EvidenceDownload).where(EvidenceDownload.evidence_id == row.id)
    order = (col(EvidenceDownload.at), col(EvidenceDownload.id))
    return page.read(session, found, *order, show=lambda rows: [DownloadOut.model_validate(one) for one in rows])


@router.patch("/evidence/{evidence_id}")
def patch_evidence(row: Edit, version: IfMatch, sent: EvidencePatch, session: Tx, answer: Answered) -> EvidenceOut:
    """Correct what is said of a file; what is left out stays. The bytes never change: a newer file supersedes it."""
    correct_evidence(session, row, expected_version=version, **sent.model_dump())
    answer.tag(row.version)
    return shown(session, [row])[0]


@router.post("/evidence/{evidence_id}/withdrawal")
def post_evidence_withdrawal(
    row: Edit, version: IfMatch, sent: EvidenceEndIn, session: Tx, afterwards: BackgroundTasks, answer: Answered
) -> EvidenceOut:
    """Withdraw a file before a frozen version, a review or a decision relied on it; its bytes are removed."""
    withdraw(session, row, reason=sent.reason, expected_version=version)
    afterwards.add_task(remove_bytes)  # once this is committed
    answer.tag(row.version)
    return shown(session, [row])[0]


@router.post("/evidence/{evidence_id}/redaction")
def post_evidence_redaction(
    row: Redact, version: IfMatch, sent: EvidenceEndIn, session: Tx, afterwards: BackgroundTasks, answer: Answered
) -> EvidenceOut:
    """Take away the bytes of a file that others relied on; its record, hash and the reason stay."""
    redact_evidence(session, row, reason=sent.reason, expected_version=version)
    afterwards.add_task(remove_bytes)
    answer.tag(row.version)
    return shown(session, [row])[0]


@router.get("/collaborations/{collaboration_id}/evidence-demands")
def get_evidence_demands(row: ReadDemands, session: Tx, actor: CurrentActor) -> DemandsOut:
    """Read what the playbook asks for, in which stages, who owes it, and whether it is filed, too old or missing."""
    shown = DemandsOut(demands=[DemandOut.model_validate(one) for one in demands(session, row)])
    return blinding_of(session, actor, row).over(shown)


def shown(session: Session, rows: Sequence[Evidence]) -> list[EvidenceOut]:
    """Return evidence with names in the place of ids, and how often each was had; in a fixed number of statements."""
    organisations = organisation_slugs(session, {row.organisation_id for row in rows if row.organisation_id})
    regions = _region_slugs(session, rows)
    counts = downloads_of(session, [row.id for row in rows])
    return [
        EvidenceOut(
            **row.model_dump(include=_SHOWN),
            organisation=organisations.get(row.organisation_id or ""),
            region=regions.get(row.region_id or ""),
            downloads=counts[row.id],
        )
        for row in rows
    ]


def _region_slugs(session: Session, rows: Sequence[Evidence]) -> dict[str, str]:
    keys = {row.region_id for row in rows if row.region_id}
    return dict(session.exec(select(Region.id, Region.slug).where(col(Region.id).in_(keys))).all()) if keys else {}


_SHOWN = set(EvidenceOut.model_fields) & set(Evidence.model_fields)
