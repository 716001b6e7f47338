"""The states and moves of a computation, the same for every kind."""

from states.computations.tables import ComputationState
from states.machines.definition import Machine, Move, Refusing, StepRefused

_OPEN = (ComputationState.WAITING, ComputationState.RUNNING)

ASK = Move("ask", "Ask for it", None, ComputationState.WAITING)
RECORD = Move("record", "It took seconds and is done already", None, ComputationState.DONE, automatic=True)
# One that was broken off begins anew.
BEGIN = Move("begin", "A runner begins it", _OPEN, ComputationState.RUNNING, automatic=True)
CANCEL = Move("cancel", "Cancel it", _OPEN, ComputationState.CANCELLED)
KEEP = Move("keep", "Its answer is kept", (ComputationState.RUNNING, ComputationState.CANCELLED), automatic=True)
FINISH = Move("finish", "It finds an answer", ComputationState.RUNNING, ComputationState.DONE, automatic=True)
EXCLUDE = Move("exclude", "There can be none", ComputationState.RUNNING, ComputationState.INFEASIBLE, automatic=True)
FAIL = Move("fail", "It finds none", ComputationState.RUNNING, ComputationState.FAILED, automatic=True)
OUTDATE = Move(
    "outdate",
    "Its answer does not fit any more",
    (ComputationState.RUNNING, ComputationState.CANCELLED),
    ComputationState.OUTDATED,
    automatic=True,
)
VARY = Move("vary", "Change something in it", (ComputationState.DONE, ComputationState.INFEASIBLE))

COMPUTATION = Machine(
    name="computation",
    title="A long computation",
    noun="computation",
    states={
        ComputationState.WAITING: "Waiting",
        ComputationState.RUNNING: "Running",
        ComputationState.DONE: "Done",
        ComputationState.INFEASIBLE: "Infeasible",
        ComputationState.FAILED: "Failed",
        ComputationState.OUTDATED: "Outdated",
        ComputationState.CANCELLED: "Cancelled",
    },
    final=frozenset(ComputationState) - frozenset(_OPEN),
    moves=(ASK, RECORD, BEGIN, CANCEL, KEEP, FINISH, EXCLUDE, FAIL, OUTDATE, VARY),
    column="computation.state",
    refusing=Refusing(StepRefused, mend_by=("project_manager",)),
)
