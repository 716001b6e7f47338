"""The states and moves of an agreement and of its conditions."""

from datetime import date
from enum import StrEnum

from states.errors import Refused
from states.funding.awards.tables import Agreement, AgreementConditionState
from states.machines.definition import Machine, Move, Refusing
from states.machines.stepping import step


class AgreementRefused(Refused):
    """This cannot be done with the agreement."""

    code = "agreement_refused"


class AgreementState(StrEnum):
    """What has become of an agreement; it follows from its days."""

    PLANNED = "planned"
    SIGNED = "signed"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


PLAN = Move("plan", "Plan it", None, AgreementState.PLANNED)
SIGN = Move("sign", "Record that it is signed", (None, AgreementState.PLANNED), AgreementState.SIGNED)
CORRECT = Move("correct", "Correct what is recorded", (AgreementState.PLANNED, AgreementState.SIGNED))
AMEND = Move("amend", "Amend it", AgreementState.SIGNED)
END = Move("end", "End it", AgreementState.SIGNED, AgreementState.ENDED)
REOPEN = Move("reopen", "Open it again", AgreementState.ENDED, AgreementState.SIGNED)
WITHDRAW = Move("withdraw", "Withdraw it", (AgreementState.PLANNED, AgreementState.SIGNED), AgreementState.WITHDRAWN)

AGREEMENT = Machine(
    name="agreement",
    title="An agreement with a funder",
    noun="agreement",
    states={
        AgreementState.PLANNED: "Planned",
        AgreementState.SIGNED: "Signed",
        AgreementState.ENDED: "Ended",
        AgreementState.WITHDRAWN: "Withdrawn",
    },
    final=frozenset({AgreementState.ENDED, AgreementState.WITHDRAWN}),
    moves=(PLAN, SIGN, CORRECT, AMEND, END, REOPEN, WITHDRAW),
    written=("agreement.ended_on", "agreement.withdrawn_on"),
    doors=("states/funding/awards/states.py",),
    refusing=Refusing(AgreementRefused, "agreement_elsewhere", "", ("project_manager", "partner"), "agreements"),
)

ASK = Move("ask", "Ask for it", None, AgreementConditionState.OPEN)
MEET = Move("meet", "Record that it is met", AgreementConditionState.OPEN, AgreementConditionState.MET)
WAIVE = Move("waive", "Record that it is waived", AgreementConditionState.OPEN, AgreementConditionState.WAIVED)
ASK_AGAIN = Move(
    "ask_again",
    "Ask for it again",
    (AgreementConditionState.MET, AgreementConditionState.WAIVED),
    AgreementConditionState.OPEN,
)
CHANGE = Move("change", "Change it", AgreementConditionState.OPEN)

AGREEMENT_CONDITION = Machine(
    name="agreement_condition",
    title="A condition of an agreement with a funder",
    noun="agreement_condition",
    states={
        AgreementConditionState.OPEN: "Open",
        AgreementConditionState.MET: "Met",
        AgreementConditionState.WAIVED: "Waived",
    },
    final=frozenset({AgreementConditionState.MET, AgreementConditionState.WAIVED}),
    moves=(ASK, CHANGE, MEET, WAIVE, ASK_AGAIN),
    column="agreement_condition.state",
    refusing=Refusing(AgreementRefused, "condition_elsewhere", "", ("project_manager", "partner"), "agreements"),
)


def agreement_state(row: Agreement) -> AgreementState:
    """Return what has become of an agreement."""
    if row.withdrawn_on is not None:
        return AgreementState.WITHDRAWN
    if row.ended_on is not None:
        return AgreementState.ENDED
    return AgreementState.PLANNED if row.agreed_on is None else AgreementState.SIGNED


def close_agreement(row: Agreement, move: Move[AgreementState], *, on: date, because: str) -> None:
    """End, withdraw or reopen an agreement, and keep why."""
    state = step(AGREEMENT, agreement_state(row), move)
    row.ended_on = on if state is AgreementState.ENDED else None
    row.withdrawn_on = on if state is AgreementState.WITHDRAWN else None
    row.closed_because = because.strip()
