"""Commands of an open round and after it: evaluate, state a position, close, decide (opening: `opening.py`)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from states.clock import now
from states.collaborations.tables import Collaboration
from states.deadlines.service import close_deadlines
from states.deadlines.tables import DeadlineState
from states.errors import Fault, Invalid, Refusal, Refused
from states.events.service import publish
from states.partners.tables import Region
from states.review.definition import Panel, PanelKind
from states.review.queries import decision_of, evaluations_of, positions_of, seats_of
from states.review.scoring import checked_scores
from states.review.tables import (
    Decision,
    Evaluation,
    Outcome,
    Position,
    PriorityMatch,
    ReviewRound,
    RoundState,
    Willingness,
)
from states.storage import claim, fits_cents

SEAT_DEADLINE = "seat"
_MAX_RATE = Decimal(100)
_HUNDREDTH = Decimal("0.01")
_CHAIRS = ("iag_chair", "wgra_chair")


class RoundClosed(Refused):
    """The round is closed."""

    code = "round_closed"


class NotSeated(Refused):
    """The person has no seat in this round."""

    code = "not_seated"


class AlreadyDone(Refused):
    """It was done before and cannot be done again."""

    code = "already_done"


class DecisionRefused(Refused):
    """The decision cannot be made so."""

    code = "decision_refused"


class PositionInvalid(Invalid):
    """The position does not fit."""

    code = "position_invalid"


@dataclass(frozen=True, slots=True)
class Stance:
    """What a region says of its own money: rate in percent, amount in EUR, window as dates."""

    willingness: Willingness
    priority_match: PriorityMatch
    condition: str = ""
    citation: str = ""
    instrument: str = ""
    window_opens: date | None = None
    window_closes: date | None = None
    maximum_rate: Decimal | None = None
    maximum_amount: Decimal | None = None
    alignment_action: str = ""


def submit_evaluation(
    session: Session,
    row: ReviewRound,
    *,
    person_id: str,
    scores: Mapping[str, object],
    comments: Mapping[str, str],
    panel: Panel,
) -> Evaluation:
    """Submit a reviewer's scores, once; the last one due tells that all are in."""
    _need_open(row)
    _need_seat(session, row, person_id)
    if panel.kind is not PanelKind.SCORES:
        raise NotSeated([Refusal("panel_states_positions", "This panel states positions, it does not score.")])
    if any(one.person_id == person_id for one in evaluations_of(session, row.id)):
        raise AlreadyDone([Refusal("evaluation_submitted", "Your evaluation is in; it cannot be changed.")])
    claim(session, row)  # two last ones at once would each think that another is missing
    evaluation = Evaluation(
        round_id=row.id,
        person_id=person_id,
        scores=checked_scores(scores, comments, panel=panel),
        comments=dict(comments),
        submitted_at=now(),
    )
    session.add(evaluation)
    session.flush()
    close_deadlines(session, kind=SEAT_DEADLINE, subject_id=row.id, owner_person_id=person_id)
    _tell_if_all_in(session, row)
    return evaluation


def state_position(session: Session, row: ReviewRound, *, person_id: str, region: Region, stance: Stance) -> Position:
    """State, or restate while the round is open, the position of one region on its own money.

    Any member of the region may; with the last region's first statement all answers are in.
    """
    _need_open(row)
    _need_seat(session, row, person_id, region_id=region.id)
    faults = list(_stance_faults(stance))
    if faults:
        raise PositionInvalid(faults=faults)
    claim(session, row)
    query = select(Position).where(Position.round_id == row.id, Position.region_id == region.id)
    stated = session.exec(query).one_or_none()
    position = stated or Position(
        round_id=row.id,
        region_id=region.id,
        person_id=person_id,
        willingness=stance.willingness,
        priority_match=stance.priority_match,
        stated_at=now(),
    )
    for name in Stance.__slots__:
        setattr(position, name, getattr(stance, name))
    position.person_id, position.stated_at = person_id, now()
    session.add(position)
    session.flush()
    if stated is None:
        for seat, person in seats_of(session, row.id):
            if seat.region_id == region.id:
                close_deadlines(session, kind=SEAT_DEADLINE, subject_id=row.id, owner_person_id=person.id)
        _tell_if_all_in(session, row)
    return position


def _stance_faults(stance: Stance) -> Iterator[Fault]:
    if stance.willingness is Willingness.IF and not stance.condition.strip():
        yield Fault("condition", "is missing", "say under which condition the region is willing")
    rate, amount = stance.maximum_rate, stance.maximum_amount
    if rate is not None and not (rate.is_finite() and 0 <= rate <= _MAX_RATE and rate == rate.quantize(_HUNDREDTH)):
        yield Fault("maximum_rate", f"{rate} is no percentage", "0 to 100, at most two decimals")
    if amount is not None and not (fits_cents(amount) and amount >= 0):
        yield Fault("maximum_amount", f"{amount} EUR", "zero or more, to the cent")
    opens, closes = stance.window_opens, stance.window_closes
    if opens is not None and closes is not None and closes < opens:
        yield Fault("window_closes", f"{closes} is before the opening on {opens}", "give the dates in order")


def outstanding(session: Session, row: ReviewRound) -> list[str]:
    """Return the labels of the people whose evaluation or position is still awaited, and regions without anybody."""
    answered = {one.person_id for one in evaluations_of(session, row.id)}
    stated = {region.id for _, region in positions_of(session, row.id)}
    seats = seats_of(session, row.id)
    waiting = [
        person.label
        for seat, person in seats
        if person.id not in answered and (seat.region_id is None or seat.region_id not in stated)
    ]
    seated = {seat.region_id for seat, _ in seats}
    nobody = [key for key in row.asked_regions if key not in seated]
    names = session.exec(select(Region.name).where(col(Region.id).in_(nobody))).all() if nobody else []
    return waiting + [f"{name}: nobody is appointed" for name in names]


def close_round(session: Session, row: ReviewRound, *, missing: Sequence[str] | None = None) -> bool:
    """Close a round, naming what is missing; return False if it was closed before."""
    if row.state is RoundState.CLOSED:
        return False
    claim(session, row)
    row.missing = list(outstanding(session, row) if missing is None else missing)
    row.state, row.closed_at = RoundState.CLOSED, now()
    session.add(row)
    close_deadlines(session, kind=SEAT_DEADLINE, subject_id=row.id, state=DeadlineState.CANCELLED)
    session.flush()
    return True


def prepare_decision(
    session: Session,
    row: ReviewRound,
    *,
    person_id: str,
    outcome: Outcome,
    reasons: str,
    conditions: Sequence[str] = (),
    panel: Panel,
) -> Decision:
    """Prepare the decision on a closed round that has its quorum, or prepare it anew until it is confirmed."""
    if row.state is not RoundState.CLOSED:
        raise DecisionRefused([Refusal("round_open", "The round is still open.", ("iag_secretary",), "rounds")])
    answers = len(evaluations_of(session, row.id)) + len(positions_of(session, row.id))
    if answers < panel.quorum:
        message = f"{answers} of {panel.quorum} answers that the quorum needs are in."
        raise DecisionRefused([Refusal("below_quorum", message, (panel.members.value,), "rounds")])
    faults = []
    if not reasons.strip():
        faults.append(Fault("reasons", "are missing", "say why"))
    if (outcome is Outcome.ENDORSE_WITH_CONDITIONS) != bool(conditions):
        faults.append(
            Fault("conditions", "go with endorse_with_conditions, and only with it", "name them, or drop them")
        )
    if faults:
        raise Invalid(faults=faults)
    decision = decision_of(session, row.id)
    if decision is not None and decision.confirmed_at is not None:
        raise AlreadyDone([Refusal("decision_confirmed", "The decision is confirmed; a new version is a new round.")])
    if decision is None:
        claim(session, row)  # two at once would both be the first
        decision = Decision(round_id=row.id, outcome=outcome, reasons=reasons, prepared_by=person_id, prepared_at=now())
    else:
        claim(session, decision)
    decision.outcome, decision.reasons, decision.conditions = outcome, reasons, list(conditions)
    decision.prepared_by, decision.prepared_at = person_id, now()
    session.add(decision)
    session.flush()
    return decision


def confirm_decision(
    session: Session,
    row: ReviewRound,
    *,
    person_id: str,
    collaboration: Collaboration,
    expected_version: int | None = None,
) -> Decision:
    """Confirm a prepared decision; never by who prepared it, nor by a person with a seat in the round."""
    decision = decision_of(session, row.id)
    if decision is None:
        raise DecisionRefused([Refusal("not_prepared", "No decision is prepared.", ("iag_secretary",), "rounds")])
    if decision.confirmed_at is not None:
        raise AlreadyDone([Refusal("decision_confirmed", "The decision is confirmed already.")])
    if person_id == decision.prepared_by:
        raise DecisionRefused([Refusal("four_eyes", "Who prepared the decision does not confirm it.", _CHAIRS)])
    if any(person.id == person_id for _, person in seats_of(session, row.id)):
        raise DecisionRefused([Refusal("seated", "Who has a seat in a round does not confirm its decision.", _CHAIRS)])
    claim(session, decision, expected=expected_version)
    decision.confirmed_by, decision.confirmed_at = person_id, now()
    session.add(decision)
    session.flush()
    publish(
        session,
        "review.decided",
        partnership_id=collaboration.partnership_id,
        collaboration_id=collaboration.id,
        round_id=row.id,
        outcome=decision.outcome.value,
    )
    return decision


def _need_open(row: ReviewRound) -> None:
    if row.state is not RoundState.OPEN:
        raise RoundClosed([Refusal("round_closed", f"Round {row.number} is closed.", ("iag_secretary",), "rounds")])


def _need_seat(session: Session, row: ReviewRound, person_id: str, *, region_id: str | None = None) -> None:
    for seat, person in seats_of(session, row.id):
        if person.id == person_id and (region_id is None or seat.region_id == region_id):
            return
    what = "for this region " if region_id else ""
    raise NotSeated([Refusal("not_seated", f"You have no seat {what}in this round.", ("iag_secretary",), "rounds")])


def _tell_if_all_in(session: Session, row: ReviewRound) -> None:
    if outstanding(session, row):
        return
    collaboration = session.get_one(Collaboration, row.collaboration_id)
    publish(
        session,
        "review.answers_in",
        partnership_id=collaboration.partnership_id,
        collaboration_id=collaboration.id,
        round_id=row.id,
    )
