"""The money of a case: scenarios side by side, the search for one as it goes, and what each rule says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.access import COLLABORATION, RUN, Allowed
from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import OWN_FORM, UNANSWERED, Form
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.routes.funding import finances, scenarios, solutions
from api.routes.funding.cases import get_aid_ceilings, get_funding_case, get_funding_rules
from api.routes.funding.cost_lines import Read as ReadCase
from api.routes.funding.instruments import list_instruments
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.computations.tables import ComputationState
from states.crossings.rights.collaborations import blinding_of
from states.errors import Invalid
from states.funding.solver.answer import Answer
from states.funding.tables import SourceKind, SourceStatus
from states.protocol.queries import latest_versions
from states.rights.access import Action

router = APIRouter()

_CASE = "/cases/{collaboration_id}/funding"
_GOES_ON = frozenset({ComputationState.WAITING, ComputationState.RUNNING})

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_FUNDING))]


@dataclass(frozen=True, slots=True)
class PaidBy:
    """Who pays in scenarios that lie side by side: EUR by scenario, in their order; null where nothing."""

    kind: SourceKind
    instrument: str | None
    amounts: Sequence[Decimal | None]


@router.get(_CASE)
def get_case_funding(request: Request, row: Read, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Lay the scenarios of a case side by side, and show how sure each source of the chosen one is."""
    listed = scenarios.list_scenarios(row, session, actor, lists.whole()).items
    return page(
        request,
        "funding/case.html",
        case=row,
        title=blinding_of(session, actor, row).text(row.title),
        can=Abilities(session, actor, row),
        scenarios=listed,
        paid=_side_by_side(listed),
        chosen=next((one for one in listed if one.chosen), None),
        statuses=list(SourceStatus),
    )


def _side_by_side(listed: Sequence[scenarios.ScenarioOut]) -> list[PaidBy]:
    """Return a line for each way to be paid in any of the scenarios."""
    sums = [dict[tuple[SourceKind, str | None], Decimal]() for _ in listed]
    for found, one in zip(sums, listed, strict=True):
        for source in one.sources:
            key = (source.kind, source.instrument)
            found[key] = found.get(key, Decimal(0)) + source.amount
    keys = sorted(
        {key for found in sums for key in found}, key=lambda key: (list(SourceKind).index(key[0]), key[1] or "")
    )
    return [PaidBy(kind, instrument, [found.get((kind, instrument)) for found in sums]) for kind, instrument in keys]


@router.get(_CASE + "/scenarios")
def get_new_scenario(request: Request, row: finances.Edit, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show the form by which a scenario is made by hand."""
    version = latest_versions(session, [row.id]).get(row.id)
    return page(
        request,
        "funding/scenario.html",
        case=row,
        version=version.number if version else None,
        members=[(one.organisation.slug, one.organisation.name) for one in members_of(session, [row.id])[row.id]],
        instruments=[(one.slug, one.name) for one in list_instruments(session, actor, lists.whole()).items],
        kinds=list(SourceKind),
        statuses=list(SourceStatus),
    )


@router.post(_CASE + "/scenarios")
def post_new_scenario(sent: Form, row: finances.Edit, session: Tx) -> Response:
    """Record a scenario that was made by hand."""
    values = sent.values()
    made = sent.read(scenarios.ScenarioIn, uses=values.get("uses", []), sources=values.get("sources", []))
    scenarios.post_scenario(row, made, session, UNANSWERED)
    return lead_to(f"/cases/{row.id}/funding", told="made")


@router.get("/scenarios/{scenario_id}")
def get_scenario_page(row: scenarios.Read) -> Response:
    """Lead to where a scenario lies beside the others."""
    return lead_to(f"/cases/{row.collaboration_id}/funding")


@router.post("/scenarios/{scenario_id}/choice")
def post_choice_page(sent: Form, row: scenarios.Edit, session: Tx) -> Response:
    """Choose a scenario; another one is chosen no more."""
    scenarios.post_choice(row, must_match(sent.version), session, UNANSWERED)
    return lead_to(f"/cases/{row.collaboration_id}/funding", told="chosen")


@router.post("/scenarios/{scenario_id}/sources/{position}")
def post_source_page(sent: Form, row: scenarios.Edit, position: int, session: Tx) -> Response:
    """Say how sure a source is by now."""
    wanted = sent.read(scenarios.SourcePatch)
    scenarios.patch_source(row, position, must_match(sent.version), wanted, session, UNANSWERED)
    return lead_to(f"/cases/{row.collaboration_id}/funding", told="saved")


@router.get(_CASE + "/solving")
def get_solving_page(
    request: Request,
    row: ReadCase,
    session: Tx,
    actor: CurrentActor,
    lists: Lists,
    run: Annotated[str | None, Query(max_length=32)] = None,
) -> Response:
    """Show a search for the best mixes: how far it is, what it found, and why an instrument pays nothing."""
    runs = solutions.list_funding_solutions(row, session, lists.whole()).items
    shown = next((one for one in runs if run in (None, one.id)), None)
    found = _run(session, actor, shown.id) if shown else None
    version = latest_versions(session, [row.id]).get(row.id)
    return page(
        request,
        "funding/solving.html",
        case=row,
        can=Abilities(session, actor, row),
        faults=get_funding_case(row, session).faults,
        runs=runs,
        run=found,
        goes_on=found is not None and found.state in _GOES_ON,
        answer=Answer.model_validate(found.answer) if found and found.answer else None,
        version=version.number if version else None,
    )


def _run(session: Session, actor: CurrentActor, run_id: str) -> solutions.RunWithAnswerOut:
    return solutions.get_funding_solution(_RUN(session, actor, run_id=run_id), session)


_RUN = Allowed(RUN, Action.READ_FUNDING_CASE)


@router.post(_CASE + "/solving")
def post_solving_page(sent: Form, row: finances.Edit, session: Tx, actor: CurrentActor) -> Response:
    """Ask for the named mixes of the case as it is now."""
    made = solutions.post_funding_solution(row, sent.read(solutions.SolutionIn), session, actor, UNANSWERED)
    return lead_to(f"/cases/{row.id}/funding/solving", run=made.id)


@router.post("/funding-solutions/{run_id}/cancellation", dependencies=[OWN_FORM])
def post_cancellation_page(found: solutions.EditRun, session: Tx) -> Response:
    """Cancel a search; what was found until then stays."""
    solutions.post_funding_cancellation(found, session, UNANSWERED)
    return lead_to(f"/cases/{found.collaboration.id}/funding/solving", run=found.row.id)


@router.post("/funding-solutions/{run_id}/adoption")
def post_adoption_page(sent: Form, found: solutions.EditRun, session: Tx) -> Response:
    """Record a named mix as a scenario; choosing it is a step of its own."""
    wanted = sent.read(solutions.AdoptionIn)
    solutions.post_adoption(found, wanted, session, UNANSWERED)
    return lead_to(f"/cases/{found.collaboration.id}/funding", told="made")


@router.get(_CASE + "/rules")
def get_case_rules(request: Request, row: ReadCase, session: Tx, actor: CurrentActor) -> Response:
    """Show what each rule says of each partner, what would change it, and the most aid for each cost line."""
    try:
        rules, ceilings = get_funding_rules(row, session), get_aid_ceilings(row, session)
        faults: Sequence[object] = ()
    except Invalid as invalid:
        rules, ceilings, faults = None, None, invalid.faults
    return page(
        request,
        "funding/rules.html",
        case=row,
        can=Abilities(session, actor, row),
        rules=rules,
        ceilings=ceilings,
        faults=faults,
    )
