"""Who takes part in an event: registered, validated by the organiser, available or not, there or not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from states.clock import now
from states.errors import Fault, Invalid
from states.machines.stepping import begin, need, step
from states.matchmaking.event_day.setup import demand_changed, event_slots, lock_event
from states.matchmaking.event_day.states import CHECK_IN, LEAVE, MEET, PARTICIPANT, REGISTER, REJECT, VALIDATE, WALK_IN
from states.matchmaking.event_day.tables import (
    Attendance,
    BrokerageEvent,
    EventMode,
    Participant,
)
from states.outbox.service import publish
from states.partners.tables import Organisation, OrganisationKind
from states.storage import bump_version

LABEL_LENGTH = 200


class ParticipantInvalid(Invalid):
    """The participant cannot be kept so."""

    code = "participant_invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegate:
    """Who comes: called by a function, never by a name; how; and in which slots (from 0) not."""

    label: str
    attendance: Attendance
    person_id: str | None = None
    cluster: Organisation | None = None
    unavailable: Sequence[int] = ()


def register(
    session: Session,
    event: BrokerageEvent,
    organisation: Organisation,
    delegate: Delegate,
    *,
    walk_in: bool = False,
    illustrative: bool = False,
) -> Participant:
    """Register a delegate; a walk-in is validated and there at once, everybody else waits for the organiser."""
    faults = _faults(event, delegate) + _taken(session, event, delegate, organisation.id)
    if faults:
        raise ParticipantInvalid(faults=faults)
    instant = now()
    row = Participant(
        event_id=event.id,
        partnership_id=event.partnership_id,
        organisation_id=organisation.id,
        person_id=delegate.person_id,
        cluster_id=delegate.cluster.id if delegate.cluster else None,
        label=delegate.label.strip(),
        attendance=delegate.attendance,
        unavailable=_ordered(delegate.unavailable),
        state=begin(PARTICIPANT, WALK_IN if walk_in else REGISTER),
        walk_in=walk_in,
        registered_at=instant,
        checked_in_at=instant if walk_in else None,
        illustrative=illustrative,
    )
    session.add(row)
    session.flush()
    publish(session, "participant.registered", partnership_id=row.partnership_id, participant=row.id)
    return row


def edit_participant(
    session: Session,
    event: BrokerageEvent,
    row: Participant,
    delegate: Delegate,
    *,
    expected_version: int | None = None,
) -> Participant:
    """Put another description in the place of the present one; meetings stay where they are until planned anew."""
    if faults := _faults(event, delegate) + _taken(session, event, delegate, row.organisation_id, but=row.id):
        raise ParticipantInvalid(faults=faults)
    lock_event(session, event)
    bump_version(session, row, expected=expected_version)
    row.label, row.attendance = delegate.label.strip(), delegate.attendance
    row.cluster_id = delegate.cluster.id if delegate.cluster else None
    row.unavailable = _ordered(delegate.unavailable)
    demand_changed(session, event)
    return row


def seat_participant(
    session: Session,
    event: BrokerageEvent,
    row: Participant,
    *,
    booth: int | None,
    most_meetings: int | None,
    expected_version: int | None = None,
) -> Participant:
    """Let the organiser give a participant a table of its own, and a limit of its own."""
    faults = []
    if booth is not None:
        held = select(Participant.id).where(
            Participant.event_id == event.id, Participant.booth == booth, Participant.id != row.id
        )
        if booth < 1:
            faults.append(Fault("booth", "table_unknown", remedy="one_or_more", table=booth))
        if session.exec(held).first() is not None:
            faults.append(Fault("booth", "table_of_another", remedy="choose_another_table", table=booth))
    if most_meetings is not None and most_meetings < 0:
        faults.append(Fault("most_meetings", "number_negative", remedy="zero_or_more_or_none", number=most_meetings))
    if faults:
        raise ParticipantInvalid(faults=faults)
    lock_event(session, event)
    bump_version(session, row, expected=expected_version)
    row.booth, row.most_meetings = booth, most_meetings
    demand_changed(session, event)
    return row


def validate_participant(
    session: Session, row: Participant, *, accepted: bool, reason: str = "", expected_version: int | None = None
) -> Participant:
    """Let the organiser accept a registration, or reject it with a reason."""
    move = VALIDATE if accepted else REJECT
    need(PARTICIPANT, row.state, move, what=row.label)
    if not accepted and not reason.strip():
        raise ParticipantInvalid(faults=[Fault("reason", "blank", remedy="say_why_registration_rejected")])
    bump_version(session, row, expected=expected_version)
    row.state = step(PARTICIPANT, row.state, move)
    row.reason = reason.strip()
    session.flush()
    publish(session, "participant.validated", partnership_id=row.partnership_id, participant=row.id)
    return row


def check_in(session: Session, row: Participant, *, expected_version: int | None = None) -> Participant:
    """Note that a participant has come; a second time changes nothing."""
    need(PARTICIPANT, row.state, CHECK_IN, what=row.label)
    if row.checked_in_at is None:
        bump_version(session, row, expected=expected_version)
        row.checked_in_at = now()
        session.flush()
    return row


def withdraw_participant(
    session: Session, row: Participant, *, reason: str, expected_version: int | None = None
) -> Participant:
    """Take a participant out of the event; its meetings are the caller's to end."""
    need(PARTICIPANT, row.state, LEAVE, what=row.label)
    bump_version(session, row, expected=expected_version)
    row.state, row.reason = step(PARTICIPANT, row.state, LEAVE), reason.strip()
    session.flush()
    return row


def need_validated(row: Participant) -> None:
    """Raise `ParticipantRefused` unless the organiser has validated the registration."""
    need(PARTICIPANT, row.state, MEET, what=row.label)


def _taken(
    session: Session, event: BrokerageEvent, delegate: Delegate, organisation_id: str, *, but: str | None = None
) -> list[Fault]:
    query = select(Participant.id).where(
        Participant.event_id == event.id,
        Participant.organisation_id == organisation_id,
        Participant.label == delegate.label.strip(),
        Participant.id != (but or ""),
    )
    if session.exec(query).first() is None:
        return []
    return [Fault("label", "delegate_registered", remedy="another_function", label=delegate.label)]


def _ordered(slots: Iterable[int]) -> list[int]:
    return sorted(set(slots))


def _faults(event: BrokerageEvent, delegate: Delegate) -> list[Fault]:
    faults = []
    count = len(event_slots(event))
    if not delegate.label.strip() or len(delegate.label) > LABEL_LENGTH:
        faults.append(Fault("label", "blank_or_too_long", remedy="delegates_function_at_most", most=LABEL_LENGTH))
    if event.mode.value not in (EventMode.HYBRID.value, delegate.attendance.value):
        faults.append(Fault("attendance", "event_mode_differs", remedy="mode_of_event", mode=event.mode))
    faults += [
        Fault("unavailable", "no_slot", remedy="zero_to", slot=slot, most=count - 1)
        for slot in delegate.unavailable
        if not 0 <= slot < count
    ]
    if delegate.cluster is not None and delegate.cluster.kind is not OrganisationKind.CLUSTER:
        faults.append(
            Fault(
                "cluster",
                "organisation_no_cluster",
                remedy="name_cluster_or_leave_out",
                organisation=delegate.cluster.slug,
            )
        )
    return faults
