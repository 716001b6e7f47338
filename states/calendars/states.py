"""The states and moves of a partnership's event; its state follows from its date, and from what was done of it."""

from enum import StrEnum

from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing
from states.partners.event_plans import is_over
from states.partners.tables import PartnershipEvent


class EventRefused(Refused):
    """The event cannot be changed so any more."""

    code = "event_refused"


class EventState(StrEnum):
    """Whether an event is still to come, and people were told of it; one that is cancelled is entered anew."""

    PLANNED = "planned"
    ANNOUNCED = "announced"
    OVER = "over"
    CANCELLED = "cancelled"


_TO_COME = (EventState.PLANNED, EventState.ANNOUNCED)
_ENDED = Refusing(EventRefused, "event_ended")

PLAN = Move("plan", "Enter one to come", None, EventState.PLANNED)
ANNOUNCE = Move(
    "announce",
    "Announce it",
    (None, EventState.PLANNED),
    EventState.ANNOUNCED,
    refusing={
        EventState.ANNOUNCED: Refusing(EventRefused, "event_announced", "event_announced"),
        EventState.OVER: Refusing(EventRefused, "event_ended"),
    },
)
RECORD = Move("record", "Record one of the past", None, EventState.OVER)
CHANGE = Move("change", "Change it", (*_TO_COME, EventState.OVER))
PASS = Move("pass", "Its day passes", _TO_COME, EventState.OVER, automatic=True)
CANCEL = Move("cancel", "Cancel it", _TO_COME, EventState.CANCELLED, refusing=_ENDED)

EVENT = Machine(
    name="event",
    title="An event of a partnership",
    noun="event",
    states={
        EventState.PLANNED: "Planned",
        EventState.ANNOUNCED: "Announced",
        EventState.OVER: "Over",
        EventState.CANCELLED: "Cancelled",
    },
    final=frozenset({EventState.OVER, EventState.CANCELLED}),
    moves=(PLAN, ANNOUNCE, RECORD, CHANGE, PASS, CANCEL),
    written=("partnership_event.announced_at", "partnership_event.cancelled_at"),
    doors=("states/calendars/event_announcements.py",),
    refusing=Refusing(EventRefused, "event_cancelled"),
)


def event_state(row: PartnershipEvent) -> EventState:
    """Return whether an event is still to come, by today's date."""
    if row.cancelled_at is not None:
        return EventState.CANCELLED
    if is_over(row):
        return EventState.OVER
    return EventState.PLANNED if row.announced_at is None else EventState.ANNOUNCED
