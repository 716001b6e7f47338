"""One's own evaluation: written as a draft, checked, submitted; corrected while the round is open."""

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from api.http.conditional import must_match, need_match
from api.http.dependencies import CurrentActor, Tx, person_of
from api.pages.forms import UNANSWERED, Form, Typed
from api.pages.heads import Head, head_of, submitted_by
from api.pages.languages import gettext as _
from api.pages.languages import speaking_to
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.routes.protocol.protocols import list_versions
from api.routes.review.evaluations import Evaluate, post_correction, post_evaluation, put_draft
from api.routes.review.review_schemas import CorrectionIn, EvaluationIn
from states.errors import Missing
from states.review.access import RoundAccess
from states.review.conflicts.service import last_declaration
from states.review.evaluations import need_cleared_seat
from states.review.queries import draft_of
from states.review.scoring import ScoresInvalid, checked_scores
from states.review.tables import EvaluationDraft, RoundState

router = APIRouter(prefix="/rounds/{round_id}/evaluation")


@router.get("")
def get_evaluation_page(request: Request, found: Evaluate, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show the own evaluation as it is written, with its running total; of a closed round what was scored."""
    if found.row.state is RoundState.CLOSED:
        return lead_to(f"/rounds/{found.row.id}/scores")
    head, person_id = head_of(session, actor, found), person_of(actor)
    need_cleared_seat(session, found.row, person_id, collaboration=found.collaboration)
    draft, submitted = draft_of(session, found.row.id, person_id), submitted_by(session, found.row.id, person_id)
    written = draft or submitted
    scores = written.scores if written else {}
    typed: Typed | None = getattr(request.state, "typed", None)
    if typed is not None:  # the form failed: what was typed adds up
        scores = {**scores, **{key: typed.get(f"scores.{key}") for key in _keys(head) if f"scores.{key}" in typed}}
    versions = list_versions(found.collaboration, session, actor, lists.whole()).items
    return page(
        request,
        "rounds/evaluation.html",
        head=head,
        declared=last_declaration(session, found.row.id, person_id),
        draft=draft,
        submitted=submitted,
        scores=scores,
        comments=written.comments if written else {},
        total=_total(scores),
        earlier=max((one.number for one in versions if one.number < head.version), default=None),
    )


@router.post("")
def post_evaluation_page(sent: Form, found: Evaluate, session: Tx, actor: CurrentActor) -> Response:
    """Keep the draft, and go on: to the check where that was asked for, else back to the form."""
    _save(sent, found, session, actor)
    if sent.get("do") == "check":
        return lead_to(f"/rounds/{found.row.id}/evaluation/check")
    return lead_to(f"/rounds/{found.row.id}/evaluation", told="saved")


@router.post("/draft")
def post_draft(sent: Form, request: Request, found: Evaluate, session: Tx, actor: CurrentActor) -> Response:
    """Keep the draft as it is typed, and tell the form its new version."""
    version = _save(sent, found, session, actor)
    with speaking_to(request.state.language):
        return JSONResponse({"version": version, "told": _("Saved as a draft; nobody sees it until you submit.")})


@router.get("/check")
def get_check_page(request: Request, found: Evaluate, session: Tx, actor: CurrentActor) -> Response:
    """Show the draft as it would be submitted, with what is still missing."""
    head, person_id = head_of(session, actor, found), person_of(actor)
    need_cleared_seat(session, found.row, person_id, collaboration=found.collaboration)
    draft = draft_of(session, found.row.id, person_id)
    if draft is None:
        return lead_to(f"/rounds/{found.row.id}/evaluation")
    return page(
        request,
        "rounds/check.html",
        head=head,
        draft=draft,
        total=_total(draft.scores),
        missing=_missing(draft, head),
        submitted=submitted_by(session, found.row.id, person_id),
    )


@router.post("/submission")
def post_submission(sent: Form, found: Evaluate, session: Tx, actor: CurrentActor) -> Response:
    """Submit the draft as it was checked; a second time it is a correction, with a reason."""
    person_id = person_of(actor)
    draft = draft_of(session, found.row.id, person_id)
    if draft is None:
        raise Missing("draft", found.row.id)
    need_match("draft", must_match(sent.version), draft)
    scores, comments = draft.scores, draft.comments
    if submitted_by(session, found.row.id, person_id) is None:
        post_evaluation(found, sent.read(EvaluationIn, scores=scores, comments=comments), session, actor, UNANSWERED)
        return lead_to(f"/rounds/{found.row.id}/evaluation", told="submitted")
    correction = sent.read(CorrectionIn, reason=sent.get("reason"), scores=scores, comments=comments)
    post_correction(found, correction, session, actor, UNANSWERED)
    return lead_to(f"/rounds/{found.row.id}/evaluation", told="corrected")


def _save(sent: Typed, found: RoundAccess, session: Tx, actor: CurrentActor) -> int:
    """Keep all that the form holds: a comment that was emptied is gone."""
    values = sent.values()
    written = sent.read(EvaluationIn, scores=values.get("scores", {}), comments=values.get("comments", {}))
    return put_draft(found, must_match(sent.version), written, session, actor, UNANSWERED).version


def _keys(head: Head) -> list[str]:
    return [criterion.key for criterion in head.panel.criteria]


def _total(scores: Mapping[str, str]) -> Decimal:
    total = Decimal(0)
    for score in scores.values():
        with suppress(InvalidOperation):  # what was typed may be no number
            total += Decimal(score)
    return total


def _missing(draft: EvaluationDraft, head: Head) -> dict[str, list[str]]:
    """Return what keeps the draft from being submitted, in words, by criterion."""
    found: dict[str, list[str]] = {}
    try:
        checked_scores(draft.scores, draft.comments, panel=head.panel)
    except ScoresInvalid as invalid:
        for fault in invalid.faults:
            found.setdefault(fault.place.rpartition(".")[2], []).append(f"{fault.message} {fault.remedy}".strip())
    return found
