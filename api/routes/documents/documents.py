"""Routes of issued documents: their list, their records, their bytes; and asking for one."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field
from sqlmodel import Session, col, select

from api.http.access import COLLABORATION, DOCUMENT, Allowed
from api.http.conditional import Answered
from api.http.dependencies import CurrentActor, InPartnership, Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.lookups import OfCollaboration, addressed_to, briefing_for, compared, need_collaboration
from api.http.paging import Page
from api.http.schemas import Input, Listing, Output, Slug, Text
from api.http.searching import Narrowing
from documents.gathering import current_subject
from documents.languages import Language
from documents.proposal.addressee import Addressee
from states.archive.absence import read
from states.archive.codes import shown_code
from states.archive.editions import Around, around, printing_of
from states.archive.evidence.service import note_download
from states.archive.evidence.tables import Evidence
from states.archive.queries import ORDERS, listed_documents
from states.archive.sealed_copies import ask_for_seal, seals_of
from states.archive.service import ask_for_language
from states.archive.tables import (
    BETWEEN,
    Because,
    DocumentClass,
    DocumentKind,
    DocumentSeal,
    IssuedDocument,
    SealLevel,
)
from states.collaborations.tables import Collaboration
from states.crossings.changes.compared import side_named
from states.crossings.merging import merged_into
from states.crossings.rights.collaborations import blindings_behind
from states.crossings.search import matching
from states.errors import Invalid, Missing, Refusal, Refused
from states.outbox.service import publish
from states.rights.access import Action, Actor
from states.rights.conditions import permitted_where
from states.search import SearchKind
from states.storage import begin
from states.storage.paging import sorted_by

router = APIRouter(tags=["documents"], route_class=Idempotent)

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]
Read = Annotated[IssuedDocument, Depends(Allowed(DOCUMENT, Action.READ_DOCUMENT))]
Seal = Annotated[IssuedDocument, Depends(Allowed(DOCUMENT, Action.ASK_FOR_DOCUMENT))]
Ask = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.ASK_FOR_DOCUMENT))]

OF_A_COLLABORATION = (
    DocumentKind.INVESTMENT_PROTOCOL,
    DocumentKind.REVIEW_DOSSIER,
    DocumentKind.PROPOSAL,
    DocumentKind.REDLINE,
    DocumentKind.TEASER,
    DocumentKind.BRIEFING,
    DocumentKind.COMPARISON,
    DocumentKind.CERTIFICATE,
)


class RequestIn(Input):
    model_config = example(kind="investment-protocol")

    kind: DocumentKind
    before: int | None = Field(
        default=None,
        ge=1,
        description="of a redline: number of the version from which it leads; by default what a panel saw last",
    )
    after: int | None = Field(default=None, ge=1, description="of a redline: to which; by default the latest")
    addressee: Addressee | None = Field(
        default=None, description="of a proposal: who reads it, by which class, order and depth go; by default a bank"
    )
    region: Slug | None = Field(
        default=None,
        description="of a briefing: for which region; of a proposal to a region: which one, by default all asked",
    )
    scenarios: list[Text] | None = Field(
        default=None,
        description="of a comparison: names of two to five scenarios; by default the chosen one and the newest others",
    )
    language: Language | None = Field(default=None, description="by default that of the partnership's papers")


class LanguageIn(Input):
    model_config = example(language="fr")

    language: Language


class RequestOut(Output):
    message_id: str = Field(description="the outbox message that asks for it; the journey shows what became of it")
    kind: DocumentKind


class PrintingOut(Output):
    """By what it was printed."""

    template: str = Field(description="SHA-256 of its template, with all that this includes")
    fonts: str = Field(description="SHA-256 of the fonts")
    renderer: str = Field(description="libraries with their versions, and the digest of Bankable's own layout code")


class EditionOut(Output):
    """Another edition of the same document."""

    id: str
    edition: int
    issued_at: datetime
    because: list[Because] = Field(description="why it replaced the one before")


class SealOut(Output):
    """The electronic seal on the copy that is handed out."""

    level: SealLevel = Field(description="PAdES: `B-B`, `B-T` with a time, `B-LT` for the long term")
    signer: str
    authority: str = Field(description="who stamped the time; empty: nobody did")
    sealed_at: datetime
    sha256: str = Field(description="of the sealed copy")
    size: int = Field(description="bytes of the sealed copy")


class DocumentOut(Output):
    id: str
    collaboration_id: str | None
    subject_id: str
    kind: DocumentKind
    language: str = Field(description="in which it is written; ISO 639-1")
    document_class: DocumentClass
    title: Text
    sha256: str
    size: int = Field(description="bytes")
    issued_at: datetime
    edition: int = Field(
        description="editions of one kind, subject and language are numbered from 1; the highest is current"
    )
    because: list[Because] = Field(
        description="why it replaced the one before; `unrecorded`: release 0.1.0 issued that"
    )
    printing: PrintingOut | None = Field(description="null: issued by release 0.1.0, which did not record it")
    replaces: EditionOut | None
    replaced_by: EditionOut | None = Field(description="the next edition; null: this is the current one")
    lost_at: datetime | None = Field(description="since when its file is lost, and could not be made anew")
    code: str | None = Field(description="on its cover, to be checked by anybody; null: printed by an earlier release")
    seal: SealOut | None = Field(description="null: there is no sealed copy")


class KindUnfit(Invalid):
    """The document is not one of a collaboration."""

    code = "document_kind_unfit"


class NothingToShow(Refused):
    """What the document would show does not exist yet."""

    code = "nothing_to_show"


@router.get("/documents")
def list_documents(
    session: Tx,
    actor: Insider,
    page: Page,
    words: Narrowing,
    collaboration: OfCollaboration = None,
    kind: DocumentKind | None = None,
    replaced: Annotated[
        bool | None, Query(description="true: editions that were replaced; false: current ones")
    ] = None,
    sort: Literal["issued", "-issued"] = "issued",
) -> Listing[DocumentOut]:
    """List the documents that the token may read, in the order of their issue.

    Those of a collaboration are also those of what merged into it.
    """
    need_collaboration(session, actor, collaboration)
    readable = permitted_where(session, actor, IssuedDocument, Action.READ_DOCUMENT)
    found = matching(session, SearchKind.DOCUMENT, words, actor)
    return page.read(
        session,
        listed_documents(
            actor.partnership_id,
            readable,
            found,
            collaboration_id=collaboration,
            merged_ids=tuple(merged_into(session, collaboration)) if collaboration is not None else (),
            kind=kind,
            replaced=replaced,
        ),
        *sorted_by(ORDERS, sort, col(IssuedDocument.id)),
        show=lambda rows: shown_to(session, actor, rows),
    )


@router.get("/documents/{document_id}")
def get_document(row: Read, response: Response, session: Tx, actor: CurrentActor, answer: Answered) -> DocumentOut:
    """Read a document's record: what it is, by what it was printed, and whether another edition has replaced it."""
    [shown] = shown_to(session, actor, [row])
    response.headers.update(_links(shown))
    answer.tag(sha256(shown.model_dump_json().encode()).hexdigest()[:32])
    return shown


@router.get("/documents/{document_id}/editions")
def list_editions(row: Read, session: Tx, actor: CurrentActor, page: Page) -> Listing[DocumentOut]:
    """List all editions of a document in its language, the first one first."""
    found = select(IssuedDocument).where(
        IssuedDocument.kind == row.kind,
        IssuedDocument.subject_id == row.subject_id,
        IssuedDocument.language == row.language,
    )
    return page.read(session, found, col(IssuedDocument.edition), show=lambda rows: shown_to(session, actor, rows))


def shown_to(session: Session, actor: Actor, rows: Sequence[IssuedDocument]) -> list[DocumentOut]:
    """Return documents as the actor may read them, with what they replaced and by what they were replaced."""
    blindings = blindings_behind(session, actor, [row.collaboration_id for row in rows])
    beside, seals = around(session, rows), seals_of(session, [row.id for row in rows])
    return [blindings[row.collaboration_id].over(_shown(row, beside[row.id], seals.get(row.id))) for row in rows]


def _shown(row: IssuedDocument, beside: Around, seal: DocumentSeal | None) -> DocumentOut:
    more = {
        "printing": printing_of(row),
        "replaces": beside.replaces,
        "replaced_by": beside.replaced_by,
        "code": shown_code(row.code) if row.code else None,
        "seal": seal,
    }
    return DocumentOut.model_validate(row.model_dump() | more, from_attributes=True)


def _links(shown: DocumentOut) -> dict[str, str]:
    """Return the header that leads to the editions before and after (RFC 5829)."""
    beside = {"predecessor-version": shown.replaces, "successor-version": shown.replaced_by}
    links = [
        f'</api/v1/documents/{other.id}>; rel="{relation}"' for relation, other in beside.items() if other is not None
    ]
    return {"Link": ", ".join(links)} if links else {}


@router.get(
    "/documents/{document_id}/bundle",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_bundle(
    row: Read,
    session: Tx,
    actor: CurrentActor,
    answer: Answered,
    evidence_class: Annotated[DocumentClass | None, Query(description="evidence of this class alone")] = None,
) -> Response:
    """Read a document with the evidence that one may read behind it, for printing: one file that claims no conformance.

    What is no PDF, locked, damaged or too large is named on its first page. Who had which evidence is noted.
    """
    from documents.bundle import bundle_of  # WeasyPrint takes a second, and no other route needs it

    readable = select(Evidence.id).where(
        Evidence.collaboration_id == row.collaboration_id,
        permitted_where(session, actor, Evidence, Action.READ_EVIDENCE),
    )
    content, taken = bundle_of(session, row, readable=set(session.exec(readable)), evidence_class=evidence_class)
    with begin() as writing:
        for one in taken:
            note_download(writing, one, person_id=actor.person_id, role=actor.role)
    digest = sha256(content).hexdigest()
    answer.tag(digest)
    headers = {
        "ETag": f'"{digest}"',
        "Content-Disposition": f'attachment; filename="bundle-{row.kind.value}-{row.sha256[:8]}.pdf"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }
    return Response(content, media_type="application/pdf", headers=headers)


@router.get(
    "/documents/{document_id}/content",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_content(
    row: Read,
    session: Tx,
    actor: CurrentActor,
    answer: Answered,
    unsealed: Annotated[bool, Query(description="the bytes as they were printed, also where there is a seal")] = False,
) -> Response:
    """Read a document's bytes, with its seal where it has one; the ETag is their SHA-256.

    Of a replaced edition the header Link leads to the next.
    """
    copy = None if unsealed else seals_of(session, [row.id]).get(row.id)
    digest = row.sha256 if copy is None else copy.sha256
    answer.tag(digest)
    headers = {
        "ETag": f'"{digest}"',
        "Content-Disposition": f'inline; filename="{row.kind.value}-{digest[:8]}.pdf"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
        **_links(shown_to(session, actor, [row])[0]),
    }
    return Response(read(session, digest), media_type="application/pdf", headers=headers)


@router.post("/documents/{document_id}/seal", status_code=202)
def post_seal(row: Seal, session: Tx) -> RequestOut:
    """Ask that a document be sealed by the key of this installation, or anew where its sealed copy is lost."""
    return RequestOut(message_id=ask_for_seal(session, row).id, kind=row.kind)


@router.post("/collaborations/{collaboration_id}/documents", status_code=202)
def post_request(row: Ask, sent: RequestIn, session: Tx) -> RequestOut:
    """Ask for a document on the collaboration as it stands; a flow renders it, then it is in the list."""
    if sent.kind not in OF_A_COLLABORATION:
        known = OF_A_COLLABORATION
        raise KindUnfit(
            "no_document_of_collaboration", field="kind", remedy="one_of", kind=sent.kind, known=tuple(known)
        )
    subject_id = (
        _redline(session, row, sent)
        or _briefing(session, row, sent)
        or _addressed(session, row, sent)
        or _comparison(session, row, sent)
        or _subject(session, row, sent.kind)
    )
    event = publish(
        session,
        "document.requested",
        partnership_id=row.partnership_id,
        collaboration_id=row.id,
        kind=sent.kind.value,
        subject_id=subject_id,
        **({"language": sent.language} if sent.language is not None else {}),
    )
    return RequestOut(message_id=event.id, kind=sent.kind)


@router.post("/documents/{document_id}/languages", status_code=202)
def post_language(row: Seal, sent: LanguageIn, session: Tx) -> RequestOut:
    """Ask for the same document in another language, as the case stands; it stands beside this one."""
    return RequestOut(message_id=ask_for_language(session, row, sent.language).id, kind=row.kind)


def _redline(session: Session, row: Collaboration, sent: RequestIn) -> str:
    """Return the two versions that are named; of one that is not named it is the usual one."""
    named = {"before": sent.before, "after": sent.after}
    wanted = {place: number for place, number in named.items() if number is not None}
    if not wanted:
        return ""
    if sent.kind is not DocumentKind.REDLINE:
        raise KindUnfit("versions_of_redline_only", field=next(iter(wanted)), remedy="leave_it_out", kind=sent.kind)
    found = dict(zip(named, _subject(session, row, sent.kind).split(BETWEEN), strict=True))
    for place, number in wanted.items():
        version = side_named(session, row, str(number), place=place).version
        assert version is not None  # a number names nothing else
        found[place] = version.id
    if found["before"] == found["after"]:
        raise KindUnfit("redline_of_one_version", field="before", remedy="choose_another_number")
    return BETWEEN.join(found.values())


def _addressed(session: Session, row: Collaboration, sent: RequestIn) -> str:
    """Return the proposal to the reader that is named; nothing where none is."""
    if sent.addressee is None and sent.region is None:
        return ""
    if sent.kind is not DocumentKind.PROPOSAL:
        code, field = ("addressee_of_proposal_only", "addressee")
        if sent.addressee is None:
            code, field = ("region_of_these_only", "region")
        raise KindUnfit(code, field=field, remedy="leave_it_out", kind=sent.kind)
    reader = sent.addressee or Addressee.REGION
    return addressed_to(session, row.partnership_id, _subject(session, row, sent.kind), reader, region=sent.region)


def _briefing(session: Session, row: Collaboration, sent: RequestIn) -> str:
    """Return the latest version with the region that is named, of a briefing; nothing of another kind."""
    if sent.kind is not DocumentKind.BRIEFING:
        return ""
    if sent.addressee is not None:
        raise KindUnfit("addressee_of_proposal_only", field="addressee", remedy="leave_it_out", kind=sent.kind)
    return briefing_for(session, row, _subject(session, row, DocumentKind.INVESTMENT_PROTOCOL), sent.region)


def _comparison(session: Session, row: Collaboration, sent: RequestIn) -> str:
    """Return the scenarios that are named, of a comparison; nothing where none is."""
    if sent.scenarios is None:
        return ""
    if sent.kind is not DocumentKind.COMPARISON:
        raise KindUnfit("scenarios_of_comparison_only", field="scenarios", remedy="leave_it_out", kind=sent.kind)
    return compared(session, row, sent.scenarios)


def _subject(session: Session, row: Collaboration, kind: DocumentKind) -> str:
    try:
        return current_subject(session, kind, collaboration_id=row.id)
    except Missing:
        text, where = _NOTHING[kind]
        reason = Refusal("nothing_to_show", text=text, mend_by=("project_manager",), where=where)
        raise NothingToShow([reason]) from None


_NOTHING = {
    DocumentKind.INVESTMENT_PROTOCOL: ("protocol_not_frozen", "protocol/versions"),
    DocumentKind.REVIEW_DOSSIER: ("no_round_opened", "rounds"),
    DocumentKind.PROPOSAL: ("no_scenario_yet", "scenarios"),
    DocumentKind.REDLINE: ("no_two_versions", "protocol/versions"),
    DocumentKind.TEASER: ("protocol_not_frozen", "protocol/versions"),
    DocumentKind.COMPARISON: ("no_two_scenarios", "scenarios"),
}
