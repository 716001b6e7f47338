"""A released decision is corrected by two other hands: the text in force stays until the correction is released."""

from collections.abc import Iterator, Sequence

from sqlmodel import Session, col, select

from states.clock import now
from states.collaborations.tables import Collaboration
from states.deadlines import states as deadlines
from states.deadlines.kinds import Waiting
from states.deadlines.service import close_deadlines
from states.errors import Fault, Invalid, Missing, Refusal
from states.machines.stepping import need, step
from states.review.decisions import need_fresh_hands, tell_decided, text_faults
from states.review.definition import Panel
from states.review.departures import explained
from states.review.queries import conditions_of, decision_of
from states.review.states import CONDITION, CORRECT_DECISION, DECISION, WAIVE, DecisionRefused, decision_state
from states.review.tables import Condition, ConditionState, Decision, DecisionCorrection, Outcome, ReviewRound
from states.storage import bump_version

_OFFICE = ("iag_secretary", "iag_chair", "wgra_chair")


def corrections_of(session: Session, round_id: str) -> list[DecisionCorrection]:
    """Return the corrections of a round's decision, the first one first; the last one may wait for its release."""
    query = select(DecisionCorrection).where(DecisionCorrection.round_id == round_id)
    return list(session.exec(query.order_by(col(DecisionCorrection.number))))


def waiting_correction(session: Session, round_id: str) -> DecisionCorrection | None:
    """Return the correction that is prepared and not released, if there is one."""
    return next((one for one in corrections_of(session, round_id) if one.released_at is None), None)


def prepare_correction(
    session: Session,
    row: ReviewRound,
    *,
    person_id: str,
    because: str,
    outcome: Outcome,
    reasons: str,
    conditions: Sequence[str] = (),
    departure: str | None = None,
    panel: Panel,
    expected_version: int | None = None,
) -> DecisionCorrection:
    """Prepare another text of a released decision, with why, or prepare it anew until it is released."""
    decision = _released(session, row)
    _need_other_hands(session, row, decision, person_id)
    conditions = [one.strip() for one in conditions if one.strip()]
    why, unexplained = explained(session, row, panel=panel, outcome=outcome, conditions=conditions, departure=departure)
    faults = [*text_faults(outcome, reasons, conditions), *unexplained]
    if not because.strip():
        faults.append(Fault("because", "missing", remedy="say_why"))
    if faults:
        raise Invalid(faults=faults)
    found = waiting_correction(session, row.id)
    if found is None:
        bump_version(session, decision)  # two at once would take the same number
        number = len(corrections_of(session, row.id)) + 1
        found = DecisionCorrection(
            round_id=row.id,
            number=number,
            because=because,
            outcome=outcome,
            reasons=reasons,
            prepared_by=person_id,
            prepared_at=now(),
        )
    else:
        bump_version(session, found, expected=expected_version)
    found.because, found.outcome, found.reasons, found.conditions = because.strip(), outcome, reasons, conditions
    found.departure = why
    found.prepared_by, found.prepared_at = person_id, now()
    session.add(found)
    session.flush()
    return found


def release_correction(
    session: Session,
    row: ReviewRound,
    *,
    person_id: str,
    collaboration: Collaboration,
    expected_version: int | None = None,
) -> Decision:
    """Put a prepared correction in the place of the decision's text; what it said is kept with the correction.

    Conditions of the same text stay as they are, those that fall away are waived, and new ones are tracked.
    """
    decision = _released(session, row)
    session.refresh(decision, with_for_update=True)
    found = waiting_correction(session, row.id)
    if found is None:
        raise Missing("correction", row.id)
    _need_other_hands(session, row, decision, person_id)
    if person_id == found.prepared_by:
        raise DecisionRefused([Refusal("four_eyes", mend_by=("iag_chair", "wgra_chair"), where="rounds")])
    bump_version(session, found, expected=expected_version)
    bump_version(session, decision)
    found.was = decision.model_dump(mode="json", include=_TEXT)
    found.released_by, found.released_at = person_id, now()
    decision.outcome, decision.reasons, decision.conditions = found.outcome, found.reasons, found.conditions
    decision.departure = found.departure
    decision.prepared_by, decision.prepared_at = found.prepared_by, found.prepared_at
    decision.confirmed_by = decision.released_by = person_id
    decision.confirmed_at = decision.released_at = found.released_at
    session.flush()
    _replace_conditions(session, row, found, person_id)
    tell_decided(session, row, decision, collaboration)
    return decision


_TEXT = {
    "outcome",
    "reasons",
    "conditions",
    "departure",
    "prepared_by",
    "prepared_at",
    "confirmed_by",
    "released_by",
    "released_at",
}


def _released(session: Session, row: ReviewRound) -> Decision:
    decision = decision_of(session, row.id)
    need(DECISION, decision_state(decision), CORRECT_DECISION)
    assert decision is not None
    return decision


def _need_other_hands(session: Session, row: ReviewRound, decision: Decision, person_id: str) -> None:
    """Who made the text that is in force does not correct it, nor who sat in the round."""
    need_fresh_hands(session, row, person_id)
    if person_id in (decision.prepared_by, decision.confirmed_by):
        raise DecisionRefused([Refusal("other_hands", mend_by=_OFFICE, where="rounds")])


def _replace_conditions(session: Session, row: ReviewRound, found: DecisionCorrection, person_id: str) -> None:
    known = conditions_of(session, row.id)
    for one in known:
        if one.text not in found.conditions and one.state is ConditionState.OPEN:
            one.state = step(CONDITION, one.state, WAIVE)
            one.evidence = f"Correction {found.number} of the decision: {found.because}"
            one.closed_by, one.closed_at = person_id, now()
            close_deadlines(session, Waiting.CONDITION.value, subject_id=one.id, move=deadlines.WAIVE)
    session.add_all(_fresh(row, known, found.conditions))
    session.flush()


def _fresh(row: ReviewRound, known: Sequence[Condition], texts: Sequence[str]) -> Iterator[Condition]:
    there, last = {one.text for one in known}, max((one.number for one in known), default=0)
    for number, text in enumerate((text for text in texts if text not in there), start=last + 1):
        yield Condition(round_id=row.id, number=number, text=text)
