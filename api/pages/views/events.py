"""The events of the partnership: planned, announced to those whom they concern, changed and cancelled."""

from dataclasses import replace
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.http.paging import Page
from api.pages.event_heads import event_head
from api.pages.forms import UNANSWERED, Form, Typed
from api.pages.rendering import lead_to, page
from api.pages.views.partnership import Own
from api.routes.partnerships import events
from states.partners.tables import EventKind, Partnership
from states.rights.access import Action, Role, Scope, may

router = APIRouter(prefix="/events")

Read = Annotated[Partnership, Depends(Own(Action.READ_PARTNERSHIP))]
Edit = Annotated[Partnership, Depends(Own(Action.EDIT_PARTNERSHIP))]

Said = TypeVar("Said", events.EventIn, events.EventPatch)
AUDIENCE = tuple(role for role in Role if role is not Role.CLOCK)


@router.get("")
def get_events(request: Request, row: Read, session: Tx, actor: CurrentActor, cut: Page) -> Response:
    """List the events in the order of their dates."""
    found = events.list_events(row, session, cut)
    return page(request, "events/events.html", events=found, writes=may(actor, Action.EDIT_PARTNERSHIP, Scope(row.id)))


@router.get("/new")
def get_new(request: Request, row: Edit) -> Response:
    """Ask for a new event."""
    return page(request, "events/edit.html", row=row, event=None, kinds=list(EventKind), audience=AUDIENCE)


@router.post("/new")
def post_new(sent: Form, row: Edit, session: Tx) -> Response:
    """Plan an event; nobody is told of it yet."""
    made = events.post_event(row, _said(sent, events.EventIn), session, UNANSWERED)
    return lead_to(f"/events/{made.id}", told="planned")


@router.get("/{event_id}")
def get_event(request: Request, row: Read, event_id: str, session: Tx, actor: CurrentActor) -> Response:
    """Show an event; who may sees whom announcing it would tell."""
    writes = may(actor, Action.EDIT_PARTNERSHIP, Scope(row.id))
    event = events.get_event(row, event_id, session, UNANSWERED)
    return page(
        request,
        "events/event.html",
        event=event,
        head=event_head(session, actor, event.id),
        announcement=events.get_announcement(row, event_id, session) if writes else None,
        writes=writes,
        kinds=list(EventKind),
        audience=AUDIENCE,
    )


@router.get("/{event_id}/edit")
def get_edit(request: Request, row: Edit, event_id: str, session: Tx) -> Response:
    """Show an event as a form."""
    event = events.get_event(row, event_id, session, UNANSWERED)
    return page(request, "events/edit.html", row=row, event=event, kinds=list(EventKind), audience=AUDIENCE)


@router.post("/{event_id}/edit")
def post_edit(sent: Form, row: Edit, event_id: str, session: Tx) -> Response:
    """Change an event; those who were told of it are told."""
    said = _said(sent, events.EventPatch, keep_empty=("place", "url", "starts_at", "ends_at"))
    events.patch_event(row, event_id, must_match(sent.version), said, session, UNANSWERED)
    return lead_to(f"/events/{event_id}", told="saved")


@router.post("/{event_id}")
def post_step(sent: Form, row: Edit, event_id: str, session: Tx) -> Response:
    """Announce an event to its audience, or cancel it with a reason."""
    version, then = must_match(sent.version), sent.get("then")
    if then == "cancel":
        events.post_cancellation(row, event_id, version, sent.read(events.CancellationIn), session, UNANSWERED)
    else:
        events.post_announcement(row, event_id, version, session, UNANSWERED)
    return lead_to(f"/events/{event_id}", told=then or "announced")


def _said(sent: Typed, schema: type[Said], *, keep_empty: tuple[str, ...] = ()) -> Said:
    if not sent.get("starts_at"):  # the page proposes a clock; without a time there is none to tell
        sent = replace(sent, fields=tuple(one for one in sent.fields if one[0] != "time_zone"))
    return sent.read(schema, keep_empty=keep_empty, audience=sent.all("audience"), illustrative="illustrative" in sent)
