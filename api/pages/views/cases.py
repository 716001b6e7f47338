"""A case: its stages, the next move, its dossier, what happened, who takes part, what is due, what it costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.access import COLLABORATION, Allowed
from api.http.dependencies import CurrentActor, Tx
from api.pages.ahead import next_of
from api.pages.dossier_lines import CaseView, dossier_lines
from api.pages.forms import UNANSWERED
from api.pages.lists import Lists
from api.pages.rendering import page
from api.pages.tiles import STEP, tiles
from api.pages.timeline import KINDS, timeline
from api.routes.collaborations.collaborations import MemberOut, OutlineOut, get_collaboration
from api.routes.collaborations.deadlines import list_deadlines
from api.routes.collaborations.moves import get_moves
from api.routes.collaborations.officers import get_officer
from api.routes.funding.scenarios import ScenarioOut, list_scenarios
from states.clock import now
from states.collaborations.queries import history_of
from states.collaborations.tables import Collaboration
from states.crossings.rights.collaborations import blinding_of
from states.funding.tables import SourceKind, SourceStatus
from states.partners.tables import WorkingArea
from states.places.exonyms import unit_said
from states.places.nuts import units
from states.playbooks.definition import Playbook
from states.playbooks.editions import playbook_of
from states.playbooks.way import way_of
from states.rights.access import Action, Actor
from states.rights.scopes import scopes_of
from states.texts.titles import said

router = APIRouter(prefix="/cases")

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_COLLABORATION))]

_NUTS2 = 4


@router.get("/{collaboration_id}")
def get_case(
    request: Request,
    row: Read,
    session: Tx,
    actor: CurrentActor,
    lists: Lists,
    show: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show a case as far as the reader may read it; before a declaration its outline."""
    shown = get_collaboration(row, session, actor, UNANSWERED)
    places = _places(shown.members)
    if isinstance(shown, OutlineOut):
        return page(request, "cases/outline.html", case=shown, **places)
    [scope] = scopes_of(session, actor, [row])
    case = CaseView(session, actor, row, scope, lists.first)
    playbook = playbook_of(session, row)
    lifecycle = get_moves(row, session, actor)
    deadlines = list_deadlines(session, actor, lists.first(7), collaboration=row.id)
    return page(
        request,
        "cases/case.html",
        case=shown,
        playbook=said(playbook.title),
        area=_area(session, row),
        stages=_stages(session, row, playbook),
        days=(now() - row.stage_since).days,
        next_move=next_of(playbook, row.stage, lifecycle.moves),
        lifecycle=lifecycle,
        officer=get_officer(row, session, UNANSWERED),
        lines=dossier_lines(case),
        happened=timeline(case, playbook, only=show if show in KINDS else "", most=30 if show else 12),
        shown=show,
        deadlines=deadlines,
        money=_money(case),
        may={name: case.may(action) for name, action in _DOORS.items()},
        **places,
    )


_DOORS = {
    "want_partners": Action.READ_PARTNERS_WANTED,
    "move": Action.MOVE_COLLABORATION,
    "edit": Action.EDIT_COLLABORATION,
    "assign": Action.ASSIGN_OFFICER,
    "take_out": Action.READ_CASE_FILE,
    "changes": Action.READ_CHANGES,
    "questions": Action.ASK_QUESTION,
    "documents": Action.READ_DOCUMENT,
}


def title_as_read(session: Session, actor: Actor, row: Collaboration) -> str:
    """Return the title of a case as the reader may read it."""
    return blinding_of(session, actor, row).text(row.title)


@dataclass(frozen=True, slots=True)
class StageMark:
    """A stage of the line: behind, where the case stands (`now`), or ahead."""

    title: str
    state: str


def _area(session: Session, row: Collaboration) -> str:
    """Return the working area with its number; nothing where the case has none."""
    area = session.get(WorkingArea, row.working_area_id) if row.working_area_id else None
    return f"{area.number} {area.name}" if area is not None else ""


def _stages(session: Session, row: Collaboration, playbook: Playbook) -> list[StageMark]:
    """Return the way that the case is meant to go; a stage beside it stands where the way was left."""
    way = way_of(playbook)
    trail = [playbook.initial, *(line.to_stage for line in history_of(session, [row.id])[row.id])]
    reached = next((way.index(stage) for stage in reversed(trail) if stage in way), 0)
    marks = [
        StageMark(said(playbook.stages[name].title), "done" if place < reached else "")
        for place, name in enumerate(way)
    ]
    here = StageMark(said(playbook.stages[row.stage].title), "now")
    if row.stage in way:
        marks[reached] = here
    else:
        marks[reached] = StageMark(marks[reached].title, "done")
        marks.insert(reached + 1, here)
    return marks


def _places(members: Sequence[MemberOut]) -> dict[str, Any]:
    """Return where the members are: tiles of countries, and regions by NUTS 2 with their names."""
    codes = sorted({one.nuts[:_NUTS2] for one in members if one.nuts})
    known = units()
    drawn = list(tiles({code[:2] for code in codes}))
    return {
        "tiles": drawn,
        "tile_step": STEP,
        "regions": [(code, unit_said(code) if code in known else code) for code in codes],
        "countries": [unit_said(code) if code in known else code for code in sorted({one[:2] for one in codes})],
    }


@dataclass(frozen=True, slots=True)
class MoneyAtAGlance:
    """The chosen scenario, and by kind of source the whole and what of it is committed, in EUR."""

    scenario: ScenarioOut
    by_kind: dict[SourceKind, tuple[Decimal, Decimal]]


def _money(case: CaseView) -> MoneyAtAGlance | None:
    if not case.may(Action.READ_FUNDING) or case.scope.blind:
        return None
    listed = list_scenarios(case.row, case.session, case.actor, case.first(200)).items
    chosen = next((one for one in listed if one.chosen), None)
    if chosen is None:
        return None
    found: dict[SourceKind, tuple[Decimal, Decimal]] = {}
    for source in chosen.sources:
        whole, sure = found.get(source.kind, (Decimal(0), Decimal(0)))
        is_sure = source.status in (SourceStatus.COMMITTED, SourceStatus.SIGNED)
        found[source.kind] = (whole + source.amount, sure + (source.amount if is_sure else 0))
    return MoneyAtAGlance(chosen, found)
