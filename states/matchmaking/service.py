"""Record contacts: meetings at events, and expressions of interest."""

from datetime import date

from sqlmodel import Session, select

from states.clock import now
from states.errors import Fault, Invalid, Refusal
from states.machines.stepping import begin, need
from states.matchmaking.states import ATTACH, CONTACT, RECORD, ContactClosed
from states.matchmaking.tables import Contact, ContactKind, ContactStatus
from states.partners.tables import Organisation, PartnershipEvent


class ContactInvalid(Invalid):
    """The contact does not fit."""

    code = "contact_invalid"


_STATUSES = {
    ContactKind.MEETING: set(ContactStatus) - {ContactStatus.WITHDRAWN},
    ContactKind.EXPRESSION_OF_INTEREST: set(ContactStatus) - {ContactStatus.HELD, ContactStatus.NO_SHOW},
}


def record_contact(
    session: Session,
    *,
    partnership_id: str,
    kind: ContactKind,
    requester: Organisation,
    host: Organisation,
    subject: str,
    status: ContactStatus,
    event: PartnershipEvent | None = None,
    held_on: date | None = None,
    illustrative: bool = False,
) -> Contact:
    """Record who met or wrote to whom, with how it ended; a held meeting has a date."""
    faults = []
    if requester.id == host.id:
        faults.append(Fault("host", "meets_itself", remedy="name_two_organisations"))
    if status not in _STATUSES[kind]:
        allowed = ", ".join(sorted(one.value for one in _STATUSES[kind]))
        faults.append(Fault("status", "does_not_go_with", remedy="one_of", status=status, kind=kind, known=allowed))
    if status is ContactStatus.HELD and held_on is None:
        faults.append(Fault("held_on", "held_meeting_has_date", remedy="give_date"))
    if event is not None and event.partnership_id != partnership_id:
        faults.append(Fault("event", "belongs_another_partnership", remedy="name_event_partnership"))
    if faults:
        raise ContactInvalid(faults=faults)
    row = Contact(
        partnership_id=partnership_id,
        kind=kind,
        event_id=event.id if event else None,
        requester_id=requester.id,
        host_id=host.id,
        subject=subject,
        status=begin(CONTACT, RECORD, end=status),
        held_on=held_on,
        recorded_at=now(),
        illustrative=illustrative,
    )
    session.add(row)
    session.flush()
    return row


def carry_contacts(session: Session, key: str, *, collaboration_id: str) -> None:
    """Put the contacts behind one collaboration behind another, into which it merges."""
    for contact in session.exec(select(Contact).where(Contact.collaboration_id == key)).all():
        contact.collaboration_id = collaboration_id
    session.flush()


def attach_contact(session: Session, contact: Contact, *, collaboration_id: str) -> None:
    """Put a contact behind a collaboration; it must have borne fruit, and stands behind one only."""
    need(CONTACT, contact.status, ATTACH)
    if contact.collaboration_id not in (None, collaboration_id):
        raise ContactClosed([Refusal("contact_taken", where="contacts")])
    contact.collaboration_id = collaboration_id
    session.add(contact)
    session.flush()
