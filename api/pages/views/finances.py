"""What is assumed of a case's future: years and prices, rates, revenues, costs, loans, jobs; each with its source."""

from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.pages.assumption_forms import GROUPS, read_assumptions, shown_assumptions, typed_assumptions
from api.pages.forms import UNANSWERED, Form, Typed, read_as
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.pages.words import word
from api.routes.funding.finances import AssumptionsIn, Edit, ReadDraft, get_assumptions, put_assumptions
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.funding.case.vocabulary import CostCategory
from states.funding.finance.plan import Prices
from states.funding.finance.sensitivity import Measure
from states.funding.finance.sources import Repayment
from states.funding.queries import costs_of

router = APIRouter(prefix="/cases/{collaboration_id}/finances")

_MOST_YEARS = 50


@router.get("")
def get_finances_page(request: Request, row: ReadDraft, session: Tx, actor: CurrentActor) -> Response:
    """Show what is assumed as a form, or to read."""
    kept = get_assumptions(row, session, UNANSWERED)
    typed: Typed = getattr(request.state, "typed", Typed())
    content = kept.assumptions.model_dump(mode="json") if kept.assumptions else {}
    values = typed_assumptions(typed) if typed.fields else shown_assumptions(content)
    return page(
        request,
        "costs/finances.html",
        case=row,
        groups=GROUPS,
        values=values,
        years=_years(values["horizon"]),
        options=_options(session, row),
        version=typed.version if typed.version is not None else kept.version,
        changed_at=kept.changed_at,
        can=Abilities(session, actor, row),
    )


@router.post("")
def post_finances_page(sent: Form, row: Edit, session: Tx) -> Response:
    """Write what is assumed; a row that is to go, or that says nothing, goes."""
    wanted = read_as(AssumptionsIn, read_assumptions(sent))
    put_assumptions(row, must_match(sent.version), wanted, session, UNANSWERED)
    return lead_to(f"/cases/{row.id}/finances{sent.get('then')}", told="saved")


def _years(horizon: dict[str, Any]) -> list[str]:
    first, count = str(horizon.get("first_year", "")), str(horizon.get("years", ""))
    if not (first.isdecimal() and count.isdecimal() and len(first) == 4 and int(count or 0) <= _MOST_YEARS):
        return []
    return [str(int(first) + number) for number in range(int(count))]


def _options(session: Session, row: Collaboration) -> dict[str, list[tuple[str, str]]]:
    partners = [one.organisation for one in members_of(session, [row.id])[row.id]]
    return {
        "prices": [(one.value, word(one)) for one in Prices],
        "repayments": [(one.value, word(one)) for one in Repayment],
        "measures": [(one.value, word(one)) for one in Measure],
        "categories": [(one.value, word(one)) for one in CostCategory],
        "items": [(one.slug, one.title or one.slug) for one in costs_of(session, row.id)],
        "partners": [(one.slug, one.name) for one in partners],
    }
