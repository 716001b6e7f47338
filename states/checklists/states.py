"""The states and moves of a checklist in one round."""

from states.checklists.tables import ChecklistState
from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing

_FILLED = (ChecklistState.OPEN, ChecklistState.REOPENED, ChecklistState.COMPLETE)


class ChecklistClosed(Refused):
    """The checklist cannot be changed so."""

    code = "checklist_closed"


BEGIN = Move("begin", "Begin a round", None, ChecklistState.OPEN)
ANSWER = Move("answer", "Answer an item, or confirm an answer", _FILLED)
FINISH = Move(
    "finish",
    "The last answer that is needed is given",
    (ChecklistState.OPEN, ChecklistState.REOPENED),
    ChecklistState.COMPLETE,
    automatic=True,
)
UNFINISH = Move("unfinish", "An answer is needed again", ChecklistState.COMPLETE, ChecklistState.OPEN, automatic=True)
SIGN_OFF = Move("sign_off", "Sign the list off", ChecklistState.COMPLETE, ChecklistState.SIGNED_OFF)
REOPEN = Move("reopen", "Reopen it, with a reason", ChecklistState.SIGNED_OFF, ChecklistState.REOPENED)
SUPERSEDE = Move("supersede", "Begin another round", (*_FILLED, ChecklistState.SIGNED_OFF), ChecklistState.SUPERSEDED)

CHECKLIST = Machine(
    name="checklist",
    title="A checklist in one round",
    noun="checklist",
    states={
        ChecklistState.OPEN: "Open",
        ChecklistState.COMPLETE: "Complete",
        ChecklistState.SIGNED_OFF: "Signed off",
        ChecklistState.REOPENED: "Reopened",
        ChecklistState.SUPERSEDED: "Superseded by another round",
    },
    final=frozenset({ChecklistState.SIGNED_OFF, ChecklistState.SUPERSEDED}),
    moves=(BEGIN, ANSWER, FINISH, UNFINISH, SIGN_OFF, REOPEN, SUPERSEDE),
    column="checklist.state",
    refusing=Refusing(ChecklistClosed, where="checklists"),
)
