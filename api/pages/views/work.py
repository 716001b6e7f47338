"""My work: what waits for who is signed in, the latest first."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlmodel import Session, col, or_
from starlette.responses import Response

from api.http.dependencies import CurrentActor, Tx
from api.http.paging import Page
from api.pages.languages import keep_language
from api.pages.lists import Lists
from api.pages.pipeline import CaseLine, case_lines, office_people
from api.pages.rendering import lead_to, page
from api.pages.signing import own_path
from api.pages.visits import Visited
from api.pages.work_lines import WEEK, happened_since, waiting_for_others, work_lines
from api.routes.people.me import cut_tasks
from states.clock import today
from states.collaborations.officers import looked_after_by
from states.collaborations.queries import find_collaborations
from states.collaborations.tables import Collaboration
from states.review.access import REVIEWERS
from states.rights.access import Action, Actor, Role, Scope, may
from states.rights.conditions import permitted_where

router = APIRouter()


@router.get("/")
def get_work(
    request: Request,
    actor: CurrentActor,
    session: Tx,
    cut: Page,
    lists: Lists,
    visit: Visited,
    officer: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """Show what is to be done, by how late it is; what happened since the last visit; what others have open."""
    of = officer or None
    tasks = cut_tasks(actor, session, cut, of, show=lambda part: work_lines(session, actor, part))
    here = Scope(actor.partnership_id)
    office = may(actor, Action.ASSIGN_OFFICER, here)
    dated = [one for one in tasks.items if one.due_on is not None and not one.late]
    soon = [one for one in dated if one.due_on is not None and one.due_on <= today() + WEEK]
    answer = page(
        request,
        "work/work.html",
        total=tasks.total,
        more=tasks.next,
        late=[one for one in tasks.items if one.late],
        week=soon,
        later=[one for one in tasks.items if not one.late and one not in soon],
        officer=officer,
        officers=office_people(session, actor) if office else [],
        ready=_ready(session, actor) if office or actor.role in _CHAIRS else [],
        begins=may(actor, Action.OPEN_COLLABORATION, here) and _is_new(session, actor),
        since=visit.since,
        happened=happened_since(session, actor, lists, visit.since, most=_NEWS),
        others=[] if actor.role in REVIEWERS else waiting_for_others(session, actor, of, most=_NEWS),
    )
    visit.keep(answer)
    return answer


_NEWS, _READY = 8, 20
_CHAIRS = (Role.IAG_CHAIR, Role.WGRA_CHAIR)


def _is_new(session: Session, actor: Actor) -> bool:
    """Tell that the partnership has not opened a case yet."""
    return session.exec(find_collaborations(actor.partnership_id).limit(1)).first() is None


def _ready(session: Session, actor: Actor) -> list[CaseLine]:
    """Return the cases that may go on by the actor's hand: that are looked after by the actor, or by nobody."""
    readable = permitted_where(session, actor, Collaboration, Action.READ_PROGRESS)
    key = col(Collaboration.id)
    query = find_collaborations(actor.partnership_id, readable)
    if actor.role not in _CHAIRS:
        query = query.where(or_(looked_after_by(key, actor.person_id), looked_after_by(key, None)))
    rows = session.exec(query.order_by(col(Collaboration.stage_since), col(Collaboration.id)).limit(_READY)).all()
    found = case_lines(session, actor, rows) if actor.person_id is not None else []
    return [one for one in found if one.next_move is not None and one.next_move.open]


@router.get("/language/{code}")
def get_language(code: str, next: str = "/") -> Response:
    """Choose the language of pages in this browser."""
    answer = lead_to(own_path(next))
    keep_language(answer, code)
    return answer
