"""What if a partner joined or left, a call closed, a rate or the rules changed: tried on a solved case, beside it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.access import RUN, Allowed, RunAccess
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import UNANSWERED, Form, Typed, read_as
from api.pages.lists import Lists
from api.pages.numbers import plain_numbers
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.pages.words import word
from api.routes.funding import finances, solutions
from api.routes.funding.cost_lines import Read
from api.routes.funding.rules import list_rules
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.computations.tables import ComputationState
from states.funding.case.vocabulary import Activity
from states.partners.queries import organisations_of
from states.rights.access import Action, Actor

router = APIRouter(prefix="/cases/{collaboration_id}/funding/what-ifs")

_GOES_ON = frozenset({ComputationState.WAITING, ComputationState.RUNNING})
_COST = ("nuts", "activity", "amount", "starts")
_NAMED = {
    "partner_leaves": ("partner",),
    "call_closes": ("instrument",),
    "rate_changes": ("instrument", "percent"),
    "rules_change": ("rule_set",),
}


@router.get("")
def get_what_ifs_page(
    request: Request,
    row: Read,
    session: Tx,
    actor: CurrentActor,
    lists: Lists,
    run: Annotated[str | None, Query(max_length=32)] = None,
) -> Response:
    """Show what was tried on the solved case and how it differs, and try something else."""
    tried = solutions.list_funding_what_ifs(row, session, lists.whole()).items
    solved = solutions.list_funding_solutions(row, session, lists.whole()).items
    shown = next((one for one in tried if run in (None, one.id)), None)
    found = solutions.get_funding_solution(_run(session, actor, shown.id), session) if shown else None
    return page(
        request,
        "funding/what_ifs.html",
        case=row,
        can=Abilities(session, actor, row),
        tried=tried,
        run=found,
        goes_on=found is not None and found.state in _GOES_ON,
        **_choices(session, row, actor, lists, next((one.id for one in solved if one.state == "done"), None)),
    )


@router.post("")
def post_what_if_page(sent: Form, row: finances.Edit, session: Tx, actor: CurrentActor) -> Response:
    """Ask what would follow of a change in the latest solved case."""
    asked = read_as(
        solutions.WhatIfIn, {"change": _change(plain_numbers(sent, frozenset({"percent", "amount"}))), "seconds": 60}
    )
    made = solutions.post_funding_what_if(row, asked, session, actor, UNANSWERED)
    return lead_to(f"/cases/{row.id}/funding/what-ifs", run=made.id)


def _change(sent: Typed) -> dict[str, Any]:
    """Return what the form says of the change that was chosen."""
    kind = sent.get("kind")
    if kind != "partner_joins":
        return {"kind": kind, **{name: sent.get(name) for name in _NAMED.get(kind, ())}}
    cost = {"id": "joining", **{name: sent.get(name) for name in _COST}, "economic": "economic" in sent}
    return {"kind": kind, "organisation": sent.get("organisation"), "cost_items": [cost]}


def _run(session: Session, actor: Actor, key: str) -> RunAccess:
    return Allowed(RUN, Action.READ_FUNDING_CASE)(session, actor, run_id=key)


def _choices(session: Session, row: Collaboration, actor: Actor, lists: Lists, solved: str | None) -> dict[str, Any]:
    """Return what may change in the case that was solved last; nothing while none is."""
    if solved is None:
        return {"solved": False}
    case: Any = solutions.get_solved_case(_run(session, actor, solved))
    own = {one.organisation.id for one in members_of(session, [row.id])[row.id]}
    members = [one for one, _part in organisations_of(session, row.partnership_id) if one.id not in own]
    rules = list_rules(session, actor, lists.whole()).items
    return {
        "solved": True,
        "partners": [(one["id"], one["name"]) for one in case["partners"]],
        "instruments": [(one["id"], one["name"]) for one in case["instruments"]],
        "rules": [
            (one.slug if one.state == "shipped" else one.key, one.title) for one in rules if one.kind == "rule_set"
        ],
        "others": [(one.slug, one.name) for one in members],
        "activities": [(one.value, word(one)) for one in Activity],
    }
