"""The states and moves of a participant of a brokerage event."""

from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing
from states.matchmaking.event_day.tables import ParticipantState


class ParticipantRefused(Refused):
    """The participant is not where this is done."""

    code = "participant_refused"


REGISTER = Move("register", "Register", None, ParticipantState.REGISTERED)
WALK_IN = Move("walk_in", "Come without a registration", None, ParticipantState.VALIDATED)
VALIDATE = Move("validate", "Accept the registration", ParticipantState.REGISTERED, ParticipantState.VALIDATED)
REJECT = Move("reject", "Reject the registration", ParticipantState.REGISTERED, ParticipantState.REJECTED)
MEET = Move("meet", "Meet others", ParticipantState.VALIDATED)
CHECK_IN = Move("check_in", "Check in", ParticipantState.VALIDATED)
LEAVE = Move(
    "leave",
    "Leave the event",
    (ParticipantState.REGISTERED, ParticipantState.VALIDATED),
    ParticipantState.WITHDRAWN,
)

PARTICIPANT = Machine(
    name="participant",
    title="A participant of a brokerage event",
    noun="participant",
    states={
        ParticipantState.REGISTERED: "Registered",
        ParticipantState.VALIDATED: "Validated",
        ParticipantState.REJECTED: "Rejected",
        ParticipantState.WITHDRAWN: "Withdrawn",
    },
    final=frozenset(ParticipantState) - {ParticipantState.REGISTERED},
    moves=(REGISTER, WALK_IN, VALIDATE, REJECT, MEET, CHECK_IN, LEAVE),
    column="participant.state",
    refusing=Refusing(ParticipantRefused, "participant_state", "", ("project_manager",), "participants"),
)
