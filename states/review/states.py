"""The states and moves of a review: rounds, seats, evaluations, decisions and their conditions."""

from collections.abc import Sequence
from enum import StrEnum

from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing
from states.machines.stepping import need, step
from states.review.conflicts.states import DossierClosed
from states.review.definition import Panel, Phase
from states.review.tables import (
    ConditionState,
    Decision,
    Evaluation,
    EvaluationDraft,
    ReviewRound,
    RoundState,
    SeatState,
)

_SECRETARY = ("iag_secretary",)
_MANAGERS = ("iag_secretary", "project_manager")
_CHAIRS = ("iag_chair", "wgra_chair")


class RoundClosed(Refused):
    """The round takes no more answers."""

    code = "round_closed"


class PhaseRefused(Refused):
    """The round is not in the phase in which this is done."""

    code = "phase_refused"


class SeatRefused(Refused):
    """The seat cannot be taken or left so."""

    code = "seat_refused"


class NotSeated(Refused):
    """The person has no seat in this round."""

    code = "not_seated"


class DecisionRefused(Refused):
    """The decision cannot be made so."""

    code = "decision_refused"


class AlreadyDone(Refused):
    """It was done before and cannot be done again."""

    code = "already_done"


# A round: which phases it goes through, its panel says; the phases after the answers are in are closed to answers.
_CLOSED = Refusing(RoundClosed, "round_closed", "", _SECRETARY, "rounds")

OPEN = Move("open", "Open it", None, Phase.INDIVIDUAL)
ANSWER = Move("answer", "Answer it", Phase.INDIVIDUAL, refusing=_CLOSED)
SEAT_ANEW = Move("seat", "Change its seats", Phase.INDIVIDUAL, refusing=_CLOSED)
EXTEND = Move("extend", "Extend it", Phase.INDIVIDUAL, refusing=_CLOSED)
GIVE_UP = Move(
    "give_up",
    "Give a seat back",
    Phase.INDIVIDUAL,
    refusing=Refusing(SeatRefused, "round_closed", "", _SECRETARY, "rounds"),
)
CLOSE = Move("close", "Close it", Phase.INDIVIDUAL, (Phase.CONSENSUS, Phase.PANEL, Phase.DECISION))
DISCUSS = Move("discuss", "Record a discussion", Phase.CONSENSUS)
AGREE = Move("agree", "Record the consensus", Phase.CONSENSUS, (Phase.PANEL, Phase.DECISION))
COMPARE = Move("compare", "Record the panel's minute", Phase.PANEL, Phase.DECISION)
DECIDE = Move("decide", "Prepare its decision", Phase.DECISION)
SETTLE = Move("settle", "Confirm its decision", Phase.DECISION, Phase.RELEASE)

ROUND = Machine(
    name="review_round",
    title="A review round",
    noun="round",
    states={
        Phase.INDIVIDUAL: "Open for answers",
        Phase.CONSENSUS: "Waiting for the consensus",
        Phase.PANEL: "Waiting for the panel's minute",
        Phase.DECISION: "Waiting for its decision",
        Phase.RELEASE: "Decided",
    },
    final=frozenset({Phase.RELEASE}),
    moves=(OPEN, ANSWER, SEAT_ANEW, EXTEND, GIVE_UP, CLOSE, DISCUSS, AGREE, COMPARE, DECIDE, SETTLE),
    column="review_round.phase",
    written=("review_round.state",),
    doors=("states/review/states.py",),
    refusing=Refusing(PhaseRefused, "wrong_phase", "", _SECRETARY, "rounds"),
)


def need_round(row: ReviewRound, move: Move[Phase]) -> None:
    """Raise `RoundClosed` or `PhaseRefused` unless this may be done in the round's present phase."""
    need(ROUND, row.phase, move, what=f"Round {row.number}")


def transition_round(row: ReviewRound, move: Move[Phase], *, panel: Panel) -> None:
    """Write a move of a round into its row: the next phase is the one that its panel declares."""
    need_round(row, move)
    row.phase = step(ROUND, row.phase, move, end=panel.phase_after(row.phase), what=f"Round {row.number}")
    row.state = RoundState.OPEN if ANSWER.leaves(row.phase) else RoundState.CLOSED


TAKE = Move("take", "Take it", None, SeatState.ACTIVE)
DECLARE = Move(
    "declare",
    "Declare one's interests",
    SeatState.ACTIVE,
    refusing=Refusing(DossierClosed, "not_seated", "not_seated", _MANAGERS, "rounds"),
)
WITHDRAW = Move("withdraw", "Withdraw from the round", SeatState.ACTIVE, SeatState.WITHDRAWN)
DISQUALIFY = Move("disqualify", "Disqualify for a conflict of interest", SeatState.ACTIVE, SeatState.DISQUALIFIED)
REMOVE = Move("remove", "Take the reviewer off it", SeatState.ACTIVE, SeatState.REMOVED)

SEAT = Machine(
    name="seat",
    title="A reviewer's seat in a round",
    noun="seat",
    states={
        SeatState.ACTIVE: "Taken",
        SeatState.WITHDRAWN: "Given back",
        SeatState.DISQUALIFIED: "Ended by a conflict of interest",
        SeatState.REMOVED: "Ended by hand",
    },
    final=frozenset(SeatState),
    moves=(TAKE, DECLARE, WITHDRAW, DISQUALIFY, REMOVE),
    column="seat.state",
    refusing=Refusing(SeatRefused, "not_seated", "not_seated", _SECRETARY, "rounds"),
)


class EvaluationState(StrEnum):
    """How far a reviewer's evaluation has come; it follows from the draft and from what is in."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"


SAVE = Move("save", "Save a draft", (None, EvaluationState.DRAFTED), EvaluationState.DRAFTED)
SUBMIT = Move(
    "submit",
    "Submit it",
    (None, EvaluationState.DRAFTED),
    EvaluationState.SUBMITTED,
    refusing=Refusing(AlreadyDone, "evaluation_submitted", "evaluation_submitted"),
)
RESAVE = Move("draft_correction", "Save a draft of a correction", EvaluationState.SUBMITTED)
CORRECT = Move(
    "correct",
    "Correct it, with a reason",
    EvaluationState.SUBMITTED,
    refusing=Refusing(NotSeated, "nothing_to_correct", "nothing_to_correct", (), "rounds"),
)

EVALUATION = Machine(
    name="evaluation",
    title="A reviewer's evaluation in a round",
    noun="evaluation",
    states={EvaluationState.DRAFTED: "Drafted", EvaluationState.SUBMITTED: "Submitted"},
    final=frozenset({EvaluationState.SUBMITTED}),
    moves=(SAVE, SUBMIT, RESAVE, CORRECT),
)


def evaluation_state(
    submitted: Sequence[Evaluation], *, draft: EvaluationDraft | None = None
) -> EvaluationState | None:
    """Return how far an evaluation has come, by what is in of one reviewer and what is saved."""
    if submitted:
        return EvaluationState.SUBMITTED
    return EvaluationState.DRAFTED if draft is not None else None


class DecisionState(StrEnum):
    """How far the decision on a round has come; it follows from who has signed it."""

    PREPARED = "prepared"
    CONFIRMED = "confirmed"
    RELEASED = "released"


_CONFIRMED = Refusing(AlreadyDone, "decision_confirmed", "decision_confirmed")
_NOT_CONFIRMED = Refusing(DecisionRefused, "not_confirmed", "not_confirmed", _CHAIRS, "rounds")

PREPARE = Move(
    "prepare",
    "Prepare it",
    (None, DecisionState.PREPARED),
    DecisionState.PREPARED,
    refusing=Refusing(AlreadyDone, "decision_confirmed", "decision_final"),
)
CONFIRM = Move(
    "confirm",
    "Confirm it",
    DecisionState.PREPARED,
    DecisionState.CONFIRMED,
    refusing={
        None: Refusing(DecisionRefused, "not_prepared", "not_prepared", _SECRETARY, "rounds"),
        DecisionState.CONFIRMED: _CONFIRMED,
        DecisionState.RELEASED: _CONFIRMED,
    },
)
PUBLISH = Move(
    "release",
    "Release it",
    DecisionState.CONFIRMED,
    DecisionState.RELEASED,
    refusing={
        None: _NOT_CONFIRMED,
        DecisionState.PREPARED: _NOT_CONFIRMED,
        DecisionState.RELEASED: Refusing(AlreadyDone, "decision_released", "decision_released"),
    },
)
CORRECT_DECISION = Move(
    "correct",
    "Correct it, with a reason, by two other people",
    DecisionState.RELEASED,
    refusing=Refusing(DecisionRefused, "not_released", "not_released", _CHAIRS, "rounds"),
)

DECISION = Machine(
    name="decision",
    title="The decision on a round",
    noun="decision",
    states={
        DecisionState.PREPARED: "Prepared",
        DecisionState.CONFIRMED: "Confirmed",
        DecisionState.RELEASED: "Released",
    },
    final=frozenset({DecisionState.RELEASED}),
    moves=(PREPARE, CONFIRM, PUBLISH, CORRECT_DECISION),
    written=("decision.confirmed_at", "decision.released_at"),
    doors=("states/review/decisions.py", "states/review/corrections.py"),
)


def decision_state(row: Decision | None) -> DecisionState | None:
    """Return how far a decision has come; None where nobody has prepared it."""
    if row is None:
        return None
    if row.confirmed_at is None:
        return DecisionState.PREPARED
    return DecisionState.CONFIRMED if row.released_at is None else DecisionState.RELEASED


TRACK = Move("track", "Release the decision", None, ConditionState.OPEN)
MEET = Move("meet", "Close it as met", ConditionState.OPEN, ConditionState.MET)
WAIVE = Move("waive", "Waive it", ConditionState.OPEN, ConditionState.WAIVED)

CONDITION = Machine(
    name="review_condition",
    title="A condition of a released decision",
    noun="condition",
    states={ConditionState.OPEN: "Open", ConditionState.MET: "Met", ConditionState.WAIVED: "Waived"},
    final=frozenset({ConditionState.MET, ConditionState.WAIVED}),
    moves=(TRACK, MEET, WAIVE),
    column="review_condition.state",
    refusing=Refusing(AlreadyDone, "condition_closed"),
)
