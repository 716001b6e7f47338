"""The terms of money: of which month rates are taken, which rates there are, by which simplified costs one may go."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.http.forms import SentForm
from api.http.paging import Page
from api.pages.forms import UNANSWERED, Form
from api.pages.lists import Lists
from api.pages.numbers import plain_numbers
from api.pages.rendering import lead_to, page
from api.pages.views.partnership import Edit, IntoOwn, Read, abilities
from api.routes.funding import rates, simplified_costs
from api.routes.funding.instruments import list_instruments
from states.funding.case.vocabulary import CostCategory
from states.funding.money.rates import INFOREURO, import_rates
from states.funding.money.tables import OptionKind, RateRule
from states.storage import begin
from states.workbook.rate_tables import month_named, read_rates

router = APIRouter(prefix="/partnership")


@router.get("/money")
def get_money_page(
    request: Request,
    row: Read,
    session: Tx,
    actor: CurrentActor,
    lists: Lists,
    cut: Page,
    month: Annotated[str, Query(max_length=10)] = "",
    currency: Annotated[str, Query(max_length=3)] = "",
) -> Response:
    """Show by which rates and simplified costs the partnership goes."""
    return page(
        request,
        "partnership/money.html",
        row=row,
        can=abilities(actor, row),
        terms=rates.get_money_terms(row, session, UNANSWERED),
        rules=list(RateRule),
        options=simplified_costs.list_simplified_costs(row, session, lists.whole()).items,
        rates=rates.list_exchange_rates(row, session, cut, month=month or None, currency=currency.upper() or None),
        month=month,
        currency=currency,
        publisher=INFOREURO,
    )


@router.post("/money")
def post_money_page(sent: Form, row: Edit, session: Tx) -> Response:
    """Rule of which month rates are taken, and which simplified costs may be used."""
    ruled = sent.read(rates.MoneyTermsIn, options=sent.all("options"))
    rates.put_money_terms(row, must_match(sent.version), ruled, session, UNANSWERED)
    return lead_to("/partnership/money", told="saved")


@router.post("/money/rates")
def post_rates_page(sent: Form, into: IntoOwn) -> Response:
    """Bring in published rates, all or none."""
    [(file, name)] = SentForm({}, [(file, name) for _, file, name in sent.files]).need_files(1)
    published = read_rates(file.read(), name=name, month=month_named(sent.get("month") or None))
    with begin() as session:
        done = import_rates(session, into(session), published, source=sent.get("source") or INFOREURO)
    counts = {"added": done.added, "superseded": done.superseded, "unchanged": done.unchanged}
    return lead_to("/partnership/money#rates", told="rates", **counts)


@router.get("/simplified-costs/new")
def get_new_option_page(request: Request, row: Edit, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Ask for a simplified cost option of a programme."""
    known = simplified_costs.list_simplified_costs(row, session, lists.whole()).items
    return page(
        request,
        "partnership/option_new.html",
        row=row,
        kinds=list(OptionKind),
        categories=list(CostCategory),
        above=[(one.id, f"{one.title} ({one.article})") for one in known if not one.own],
        instruments=[(one.slug, one.name) for one in list_instruments(session, actor, lists.whole()).items],
    )


@router.post("/simplified-costs/new")
def post_new_option_page(sent: Form, row: Edit, session: Tx) -> Response:
    """Add an option of a programme or a call."""
    said = plain_numbers(sent, frozenset({"percent", "amount"}))
    lists_of = {name: sent.all(name) for name in ("covers", "base")}
    made = simplified_costs.post_simplified_cost(
        row, said.read(simplified_costs.SimplifiedCostIn, **_as_read(lists_of)), session, UNANSWERED
    )
    return lead_to(f"/partnership/simplified-costs/{made.id}", told="made")


@router.get("/simplified-costs/{option}")
def get_option_page(request: Request, row: Read, option: str, session: Tx, actor: CurrentActor) -> Response:
    """Show a simplified cost option with its article, base and cap; an own one is ended or taken out."""
    shown = simplified_costs.get_simplified_cost(row, option, session, UNANSWERED)
    return page(request, "partnership/option.html", row=row, can=abilities(actor, row), one=shown)


@router.post("/simplified-costs/{option}")
def post_option_page(sent: Form, row: Edit, option: str, session: Tx) -> Response:
    """Say until when an own option may be used, or take it out."""
    version = must_match(sent.version)
    if sent.get("then") == "withdraw":
        simplified_costs.delete_simplified_cost(row, option, version, session)
        return lead_to("/partnership/money", told="gone")
    said = sent.read(simplified_costs.SimplifiedCostEnd, keep_empty=("valid_to",))
    simplified_costs.patch_simplified_cost(row, option, version, said, session, UNANSWERED)
    return lead_to(f"/partnership/simplified-costs/{option}", told="saved")


def _as_read(values: dict[str, list[str]]) -> dict[str, Any]:
    return dict(values)
