"""The figures of an organisation: accounts by year, who holds it, aid that it received; its size, and what is left."""

from fastapi import APIRouter, Request
from sqlmodel import Session, col, select
from starlette.responses import Response

from api.http.access import OrganisationAccess
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import OWN_FORM, UNANSWERED, Form
from api.pages.languages import gettext as _
from api.pages.lists import Lists
from api.pages.numbers import plain_numbers, unmistakable
from api.pages.rendering import lead_to, page
from api.routes.funding import organisation_figures as figures
from states.clock import today
from states.funding.case.instruments import DE_MINIMIS, EU_DIRECT
from states.funding.case.undertaking import undertaking_of
from states.funding.case.vocabulary import Control
from states.funding.inputs.accounts import accounts_in, holding_of, holdings_in
from states.funding.inputs.aid_received import bases
from states.funding.inputs.tables import CostLine
from states.funding.money.vat import vat_status_of
from states.funding.rules.queries import shelf_for
from states.partners.queries import member_by_slug, organisations_of
from states.rights.access import Action, Actor, Scope, may

router = APIRouter(prefix="/partnerships/{partnership}/organisations/{organisation}")

_YEAR = tuple(figures.AccountsIn.model_fields)


def has_figures(actor: Actor, organisation_id: str) -> bool:
    """Tell whether the actor reads the figures of an organisation: a page draws no door that is shut."""
    scope = Scope(actor.partnership_id, organisation_ids=frozenset({organisation_id}))
    return may(actor, Action.READ_FIGURES, scope)


@router.get("/figures")
def get_figures_page(request: Request, found: figures.Read, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show what is known of an organisation's figures, and how large it is by them."""
    scope = Scope(found.partnership.id, organisation_ids=frozenset({found.row.id}))
    accounts = figures.list_accounts(found, session, lists.whole()).items
    return page(
        request,
        "figures/figures.html",
        found=found,
        edits=may(actor, Action.EDIT_FIGURES, scope),
        known=undertaking_of(session, found.row, partnership_id=found.partnership.id),
        accounts=accounts,
        next_year=max([one.year + 1 for one in accounts if one.year < today().year], default=today().year - 1),
        holders=figures.list_holders(found, session, lists.whole()).items,
        aid=figures.list_aid(found, session, lists.whole()).items,
        bases=_bases(session, found),
        vat=vat_status_of(session, found.row.id),
    )


@router.get("/accounts")
def get_accounts_page(request: Request, found: figures.Edit, session: Tx, year: int) -> Response:
    """Show the accounts of a year as a form, empty where nobody has entered them."""
    row = accounts_in(session, found.row.id, year)
    shown = {name: _shown(getattr(row, name, None)) for name in _YEAR}
    return page(request, "figures/accounts.html", found=found, year=year, row=row, shown=shown)


@router.post("/accounts/{year}")
def post_accounts_page(sent: Form, found: figures.Edit, session: Tx, year: int) -> Response:
    """Record the accounts of a year; what is left empty is not known."""
    said = plain_numbers(sent, frozenset(_YEAR)).read(figures.AccountsIn, keep_empty=_YEAR)
    figures.put_accounts(found, sent.version, year, said, session, UNANSWERED)
    return _back(found, "saved")


@router.get("/holders")
def get_holder_page(request: Request, found: figures.Edit, session: Tx, holder: str = "") -> Response:
    """Show what another organisation holds of this one as a form, or ask who holds a part of it."""
    row = None
    if holder:
        named, _part = member_by_slug(session, found.partnership.id, holder)
        row = holding_of(session, named.id, found.row.id)
    others = {one.slug for _link, one in holdings_in(session, found.row.id)} | {found.row.slug}
    members = [one for one, _part in organisations_of(session, found.partnership.id)]
    return page(
        request,
        "figures/holder.html",
        found=found,
        row=row,
        holder=next((one for one in members if row is not None and one.slug == holder), None),
        others=[(one.slug, one.name) for one in members if one.slug not in others],
        percent=_shown(row.percent if row else None),
        controls=list(Control),
    )


@router.post("/holders")
def post_holder_page(sent: Form, found: figures.Edit, session: Tx) -> Response:
    """Record what another organisation holds of this one, or that it holds nothing any more."""
    holder = sent.get("holder")
    if sent.get("then") == "end":
        figures.delete_holder(found, holder, sent.version or 0, session)
        return _back(found, "ended")
    said = plain_numbers(sent, frozenset({"percent"})).read(figures.HoldingIn, control=sent.all("control"))
    figures.put_holder(found, sent.version, holder, said, session, UNANSWERED)
    return _back(found, "saved")


@router.get("/aid-received")
def get_aid_page(request: Request, found: figures.Edit, session: Tx) -> Response:
    """Ask for aid that the organisation received."""
    lines = select(CostLine).where(CostLine.organisation_id == found.row.id).order_by(col(CostLine.slug))
    return page(
        request,
        "figures/aid.html",
        found=found,
        bases=_bases(session, found),
        lines=[(one.id, one.title or one.slug) for one in session.exec(lines)],
    )


@router.post("/aid-received")
def post_aid_page(sent: Form, found: figures.Edit, session: Tx) -> Response:
    """Record aid that was granted."""
    said = plain_numbers(sent, frozenset({"amount"})).read(
        figures.AidIn, eu_grant="eu_grant" in sent, illustrative="illustrative" in sent
    )
    figures.post_aid(found, said, session)
    return _back(found, "saved")


@router.post("/aid-received/{aid_id}/removal", dependencies=[OWN_FORM])
def post_aid_removal_page(found: figures.Edit, aid_id: str, session: Tx) -> Response:
    """Take out aid that was recorded by mistake."""
    figures.delete_aid(found, aid_id, session)
    return _back(found, "ended")


def _back(found: OrganisationAccess, told: str) -> Response:
    return lead_to(f"/partnerships/{found.partnership.slug}/organisations/{found.row.slug}/figures", told=told)


def _shown(value: object) -> str:
    return "" if value is None else unmistakable(str(value))


def _bases(session: Session, found: OrganisationAccess) -> dict[str, str]:
    """Return what each basis of aid is called: what is no article first, then the articles of the acts."""
    books = shelf_for(session, found.partnership.id).books.values()
    articles = {one.id: one.article for book in books for one in book.articles}
    known = {DE_MINIMIS: _("De minimis"), EU_DIRECT: _("Money of the Union, no State aid")}
    return known | {key: articles.get(key, key) for key in sorted(bases(session, found.row) - known.keys())}
