"""From single evaluations to one voice: discussions where scores lie apart, the consensus, the panel's minute."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session

from states.clock import now
from states.deadlines.kinds import Waiting
from states.deadlines.service import close_deadlines
from states.errors import Fault, Invalid, Missing, Refusal, Refused
from states.review.conflicts.service import need_no_conflict
from states.review.definition import Panel
from states.review.queries import consensus_of, discussions_of, evaluations_of, minute_of
from states.review.scoring import checked_scores, wide_apart
from states.review.states import AGREE, COMPARE, DISCUSS, AlreadyDone, need_round, transition_round
from states.review.tables import Consensus, Discussion, PanelMinute, ReviewRound
from states.storage import bump_version
from states.texts import Text


class DiscussionMissing(Refused):
    """Scores lie far apart, and no discussion of it is recorded."""

    code = "discussion_missing"


def record_discussion(
    session: Session, row: ReviewRound, *, criterion: str, record: str, person_id: str, panel: Panel
) -> Discussion:
    """Record how the reviewers talked about a criterion on which they lie apart, once."""
    need_round(row, DISCUSS)
    need_no_conflict(session, row, person_id)
    if criterion not in {one.key for one in panel.criteria}:
        raise Missing("criterion", criterion)
    if not record.strip():
        raise Invalid(faults=[Fault("record", "missing", remedy="say_what_was_discussed_and_what_came")])
    if any(one.criterion == criterion for one in discussions_of(session, row.id)):
        raise AlreadyDone([Refusal("discussion_recorded", criterion=criterion)])
    bump_version(session, row)
    discussion = Discussion(
        round_id=row.id, criterion=criterion, record=record.strip(), recorded_by=person_id, recorded_at=now()
    )
    session.add(discussion)
    session.flush()
    return discussion


def record_consensus(
    session: Session,
    row: ReviewRound,
    *,
    scores: Mapping[str, object],
    comments: Mapping[str, str],
    minority_views: Sequence[str],
    person_id: str,
    panel: Panel,
) -> Consensus:
    """Record what the reviewers agreed on; every wide spread must have been discussed on record before."""
    need_round(row, AGREE)
    need_no_conflict(session, row, person_id)
    if consensus_of(session, row.id) is not None:
        raise AlreadyDone([Refusal("consensus_recorded")])
    undiscussed = _undiscussed(session, row, panel)
    if undiscussed:
        raise DiscussionMissing(
            [
                Refusal(
                    "spread_undiscussed",
                    count=len(undiscussed),
                    spread=panel.spread,
                    mend_by=("iag_secretary", "iag_chair"),
                    where=f"rounds/{row.id}/discussions",
                    missing=tuple(undiscussed),
                )
            ]
        )
    stored = checked_scores(scores, comments, panel=panel)
    bump_version(session, row)
    consensus = Consensus(
        round_id=row.id,
        scores=stored,
        comments=dict(comments),
        minority_views=[view.strip() for view in minority_views if view.strip()],
        recorded_by=person_id,
        recorded_at=now(),
    )
    transition_round(row, AGREE, panel=panel)
    session.add_all([consensus, row])
    close_deadlines(session, Waiting.CONSENSUS.value, subject_id=row.id)
    session.flush()
    return consensus


def _undiscussed(session: Session, row: ReviewRound, panel: Panel) -> list[Text]:
    discussed = {one.criterion for one in discussions_of(session, row.id)}
    scores = [one.scores for one in evaluations_of(session, row.id)]
    apart = wide_apart(scores, panel=panel)
    return [
        Text("missing", "discussion", criterion=one.criterion.title, count=one.spread)
        for one in apart
        if one.criterion.key not in discussed
    ]


def record_minute(session: Session, row: ReviewRound, *, text: str, person_id: str, panel: Panel) -> PanelMinute:
    """Record what the panel noted when it compared this dossier with the others of its sitting."""
    need_round(row, COMPARE)
    need_no_conflict(session, row, person_id)
    if minute_of(session, row.id) is not None:
        raise AlreadyDone([Refusal("minute_recorded")])
    if not text.strip():
        raise Invalid(faults=[Fault("text", "missing", remedy="say_what_panel_compared_and_found")])
    bump_version(session, row)
    minute = PanelMinute(round_id=row.id, text=text.strip(), recorded_by=person_id, recorded_at=now())
    transition_round(row, COMPARE, panel=panel)
    session.add_all([minute, row])
    session.flush()
    return minute
