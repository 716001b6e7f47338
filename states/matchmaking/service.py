"""Record, correct and withdraw contacts: meetings at events, and expressions of interest."""

from dataclasses import asdict, dataclass, fields, replace
from datetime import date

from sqlmodel import Session, select

from states.clock import now
from states.collaborations.tables import Collaboration
from states.errors import Fault, Invalid, Refusal
from states.machines.definition import Move
from states.machines.stepping import begin, need, step
from states.matchmaking.states import ATTACH, CONTACT, CORRECT, FRUITFUL, RECORD, WITHDRAW, ContactClosed
from states.matchmaking.tables import Contact, ContactKind, ContactStatus
from states.partners.tables import Organisation, PartnershipEvent
from states.storage import bump_version


class ContactInvalid(Invalid):
    """The contact does not fit."""

    code = "contact_invalid"


_BY = ("project_manager",)
_STATUSES = {
    ContactKind.MEETING: set(ContactStatus) - {ContactStatus.WITHDRAWN},
    ContactKind.EXPRESSION_OF_INTEREST: set(ContactStatus) - {ContactStatus.HELD, ContactStatus.NO_SHOW},
}


@dataclass(frozen=True, slots=True)
class ContactPlan:
    """What may be said of a contact, of its kind: between whom, about what, how it ended, when and at which event."""

    requester_id: str
    host_id: str
    subject: str
    status: ContactStatus
    held_on: date | None = None
    event_id: str | None = None


def contact_plan_of(row: Contact) -> ContactPlan:
    """Return what is said of a contact, to correct some of it with `dataclasses.replace`."""
    return ContactPlan(**{one.name: getattr(row, one.name) for one in fields(ContactPlan)})


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
    plan = ContactPlan(requester.id, host.id, subject, status, held_on, event.id if event else None)
    _check(session, partnership_id, kind, plan)
    row = Contact(
        partnership_id=partnership_id,
        kind=kind,
        **asdict(replace(plan, status=begin(CONTACT, RECORD, end=status))),
        recorded_at=now(),
        illustrative=illustrative,
    )
    session.add(row)
    session.flush()
    return row


def correct_contact(
    session: Session, row: Contact, plan: ContactPlan, *, expected_version: int | None = None
) -> Contact:
    """Put a contact right, as if it had been recorded so; raise `ContactInvalid`, `ContactClosed` or `Stale`.

    Once a collaboration came from it, it stays between its two organisations, and accepted or held.
    """
    _need(row, CORRECT)
    _check(session, row.partnership_id, row.kind, plan)
    parties = (plan.requester_id, plan.host_id) != (row.requester_id, row.host_id)
    if parties or plan.status not in FRUITFUL:
        _need_loose(session, row, "contact_corrected_in_part")
    bump_version(session, row, expected=expected_version)
    for name, value in asdict(replace(plan, status=begin(CONTACT, RECORD, end=plan.status))).items():
        setattr(row, name, value)
    session.flush()
    return row


def withdraw_contact(session: Session, row: Contact, *, reason: str, expected_version: int | None = None) -> Contact:
    """Withdraw what was recorded by mistake: it stays, with the reason, and is counted nowhere.

    Raise `ContactInvalid` without a reason, `ContactClosed` once a collaboration came from it, or `Stale`.
    """
    _need(row, WITHDRAW)
    if not reason.strip():
        raise ContactInvalid(faults=[Fault("reason", "missing", remedy="say_why")])
    _need_loose(session, row, "contact_not_withdrawn")
    bump_version(session, row, expected=expected_version)
    row.status = step(CONTACT, row.status, WITHDRAW)
    row.withdraw_reason = reason.strip()
    session.flush()
    return row


def _check(session: Session, partnership_id: str, kind: ContactKind, plan: ContactPlan) -> None:
    event = session.get(PartnershipEvent, plan.event_id) if plan.event_id else None
    faults = []
    if plan.requester_id == plan.host_id:
        faults.append(Fault("host", "meets_itself", remedy="name_two_organisations"))
    if not plan.subject.strip():
        faults.append(Fault("subject", "blank", remedy="give_it"))
    if plan.status not in _STATUSES[kind]:
        allowed = ", ".join(sorted(one.value for one in _STATUSES[kind]))
        faults.append(
            Fault("status", "does_not_go_with", remedy="one_of", status=plan.status, kind=kind, known=allowed)
        )
    if plan.status is ContactStatus.HELD and plan.held_on is None:
        faults.append(Fault("held_on", "held_meeting_has_date", remedy="give_date"))
    if event is not None and event.partnership_id != partnership_id:
        faults.append(Fault("event", "belongs_another_partnership", remedy="name_event_partnership"))
    if faults:
        raise ContactInvalid(faults=faults)


def _need(row: Contact, move: Move[ContactStatus]) -> None:
    """Refuse what leads on from a contact that was recorded by mistake; it is recorded anew."""
    if row.withdraw_reason:
        raise ContactClosed([Refusal("contact_withdrawn", mend_by=_BY, where="contacts", reason=row.withdraw_reason)])
    need(CONTACT, row.status, move)


def _need_loose(session: Session, row: Contact, text: str) -> None:
    """Refuse to take away from a collaboration what it came from."""
    if row.collaboration_id is not None:
        slug = session.get_one(Collaboration, row.collaboration_id).slug
        raise ContactClosed([Refusal("contact_carries", text=text, mend_by=_BY, where="contacts", collaboration=slug)])


def carry_contacts(session: Session, key: str, *, collaboration_id: str) -> None:
    """Put the contacts behind one collaboration behind another, into which it merges."""
    for contact in session.exec(select(Contact).where(Contact.collaboration_id == key)).all():
        bump_version(session, contact)
        contact.collaboration_id = collaboration_id
    session.flush()


def attach_contact(session: Session, contact: Contact, *, collaboration_id: str) -> None:
    """Put a contact behind a collaboration; it must have borne fruit, and stands behind one only."""
    need(CONTACT, contact.status, ATTACH)
    if contact.collaboration_id not in (None, collaboration_id):
        raise ContactClosed([Refusal("contact_taken", where="contacts")])
    bump_version(session, contact)
    contact.collaboration_id = collaboration_id
    session.flush()
