"""How the money is used: drawdown, what partners say of their periods, results, and what is open before the end."""

from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import OWN_FORM, UNANSWERED, Form, Typed, read_as
from api.pages.languages import speaking_to
from api.pages.lists import Lists
from api.pages.places import page_of
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.routes.implementation import drawdown, progress, results
from api.routes.protocol.assignments import list_writers
from states.collaborations.queries import collaboration_by_id
from states.collaborations.tables import Collaboration
from states.crossings.implementation.progress import known_to
from states.crossings.rights.agreements import lead_scope
from states.crossings.rights.collaborations import blinding_of
from states.implementation.tables import PartnerProgress, ProgressState
from states.rights.access import Action, Actor, may
from states.rights.scopes import scopes_of
from states.settings import settings

router = APIRouter()

_CASE = "/cases/{collaboration_id}"
_WRITTEN = frozenset({ProgressState.DRAFT, ProgressState.RETURNED})


def _leads(session: Session, actor: Actor, row: Collaboration, action: Action) -> bool:
    return may(actor, action, lead_scope(session, row))


@router.get(_CASE + "/drawdown")
def get_drawdown_page(
    request: Request, row: progress.Insider, session: Tx, actor: CurrentActor, lists: Lists
) -> Response:
    """Show planned against actual by source and year and by partner and period, and what partners said."""
    can = Abilities(session, actor, row)
    return page(
        request,
        "funding/drawdown.html",
        case=row,
        title=blinding_of(session, actor, row).text(row.title),
        can=can,
        opens=_leads(session, actor, row, Action.EDIT_AGREEMENTS),
        drawdown=drawdown.get_drawdown(row, session) if can("read_funding_case") else None,
        periods=progress.list_progress(row, session, actor, lists.whole()).items,
    )


@router.post(_CASE + "/progress/opening", dependencies=[OWN_FORM])
def post_opening_page(row: progress.Lead, session: Tx) -> Response:
    """Open now what each partner is to say of every period that has begun."""
    progress.post_progress_opening(row, session)
    return lead_to(f"/cases/{row.id}/drawdown", told="opened")


@router.get("/progress/{progress_id}")
def get_progress_page(request: Request, row: progress.Read, session: Tx, actor: CurrentActor) -> Response:
    """Show what a partner said of a period, and to each hand the step that is its own."""
    case, known = collaboration_by_id(session, row.collaboration_id), known_to(session, row)
    [scope] = scopes_of(session, actor, [row])
    return page(
        request,
        "funding/progress.html",
        case=case,
        one=progress.get_progress(row, session, UNANSWERED),
        lines=sorted(known.lines),
        agreements=sorted(known.agreements),
        writes=may(actor, Action.EDIT_PARTNER_PROGRESS, scope),
        checks=may(actor, Action.CHECK_PARTNER_PROGRESS, scope),
        written=row.state in _WRITTEN,
    )


@router.post("/progress/{progress_id}")
def post_progress_page(sent: Form, row: progress.Edit, session: Tx, actor: CurrentActor) -> Response:
    """Keep what was written, and hand it in where one says so."""
    values = sent.values(keep_empty=("done", "readiness", "jobs"))
    tables = {name: values.get(name, []) for name in ("spent", "received", "indicators")}  # none is left: none stands
    told = {name: values.get(name) for name in ("done", "readiness", "jobs")}
    wanted = read_as(progress.ProgressPatch, {**told, **tables})
    saved = progress.patch_progress(row, must_match(sent.version), wanted, session, UNANSWERED)
    if sent.get("do") == "hand_in":
        progress.post_progress_handing_in(row, saved.version, session, actor, UNANSWERED)
    return lead_to(f"/progress/{row.id}", told="handed_in" if sent.get("do") == "hand_in" else "saved")


@router.post("/progress/{progress_id}/taking-back")
def post_taking_back_page(sent: Form, row: progress.Edit, session: Tx) -> Response:
    """Take it back before the office decided on it."""
    progress.post_progress_taking_back(row, must_match(sent.version), session, UNANSWERED)
    return lead_to(f"/progress/{row.id}", told="taken_back")


@router.post("/progress/{progress_id}/return")
def post_return_page(sent: Form, row: progress.Check, session: Tx, actor: CurrentActor) -> Response:
    """Give it back to the partner with a question."""
    question = sent.read(progress.ProgressQuestionIn)
    progress.post_progress_return(row, must_match(sent.version), question, session, actor, UNANSWERED)
    return lead_to(f"/progress/{row.id}", told="returned")


@router.post("/progress/{progress_id}/acceptance")
def post_acceptance_page(sent: Form, row: progress.Check, session: Tx, actor: CurrentActor) -> Response:
    """Accept what a partner said."""
    progress.post_progress_acceptance(row, must_match(sent.version), session, actor, UNANSWERED)
    return lead_to(f"/progress/{row.id}", told="accepted")


@router.post("/progress/{progress_id}/correction")
def post_correction_page(sent: Form, row: progress.Edit, session: Tx) -> Response:
    """Open a new version of what was accepted."""
    because = sent.read(progress.ProgressCorrectionIn)
    made = progress.post_progress_correction(row, must_match(sent.version), because, session, UNANSWERED)
    return lead_to(f"/progress/{made.id}", told="opened")


@router.get("/progress/{progress_id}/requests")
def get_request_page(request: Request, row: progress.Check, session: Tx, lists: Lists) -> Response:
    """Show the form by which somebody of the partner is asked by a link."""
    return page(request, "funding/progress_ask.html", link=None, **_asking(session, row, lists))


@router.post("/progress/{progress_id}/requests")
def post_request_page(sent: Form, request: Request, row: progress.Check, session: Tx, lists: Lists) -> Response:
    """Make the link, mail it, and show it this once."""
    made = progress.post_progress_request(row, sent.read(progress.ProgressRequestIn), session)
    request.state.typed = Typed()
    address = f"{settings().public_url}{page_of(made.link) or made.link}"
    with speaking_to(request.state.language):
        return page(request, "funding/progress_ask.html", link=address, **_asking(session, row, lists))


def _asking(session: Session, row: PartnerProgress, lists: Lists) -> dict[str, Any]:
    case = collaboration_by_id(session, row.collaboration_id)
    one = progress.get_progress(row, session, UNANSWERED)
    writers = [who for who in list_writers(case, session, lists.whole()).items if who.organisation == one.organisation]
    return {"case": case, "one": one, "people": [(who.person, who.label) for who in writers]}


@router.get(_CASE + "/closure")
def get_closure_page(request: Request, row: results.Read, session: Tx, actor: CurrentActor) -> Response:
    """Show what is open before a case is completed, and its indicators with target and achievement."""
    return page(
        request,
        "funding/closure.html",
        case=row,
        can=Abilities(session, actor, row),
        closure=results.get_closure(row, session),
        edits=_leads(session, actor, row, Action.EDIT_RESULTS),
    )


@router.post(_CASE + "/results")
def post_result_page(sent: Form, row: results.Edit, session: Tx) -> Response:
    """Record an indicator with its target."""
    results.post_result(row, sent.read(results.ProjectResultIn), session, UNANSWERED)
    return lead_to(f"/cases/{row.id}/closure", told="recorded")


@router.get(_CASE + "/results/{number}")
def get_result_page(request: Request, row: results.Edit, number: int, session: Tx) -> Response:
    """Show the form by which an indicator is told or corrected."""
    return page(request, "funding/result.html", case=row, one=results.get_result(row, number, session, UNANSWERED))


@router.post(_CASE + "/results/{number}")
def post_achieved_page(sent: Form, row: results.Edit, number: int, session: Tx) -> Response:
    """Say what was achieved of an indicator, correct it, or take it out."""
    version = must_match(sent.version)
    if sent.get("do") == "remove":
        results.delete_result(row, number, version, session)
        return lead_to(f"/cases/{row.id}/closure", told="removed")
    said = sent.read(results.ProjectResultPatch, keep_empty=("achieved", "unit", "source", "explanation"))
    results.patch_result(row, number, version, said, session, UNANSWERED)
    return lead_to(f"/cases/{row.id}/closure", told="recorded")
