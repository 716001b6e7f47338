"""Routes of contacts: meetings at events and expressions of interest."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlmodel import Session, col, select

from api.http.access import CONTACT, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import InPartnership, Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.lookups import event_of, organisations_named
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Output, Prose, Slug
from states.matchmaking.queries import ORDERS, find_contacts
from states.matchmaking.service import contact_plan_of, correct_contact, record_contact, withdraw_contact
from states.matchmaking.tables import Contact, ContactKind, ContactStatus
from states.partners.tables import Organisation
from states.rights.access import Action, Actor
from states.storage.paging import sorted_by

router = APIRouter(prefix="/contacts", tags=["matchmaking"], route_class=Idempotent)

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_CONTACTS))]
Recorder = Annotated[Actor, Depends(InPartnership(Action.RECORD_CONTACT))]
Read = Annotated[Contact, Depends(Allowed(CONTACT, Action.READ_CONTACTS))]
Correct = Annotated[Contact, Depends(Allowed(CONTACT, Action.RECORD_CONTACT))]


class ContactIn(Input):
    model_config = example(
        kind="meeting",
        requester="medtech-gliwice",
        host="medtech-marseille",
        subject="Coatings for implants",
        status="held",
        held_on="2026-11-20",
    )

    kind: ContactKind
    requester: Slug
    host: Slug
    subject: Line
    status: ContactStatus
    event_id: str | None = None
    held_on: date | None = None
    illustrative: bool = False


class ContactPatch(Input):
    model_config = example(subject="Coatings for hip implants", held_on="2026-11-21")

    requester: Slug | None = None
    host: Slug | None = None
    subject: Line | None = None
    status: ContactStatus | None = None
    event_id: str | None = Field(default=None, description="null clears it")
    held_on: date | None = Field(default=None, description="null clears it")


class ContactWithdrawalIn(Input):
    model_config = example(reason="The meeting was recorded twice.")

    reason: Prose


class ContactOut(Output):
    id: str
    kind: ContactKind
    requester: str
    host: str
    subject: str
    status: ContactStatus
    event_id: str | None
    held_on: date | None
    recorded_at: datetime
    collaboration_id: str | None
    withdraw_reason: str = Field(description="why it should not have been recorded; empty: it should")
    illustrative: bool
    version: int


@router.get("")
def list_contacts(
    session: Tx,
    actor: Insider,
    page: Page,
    kind: ContactKind | None = None,
    status: ContactStatus | None = None,
    sort: Literal["recorded", "-recorded"] = "recorded",
) -> Listing[ContactOut]:
    """List the contacts of the partnership, in the order in which they were recorded."""
    return page.read(
        session,
        find_contacts(actor.partnership_id, kind=kind, status=status),
        *sorted_by(ORDERS, sort, col(Contact.id)),
        show=lambda rows: _present(session, rows),
    )


@router.post("", status_code=201)
def post_contact(sent: ContactIn, session: Tx, actor: Recorder, answer: Answered) -> ContactOut:
    """Record who met or wrote to whom, and how it ended."""
    partnership_id = actor.partnership_id
    found = organisations_named(session, partnership_id, {"requester": sent.requester, "host": sent.host})
    row = record_contact(
        session,
        partnership_id=partnership_id,
        kind=sent.kind,
        requester=found["requester"],
        host=found["host"],
        subject=sent.subject,
        status=sent.status,
        event=None if sent.event_id is None else event_of(session, partnership_id, sent.event_id),
        held_on=sent.held_on,
        illustrative=sent.illustrative,
    )
    answer.created("get_contact", contact_id=row.id)
    answer.tag(row.version)
    return _present(session, [row])[0]


@router.get("/{contact_id}")
def get_contact(row: Read, session: Tx, answer: Answered) -> ContactOut:
    """Read a contact; its ETag is what a correction sends back as If-Match."""
    answer.tag(row.version)
    return _present(session, [row])[0]


@router.patch("/{contact_id}")
def patch_contact(row: Correct, version: IfMatch, sent: ContactPatch, session: Tx, answer: Answered) -> ContactOut:
    """Correct a contact; what is left out stays. Once a collaboration came from it, its two organisations stay too."""
    named = {place: slug for place in ("requester", "host") if (slug := getattr(sent, place)) is not None}
    found = organisations_named(session, row.partnership_id, named)
    changes: dict[str, Any] = {f"{place}_id": one.id for place, one in found.items()}
    changes |= {name: value for name in ("subject", "status") if (value := getattr(sent, name)) is not None}
    changes |= {name: getattr(sent, name) for name in {"event_id", "held_on"} & sent.model_fields_set}
    if sent.event_id is not None:
        event_of(session, row.partnership_id, sent.event_id)
    correct_contact(session, row, replace(contact_plan_of(row), **changes), expected_version=version)
    answer.tag(row.version)
    return _present(session, [row])[0]


@router.post("/{contact_id}/withdrawal")
def post_contact_withdrawal(
    row: Correct, version: IfMatch, sent: ContactWithdrawalIn, session: Tx, answer: Answered
) -> ContactOut:
    """Withdraw a contact that was recorded by mistake: it stays, with the reason, and is counted nowhere."""
    withdraw_contact(session, row, reason=sent.reason, expected_version=version)
    answer.tag(row.version)
    return _present(session, [row])[0]


def _present(session: Session, rows: Sequence[Contact]) -> list[ContactOut]:
    keys = {key for row in rows for key in (row.requester_id, row.host_id)}
    query = select(Organisation.id, Organisation.slug).where(col(Organisation.id).in_(keys))
    slugs = dict(session.exec(query).all())
    return [
        ContactOut(
            **row.model_dump(exclude={"partnership_id", "requester_id", "host_id"}),
            requester=slugs[row.requester_id],
            host=slugs[row.host_id],
        )
        for row in rows
    ]
