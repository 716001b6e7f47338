"""What the answers of a round recommend, and how a decision departs from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Session

from states.errors import Fault
from states.review.definition import Panel
from states.review.queries import consensus_of, evaluations_of, positions_of
from states.review.recommendation import Recommendation, recommend
from states.review.scoring import panel_result
from states.review.tables import Outcome, ReviewRound

GOES_ON = frozenset({Outcome.ENDORSE, Outcome.ENDORSE_WITH_CONDITIONS})


class Departure(StrEnum):
    """What a decision departs from; whoever prepares it says why."""

    THRESHOLDS_MET = "thresholds_met"
    THRESHOLD_MISSED = "threshold_missed"
    POSITIONS = "positions"
    CONDITIONS = "conditions"


@dataclass(frozen=True, slots=True)
class Advice:
    """What the answers of a round recommend: whether the scores pass (None: nobody scored), and what regions say."""

    passed: bool | None
    regions: Recommendation | None

    def left_out(self, conditions: Sequence[str]) -> list[str]:
        """Return the regions' conditions that are not among those of a decision, in their own words."""
        return [one for one in (self.regions.conditions if self.regions else ()) if one not in conditions]

    def departures(self, outcome: Outcome, conditions: Sequence[str]) -> list[Departure]:
        """Return what a decision departs from."""
        found = []
        if self.passed is not None and self.passed != (outcome in GOES_ON):
            found.append(Departure.THRESHOLDS_MET if self.passed else Departure.THRESHOLD_MISSED)
        if self.regions is not None and self.regions.outcome is not outcome:
            found.append(Departure.POSITIONS)
        elif self.left_out(conditions):
            found.append(Departure.CONDITIONS)
        return found


def advice_of(session: Session, row: ReviewRound, *, panel: Panel) -> Advice:
    """Return what the consensus of a round recommends, else its evaluations together, and the positions in it."""
    consensus = consensus_of(session, row.id)
    given = [consensus.scores] if consensus else [one.scores for one in evaluations_of(session, row.id)]
    result = panel_result(given, panel=panel)
    regions = recommend({region.name: one for one, region in positions_of(session, row.id)})
    return Advice(passed=result.passed if result else None, regions=regions)


def explained(
    session: Session,
    row: ReviewRound,
    *,
    panel: Panel,
    outcome: Outcome,
    conditions: Sequence[str],
    departure: str | None,
) -> tuple[str | None, list[Fault]]:
    """Return why a decision departs from what is recommended, with the fault where it departs and nobody says why.

    A reason that is given is kept also where it departs from nothing that the answers tell, such as a ranking: who
    goes on against that order passes by scores of one of the two dossiers, which is asked for its reason.
    """
    said = (departure or "").strip() or None
    departs = advice_of(session, row, panel=panel).departures(outcome, conditions)
    return said, [Fault("departure", "departure_unexplained", remedy="say_why")] if departs and not said else []
