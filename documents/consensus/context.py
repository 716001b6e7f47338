"""What a consensus report shows: what the reviewers agreed on, how far apart they were, and who saw it otherwise."""

from decimal import Decimal
from typing import ClassVar

from pydantic import AwareDatetime, Field
from sqlmodel import Session

from documents.formats import in_words
from documents.gathering import identity_of
from documents.meta import Confidentiality, DocumentContext, Line, Plain
from documents.parts import Identity
from documents.review.rounds import RoundStanding, Scores, role_of, round_standing, round_subject_of, scores_of
from states.archive.tables import DocumentKind
from states.errors import Missing
from states.review.queries import consensus_of, discussions_of, evaluations_of
from states.review.scoring import panel_status
from states.rights.access import Role


class Discussed(Plain):
    """The record of a discussion on a criterion on which the evaluations lay apart."""

    criterion: Line
    record: Line
    recorded_at: AwareDatetime
    by_role: Line


class Comment(Plain):
    """What the reviewers agreed to say on one criterion."""

    criterion: Line
    text: str = ""


class ConsensusContext(DocumentContext):
    """The consensus of one round; reviewers are counted, never named, and no single evaluation is shown."""

    KIND: ClassVar[DocumentKind] = DocumentKind.CONSENSUS_REPORT

    identity: Identity
    round: RoundStanding
    scores: Scores
    status: Line = Field(description="where the panel stood by its single evaluations")
    aggregate: Line
    spread_limit: Decimal = Field(ge=0, description="points; evaluations further apart must be discussed")
    comments: tuple[Comment, ...] = ()
    discussions: tuple[Discussed, ...] = ()
    minority_views: tuple[str, ...] = ()
    recorded_at: AwareDatetime
    recorded_by: Line


def gather(session: Session, *, subject_id: str) -> ConsensusContext:
    """Read the consensus of a round, by the round's id; raise `Missing` where none is recorded."""
    about = round_subject_of(session, subject_id)
    consensus, scores = consensus_of(session, subject_id), scores_of(session, about)
    if consensus is None or scores is None:
        raise Missing("consensus_of_review_round", subject_id)
    titles = {one.key: one.title for one in about.panel.criteria}
    likely = (Role.IAG_SECRETARY, about.panel.chair)
    given = [one.scores for one in evaluations_of(session, subject_id)]
    return ConsensusContext(
        meta=about.meta(
            ConsensusContext.KIND,
            subtitle=f"Consensus of round {about.row.number} of the {about.panel.title}",
            issued_at=consensus.recorded_at,
            readers=Confidentiality.REVIEWERS,
        ),
        identity=identity_of(about.subject, about.version, stage=False),
        round=round_standing(session, about),
        scores=scores,
        status=in_words(panel_status(given, awaited=0, panel=about.panel).value),
        aggregate=about.panel.aggregate.value,
        spread_limit=about.panel.spread,
        comments=tuple(Comment(criterion=title, text=consensus.comments.get(key, "")) for key, title in titles.items()),
        discussions=tuple(
            Discussed(
                criterion=titles[one.criterion],
                record=one.record,
                recorded_at=one.recorded_at,
                by_role=role_of(session, about.subject, one.recorded_by, *likely),
            )
            for one in discussions_of(session, subject_id)
        ),
        minority_views=tuple(consensus.minority_views),
        recorded_at=consensus.recorded_at,
        recorded_by=role_of(session, about.subject, consensus.recorded_by, *likely),
    )
