"""Calendar feeds: an address that a calendar subscribes to, one's own or of the partnership; made, and ended."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.dependencies import Tx
from api.pages.forms import OWN_FORM, Form
from api.pages.lists import ListParts, Lists
from api.pages.rendering import lead_to, page
from api.pages.views.partnership import Edit
from api.routes.people import calendars

router = APIRouter()

_OWN, _ALL = "/account/calendars", "/partnership/calendars"


@router.get(_OWN)
def get_own_feeds_page(request: Request, actor: calendars.Insider, session: Tx, lists: Lists) -> Response:
    """List the own calendar feeds."""
    return _own_page(request, actor, session, lists, made="")


@router.post(_OWN)
def post_own_feed_page(
    request: Request, sent: Form, actor: calendars.Subscriber, session: Tx, lists: Lists
) -> Response:
    """Make a feed and show its address: this once, so the answer is the page itself."""
    made = calendars.post_own_feed(actor, sent.read(calendars.FeedIn), session)
    request.state.typed = None
    return _own_page(request, actor, session, lists, made=made.url)


@router.post(_OWN + "/{feed_id}/end", dependencies=[OWN_FORM])
def post_own_feed_end(feed_id: str, actor: calendars.Subscriber, session: Tx) -> Response:
    """End an own feed at once, and for good."""
    calendars.delete_own_feed(actor, feed_id, session)
    return lead_to(_OWN, told="ended")


@router.get(_ALL)
def get_feeds_page(request: Request, row: Edit, session: Tx, lists: Lists) -> Response:
    """List the calendar feeds of the whole partnership."""
    return _all_page(request, row, session, lists, made="")


@router.post(_ALL)
def post_feed_page(request: Request, sent: Form, row: Edit, session: Tx, lists: Lists) -> Response:
    """Make a feed of the partnership and show its address this once."""
    made = calendars.post_feed(row, sent.read(calendars.FeedIn), session)
    request.state.typed = None
    return _all_page(request, row, session, lists, made=made.url)


@router.post(_ALL + "/{feed_id}/end", dependencies=[OWN_FORM])
def post_feed_end(feed_id: str, row: Edit, session: Tx) -> Response:
    """End a feed of the partnership at once, and for good."""
    calendars.delete_feed(row, feed_id, session)
    return lead_to(_ALL, told="ended")


def _own_page(request: Request, actor: calendars.Insider, session: Tx, lists: ListParts, *, made: str) -> Response:
    feeds = calendars.list_own_feeds(actor, session, lists.whole()).items
    return page(request, "account/calendars.html", base=_OWN, feeds=feeds, made=made)


def _all_page(request: Request, row: Edit, session: Tx, lists: ListParts, *, made: str) -> Response:
    feeds = calendars.list_feeds(row, session, lists.whole()).items
    return page(request, "account/calendars.html", base=_ALL, feeds=feeds, made=made)
