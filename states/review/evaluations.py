"""Evaluations: drafts, submission, reasoned corrections, and who may read whose."""

from collections.abc import Mapping

from sqlmodel import Session

from states.archive.tables import DocumentKind
from states.clock import now
from states.collaborations.tables import Collaboration
from states.deadlines.service import close_deadlines
from states.errors import Fault, Invalid, Refusal
from states.machines.stepping import need
from states.outbox.service import publish
from states.review.conflicts.service import clearance
from states.review.conflicts.states import DossierClosed
from states.review.definition import Panel, PanelKind
from states.review.queries import answers_in, draft_of, evaluations_of, seat_of
from states.review.scoring import checked_scores, partial_scores
from states.review.seats import ANSWER_DEADLINE
from states.review.service import tell_if_all_in, wait_for_turn
from states.review.states import ANSWER, CORRECT, EVALUATION, SUBMIT, NotSeated, evaluation_state, need_round
from states.review.tables import Evaluation, EvaluationDraft, ReviewRound
from states.storage import bump_version


def save_draft(
    session: Session,
    row: ReviewRound,
    *,
    person_id: str,
    scores: Mapping[str, object],
    comments: Mapping[str, str],
    panel: Panel,
    collaboration: Collaboration,
    expected_version: int | None = None,
) -> EvaluationDraft:
    """Keep what a reviewer has written so far; nobody else reads it, and it counts for nothing."""
    _need_scorer(session, row, person_id, panel=panel, collaboration=collaboration)
    stored = partial_scores(scores, comments, panel=panel)
    draft = draft_of(session, row.id, person_id)
    if draft is None:
        bump_version(session, row)  # two first savings at once
        draft = EvaluationDraft(round_id=row.id, person_id=person_id, scores={}, comments={}, saved_at=now())
    else:
        bump_version(session, draft, expected=expected_version)
    draft.scores, draft.comments, draft.saved_at = stored, dict(comments), now()
    session.add(draft)
    session.flush()
    return draft


def submit_evaluation(
    session: Session,
    row: ReviewRound,
    *,
    person_id: str,
    scores: Mapping[str, object],
    comments: Mapping[str, str],
    panel: Panel,
    collaboration: Collaboration,
) -> Evaluation:
    """Submit a reviewer's scores, once; the last one due tells that all are in."""
    _need_scorer(session, row, person_id, panel=panel, collaboration=collaboration)
    past = [one for one in evaluations_of(session, row.id) if one.person_id == person_id]
    need(EVALUATION, evaluation_state(past), SUBMIT, where=f"rounds/{row.id}/corrections")
    return _add(session, row, person_id, scores=scores, comments=comments, panel=panel, collaboration=collaboration)


def correct_evaluation(
    session: Session,
    row: ReviewRound,
    *,
    person_id: str,
    scores: Mapping[str, object],
    comments: Mapping[str, str],
    reason: str,
    panel: Panel,
    collaboration: Collaboration,
) -> Evaluation:
    """Add a corrected evaluation beside the one that is in, with a reason, while the round is open."""
    _need_scorer(session, row, person_id, panel=panel, collaboration=collaboration)
    past = [one for one in evaluations_of(session, row.id) if one.person_id == person_id]
    need(EVALUATION, evaluation_state(past), CORRECT)
    if not reason.strip():
        raise Invalid(faults=[Fault("reason", "missing", remedy="say_why_evaluation_corrected")])
    return _add(
        session,
        row,
        person_id,
        scores=scores,
        comments=comments,
        panel=panel,
        collaboration=collaboration,
        number=past[0].number + 1,
        reason=reason.strip(),
    )


def _add(
    session: Session,
    row: ReviewRound,
    person_id: str,
    *,
    scores: Mapping[str, object],
    comments: Mapping[str, str],
    panel: Panel,
    collaboration: Collaboration,
    number: int = 1,
    reason: str = "",
) -> Evaluation:
    stored = checked_scores(scores, comments, panel=panel)
    bump_version(session, row)  # two last ones at once would each think that another is missing
    evaluation = Evaluation(
        round_id=row.id,
        person_id=person_id,
        number=number,
        reason=reason,
        scores=stored,
        comments=dict(comments),
        submitted_at=now(),
    )
    session.add(evaluation)
    if (draft := draft_of(session, row.id, person_id)) is not None:
        session.delete(draft)
    session.flush()
    publish(
        session,
        "document.requested",
        partnership_id=collaboration.partnership_id,
        collaboration_id=collaboration.id,
        kind=DocumentKind.EVALUATION_REPORT.value,
        subject_id=evaluation.id,
    )
    if number == 1:
        close_deadlines(session, ANSWER_DEADLINE[PanelKind.SCORES], subject_id=row.id, owner_person_id=person_id)
        if panel.has_quorum(answers_in(session, row.id)):  # below it a replacement may be on its way
            tell_if_all_in(session, row)
    return evaluation


def _need_scorer(
    session: Session, row: ReviewRound, person_id: str, *, panel: Panel, collaboration: Collaboration
) -> None:
    wait_for_turn(session, row)
    need_round(row, ANSWER)
    if panel.kind is not PanelKind.SCORES:
        raise NotSeated([Refusal("panel_states_positions")])
    need_cleared_seat(session, row, person_id, collaboration=collaboration)


def need_cleared_seat(
    session: Session,
    row: ReviewRound,
    person_id: str,
    *,
    collaboration: Collaboration,
    region_id: str | None = None,
) -> None:
    """Raise `NotSeated` without an active seat (for this region), `DossierClosed` before agreement and declaration."""
    seat = seat_of(session, row.id, person_id)
    if seat is None or (region_id is not None and seat.region_id != region_id):
        text = "not_seated_for_region" if region_id else ""
        raise NotSeated([Refusal("not_seated", text=text, mend_by=("iag_secretary",), where="rounds")])
    cleared = clearance(session, row, person_id=person_id, partnership_id=collaboration.partnership_id)
    if not cleared.open:
        raise DossierClosed(cleared.refusals)
