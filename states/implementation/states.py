"""The states and moves of a partner's progress, and of a change that is asked for."""

from states.errors import Refused
from states.implementation.tables import ApprovalState, ChangeState, ProgressState
from states.machines.definition import Machine, Move, Refusing


class ProgressRefused(Refused):
    """This cannot be done with the progress."""

    code = "progress_refused"


class ChangeRefused(Refused):
    """This cannot be done with the change request."""

    code = "change_refused"


_OPEN = (ProgressState.DRAFT, ProgressState.RETURNED)

OPEN = Move("open", "Open it", None, ProgressState.DRAFT)
WRITE = Move("write", "Write it", _OPEN)
HAND_IN = Move("hand_in", "Hand it in", _OPEN, ProgressState.HANDED_IN)
TAKE_BACK = Move("take_back", "Take it back", ProgressState.HANDED_IN, ProgressState.DRAFT)
RETURN = Move("return", "Return it with a question", ProgressState.HANDED_IN, ProgressState.RETURNED)
ACCEPT = Move("accept", "Accept it", ProgressState.HANDED_IN, ProgressState.ACCEPTED)
CORRECT = Move("correct", "Correct it by a new version", ProgressState.ACCEPTED)
REPLACE = Move("replace", "Its correction is accepted", ProgressState.ACCEPTED, ProgressState.REPLACED, automatic=True)

PROGRESS = Machine(
    name="partner_progress",
    title="The progress of a partner in one period",
    noun="partner_progress",
    states={
        ProgressState.DRAFT: "A draft",
        ProgressState.HANDED_IN: "Handed in",
        ProgressState.RETURNED: "Returned",
        ProgressState.ACCEPTED: "Accepted",
        ProgressState.REPLACED: "Replaced",
    },
    final=frozenset({ProgressState.ACCEPTED, ProgressState.REPLACED}),
    moves=(OPEN, WRITE, HAND_IN, TAKE_BACK, RETURN, ACCEPT, CORRECT, REPLACE),
    column="partner_progress.state",
    refusing=Refusing(ProgressRefused, "progress_elsewhere", "", ("project_manager", "partner"), "progress"),
)

BEGIN = Move("begin", "Describe it", None, ChangeState.DRAFT)
DESCRIBE = Move("describe", "Change what it says", ChangeState.DRAFT)
ASK = Move("ask", "Ask for it", ChangeState.DRAFT, ChangeState.ASKED)
ANSWER = Move("answer", "Answer it", ChangeState.ASKED)
APPROVE = Move("approve", "Everybody agrees", ChangeState.ASKED, ChangeState.APPROVED, automatic=True)
REFUSE = Move("refuse", "Somebody refuses it", ChangeState.ASKED, ChangeState.REFUSED, automatic=True)
CARRY_OUT = Move("carry_out", "Carry it out", ChangeState.APPROVED, ChangeState.CARRIED_OUT)
WITHDRAW = Move(
    "withdraw", "Withdraw it", (ChangeState.DRAFT, ChangeState.ASKED, ChangeState.APPROVED), ChangeState.WITHDRAWN
)
REVISE = Move("revise", "Revise it", (ChangeState.ASKED, ChangeState.REFUSED), ChangeState.DRAFT)

CHANGE_REQUEST = Machine(
    name="change_request",
    title="A change of what was agreed on",
    noun="change_request",
    states={
        ChangeState.DRAFT: "A draft",
        ChangeState.ASKED: "Asked for",
        ChangeState.APPROVED: "Approved",
        ChangeState.CARRIED_OUT: "Carried out",
        ChangeState.REFUSED: "Refused",
        ChangeState.WITHDRAWN: "Withdrawn",
    },
    final=frozenset({ChangeState.CARRIED_OUT, ChangeState.REFUSED, ChangeState.WITHDRAWN}),
    moves=(BEGIN, DESCRIBE, ASK, ANSWER, APPROVE, REFUSE, CARRY_OUT, WITHDRAW, REVISE),
    column="change_request.state",
    refusing=Refusing(ChangeRefused, "change_elsewhere", "", ("project_manager", "partner"), "change-requests"),
)

ASK_APPROVER = Move("ask", "Ask for an answer", None, ApprovalState.ASKED)
AGREE = Move("agree", "Agree", ApprovalState.ASKED, ApprovalState.APPROVED)
DECLINE = Move("decline", "Refuse, with a reason", ApprovalState.ASKED, ApprovalState.REFUSED)

CHANGE_APPROVAL = Machine(
    name="change_approval",
    title="An answer to a change that is asked for",
    noun="change_approval",
    states={ApprovalState.ASKED: "Awaited", ApprovalState.APPROVED: "Approved", ApprovalState.REFUSED: "Refused"},
    final=frozenset({ApprovalState.APPROVED, ApprovalState.REFUSED}),
    moves=(ASK_APPROVER, AGREE, DECLINE),
    column="change_approval.state",
    refusing=Refusing(ChangeRefused, "approval_given", "", ("project_manager",), "change-requests"),
)
