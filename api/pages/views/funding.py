"""What the partnership may count on: its instruments, their calls by date, and the law that holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.dependencies import Tx
from api.pages.forms import UNANSWERED
from api.pages.lists import Lists
from api.pages.rendering import page
from api.pages.words import document_states
from api.routes.funding.calls import CallOut, list_calls
from api.routes.funding.instruments import Insider, InstrumentOut, Read, get_terms, list_instruments
from api.routes.funding.rules import list_rules
from states.clock import today
from states.funding.queries import instruments_of
from states.rights.access import Action, Actor, Scope, may

router = APIRouter(prefix="/funding")


@dataclass(frozen=True, slots=True)
class DatedCall:
    """A call and whose it is."""

    call: CallOut
    instrument: InstrumentOut


@router.get("")
def get_funding_page(request: Request, session: Tx, actor: Insider, lists: Lists) -> Response:
    """Show the instruments, the calls that are open or to come, and the documents of the law."""
    listed = list_instruments(session, actor, lists.whole()).items
    return page(
        request,
        "funding/funding.html",
        instruments=listed,
        calls=_calls(session, actor, listed, lists),
        rules=list_rules(session, actor, lists.whole()).items,
        states=document_states(),
        can=_abilities(actor),
    )


def _abilities(actor: Actor) -> Callable[[str], bool]:
    """Return what tells for an action, by its key, whether the reader may do it in the own partnership."""
    return lambda action: may(actor, Action(action), Scope(actor.partnership_id))


def _calls(session: Tx, actor: Insider, listed: Sequence[InstrumentOut], lists: Lists) -> list[DatedCall]:
    """Return the calls that are not over, the first to close first; those that never close come last."""
    rows = {one.slug: one for one in instruments_of(session, actor.partnership_id)}
    found = [
        DatedCall(call, one) for one in listed for call in list_calls(rows[one.slug], session, lists.whole()).items
    ]
    ahead = [one for one in found if one.call.closes_on is None or one.call.closes_on >= today()]
    return sorted(
        ahead, key=lambda one: (one.call.closes_on is None, one.call.closes_on or today(), one.instrument.name)
    )


@router.get("/instruments/{slug}")
def get_instrument_page(request: Request, row: Read, session: Tx, actor: Insider, lists: Lists) -> Response:
    """Show an instrument with its terms and its calls."""
    shown = next(one for one in list_instruments(session, actor, lists.whole()).items if one.slug == row.slug)
    return page(
        request,
        "funding/instrument.html",
        one=shown,
        calls=list_calls(row, session, lists.whole()).items,
        terms=get_terms(row, UNANSWERED),
        can=_abilities(actor),
    )
