"""Decisions: prepared by one person, confirmed by another, pending until released; conditions tracked to their end."""

from collections.abc import Sequence

from sqlmodel import Session

from states.archive.tables import DocumentKind
from states.clock import now
from states.collaborations.queries import collaboration_by_id
from states.collaborations.tables import Collaboration
from states.deadlines import states as deadlines
from states.deadlines.kinds import Waiting
from states.deadlines.service import close_deadlines
from states.errors import Fault, Invalid, Refusal
from states.machines.definition import Move
from states.machines.stepping import need, step
from states.outbox.service import publish
from states.partners.queries import holders
from states.review.definition import Panel, PanelKind, Phase
from states.review.departures import explained
from states.review.queries import (
    answers_in,
    conditions_of,
    consensus_of,
    decision_of,
    decisions_of_rounds,
    rounds_of,
    seats_of,
    submissions_of,
)
from states.review.states import (
    CONDITION,
    CONFIRM,
    DECIDE,
    DECISION,
    MEET,
    PREPARE,
    PUBLISH,
    SETTLE,
    WAIVE,
    DecisionRefused,
    DecisionState,
    decision_state,
    need_round,
    transition_round,
)
from states.review.tables import Condition, ConditionState, Decision, Outcome, ReviewRound
from states.rights.access import Role
from states.storage import bump_version

_CHAIRS = ("iag_chair", "wgra_chair")


def prepare_decision(
    session: Session,
    row: ReviewRound,
    *,
    person_id: str,
    outcome: Outcome,
    reasons: str,
    conditions: Sequence[str] = (),
    departure: str | None = None,
    panel: Panel,
    expected_version: int | None = None,
) -> Decision:
    """Prepare the decision on a round that has its quorum, or prepare it anew until it is confirmed.

    Where it departs from what the scores or the regions' positions recommend, it says why.
    """
    need_round(row, DECIDE)
    _need_enough_answers(session, row, panel)
    need_fresh_hands(session, row, person_id)
    _need_confirmer(session, row, preparer=person_id)
    conditions = [one.strip() for one in conditions if one.strip()]
    why, unexplained = explained(session, row, panel=panel, outcome=outcome, conditions=conditions, departure=departure)
    if faults := [*text_faults(outcome, reasons, conditions), *unexplained]:
        raise Invalid(faults=faults)
    decision = decision_of(session, row.id)
    need(DECISION, decision_state(decision), PREPARE)
    if decision is None:
        bump_version(session, row)  # two at once would both be the first
        decision = Decision(round_id=row.id, outcome=outcome, reasons=reasons, prepared_by=person_id, prepared_at=now())
    else:
        bump_version(session, decision, expected=expected_version)
    decision.outcome, decision.reasons, decision.conditions = outcome, reasons, conditions
    decision.departure = why
    decision.prepared_by, decision.prepared_at = person_id, now()
    session.add(decision)
    session.flush()
    return decision


def confirm_decision(
    session: Session, row: ReviewRound, *, person_id: str, panel: Panel, expected_version: int | None = None
) -> Decision:
    """Confirm a prepared decision: never by who prepared or scored it, or confirmed another panel's on this version."""
    decision = _locked(session, row, CONFIRM)
    if person_id == decision.prepared_by:
        raise DecisionRefused([Refusal("four_eyes", mend_by=_CHAIRS)])
    _need_enough_answers(session, row, panel)
    need_fresh_hands(session, row, person_id)
    _need_new_confirmer(session, row, person_id)
    bump_version(session, row)  # nobody leaves the quorum in this moment
    bump_version(session, decision, expected=expected_version)
    decision.confirmed_by, decision.confirmed_at = person_id, now()
    transition_round(row, SETTLE, panel=panel)
    session.add_all([decision, row])
    session.flush()
    return decision


def release_decision(
    session: Session,
    row: ReviewRound,
    *,
    person_id: str,
    panel: Panel,
    collaboration: Collaboration,
    expected_version: int | None = None,
) -> Decision:
    """Release a confirmed decision: from now on the partners may read it, its conditions are tracked, moves follow."""
    decision = _locked(session, row, PUBLISH)
    _need_enough_answers(session, row, panel)
    need_fresh_hands(session, row, person_id)
    bump_version(session, row)  # nobody leaves the quorum in this moment
    bump_version(session, decision, expected=expected_version)
    decision.released_by, decision.released_at = person_id, now()
    session.add(decision)
    session.add_all(
        Condition(round_id=row.id, number=number, text=text) for number, text in enumerate(decision.conditions, start=1)
    )
    session.flush()
    tell_decided(session, row, decision, collaboration)
    return decision


def text_faults(outcome: Outcome, reasons: str, conditions: Sequence[str]) -> list[Fault]:
    """Return what is wrong with the text of a decision."""
    faults = []
    if not reasons.strip():
        faults.append(Fault("reasons", "are_missing", remedy="say_why"))
    if (outcome is Outcome.ENDORSE_WITH_CONDITIONS) != bool(conditions):
        faults.append(Fault("conditions", "conditions_misplaced", remedy="name_them_or_drop_them"))
    return faults


def tell_decided(session: Session, row: ReviewRound, decision: Decision, collaboration: Collaboration) -> None:
    """Tell of what was decided, and ask for its papers."""
    publish(
        session,
        "review.decided",
        partnership_id=collaboration.partnership_id,
        collaboration_id=collaboration.id,
        round_id=row.id,
        outcome=decision.outcome.value,
    )
    _ask_for_documents(session, row, collaboration)


def _ask_for_documents(session: Session, row: ReviewRound, collaboration: Collaboration) -> None:
    kinds = [DocumentKind.PANEL_MINUTES, DocumentKind.DECISION_LETTER]
    if consensus_of(session, row.id) is not None:
        kinds.insert(0, DocumentKind.CONSENSUS_REPORT)
    for kind in kinds:
        publish(
            session,
            "document.requested",
            partnership_id=collaboration.partnership_id,
            collaboration_id=collaboration.id,
            kind=kind.value,
            subject_id=row.id,
        )


def close_condition(
    session: Session,
    row: ReviewRound,
    number: int,
    *,
    state: ConditionState,
    evidence: str,
    person_id: str,
    expected_version: int | None = None,
) -> Condition:
    """Close a condition as met, with what shows it, or as waived, with why."""
    found = next((one for one in conditions_of(session, row.id) if one.number == number), None)
    if found is None:
        raise DecisionRefused([Refusal("no_condition", number=number, where="rounds")])
    move = WAIVE if state is ConditionState.WAIVED else MEET
    need(CONDITION, found.state, move, what=f"Condition {number}")
    faults = []
    if state is ConditionState.OPEN:
        faults.append(Fault("state", "condition_closed_as", remedy="met_or_waived"))
    if not evidence.strip():
        faults.append(Fault("evidence", "missing", remedy="say_what_shows_or_why_waived"))
    if faults:
        raise Invalid(faults=faults)
    bump_version(session, found, expected=expected_version)
    found.state, found.evidence = step(CONDITION, found.state, move), evidence.strip()
    found.closed_by, found.closed_at = person_id, now()
    session.add(found)
    ended = deadlines.WAIVE if state is ConditionState.WAIVED else deadlines.FINISH
    close_deadlines(session, Waiting.CONDITION.value, subject_id=found.id, move=ended)
    session.flush()
    return found


def _locked(session: Session, row: ReviewRound, move: Move[DecisionState]) -> Decision:
    """Return the decision if the move may be made once whoever changes it at this instant is done; or raise why not."""
    decision = decision_of(session, row.id)
    if decision is not None:
        session.refresh(decision, with_for_update=True)
    need(DECISION, decision_state(decision), move)
    assert decision is not None
    return decision


def _need_enough_answers(session: Session, row: ReviewRound, panel: Panel) -> None:
    answers = answers_in(session, row.id)
    if not panel.has_quorum(answers):
        mend = (panel.members.value,)
        raise DecisionRefused(
            [Refusal("below_quorum", answers=answers, quorum=panel.quorum, mend_by=mend, where="rounds")]
        )
    if panel.kind is PanelKind.SCORES and Phase.CONSENSUS in panel.phases and consensus_of(session, row.id) is None:
        where = f"rounds/{row.id}/consensus"
        raise DecisionRefused([Refusal("no_consensus", mend_by=("iag_secretary",), where=where)])


def _need_confirmer(session: Session, row: ReviewRound, *, preparer: str) -> None:
    """A chair does not prepare what no other chair could confirm: the round would be stuck."""
    partnership_id = collaboration_by_id(session, row.collaboration_id).partnership_id
    chairs = {one.person.id for one in holders(session, partnership_id, Role.IAG_CHAIR, Role.WGRA_CHAIR)}
    if preparer in chairs and not chairs - {preparer} - _reviewers(session, row) - _confirmers(session, row).keys():
        raise DecisionRefused([Refusal("nobody_would_confirm", mend_by=("iag_secretary",), where="rounds")])


def _reviewers(session: Session, row: ReviewRound) -> set[str]:
    """Return who sits or sat in the round, or scored."""
    seated = {seat.person_id for seat, _ in seats_of(session, row.id, every=True)}
    return seated | {one.person_id for one in submissions_of(session, row.id)}


def need_fresh_hands(session: Session, row: ReviewRound, person_id: str) -> None:
    """Nobody acts twice in one chain of approval: who sat or scored in the round does not decide on it."""
    if person_id in _reviewers(session, row):
        raise DecisionRefused([Refusal("acts_twice", mend_by=_CHAIRS, where="rounds")])


def _need_new_confirmer(session: Session, row: ReviewRound, person_id: str) -> None:
    """The two panels of one version have two confirmers."""
    if (panel := _confirmers(session, row).get(person_id)) is not None:
        text = "confirms_twice"
        raise DecisionRefused([Refusal("acts_twice", text=text, panel=panel, mend_by=_CHAIRS, where="rounds")])


def _confirmers(session: Session, row: ReviewRound) -> dict[str, str]:
    """Return who confirmed the decisions of other panels on the same version, each with the panel."""
    others = [
        other
        for other in rounds_of(session, [row.collaboration_id])
        if other.panel != row.panel and other.protocol_version_id == row.protocol_version_id
    ]
    found = decisions_of_rounds(session, [other.id for other in others])
    return {
        confirmer: other.panel
        for other in others
        if other.id in found and (confirmer := found[other.id].confirmed_by) is not None
    }
