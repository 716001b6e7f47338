"""Set up the meetings of an event: when, where, how many, and who places them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import available_timezones

from sqlmodel import Session, col, select

from states.errors import Fault, Invalid, Refusal, Refused
from states.matchmaking.event_day.programme import EventSession, EventSlot, load_session, programme_faults, slots_of
from states.matchmaking.event_day.tables import (
    BrokerageEvent,
    EventMode,
    Meeting,
    Participant,
    Scheduling,
)
from states.partners.tables import EventKind, PartnershipEvent
from states.storage import bump_version

KINDS_WITH_MEETINGS = (EventKind.BROKERAGE, EventKind.CLUSTER_TO_CLUSTER)


class BrokerageInvalid(Invalid):
    """The meetings of the event cannot be arranged so."""

    code = "brokerage_invalid"


class ProgrammeInUse(Refused):
    """Somebody relies on the slots as they are."""

    code = "programme_in_use"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How the meetings of an event are arranged.

    Lengths in minutes; `answer_hours` after its request an unanswered one expires; `most_...` are limits of one
    participant; `fairness` bounds the difference of breaks between participants in a computed timetable. An online
    meeting is at the address `link_base` with its id behind.
    """

    mode: EventMode
    scheduling: Scheduling
    time_zone: str
    sessions: Sequence[EventSession]
    requests_from: datetime
    requests_until: datetime
    slot_minutes: int = 20
    pause_minutes: int = 0
    answer_hours: int = 72
    most_meetings: int = 20
    most_per_session: int | None = None
    most_requests: int = 20
    fairness: int | None = None
    link_base: str = ""


def set_up_event(
    session: Session, event: PartnershipEvent, setup: Setup, *, expected_version: int | None = None
) -> BrokerageEvent:
    """Arrange the meetings of an event, or arrange them anew; raise `BrokerageInvalid` with every fault.

    Slots on which an availability or a placed meeting rests cannot be changed: `ProgrammeInUse`.
    """
    faults = setup_faults(setup)
    if event.kind not in KINDS_WITH_MEETINGS:
        faults.append(
            Fault(
                "event",
                "kind_without_meetings",
                remedy="event_of_kind",
                kind=event.kind,
                kinds=KINDS_WITH_MEETINGS,
            )
        )
    if faults:
        raise BrokerageInvalid(faults=faults)
    columns = asdict(setup) | {"sessions": [one.dump() for one in setup.sessions]}
    row = session.get(BrokerageEvent, event.id)
    if row is None:
        row = BrokerageEvent(id=event.id, partnership_id=event.partnership_id, **columns)
    else:
        lock_event(session, row)
        _need_free_slots(session, row, setup)
        bump_version(session, row, expected=expected_version)
        for name, value in columns.items():
            setattr(row, name, value)
        row.demand += 1
    session.add(row)
    session.flush()
    return row


def sessions_of(row: BrokerageEvent) -> list[EventSession]:
    """Return the sessions of an event."""
    return [load_session(raw) for raw in row.sessions]


def event_slots(row: BrokerageEvent) -> list[EventSlot]:
    """Return the slots of an event, numbered from 0."""
    return slots_of(sessions_of(row), slot_minutes=row.slot_minutes, pause_minutes=row.pause_minutes)


def lock_event(session: Session, row: BrokerageEvent) -> None:
    """Read the event anew once whoever changes its meetings has finished: two who take a slot see each other."""
    session.refresh(row, with_for_update=True)


def demand_changed(session: Session, row: BrokerageEvent) -> None:
    """Note that a timetable computed from what was known until now fits no more."""
    row.demand += 1
    session.flush()


def setup_faults(setup: Setup) -> list[Fault]:
    """Return everything that stands against meetings arranged so."""
    faults = programme_faults(setup.sessions, slot_minutes=setup.slot_minutes, pause_minutes=setup.pause_minutes)
    if setup.time_zone not in available_timezones():
        faults.append(Fault("time_zone", "time_zone_unknown", remedy="iana_name_europe_warsaw", zone=setup.time_zone))
    if setup.requests_from.tzinfo is None or setup.requests_until.tzinfo is None:
        faults.append(Fault("requests_until", "time_without_offset", remedy="write_instant_as"))
    elif setup.requests_until <= setup.requests_from:
        faults.append(Fault("requests_until", "not_after_requests_from", remedy="mend_one_of_them"))
    for name in ("answer_hours", "most_meetings", "most_requests", "most_per_session"):
        value = getattr(setup, name)
        if value is not None and value < 1:
            faults.append(Fault(name, "too_few", remedy="one_or_more", value=value))
    if setup.link_base and not setup.link_base.startswith("https://"):
        faults.append(
            Fault("link_base", "address_unusable", remedy="one_that_begins_with_https", address=setup.link_base)
        )
    if setup.fairness is not None and setup.fairness < 0:
        faults.append(Fault("fairness", "number_negative", remedy="zero_or_more_or_leave_out", number=setup.fairness))
    if setup.mode is not EventMode.ONLINE and not all(one.tables for one in setup.sessions):
        faults.append(Fault("sessions", "session_without_table", remedy="give_number_tables_or_hold_online"))
    return faults


def _need_free_slots(session: Session, row: BrokerageEvent, setup: Setup) -> None:
    if slots_of(setup.sessions, slot_minutes=setup.slot_minutes, pause_minutes=setup.pause_minutes) == event_slots(row):
        return
    placed = session.exec(
        select(Meeting.id).where(Meeting.event_id == row.id, col(Meeting.slot).is_not(None)).limit(1)
    ).first()
    delegates = session.exec(select(Participant).where(Participant.event_id == row.id))
    if placed or any(one.unavailable for one in delegates):
        raise ProgrammeInUse([Refusal("slots_in_use", mend_by=("project_manager",), where="brokerage")])
