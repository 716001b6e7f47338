"""A review round as its reviewers meet it: agreement and declaration first, then the dossier and what is asked."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.access import AllowedVersion
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import OWN_FORM, UNANSWERED, Form
from api.pages.heads import head_of, submitted_by
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.routes.documents.documents import list_documents
from api.routes.documents.evidence import list_evidence
from api.routes.people.me import Reviewer, post_agreement
from api.routes.protocol.comparisons import get_protocol_comparison
from api.routes.protocol.protocols import get_version, list_versions
from api.routes.review.conflict_schemas import DeclarationIn, ReasonIn
from api.routes.review.conflicts import Declare, See, list_proposed_conflicts, post_declaration, post_seat_withdrawal
from api.routes.review.evaluations import Read, list_evaluations
from api.routes.review.review_schemas import RoundOutlineOut
from api.routes.review.rounds import get_round
from states.playbooks.editions import playbook_of
from states.review.conflicts.service import last_declaration
from states.review.queries import draft_of, positions_of, seat_of
from states.rights.access import Action

router = APIRouter(prefix="/rounds/{round_id}")


@router.get("")
def get_round_page(request: Request, found: See, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show a round; before agreement and declaration its outline alone, with what is missing."""
    head, shown = head_of(session, actor, found), get_round(found, session, actor)
    person_id = actor.person_id or ""
    own: dict[str, Any] = {
        "head": head,
        "declared": last_declaration(session, found.row.id, person_id),
        "seat": seat_of(session, found.row.id, person_id),
    }
    if isinstance(shown, RoundOutlineOut):
        likely = list_proposed_conflicts(found, session, actor, lists.whole())
        return page(request, "rounds/outline.html", outline=shown, likely=likely.items, **own)
    given = list_evaluations(found, session, actor, lists.whole()) if head.scores else None
    return page(
        request,
        "rounds/round.html",
        round=shown,
        draft=draft_of(session, found.row.id, person_id),
        evaluations=given.items if given else [],
        mine=submitted_by(session, found.row.id, person_id),
        stated={one.region_id for one, _ in positions_of(session, found.row.id)},
        **own,
    )


@router.post("/agreement", dependencies=[OWN_FORM])
def post_agreement_page(found: Declare, actor: Reviewer, session: Tx) -> Response:
    """Agree to the rules of the review for this year."""
    post_agreement(actor, session)
    return lead_to(f"/rounds/{found.row.id}", told="agreed")


@router.post("/declaration")
def post_declaration_page(sent: Form, found: Declare, session: Tx, actor: CurrentActor) -> Response:
    """Declare whether one has a conflict of interest."""
    declared = post_declaration(found, sent.read(DeclarationIn), session, actor, UNANSWERED)
    return lead_to(f"/rounds/{found.row.id}", told=f"declared-{declared.kind.value}")


@router.post("/withdrawal")
def post_withdrawal_page(sent: Form, found: Declare, session: Tx, actor: CurrentActor) -> Response:
    """Give the own seat back."""
    post_seat_withdrawal(found, sent.read(ReasonIn), session, actor, UNANSWERED)
    return lead_to(f"/rounds/{found.row.id}", told="withdrawn")


@router.get("/dossier")
def get_dossier_page(
    request: Request, found: Read, session: Tx, actor: CurrentActor, lists: Lists, since: int | None = None
) -> Response:
    """Show the frozen version under review, section by section, and what changed in it since an earlier one."""
    head, case = head_of(session, actor, found), found.collaboration
    version = AllowedVersion(Action.READ_DOSSIER)(case.id, head.version, session, actor)
    numbers = [one.number for one in list_versions(case, session, actor, lists.whole()).items]
    changes = None
    if since is not None:
        changes = get_protocol_comparison(case, session, actor, str(since), str(head.version))
    return page(
        request,
        "rounds/dossier.html",
        head=head,
        version=get_version(version, session, actor, UNANSWERED),
        sections=playbook_of(session, case).protocol,
        earlier=[number for number in numbers if number < head.version],
        since=since,
        changes=changes,
        papers=list_documents(session, actor, lists.whole(), None, collaboration=case.id, replaced=False).items,
        evidence=list_evidence(session, actor, lists.whole(), None, collaboration=case.id).items,
    )
