"""A panel compares its dossiers: those whose scores are agreed on, ranked by the rules of its playbook."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from states.clock import now
from states.collaborations.tables import Collaboration
from states.protocol.queries import versions_by_id
from states.review.access import evaluations_in
from states.review.definition import Panel, Phase
from states.review.queries import consensus_of_rounds, rounds_of
from states.review.ranking import Contender, Ranked, rank
from states.review.scoring import panel_result
from states.review.tables import Consensus, Evaluation, ReviewRound


def ranking_of(
    session: Session, partnership_id: str, panel_key: str, *, panel: Panel, until: datetime | None = None
) -> list[Ranked]:
    """Rank the dossiers of a panel by their last agreed scores, as they stood at an instant (now if none is named).

    Whether a less developed region takes part is not on record yet, so that this rule decides nothing here.
    """
    at = until or now()
    query = select(Collaboration).where(Collaboration.partnership_id == partnership_id)
    rows = {row.id: row for row in session.exec(query.order_by(col(Collaboration.id)))}
    rounds = [row for row in rounds_of(session, list(rows)) if row.panel == panel_key]
    versions = versions_by_id(session, {row.protocol_version_id for row in rounds})
    agreed = consensus_of_rounds(session, [row.id for row in rounds])
    given = evaluations_in(session, [row.id for row in rounds])
    last: dict[str, Contender] = {}
    for row in rounds:  # oldest first: the last round of a dossier counts
        scores = _agreed(row, agreed.get(row.id), given.counted(row.id), panel, at)
        if scores is not None:
            last[row.collaboration_id] = Contender(
                collaboration_id=row.collaboration_id,
                title=rows[row.collaboration_id].title,
                scores=scores,
                less_developed=False,
                submitted_at=versions[row.protocol_version_id].frozen_at,
            )
    return rank(list(last.values()), panel=panel)


def _agreed(
    row: ReviewRound, consensus: Consensus | None, counted: Sequence[Evaluation], panel: Panel, at: datetime
) -> dict[str, str] | None:
    if Phase.CONSENSUS in panel.phases:
        scores = consensus.scores if consensus is not None and consensus.recorded_at <= at else None
    else:
        closed = row.closed_at is not None and row.closed_at <= at
        result = panel_result([one.scores for one in counted], panel=panel) if closed else None
        scores = {one.criterion.key: str(one.exact) for one in result.criteria} if result else None
    fits = scores is not None and set(scores) == {criterion.key for criterion in panel.criteria}
    return scores if fits else None  # an older edition of the playbook asked for other criteria
