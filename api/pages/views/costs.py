"""Costs of a case: what each partner spends, in which currency, with VAT and in kind; sums, rates, who recovers VAT."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.access import COLLABORATION, Allowed
from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.http.paging import Page
from api.pages.forms import UNANSWERED, Form, Typed
from api.pages.lists import Lists
from api.pages.numbers import plain_numbers, unmistakable
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.pages.words import word
from api.routes.funding import cost_lines as routes
from api.routes.funding import rates, vat
from api.routes.funding.cost_lines import CostLineIn, CostLineOut, CostLinePatch
from api.routes.funding.simplified_costs import list_simplified_costs
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.crossings.costs import rates_apart, typed_apart
from states.crossings.rights.parts import need_part
from states.errors import Denied
from states.funding.case.vocabulary import Activity, CostCategory
from states.funding.money.vat import vat_status_of
from states.partners.tables import Organisation, Partnership
from states.rights.access import Action, Actor

router = APIRouter()

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_FUNDING_CASE))]
Edit = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.EDIT_COSTS))]
_NUMBERS = frozenset({"amount", "stated", "vat_percent", "percent", "units"})
_FLAGS = ("economic", "disadvantaged_trainees", "illustrative", "vat_included", "in_kind")
_CLEARED = ("amount", "starts_on", "stated", "rate", "rate_on", "vat_percent", "vat_recoverable", "percent", "units")
_EMPTIED = (*_CLEARED, "title", "rate_source", "option")


@router.get("/cases/{collaboration_id}/costs")
def get_costs_page(request: Request, row: Read, session: Tx, actor: CurrentActor, cut: Page) -> Response:
    """Show the cost lines with their sums by partner, and what speaks against them."""
    return page(
        request,
        "costs/costs.html",
        case=row,
        partnership=session.get_one(Partnership, row.partnership_id).slug,
        lines=routes.list_cost_lines(row, session, cut),
        summary=routes.get_cost_summary(row, session),
        names={one.slug: one.name for one in _partners(session, row)},
        vat={one.slug: vat_status_of(session, one.id) for one in _partners(session, row)},
        apart=[point for point in (typed_apart(session, row), rates_apart(session, row)) if point],
        mine=_mine(session, row, actor),
        can=Abilities(session, actor, row),
    )


@router.get("/cases/{collaboration_id}/costs/{line}")
def get_cost_page(request: Request, row: Edit, line: str, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show a cost line as a form."""
    found = routes.get_cost_line(row, line, session, UNANSWERED)
    return page(request, "costs/line.html", **_form(session, row, actor, lists, found))


@router.get("/cases/{collaboration_id}/new-cost")
def get_new_cost_page(request: Request, row: Edit, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show the form of another cost line."""
    return page(request, "costs/line.html", **_form(session, row, actor, lists, None))


@router.post("/cases/{collaboration_id}/new-cost")
def post_new_cost_page(sent: Form, row: Edit, session: Tx, actor: CurrentActor) -> Response:
    """Add a cost line."""
    flags = {name: name in sent for name in _FLAGS}
    wanted = plain_numbers(sent, _NUMBERS, rates=("rate",)).read(CostLineIn, **flags)  # type: ignore[arg-type]
    routes.post_cost_line(row, wanted, session, actor, UNANSWERED)
    return lead_to(f"/cases/{row.id}/costs", told="added")


@router.post("/cases/{collaboration_id}/costs/{line}")
def post_cost_page(sent: Form, row: Edit, line: str, session: Tx, actor: CurrentActor) -> Response:
    """Change a cost line: what the form says otherwise than the line, and nothing else."""
    typed = plain_numbers(sent, _NUMBERS, rates=("rate",))
    standing = shown_values(routes.get_cost_line(row, line, session, UNANSWERED))
    said = {name: name in typed if name in _FLAGS else typed.get(name) for name in standing}
    changed = {
        name: value for name, value in said.items() if value != standing[name] and (name in typed or name in _FLAGS)
    }
    fields = tuple((name, str(value)) for name, value in changed.items() if name not in _FLAGS)
    flags = {name: value for name, value in changed.items() if name in _FLAGS}
    wanted = Typed(fields).read(CostLinePatch, keep_empty=_EMPTIED, **flags)  # type: ignore[arg-type]
    routes.patch_cost_line(row, line, must_match(sent.version), wanted, session, actor, UNANSWERED)
    return lead_to(f"/cases/{row.id}/costs", told="changed")


@router.post("/cases/{collaboration_id}/costs/{line}/withdrawal")
def post_cost_withdrawal_page(sent: Form, row: Edit, line: str, session: Tx, actor: CurrentActor) -> Response:
    """Withdraw a cost line; what was solved with it keeps it."""
    routes.delete_cost_line(row, line, must_match(sent.version), session, actor)
    return lead_to(f"/cases/{row.id}/costs", told="withdrawn")


@router.get("/cases/{collaboration_id}/exchange-rates")
def get_rates_page(
    request: Request,
    row: rates.ReadCosts,
    session: Tx,
    actor: CurrentActor,
    month: Annotated[str | None, Query(max_length=10)] = None,
) -> Response:
    """Show what changes if the cost lines go by the rates of a month."""
    found = rates.get_rates_of_a_month(row, session, month or None)
    return page(request, "costs/rates.html", case=row, found=found, can=Abilities(session, actor, row))


@router.post("/cases/{collaboration_id}/exchange-rates")
def post_rates_page(sent: Form, row: rates.EditFunding, session: Tx) -> Response:
    """Let the cost lines go by the rates of the month that was seen."""
    rates.post_rates_of_a_month(row, must_match(sent.version), sent.read(rates.MonthIn), session, UNANSWERED)
    return lead_to(f"/cases/{row.id}/costs", told="redated")


@router.get("/partnerships/{partnership}/organisations/{organisation}/vat-status")
def get_vat_page(request: Request, found: vat.Read, session: Tx) -> Response:
    """Show whether an organisation recovers VAT."""
    known = vat_status_of(session, found.row.id)
    return page(request, "costs/vat.html", organisation=found.row, partnership=found.partnership, known=known)


@router.post("/partnerships/{partnership}/organisations/{organisation}/vat-status")
def post_vat_page(sent: Form, found: vat.Edit, session: Tx) -> Response:
    """Say whether an organisation recovers VAT; its cost lines follow at once."""
    vat.put_vat_status(found, sent.version, sent.read(vat.VatStatusIn), session, UNANSWERED)
    return lead_to(f"/partnerships/{found.partnership.slug}/organisations/{found.row.slug}/vat-status", told="saved")


def shown_values(line: CostLineOut) -> dict[str, Any]:
    """Return a line by the fields of its form, each as the form shows it; a rate only where it is the line's own."""
    plain = line.model_dump(mode="json")
    own = () if line.own_rate else ("rate", "rate_on", "rate_source")
    shown = {name: plain[name] if name in _FLAGS else _text(plain[name]) for name in CostLinePatch.model_fields}
    return shown | dict.fromkeys(own, "") | {name: unmistakable(shown[name]) for name in _NUMBERS}


def _text(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _form(session: Session, row: Collaboration, actor: Actor, lists: Lists, line: CostLineOut | None) -> dict[str, Any]:
    partnership = session.get_one(Partnership, row.partnership_id)
    mine = _mine(session, row, actor)
    options = list_simplified_costs(partnership, session, lists.whole()).items
    return {
        "case": row,
        "line": line,
        "shown": shown_values(line) if line else {"economic": True, "currency": "EUR"},
        "partners": [(one.slug, one.name) for one in _partners(session, row) if one.slug in mine],
        "sites": sorted({one.nuts for one in _partners(session, row) if one.nuts}),
        "activities": [(one.value, word(one)) for one in Activity],
        "categories": [(one.value, word(one)) for one in CostCategory],
        "options": [(one.id, f"{one.title} ({one.article})") for one in options if one.chosen],
    }


def _mine(session: Session, row: Collaboration, actor: Actor) -> set[str]:
    """Return the partners whose costs the actor writes."""
    found = set()
    for one in _partners(session, row):
        try:
            need_part(session, actor, row, one.id)
        except Denied:
            continue
        found.add(one.slug)
    return found


def _partners(session: Session, row: Collaboration) -> list[Organisation]:
    return [one.organisation for one in members_of(session, [row.id])[row.id]]
