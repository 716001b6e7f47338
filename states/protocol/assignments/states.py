"""The states and moves of a section that was given to somebody."""

from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing
from states.protocol.assignments.tables import AssignmentState


class AssignmentRefused(Refused):
    """The section cannot be given or taken so."""

    code = "assignment_refused"


LIVE = (AssignmentState.GIVEN, AssignmentState.RETURNED)
"""The states in which its person writes the section, and its deadline runs."""

GIVE = Move("give", "Give it to somebody", None, AssignmentState.GIVEN)
ASK_ANEW = Move("ask_anew", "Give it another day or note", LIVE)
HAND_OVER = Move("hand_over", "Hand it over to somebody else", LIVE, AssignmentState.GIVEN)
HAND_IN = Move("hand_in", "Hand it in", LIVE, AssignmentState.HANDED_IN)
RETURN = Move("return", "Return it with a question", AssignmentState.HANDED_IN, AssignmentState.RETURNED)
TAKE_BACK = Move("take_back", "Take it back", LIVE, AssignmentState.TAKEN_BACK)
LAPSE = Move("lapse", "Whoever had it writes here no more", LIVE, AssignmentState.LAPSED, automatic=True)

SECTION_ASSIGNMENT = Machine(
    name="section_assignment",
    title="A section that was given to somebody",
    noun="section_assignment",
    states={
        AssignmentState.GIVEN: "Given",
        AssignmentState.RETURNED: "Returned",
        AssignmentState.HANDED_IN: "Handed in",
        AssignmentState.TAKEN_BACK: "Taken back",
        AssignmentState.LAPSED: "Lapsed",
    },
    final=frozenset(AssignmentState) - frozenset(LIVE),
    moves=(GIVE, ASK_ANEW, HAND_OVER, HAND_IN, RETURN, TAKE_BACK, LAPSE),
    column="section_assignment.state",
    refusing=Refusing(AssignmentRefused, mend_by=("project_manager", "partner"), where="protocol/assignments"),
)
