"""The states and moves of a deadline, and of each line of the ledger of its reminders."""

from states.deadlines.tables import DeadlineState, ReminderState
from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing


class DeadlineRefused(Refused):
    """The deadline cannot be changed so."""

    code = "deadline_refused"


OPEN = Move("open", "Open it", None, DeadlineState.OPEN)
EXTEND = Move("extend", "Extend it", DeadlineState.OPEN)
REASSIGN = Move("reassign", "Give it to somebody else", DeadlineState.OPEN)
MOVE_WITH_ANCHOR = Move("move", "The date moves on which it hangs", DeadlineState.OPEN, automatic=True)
FINISH = Move("finish", "What it waits for is done", DeadlineState.OPEN, DeadlineState.DONE, automatic=True)
WAIVE = Move("waive", "Waive it", DeadlineState.OPEN, DeadlineState.WAIVED)
CANCEL = Move("cancel", "What it waits for is gone", DeadlineState.OPEN, DeadlineState.CANCELLED, automatic=True)

DEADLINE = Machine(
    name="deadline",
    title="A deadline",
    noun="deadline",
    states={
        DeadlineState.OPEN: "Open",
        DeadlineState.DONE: "Done",
        DeadlineState.WAIVED: "Waived",
        DeadlineState.CANCELLED: "Cancelled",
    },
    final=frozenset(DeadlineState) - {DeadlineState.OPEN},
    moves=(OPEN, EXTEND, REASSIGN, MOVE_WITH_ANCHOR, FINISH, WAIVE, CANCEL),
    column="deadline.state",
    refusing=Refusing(DeadlineRefused, "deadline_closed"),
)

PLAN = Move("plan", "Plan it", None, ReminderState.PLANNED)
LEAVE_OUT = Move("leave_out", "Leave it out", None, ReminderState.SUPPRESSED)
SUPPRESS = Move("suppress", "Take it back", ReminderState.PLANNED, ReminderState.SUPPRESSED)

REMINDER = Machine(
    name="reminder",
    title="A line of the ledger of reminders",
    noun="reminder",
    states={ReminderState.PLANNED: "Planned", ReminderState.SUPPRESSED: "Suppressed"},
    final=frozenset(ReminderState),
    moves=(PLAN, LEAVE_OUT, SUPPRESS),
    column="reminder.state",
)
