"""The states and moves of a partnership's event; its state follows from its date and from when it was cancelled."""

from enum import StrEnum

from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing
from states.partners.event_plans import is_over
from states.partners.tables import PartnershipEvent


class EventRefused(Refused):
    """The event cannot be changed so any more."""

    code = "event_refused"


class EventState(StrEnum):
    """Whether an event is still to come; one that is cancelled is announced anew."""

    PLANNED = "planned"
    OVER = "over"
    CANCELLED = "cancelled"


_ENDED = Refusing(EventRefused, "event_ended")

ANNOUNCE = Move("announce", "Announce it", None, EventState.PLANNED)
RECORD = Move("record", "Record one of the past", None, EventState.OVER)
CHANGE = Move("change", "Change it", (EventState.PLANNED, EventState.OVER))
PASS = Move("pass", "Its day passes", EventState.PLANNED, EventState.OVER, automatic=True)
CANCEL = Move("cancel", "Cancel it", EventState.PLANNED, EventState.CANCELLED, refusing=_ENDED)

EVENT = Machine(
    name="event",
    title="An event of a partnership",
    noun="event",
    states={EventState.PLANNED: "Planned", EventState.OVER: "Over", EventState.CANCELLED: "Cancelled"},
    final=frozenset({EventState.OVER, EventState.CANCELLED}),
    moves=(ANNOUNCE, RECORD, CHANGE, PASS, CANCEL),
    written=("partnership_event.cancelled_at",),
    doors=("states/calendars/event_announcements.py",),
    refusing=Refusing(EventRefused, "event_cancelled"),
)


def event_state(row: PartnershipEvent) -> EventState:
    """Return whether an event is still to come, by today's date."""
    if row.cancelled_at is not None:
        return EventState.CANCELLED
    return EventState.OVER if is_over(row) else EventState.PLANNED
