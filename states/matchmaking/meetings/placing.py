"""Where and when meetings take place: by the organiser's hand, or at the first place that suits all."""

from collections.abc import Sequence

from sqlmodel import Session

from states.clock import now
from states.errors import Fault, Invalid
from states.machines.definition import Move
from states.machines.stepping import need
from states.matchmaking.event_day.queries import PartyEntry, coming, parties_of, tells_places
from states.matchmaking.event_day.setup import demand_changed, lock_event
from states.matchmaking.event_day.tables import BrokerageEvent, Meeting, MeetingState
from states.matchmaking.meetings.occupancy import Occupancy, all_online, occupancy_but, some_online
from states.matchmaking.meetings.states import (
    CANCEL,
    MEETING,
    PLACE,
    SHIFT,
    refuse,
    transition_meeting,
    write_transition,
)
from states.outbox.service import publish
from states.storage import bump_version


class PlaceInvalid(Invalid):
    """There is no such place at the event."""

    code = "place_invalid"


def place_at_first(session: Session, event: BrokerageEvent, row: Meeting) -> bool:
    """Put an accepted meeting into the first coming slot that all have free, at the first free table.

    Return False, and leave it accepted, if there is none. The caller holds the event's lock.
    """
    entries = coming(parties_of(session, [row.id])[row.id])
    free = occupancy_but(session, event, row)
    for slot in free.slots:
        if slot.starts_at <= now() or any(free.hindrances(slot.number, entries)):
            continue
        table = None if all_online(entries) else free.free_table(slot.number, entries)
        if table is not None or all_online(entries):
            put_into_place(session, event, row, slot.number, table, entries=entries)
            return True
    return False


def place_meeting(
    session: Session,
    event: BrokerageEvent,
    row: Meeting,
    *,
    slot: int,
    table: int | None = None,
    locked: bool = True,
    expected_version: int | None = None,
) -> Meeting:
    """Put a meeting where the organiser wants it; locked, it stays there when a timetable is computed.

    Without a table it gets the first free one. Raises `PlaceInvalid` for a place that is not there and
    `MeetingRefused` for one that is taken.
    """
    lock_event(session, event)
    free = occupancy_but(session, event, row)
    if not 0 <= slot < len(free.slots):
        raise PlaceInvalid(faults=[Fault("slot", "no_slot", remedy="zero_to", slot=slot, most=len(free.slots) - 1)])
    entries = coming(parties_of(session, [row.id])[row.id])
    free.need_free(slot, entries)
    where = None if all_online(entries) else _table(free, slot, table, entries)
    put_into_place(session, event, row, slot, where, entries=entries, expected_version=expected_version)
    row.locked = locked
    session.flush()
    demand_changed(session, event)
    return row


def bind_meeting(
    session: Session,
    event: BrokerageEvent,
    row: Meeting,
    *,
    locked: bool,
    only_session: int | None = None,
    after: Meeting | None = None,
    expected_version: int | None = None,
) -> Meeting:
    """Let the organiser say what a timetable must keep: the present slot, a session (from 0), an earlier meeting."""
    faults = []
    if only_session is not None and not 0 <= only_session < len(event.sessions):
        faults.append(
            Fault("session", "session_unknown", remedy="zero_to", session=only_session, most=len(event.sessions) - 1)
        )
    if after is not None and (after.event_id != event.id or after.id == row.id):
        faults.append(Fault("after", "no_other_meeting", remedy="name_another_meeting_event"))
    if locked and row.slot is None:
        faults.append(Fault("locked", "meeting_has_no_slot_yet", remedy="place_first"))
    if faults:
        raise PlaceInvalid(faults=faults)
    lock_event(session, event)
    bump_version(session, row, expected=expected_version)
    row.locked, row.session, row.after_id = locked, only_session, after.id if after else None
    session.flush()
    demand_changed(session, event)
    return row


def cancel_meeting(
    session: Session,
    event: BrokerageEvent,
    row: Meeting,
    *,
    by: str | None,
    reason: str,
    expected_version: int | None = None,
) -> Meeting:
    """Cancel a meeting that was accepted, with a reason; its slot and table are free again."""
    if not reason.strip():
        raise PlaceInvalid(faults=[Fault("reason", "blank", remedy="say_why_meeting_cancelled")])
    lock_event(session, event)
    transition_meeting(session, row, CANCEL, by=by, reason=reason, expected_version=expected_version)
    demand_changed(session, event)
    publish(session, "meeting.cancelled", partnership_id=row.partnership_id, meeting=row.id)
    return row


def put_into_place(
    session: Session,
    event: BrokerageEvent,
    row: Meeting,
    slot: int,
    table: int | None,
    *,
    entries: Sequence[PartyEntry],
    expected_version: int | None = None,
) -> None:
    """Write a place that the caller has found free, under the meeting's version."""
    move = placing_move(event, row)
    need(MEETING, row.state, move)
    bump_version(session, row, expected=expected_version)
    write_transition(row, move)
    write_place(event, row, slot, table, entries=entries)
    session.flush()


def placing_move(event: BrokerageEvent, row: Meeting) -> Move[MeetingState]:
    """Return the move that gives a meeting a place: who was told another one before sees that it moved."""
    return SHIFT if SHIFT.leaves(row.state) and tells_places(event) else PLACE


def write_place(
    event: BrokerageEvent, row: Meeting, slot: int, table: int | None, *, entries: Sequence[PartyEntry]
) -> None:
    """Write slot, table and link into the row; nothing is sent to the database yet."""
    row.slot, row.table_number = slot, table
    if tells_places(event):
        row.told_slot = slot
    row.link = f"{event.link_base.rstrip('/')}/{row.id}" if event.link_base and some_online(entries) else ""


def _table(free: Occupancy, slot: int, wanted: int | None, entries: Sequence[PartyEntry]) -> int:
    usual = free.free_table(slot, entries)
    if wanted is None:
        if usual is None:
            refuse("no_table")
        return usual
    own = {entry.participant.booth for entry in entries}
    if wanted not in own and (wanted > free.slots[slot].tables or wanted < 1 or wanted in free.booths):
        most = free.slots[slot].tables
        raise PlaceInvalid("no_table_for_them", field="table", remedy="one_to_and_nobodys_own", table=wanted, most=most)
    if wanted in free.taken.get(slot, ()):
        refuse("table_taken", table=wanted)
    return wanted
