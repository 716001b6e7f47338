"""What is known of a collaboration's advisory reviews: the last round of each panel."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from states.collaborations.tables import Collaboration
from states.review.queries import POSITIONS, ROUNDS, RoundRead, rounds_read
from states.review.states import DecisionState
from states.review.tables import Outcome, RoundState
from states.storage import Readings

READS = (ROUNDS, POSITIONS)


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """A panel's last round; `outcome` is that of a released decision, `silent` the regions without a position.

    `decision` says how far its decision has come; None where nobody has prepared it.
    """

    id: str
    number: int
    version_id: str
    closed: bool
    outcome: Outcome | None
    silent: tuple[str, ...]
    decision: DecisionState | None = None


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """The last round by panel; `titles` are what the playbook calls its panels."""

    rounds: Mapping[str, RoundFacts]
    titles: Mapping[str, str] = field(default_factory=dict)

    def called(self, panel: str) -> str:
        """Return what a panel is called."""
        return self.titles.get(panel, panel)


def facts_of(read: Readings, row: Collaboration, *, titles: Mapping[str, str] | None = None) -> ReviewFacts:
    """Derive the facts of a collaboration from what was read."""
    stated = {(one.round_id, one.region_id) for one in read.of(POSITIONS, row.id)}
    return ReviewFacts(
        {
            one.panel: RoundFacts(  # oldest first: the last one of a panel stays
                id=one.id,
                number=one.number,
                version_id=one.protocol_version_id,
                closed=one.state is RoundState.CLOSED,
                outcome=one.outcome,
                decision=_how_far(one),
                silent=tuple(region for region in one.asked_regions if (one.id, region) not in stated),
            )
            for one in rounds_read(read, row.id)
        },
        titles or {},
    )


def _how_far(one: RoundRead) -> DecisionState | None:
    if one.outcome is not None:
        return DecisionState.RELEASED
    if one.confirmed_at is not None:
        return DecisionState.CONFIRMED
    return DecisionState.PREPARED if one.prepared_at is not None else None
