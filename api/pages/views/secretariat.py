"""Who runs a round: seats, conflicts and rulings, who is in and who is awaited, another last day, closing; ranking."""

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import OWN_FORM, UNANSWERED, Form
from api.pages.heads import head_of
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.routes.collaborations.deadlines import ExtensionIn
from api.routes.people.links import delete_link
from api.routes.review.conflict_schemas import ReasonIn, RulingIn, SeatIn
from api.routes.review.conflicts import (
    Rule,
    Run,
    delete_seat,
    list_declarations,
    list_proposed_conflicts,
    post_ruling,
    post_seat,
)
from api.routes.review.decisions import Runner, get_ranking
from api.routes.review.evaluations import list_evaluations
from api.routes.review.positions import list_positions
from api.routes.review.rounds import close_round, get_round, post_round_extension
from states.credentials.links import LinkPurpose, SignedLink, good_links
from states.errors import Missing
from states.partners.tables import Partnership
from states.playbooks.editions import chosen_text
from states.playbooks.reader import parse
from states.review.access import RoundAccess
from states.review.definition import PanelKind

router = APIRouter()

_ROUND = "/rounds/{round_id}"


@router.get(_ROUND + "/secretariat")
def get_secretariat(request: Request, found: Run, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show what the office sees of a round: seats, declarations and likely conflicts, who is in, who is awaited."""
    head, shown = head_of(session, actor, found), get_round(found, session, actor)
    declared = {one.person_id: one for one in list_declarations(found, session, lists.whole()).items}
    return page(
        request,
        "rounds/secretariat.html",
        head=head,
        round=shown,
        declared=declared,
        linked={one.person_id for one in _links_of(session, found)},
        pending=[one for one in declared.values() if one.ruling == "pending"],
        members=list_proposed_conflicts(found, session, actor, lists.whole()).items,
        given={one.person for one in list_evaluations(found, session, actor, lists.whole()).items},
        stated={one.region for one in list_positions(found, session, actor, lists.whole()).items},
    )


def _links_of(session: Session, found: RoundAccess) -> list[SignedLink]:
    return good_links(session, purpose=LinkPurpose.DECLARE, subject_ids=[found.row.id])


@router.post(_ROUND + "/seats")
def post_seat_page(sent: Form, found: Run, session: Tx, actor: CurrentActor) -> Response:
    """Seat a member of the panel by hand; the invitation goes out by itself."""
    post_seat(found, sent.read(SeatIn), session, actor, UNANSWERED)
    return lead_to(f"/rounds/{found.row.id}/secretariat", told="seated")


@router.post(_ROUND + "/seats/removal")
def post_seat_removal(sent: Form, found: Run, session: Tx, actor: CurrentActor) -> Response:
    """Take somebody off a seat by hand."""
    if not (person_id := sent.get("removed")):
        raise Missing("seat", "")
    delete_seat(found, person_id, sent.read(ReasonIn), session, actor)
    return lead_to(f"/rounds/{found.row.id}/secretariat", told="removed")


@router.post(_ROUND + "/links/{person_id}/ending", dependencies=[OWN_FORM])
def post_link_ending(found: Run, person_id: str, session: Tx) -> Response:
    """End the links by which somebody declares without an account: the mail went to a wrong hand, perhaps."""
    for one in _links_of(session, found):
        if one.person_id == person_id:
            delete_link(found, one.id, session)
    return lead_to(f"/rounds/{found.row.id}/secretariat", told="link-ended")


@router.post(_ROUND + "/declarations/{person_id}/ruling")
def post_ruling_page(sent: Form, found: Rule, person_id: str, session: Tx, actor: CurrentActor) -> Response:
    """Rule on a potential conflict."""
    post_ruling(found, person_id, sent.read(RulingIn), session, actor, UNANSWERED)
    return lead_to(f"/rounds/{found.row.id}/secretariat", told="ruled")


@router.post(_ROUND + "/extension")
def post_extension_page(sent: Form, found: Run, session: Tx, actor: CurrentActor) -> Response:
    """Give the round another last day."""
    post_round_extension(found, must_match(sent.version), sent.read(ExtensionIn), session, actor, UNANSWERED)
    return lead_to(f"/rounds/{found.row.id}/secretariat", told="extended")


@router.post(_ROUND + "/closing", dependencies=[OWN_FORM])
def post_closing_page(found: Run, session: Tx, actor: CurrentActor) -> Response:
    """Close the round now; what is missing is named in it."""
    close_round(found, session, actor)
    return lead_to(f"/rounds/{found.row.id}/secretariat", told="closed")


@router.get("/ranking")
def get_ranking_page(request: Request, actor: Runner, session: Tx, lists: Lists) -> Response:
    """Rank the dossiers of each panel that scores, with what decided each tie."""
    playbook = parse(chosen_text(session, session.get_one(Partnership, actor.partnership_id).playbook))
    panels = {key: panel for key, panel in playbook.panels.items() if panel.kind is PanelKind.SCORES}
    ranked = {panel.title: get_ranking(actor, key, session, lists.whole()).items for key, panel in panels.items()}
    return page(request, "rounds/ranking.html", ranked=ranked)
