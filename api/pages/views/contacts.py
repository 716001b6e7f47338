"""Contacts: meetings and expressions of interest elsewhere, recorded, corrected, withdrawn; the way to a case."""

from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.http.paging import Page
from api.pages.forms import UNANSWERED, Form
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.pages.views.profiles import pool_rights
from api.routes.matchmaking import contacts
from states.matchmaking.tables import ContactKind, ContactStatus
from states.partners.queries import events_of, organisations_of
from states.rights.access import Actor

router = APIRouter(prefix="/contacts")


@router.get("")
def get_contacts(
    request: Request, session: Tx, actor: contacts.Insider, cut: Page, kind: str = "", status: str = ""
) -> Response:
    """List the contacts, the newest first."""
    found = contacts.list_contacts(
        session,
        actor,
        cut,
        kind=ContactKind(kind) if kind in set(ContactKind) else None,
        status=ContactStatus(status) if status in set(ContactStatus) else None,
        sort="-recorded",
    )
    return page(
        request,
        "profiles/contacts.html",
        can=pool_rights(actor),
        listed=found,
        kind=kind,
        wanted=status,
        names={one.slug: one.name for one, _ in organisations_of(session, actor.partnership_id)},
        **_choices(session, actor),
    )


def _choices(session: Session, actor: Actor) -> dict[str, Any]:
    return {
        "kinds": list(ContactKind),
        "statuses": [one for one in ContactStatus if one is not ContactStatus.WITHDRAWN],
        "organisations": [(one.slug, one.name) for one, _ in organisations_of(session, actor.partnership_id)],
        "events": [(one.id, one.name) for one in events_of(session, actor.partnership_id)],
    }


@router.get("/new")
def get_new_contact(request: Request, session: Tx, actor: contacts.Recorder) -> Response:
    """Ask who met or wrote to whom."""
    return page(request, "profiles/contact.html", contact=None, can=pool_rights(actor), **_choices(session, actor))


@router.post("/new")
def post_new_contact(sent: Form, session: Tx, actor: contacts.Recorder) -> Response:
    """Record a contact."""
    made = contacts.post_contact(sent.read(contacts.ContactIn), session, actor, UNANSWERED)
    return lead_to(f"/contacts/{made.id}", told="recorded")


@router.get("/{contact_id}")
def get_contact_page(request: Request, row: contacts.Read, session: Tx, actor: CurrentActor) -> Response:
    """Show a contact, to be corrected by who may."""
    return page(
        request,
        "profiles/contact.html",
        contact=contacts.get_contact(row, session, UNANSWERED),
        can=Abilities(session, actor, row),
        **_choices(session, actor),
    )


@router.post("/{contact_id}")
def post_contact_change(sent: Form, row: contacts.Correct, session: Tx) -> Response:
    """Correct a contact, or withdraw what was recorded by mistake."""
    version, then = must_match(sent.version), sent.get("then")
    if then == "withdraw":
        reason = sent.read(contacts.ContactWithdrawalIn)
        contacts.post_contact_withdrawal(row, version, reason, session, UNANSWERED)
    else:
        said = sent.read(contacts.ContactPatch, keep_empty=("event_id", "held_on"))
        contacts.patch_contact(row, version, said, session, UNANSWERED)
    return lead_to(f"/contacts/{row.id}", told=then or "saved")
