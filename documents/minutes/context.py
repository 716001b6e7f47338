"""What panel minutes show: who sat by role, conflicts, quorum, scores or positions, the ranking, the decision."""

from typing import ClassVar

from pydantic import Field
from sqlmodel import Session

from documents.alignment import Glue, glue_of, stages_ahead
from documents.formats import in_words
from documents.gathering import identity_of
from documents.meta import Confidentiality, DocumentContext, Line
from documents.minutes.gathering import (
    decision_facts,
    declaration_lines,
    differences,
    minute_note,
    missing_answers,
    rank_lines,
    recommended,
    seat_changes,
    seat_lines,
)
from documents.minutes.parts import (
    DecisionFacts,
    DeclarationLine,
    Difference,
    MinuteNote,
    RankLine,
    Recommended,
    SeatChangeLine,
    SeatLine,
)
from documents.parts import Identity
from documents.proposal.gathering import printed_position
from documents.proposal.parts import RegionalPosition
from documents.review.parts import RoundStanding, Scores
from documents.review.rounds import round_standing, round_subject_of, scores_of
from states.archive.tables import DocumentKind
from states.errors import Missing
from states.review.definition import Phase
from states.review.queries import decision_of, evaluations_of, minute_of, positions_of
from states.review.scoring import panel_status


class MinutesContext(DocumentContext):
    """The minutes of a panel on one round; people appear by role and by the number of their seat."""

    KIND: ClassVar[DocumentKind] = DocumentKind.PANEL_MINUTES

    identity: Identity
    round: RoundStanding
    seats: tuple[SeatLine, ...] = ()
    declarations: tuple[DeclarationLine, ...] = ()
    changes: tuple[SeatChangeLine, ...] = ()
    missing: tuple[str, ...] = ()
    status: str = Field(default="", description="of the panel by its single evaluations; none for positions")
    scores: Scores | None = None
    positions: tuple[RegionalPosition, ...] = ()
    differences: tuple[Difference, ...] = ()
    recommended: Recommended | None = None
    sits: bool = Field(default=True, description="whether the panel compares dossiers in a sitting")
    glue: Glue | None = Field(default=None, description="calls and criteria to align, where regions were asked")
    note: MinuteNote | None = None
    ranking: tuple[RankLine, ...] = ()
    tie_break: tuple[Line, ...] = ()
    decision: DecisionFacts | None = None


def gather(session: Session, *, subject_id: str) -> MinutesContext:
    """Read the minutes of a closed round, by its id; raise `Missing` while it still collects answers."""
    about = round_subject_of(session, subject_id)
    row, panel = about.row, about.panel
    if row.closed_at is None:
        raise Missing("closed review round", subject_id)
    decision, minute = decision_of(session, row.id), minute_of(session, row.id)
    instants = (decision.released_at if decision else None, minute.recorded_at if minute else None, row.closed_at)
    given = [one.scores for one in evaluations_of(session, row.id)]
    illustrative = about.subject.collaboration.illustrative
    positions = tuple(
        printed_position(one, region, illustrative=illustrative) for one, region in positions_of(session, row.id)
    )
    closed = row.closed_at.date()
    asked = [region for region in about.subject.regions if region.id in row.asked_regions]
    stages = stages_ahead(about.subject, row.panel, after=closed)
    titles = {one.key: one.title for one in panel.criteria}
    return MinutesContext(
        meta=about.meta(
            MinutesContext.KIND,
            subtitle=f"Minutes of round {row.number} of the {panel.title}",
            issued_at=max(instant for instant in instants if instant is not None),
            readers=Confidentiality.REVIEWERS,
        ),
        identity=identity_of(about.subject, about.version, stage=False),
        round=round_standing(session, about),
        seats=seat_lines(session, about),
        declarations=declaration_lines(session, about),
        changes=seat_changes(session, about),
        missing=missing_answers(session, about),
        status=in_words(panel_status(given, awaited=0, panel=panel).value) if titles else "",
        scores=scores_of(session, about),
        positions=positions,
        differences=differences(positions),
        recommended=recommended(session, about),
        sits=Phase.PANEL in panel.phases,
        glue=glue_of(session, about.subject, asked, on=closed, stages=stages) if asked else None,
        note=minute_note(session, about),
        ranking=rank_lines(session, about),
        tie_break=tuple(titles[key] for key in panel.tie_break),
        decision=decision_facts(session, about),
    )
