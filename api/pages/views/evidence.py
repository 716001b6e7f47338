"""Evidence: what is asked for from whom, what is filed, one file with its record, and links that ask for one."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.access import COLLABORATION, EVIDENCE, Allowed
from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.http.forms import SentForm
from api.http.paging import Page
from api.pages.forms import OWN_FORM, UNANSWERED, Form, Typed
from api.pages.languages import gettext, speaking_to
from api.pages.lists import Lists
from api.pages.places import page_of
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.pages.subjects import subjects_of
from api.pages.uploads import OfPage, admitted
from api.pages.views.cases import title_as_read
from api.routes.documents import evidence as routes
from api.routes.documents.evidence import EvidenceEndIn, EvidenceIn, EvidencePatch, Insider
from api.routes.documents.evidence_links import (
    Ask,
    EvidenceRequestIn,
    delete_evidence_request,
    post_evidence_request,
)
from api.routes.documents.evidence_signatures import get_evidence_signatures
from api.routes.protocol.assignments import list_writers
from states.archive.evidence.file_types import SHOWN
from states.archive.evidence.queries import requests_of
from states.archive.evidence.service import may_have_signatures
from states.archive.evidence.states import REMOVED
from states.archive.evidence.tables import Evidence
from states.collaborations.queries import collaboration_by_id, members_of
from states.collaborations.tables import Collaboration
from states.credentials.links import LinkPurpose, good_links
from states.crossings.rights.evidence import scope_of_filing
from states.partners.queries import person_labels, regions_of
from states.places.exonyms import region_said
from states.playbooks.editions import playbook_of
from states.rights.access import Action, Actor, may
from states.settings import settings

router = APIRouter()

ReadCase = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_PROGRESS))]
Read = Annotated[Evidence, Depends(Allowed(EVIDENCE, Action.READ_EVIDENCE))]
Edit = Annotated[Evidence, Depends(Allowed(EVIDENCE, Action.EDIT_EVIDENCE))]
Redact = Annotated[Evidence, Depends(Allowed(EVIDENCE, Action.REDACT_EVIDENCE))]


class PageTarget(routes.Target):
    """The collaboration that the files of a form are for."""

    def check(self, session: Session) -> tuple[Collaboration, Actor]:
        """Return it with who acts, or raise `Missing` or `Denied`."""
        return admitted(session, self._token, self._key, Action.FILE_EVIDENCE)


Into = Annotated[PageTarget, Depends(OfPage(PageTarget, Action.FILE_EVIDENCE))]


@router.get("/cases/{collaboration_id}/evidence")
def get_evidence_page(request: Request, row: ReadCase, actor: Insider, session: Tx, cut: Page) -> Response:
    """Show what is asked for and whether it is there, all that is filed, and the form by which more is."""
    can = Abilities(session, actor, row)
    playbook = playbook_of(session, row)
    filed = routes.list_evidence(session, actor, cut, None, collaboration=row.id, sort="-filed")
    former = next((one for one in filed.items if one.id == request.query_params.get("instead", "")), None)
    return page(
        request,
        "evidence/evidence.html",
        case=row,
        title=title_as_read(session, actor, row),
        can=can,
        demands=routes.get_evidence_demands(row, session, actor).demands,
        filed=filed,
        former=former,
        kinds=playbook.evidence.kinds,
        stages={key: stage.title for key, stage in playbook.stages.items()},
        types=SHOWN,
        most=settings().evidence_most_bytes,
        owners=list(_owners(session, row, actor)) if can("file_evidence") else [],
        subjects=subjects_of(session, row, can, members=True) if can("file_evidence") else [],
        regions=[(one.slug, region_said(one.name, one.codes)) for one in regions_of(session, row.partnership_id)],
    )


@router.post("/cases/{collaboration_id}/evidence")
def post_evidence_page(target: Into, sent: Form, collaboration_id: str) -> Response:
    """File what was sent, all of it or nothing; what it shows something of comes as one choice."""
    subject, _, name = sent.get("about", "collaboration:").partition(":")
    values = {key: sent.get(key) for key in EvidenceIn.model_fields}
    values |= {"subject": subject, "subject_name": name}
    routes.post_evidence(target, SentForm(values, [(file, title) for _, file, title in sent.files]))
    return lead_to(f"/cases/{collaboration_id}/evidence", told="filed")


@router.get("/cases/{collaboration_id}/evidence-requests")
def get_evidence_requests_page(request: Request, row: Ask, session: Tx, lists: Lists) -> Response:
    """Show the form by which a member is asked for one kind, by a link."""
    return page(request, "evidence/ask.html", link=None, **_asking(session, row, lists))


@router.post("/cases/{collaboration_id}/evidence-requests")
def post_evidence_requests_page(sent: Form, request: Request, row: Ask, session: Tx, lists: Lists) -> Response:
    """Make the link, and show it this once."""
    person, _, organisation = sent.get("asked").partition(":")
    wanted = sent.read(EvidenceRequestIn, person=person, organisation=organisation)
    made = post_evidence_request(row, wanted, session)
    request.state.typed = Typed()
    address = f"{settings().public_url}{page_of(made.link) or made.link}"
    with speaking_to(request.state.language):
        return page(request, "evidence/ask.html", link=address, **_asking(session, row, lists))


@router.post("/cases/{collaboration_id}/evidence-requests/{request_id}/withdrawal", dependencies=[OWN_FORM])
def post_evidence_request_withdrawal(row: Ask, request_id: str, session: Tx) -> Response:
    """Take a request back: its link ends at once."""
    delete_evidence_request(row, request_id, session)
    return lead_to(f"/cases/{row.id}/evidence-requests", told="taken-back")


@router.get("/evidence/{evidence_id}")
def get_one_evidence_page(request: Request, row: Read, session: Tx, actor: CurrentActor) -> Response:
    """Show what is on record of a file, and what may be done with it."""
    case = collaboration_by_id(session, row.collaboration_id)
    playbook = playbook_of(session, case)
    return page(
        request,
        "evidence/one.html",
        case=case,
        title=title_as_read(session, actor, case),
        one=routes.shown(session, [row])[0],
        kind=playbook.evidence.kinds.get(row.kind, row.kind),
        can=Abilities(session, actor, row),
        may_be_signed=row.state not in REMOVED and may_have_signatures(row),
    )


@router.get("/evidence/{evidence_id}/signatures")
def get_evidence_signatures_page(request: Request, row: Read, session: Tx, actor: CurrentActor) -> Response:
    """Show who signed a file, and whether it is as it was signed; to look takes a second, so that it is a page."""
    case = collaboration_by_id(session, row.collaboration_id)
    return page(
        request,
        "evidence/signatures.html",
        case=case,
        title=title_as_read(session, actor, case),
        one=row,
        found=get_evidence_signatures(row, session),
    )


@router.get("/evidence/{evidence_id}/content")
def get_evidence_content_page(row: Read, session: Tx, actor: CurrentActor) -> Response:
    """Read a file's bytes as the API gives them out: compared with their SHA-256, and noted."""
    return routes.get_evidence_content(row, session, actor, UNANSWERED)


@router.get("/evidence/{evidence_id}/downloads")
def get_evidence_downloads_page(request: Request, row: Edit, session: Tx, cut: Page) -> Response:
    """Show who had a file, and when."""
    found = routes.list_evidence_downloads(row, session, cut)
    case = collaboration_by_id(session, row.collaboration_id)
    return page(request, "evidence/downloads.html", case=case, one=row, downloads=found)


@router.post("/evidence/{evidence_id}")
def post_evidence_correction_page(sent: Form, row: Edit, session: Tx) -> Response:
    """Correct what is said of a file."""
    wanted = sent.read(EvidencePatch, description=sent.get("description"))
    routes.patch_evidence(row, must_match(sent.version), wanted, session, UNANSWERED)
    return lead_to(f"/evidence/{row.id}", told="corrected")


@router.post("/evidence/{evidence_id}/withdrawal")
def post_evidence_withdrawal_page(sent: Form, row: Edit, session: Tx, afterwards: BackgroundTasks) -> Response:
    """Withdraw a file that nothing relied on yet, with a reason."""
    wanted = sent.read(EvidenceEndIn)
    routes.post_evidence_withdrawal(row, must_match(sent.version), wanted, session, afterwards, UNANSWERED)
    return lead_to(f"/evidence/{row.id}", told="withdrawn")


@router.post("/evidence/{evidence_id}/redaction")
def post_evidence_redaction_page(sent: Form, row: Redact, session: Tx, afterwards: BackgroundTasks) -> Response:
    """Take the bytes of a file away, with a reason; its record stays."""
    wanted = sent.read(EvidenceEndIn)
    routes.post_evidence_redaction(row, must_match(sent.version), wanted, session, afterwards, UNANSWERED)
    return lead_to(f"/evidence/{row.id}", told="redacted")


def _owners(session: Session, row: Collaboration, actor: Actor) -> Iterator[tuple[str, str]]:
    """Yield for whom the actor may file: the collaboration as such, and members by short name."""
    if may(actor, Action.EDIT_EVIDENCE, scope_of_filing(session, row, None)):
        yield "", gettext("All together")
    for entry in members_of(session, [row.id])[row.id]:
        if may(actor, Action.EDIT_EVIDENCE, scope_of_filing(session, row, entry.organisation.id)):
            yield entry.organisation.slug, entry.organisation.name


def _members(session: Session, row: Collaboration) -> Any:
    return members_of(session, [row.id])[row.id]


def _asking(session: Session, row: Collaboration, lists: Lists) -> dict[str, Any]:
    names = {one.organisation.slug: one.organisation.name for one in _members(session, row)}
    asked = {one.id: one for one in requests_of(session, row.id)}
    links = {one.subject_id: one for one in good_links(session, purpose=LinkPurpose.EVIDENCE, subject_ids=asked)}
    labels = person_labels(session, {link.person_id for link in links.values()})
    owners = {one.organisation.id: one.organisation.name for one in _members(session, row)}
    writers = [one for one in list_writers(row, session, lists.whole()).items if one.organisation]
    return {
        "case": row,
        "kinds": playbook_of(session, row).evidence.kinds,
        "waiting": [
            (one, owners.get(one.organisation_id, ""), labels[links[key].person_id], links[key].expires_at)
            for key, one in asked.items()
            if key in links
        ],
        "people": [
            (f"{one.person}:{one.organisation}", f"{names.get(one.organisation or '', '')}: {one.label}")
            for one in writers
        ],
    }
