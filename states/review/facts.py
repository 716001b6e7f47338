"""What is known of a collaboration's advisory reviews: the last round of each panel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.review.queries import positions_of_rounds, released_decisions, rounds_of
from states.review.tables import Outcome, RoundState


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """A panel's last round; `outcome` is that of a released decision, `silent` the regions without a position."""

    id: str
    number: int
    version_id: str
    closed: bool
    outcome: Outcome | None
    silent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """The last round by panel."""

    rounds: Mapping[str, RoundFacts]


def gather(session: Session, rows: Sequence[Collaboration]) -> dict[str, ReviewFacts]:
    """Collect the facts of many collaborations, by their ids."""
    last: dict[str, dict[str, RoundFacts]] = {row.id: {} for row in rows}
    rounds = rounds_of(session, list(last))
    keys = [row.id for row in rounds]
    decisions, positions = released_decisions(session, keys), positions_of_rounds(session, keys)
    for row in rounds:  # oldest first: the last one of a panel stays
        decision = decisions.get(row.id)
        stated = {position.region_id for position in positions[row.id]}
        last[row.collaboration_id][row.panel] = RoundFacts(
            id=row.id,
            number=row.number,
            version_id=row.protocol_version_id,
            closed=row.state is RoundState.CLOSED,
            outcome=decision.outcome if decision else None,
            silent=tuple(region for region in row.asked_regions if region not in stated),
        )
    return {key: ReviewFacts(found) for key, found in last.items()}
