"""Checklists of a case: how each stands, its items answered, confirmed by a second person, signed off, begun anew."""

import re
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.http.access import COLLABORATION, Allowed
from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import UNANSWERED, Form, Typed, read_as
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.routes.collaborations import checklists as routes
from api.routes.collaborations.checklists import AnswersIn, ChecklistReasonIn, ConfirmationIn
from api.routes.documents.evidence import list_evidence
from states.archive.evidence.tables import EvidenceState
from states.collaborations.tables import Collaboration
from states.errors import Invalid
from states.playbooks.editions import playbook_of
from states.rights.access import Action

router = APIRouter(prefix="/cases/{collaboration_id}/checklists")

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_SHARED_CHECKLISTS))]
Fill = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.FILL_CHECKLIST))]


@router.get("")
def get_checklists_page(request: Request, row: Read, session: Tx, actor: CurrentActor) -> Response:
    """Show how each checklist stands."""
    found = routes.get_checklists(row, session, actor).checklists
    stages = {key: stage.title for key, stage in playbook_of(session, row).stages.items()}
    return page(request, "checklists/checklists.html", case=row, checklists=found, stages=stages)


@router.get("/{checklist}")
def get_checklist_page(
    request: Request, row: Read, checklist: str, session: Tx, actor: CurrentActor, lists: Lists
) -> Response:
    """Show a checklist: each item with its answer, on what it rests, and who gave it."""
    found = routes.get_checklist(row, checklist, session, actor, UNANSWERED)
    can = Abilities(session, actor, row)
    fills = can("fill_checklist") and found.in_stage and found.state not in ("signed_off", "superseded")
    rests = fills and any(one.evidence_kind for one in found.entries)
    filed = list_evidence(session, actor, lists.whole(), None, row.id, state=EvidenceState.FILED).items if rests else []
    return page(
        request,
        "checklists/checklist.html",
        case=row,
        found=found,
        can=can,
        mine={one.key for one in found.entries if fills and actor.role in one.by},
        signs=can("fill_checklist") and actor.role in found.signed_by,
        filed=filed,
        rounds=routes.get_checklist_rounds(row, checklist, session, actor).rounds,
    )


@router.post("/{checklist}")
def post_answers_page(sent: Form, row: Fill, checklist: str, session: Tx, actor: CurrentActor) -> Response:
    """Answer items: those alone that are answered otherwise than the page showed them."""
    changed = list(_changed(sent))
    if changed:
        wanted = read_as(AnswersIn, {"answers": [answer for _, answer in changed]})
        try:
            routes.patch_checklist(row, sent.version, checklist, wanted, session, actor, UNANSWERED)
        except Invalid as error:  # a fault names an answer by its place among those that were sent
            error.faults = tuple(fault.at(_shown_at(fault.place, changed)) for fault in error.faults)
            raise
    return lead_to(f"/cases/{row.id}/checklists/{checklist}", told="saved")


@router.post("/{checklist}/confirmations")
def post_confirmations_page(sent: Form, row: Fill, checklist: str, session: Tx, actor: CurrentActor) -> Response:
    """Confirm answers as the second person."""
    wanted = sent.read(ConfirmationIn, lists=("items",))
    routes.post_checklist_confirmation(row, checklist, wanted, session, actor, UNANSWERED)
    return lead_to(f"/cases/{row.id}/checklists/{checklist}", told="confirmed")


@router.post("/{checklist}/sign-off")
def post_checklist_sign_off_page(sent: Form, row: Fill, checklist: str, session: Tx, actor: CurrentActor) -> Response:
    """Sign a complete checklist off."""
    routes.post_checklist_sign_off(row, must_match(sent.version), checklist, session, actor, UNANSWERED)
    return lead_to(f"/cases/{row.id}/checklists/{checklist}", told="signed")


@router.post("/{checklist}/reopening")
def post_checklist_reopening_page(sent: Form, row: Fill, checklist: str, session: Tx, actor: CurrentActor) -> Response:
    """Open a signed checklist again, with a reason."""
    wanted = sent.read(ChecklistReasonIn)
    routes.post_checklist_reopening(row, must_match(sent.version), checklist, wanted, session, actor, UNANSWERED)
    return lead_to(f"/cases/{row.id}/checklists/{checklist}", told="reopened")


@router.post("/{checklist}/rounds")
def post_checklist_round_page(sent: Form, row: Fill, checklist: str, session: Tx, actor: CurrentActor) -> Response:
    """Begin another round, with a reason; the former one stays as it was."""
    routes.post_checklist_round(row, checklist, sent.read(ChecklistReasonIn), session, actor, UNANSWERED)
    return lead_to(f"/cases/{row.id}/checklists/{checklist}", told="begun")


def _changed(sent: Typed) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each answer that is another than the page showed, with its number on the page."""
    for place in range(len(sent.all("item"))):
        name = f"answers.{place}"
        given = {
            "value": sent.get(f"{name}.value"),
            "comment": sent.get(f"{name}.comment"),
            "evidence": sent.all(f"{name}.evidence"),
        }
        was = {
            "value": sent.get(f"{name}.was_value"),
            "comment": sent.get(f"{name}.was_comment"),
            "evidence": sent.all(f"{name}.was_evidence"),
        }
        if given != was:
            yield place, {"item": sent.all("item")[place], **given}


def _shown_at(place: str, changed: list[tuple[int, dict[str, Any]]]) -> str:
    return re.sub(r"^answers\[(\d+)\]", lambda found: f"answers[{changed[int(found[1]) - 1][0] + 1}]", place)
