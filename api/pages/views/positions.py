"""What each region says of its own money: the own position, all of them side by side, what a region pays and gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import UNANSWERED, Form, Typed, read_as
from api.pages.heads import head_of
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.routes.documents.documents import DocumentOut, list_documents
from api.routes.funding.finances import get_finances
from api.routes.funding.scenarios import list_scenarios
from api.routes.review.positions import (
    OfPosition,
    Read,
    See,
    compare_positions,
    list_positions,
    put_position,
)
from api.routes.review.review_schemas import PositionIn
from api.routes.review.rounds import get_round
from states.archive.tables import BETWEEN, DocumentKind
from states.errors import Denied, Invalid, Missing
from states.funding.queries import scenario_by_id
from states.partners.queries import regions_of
from states.partners.tables import Region
from states.places.exonyms import region_said, unit_said
from states.places.nuts import units
from states.review.access import RoundAccess
from states.review.queries import position_of
from states.rights.access import Action, Actor, may
from states.rights.scopes import scopes_of

router = APIRouter(prefix="/rounds/{round_id}/positions")

_TEXTS = frozenset({"condition", "citation", "instrument", "alignment_action"})


@dataclass(frozen=True, slots=True)
class Carried:
    """What a region pays for and gets by a scenario: EUR of cost there and of grants, full-time jobs."""

    region: str
    own: bool
    cost: Decimal
    grant: Decimal
    jobs: Decimal


@router.get("")
def get_positions_page(request: Request, found: Read, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Lay the positions that the reader may see side by side, with what each region pays and gets."""
    head, shown = head_of(session, actor, found), get_round(found, session, actor)
    scenario, carried = _carried(session, actor, found, lists)
    return page(
        request,
        "rounds/positions.html",
        head=head,
        round=shown,
        stated={one.region: one for one in list_positions(found, session, actor, lists.whole()).items},
        comparison=compare_positions(found, session, actor),
        names={one.slug: region_said(one.name, one.codes) for one in regions_of(session, actor.partnership_id)},
        scenario=scenario,
        carried=carried,
        own=_own_region(session, actor),
    )


@router.get("/own")
def get_own_position_page(request: Request, found: Read, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show the form by which the own region states its position, or restates it."""
    region = _need_region(session, actor)
    OfPosition(Action.STATE_POSITION)(found, region.slug, session, actor)
    scenario, carried = _carried(session, actor, found, lists)
    return page(
        request,
        "rounds/position.html",
        head=head_of(session, actor, found),
        region=region,
        position=position_of(session, found.row.id, region.id),
        scenario=scenario,
        carried=[one for one in carried if one.own],
        briefing=_briefing(session, actor, found, region, lists),
    )


@router.post("/own")
def post_own_position_page(sent: Form, found: See, session: Tx, actor: CurrentActor) -> Response:
    """State the own region's position."""
    place = OfPosition(Action.STATE_POSITION)(found, _need_region(session, actor).slug, session, actor)
    put_position(place, sent.version, read_as(PositionIn, _said(sent)), session, actor, UNANSWERED)
    return lead_to(f"/rounds/{found.row.id}/positions", told="stated")


def _said(sent: Typed) -> dict[str, object]:
    """Return every field of the form: what was emptied is taken away."""
    said: dict[str, object] = {}
    for name, field in PositionIn.model_fields.items():
        if text := sent.get(name):
            said[name] = text
        elif not field.is_required():
            said[name] = "" if name in _TEXTS else None
    return said


def _own_region(session: Session, actor: Actor) -> Region | None:
    return None if actor.region_id is None else session.get(Region, actor.region_id)


def _briefing(session: Session, actor: Actor, found: RoundAccess, region: Region, lists: Lists) -> DocumentOut | None:
    """Return the current briefing for a region on the version under review, where it is issued."""
    kind, subject = DocumentKind.BRIEFING, f"{found.row.protocol_version_id}{BETWEEN}{region.id}"
    key = found.collaboration.id
    listed = list_documents(session, actor, lists.whole(), None, collaboration=key, kind=kind, replaced=False)
    return next((one for one in listed.items if one.subject_id == subject and one.lost_at is None), None)


def _need_region(session: Session, actor: Actor) -> Region:
    if (found := _own_region(session, actor)) is None:
        raise Denied("role_may_not_here", role=actor.role, action=Action.STATE_POSITION)
    return found


def _carried(session: Session, actor: Actor, found: RoundAccess, lists: Lists) -> tuple[str, Sequence[Carried]]:
    """Return the name of the scenario that counts, and what each region carries by it; nothing where none is whole."""
    [scope] = scopes_of(session, actor, [found.collaboration])
    if not may(actor, Action.READ_FUNDING, scope):
        return "", ()
    listed = list_scenarios(found.collaboration, session, actor, lists.whole()).items
    scenario = next((one for one in reversed(listed) if one.chosen), listed[-1] if listed else None)
    if scenario is None:
        return "", ()
    try:
        figures = get_finances(scenario_by_id(session, scenario.id), session, actor)
    except (Invalid, Missing):
        return scenario.name, ()
    region = _own_region(session, actor)
    codes = tuple(region.codes) if region else ()
    return scenario.name, [
        Carried(_place(one.region), bool(codes) and one.region.startswith(codes), one.cost, one.grant, one.jobs)
        for one in figures.regions
    ]


def _place(code: str) -> str:
    return f"{unit_said(code)} ({code})" if code in units() else code
