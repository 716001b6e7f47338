"""What a consensus report shows: what the reviewers agreed on, how far apart they were, and who saw it otherwise."""

from decimal import Decimal
from typing import ClassVar

from pydantic import AwareDatetime, Field
from sqlmodel import Session

from documents.gathering import content_of, identity_of
from documents.languages import gettext as _
from documents.meta import Confidentiality, DocumentContext, Line, Plain
from documents.parts import Identity
from documents.review.rounds import (
    RoundStanding,
    RoundSubject,
    Scores,
    outcome_said,
    role_of,
    round_standing,
    round_subject_of,
    scores_of,
)
from states.archive.tables import DocumentKind
from states.errors import Missing
from states.protocol.comparison import compare_protocols
from states.review.queries import consensus_of, discussions_of, evaluations_of, released_decisions, rounds_of
from states.review.scoring import PanelStatus, panel_status
from states.rights.access import Role
from states.texts.titles import said


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
    earlier: str = Field(default="", description="what the round before said, where that was another text")


class Moved(Plain):
    """The score of one criterion in the round before, and now; None where that round did not ask for it."""

    criterion: Line
    before: Decimal | None = None
    now: Decimal = Field(ge=0)

    @property
    def by(self) -> Decimal | None:
        """How many points it rose, negative where it fell."""
        return None if self.before is None else self.now - self.before


class RoundBefore(Plain):
    """The last scored round of the same panel before this one, and what changed since."""

    number: int = Field(ge=1)
    protocol_version: Line
    outcome: str = Field(default="", description="empty where its decision was not released")
    reasons: str = ""
    overall: Decimal = Field(ge=0)
    sections: tuple[str, ...] = Field(default=(), description="of the protocol, changed between the two versions")
    criteria: tuple[Moved, ...] = Field(min_length=1)


class ConsensusContext(DocumentContext):
    """The consensus of one round; reviewers are counted, never named, and no single evaluation is shown."""

    KIND: ClassVar[DocumentKind] = DocumentKind.CONSENSUS_REPORT

    identity: Identity
    round: RoundStanding
    scores: Scores
    before: RoundBefore | None = None
    status: PanelStatus = Field(description="where the panel stood by its single evaluations")
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
    titles = {one.key: said(one.title) for one in about.panel.criteria}
    likely = (Role.IAG_SECRETARY, about.panel.chair)
    given = [one.scores for one in evaluations_of(session, subject_id)]
    earlier = _scored_before(session, about)
    agreed = consensus_of(session, earlier.row.id) if earlier else None
    past = agreed.comments if agreed else {}
    return ConsensusContext(
        meta=about.meta(
            ConsensusContext.KIND,
            subtitle=_("Consensus of round %(number)s: %(panel)s")
            % {"number": about.row.number, "panel": said(about.panel.title)},
            issued_at=consensus.recorded_at,
            readers=Confidentiality.REVIEWERS,
        ),
        identity=identity_of(about.subject, about.version, stage=False),
        round=round_standing(session, about),
        scores=scores,
        before=_round_before(session, earlier, about, scores) if earlier else None,
        status=panel_status(given, awaited=0, panel=about.panel),
        aggregate=about.panel.aggregate.value,
        spread_limit=about.panel.spread,
        comments=tuple(
            Comment(
                criterion=title,
                text=consensus.comments.get(key, ""),
                earlier=past.get(key, "") if past.get(key) != consensus.comments.get(key) else "",
            )
            for key, title in titles.items()
        ),
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


def _scored_before(session: Session, about: RoundSubject) -> RoundSubject | None:
    """Return the last round of the same panel before this one that has scores."""
    rows = rounds_of(session, [about.row.collaboration_id])
    numbers = {row.number: row for row in rows if row.panel == about.row.panel and row.number < about.row.number}
    found = (round_subject_of(session, numbers[number].id) for number in sorted(numbers, reverse=True))
    return next((one for one in found if scores_of(session, one) is not None), None)


def _round_before(session: Session, earlier: RoundSubject, about: RoundSubject, scores: Scores) -> RoundBefore | None:
    past = scores_of(session, earlier)
    if past is None:
        return None
    decision = released_decisions(session, [earlier.row.id]).get(earlier.row.id)
    had = {one.name: one.score for one in past.criteria}
    contents = (content_of(earlier.version), content_of(about.version))
    changes = compare_protocols(*contents, sections=about.subject.playbook.protocol)
    return RoundBefore(
        number=earlier.row.number,
        protocol_version=str(earlier.version.number),
        outcome=outcome_said(decision.outcome) if decision else "",
        reasons=decision.reasons if decision else "",
        overall=past.overall,
        sections=tuple(dict.fromkeys(said(one.section_title) for one in changes)),
        criteria=tuple(Moved(criterion=one.name, before=had.get(one.name), now=one.score) for one in scores.criteria),
    )
