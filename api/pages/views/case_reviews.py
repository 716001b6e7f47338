"""All rounds of a case with their results, decisions and conditions; and a round that is opened."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.access import COLLABORATION, Allowed
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import Form
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.pages.signing import read_session
from api.routes.documents.documents import list_documents
from api.routes.review.decisions import list_decisions
from api.routes.review.review_schemas import RoundIn
from api.routes.review.rounds import Planned, list_rounds, propose_seating
from states.archive.tables import DocumentKind
from states.collaborations.tables import Collaboration
from states.crossings.review.reviewer_assignment import choose_seats
from states.crossings.rights.collaborations import blinding_of
from states.playbooks.editions import playbook_of
from states.protocol.queries import version_numbers
from states.rights.access import Action, Actor, may
from states.rights.scopes import scopes_of
from states.storage import begin

router = APIRouter(prefix="/cases/{collaboration_id}/review")

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_DECISION))]

_PAPERS = frozenset(
    {
        DocumentKind.REVIEW_DOSSIER,
        DocumentKind.EVALUATION_REPORT,
        DocumentKind.CONSENSUS_REPORT,
        DocumentKind.PANEL_MINUTES,
        DocumentKind.DECISION_LETTER,
    }
)


@router.get("")
def get_review_page(request: Request, row: Read, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show what was judged of a case, by whom it is judged now, and what was decided under which conditions."""
    [scope] = scopes_of(session, actor, [row])
    inside = may(actor, Action.READ_REVIEW, scope)
    rounds = list_rounds(row, session, actor, lists.whole()).items if inside else []
    papers = list_documents(session, actor, lists.whole(), None, collaboration=row.id, replaced=False).items
    playbook = playbook_of(session, row)
    return page(
        request,
        "cases/review.html",
        case=row,
        title=blinding_of(session, actor, row).text(row.title),
        rounds=rounds,
        decisions={one.round_id: one for one in list_decisions(row, session, actor, lists.whole()).items},
        versions=version_numbers(session, [row.id]),
        panels={key: panel.title for key, panel in playbook.panels.items()},
        papers=[one for one in papers if one.kind in _PAPERS],
        opens=may(actor, Action.RUN_REVIEW, scope),
    )


class OfPage:
    """Who may have seats planned from a page; it holds no transaction."""

    def __call__(self, collaboration_id: str, request: Request) -> Planned:
        """Return what plans, or raise `Missing` or `Denied`."""

        def who(session: Session) -> Actor:
            return read_session(request, session).actor

        planned = Planned(who, collaboration_id)
        with begin(read_only=True) as session:
            planned.check(session)
        return planned


Plan = Annotated[Planned, Depends(OfPage())]


@router.get("/opening")
def get_opening_page(request: Request, planned: Plan, panel: Annotated[str, Query(max_length=40)]) -> Response:
    """Propose who should sit in a round, with why and why not; the round is opened by the form below."""
    seating = propose_seating(planned, panel)
    with begin(read_only=True) as session:
        row = planned.check(session)
        defined = playbook_of(session, row).panels[panel]
        return page(request, "cases/opening.html", case=row, panel=panel, defined=defined, seating=seating)


@router.post("/opening")
def post_opening_page(sent: Form, planned: Plan) -> Response:
    """Open the round; who sits is chosen before, outside any transaction."""
    wanted = sent.read(RoundIn)
    plan = planned.plan(wanted.panel)
    chosen = None if plan is None else choose_seats(plan)
    with begin() as session:
        opened = planned.open(session, wanted.panel, chosen)
        round_id = opened.id
    return lead_to(f"/rounds/{round_id}/secretariat", told="opened")
