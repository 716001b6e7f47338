"""A panel compares its dossiers: those whose scores are agreed on, ranked by the rules of its playbook."""

from datetime import datetime

from sqlmodel import Session, col, select

from states.clock import now
from states.collaborations.tables import Collaboration
from states.protocol.queries import version_by_id
from states.review.definition import Panel, Phase
from states.review.queries import consensus_of, evaluations_of, rounds_of
from states.review.ranking import Contender, Ranked, rank
from states.review.scoring import panel_result
from states.review.tables import ReviewRound


def ranking_of(
    session: Session, partnership_id: str, panel_key: str, *, panel: Panel, until: datetime | None = None
) -> list[Ranked]:
    """Rank the dossiers of a panel by their last agreed scores, as they stood at an instant (now if none is named).

    Whether a less developed region takes part is not on record yet, so that this rule decides nothing here.
    """
    at = until or now()
    query = select(Collaboration).where(Collaboration.partnership_id == partnership_id)
    rows = {row.id: row for row in session.exec(query.order_by(col(Collaboration.id)))}
    last: dict[str, Contender] = {}
    for row in rounds_of(session, list(rows)):  # oldest first: the last round of a dossier counts
        scores = _agreed(session, row, panel, at) if row.panel == panel_key else None
        if scores is not None:
            last[row.collaboration_id] = Contender(
                collaboration_id=row.collaboration_id,
                title=rows[row.collaboration_id].title,
                scores=scores,
                less_developed=False,
                submitted_at=version_by_id(session, row.protocol_version_id).frozen_at,
            )
    return rank(list(last.values()), panel=panel)


def _agreed(session: Session, row: ReviewRound, panel: Panel, at: datetime) -> dict[str, str] | None:
    if Phase.CONSENSUS in panel.phases:
        consensus = consensus_of(session, row.id)
        scores = consensus.scores if consensus is not None and consensus.recorded_at <= at else None
    else:
        closed = row.closed_at is not None and row.closed_at <= at
        result = panel_result([one.scores for one in evaluations_of(session, row.id)], panel=panel) if closed else None
        scores = {one.criterion.key: str(one.score) for one in result.criteria} if result else None
    fits = scores is not None and set(scores) == {criterion.key for criterion in panel.criteria}
    return scores if fits else None  # an older edition of the playbook asked for other criteria
