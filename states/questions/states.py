"""The states and moves of a question."""

from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing
from states.questions.tables import QuestionState


class QuestionRefused(Refused):
    """The question cannot be taken so."""

    code = "question_refused"


_RUNNING = (QuestionState.OPEN, QuestionState.ANSWERED)

ASK = Move("ask", "Ask it", None, QuestionState.OPEN)
CHANGE = Move("change", "Change it before it is answered", QuestionState.OPEN)
ANSWER = Move("answer", "Answer it", _RUNNING, QuestionState.ANSWERED)
CORRECT = Move("correct", "Correct or withdraw an answer", _RUNNING)
UNANSWER = Move("unanswer", "Its last answer is withdrawn", QuestionState.ANSWERED, QuestionState.OPEN, automatic=True)
ASK_ON = Move("ask_on", "Ask on", (QuestionState.ANSWERED, QuestionState.CLOSED), QuestionState.OPEN)
CLOSE = Move("close", "Close it", _RUNNING, QuestionState.CLOSED)
WITHDRAW = Move("withdraw", "Withdraw it before it is answered", QuestionState.OPEN, QuestionState.WITHDRAWN)

QUESTION = Machine(
    name="question",
    title="A question on a case",
    noun="question",
    states={
        QuestionState.OPEN: "Open",
        QuestionState.ANSWERED: "Answered",
        QuestionState.CLOSED: "Closed",
        QuestionState.WITHDRAWN: "Withdrawn",
    },
    final=frozenset({QuestionState.CLOSED, QuestionState.WITHDRAWN}),
    moves=(ASK, CHANGE, ANSWER, CORRECT, UNANSWER, ASK_ON, CLOSE, WITHDRAW),
    column="question.state",
    refusing=Refusing(QuestionRefused, mend_by=("project_manager", "partner"), where="questions"),
)
