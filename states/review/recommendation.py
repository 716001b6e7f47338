"""What a chair recommends from the positions of the regions, by the rules of the field. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from states.review.tables import Outcome, Position, Willingness


@dataclass(frozen=True, slots=True)
class Recommendation:
    """An outcome with its conditions, and the regions by what they say; nobody is bound by it."""

    outcome: Outcome
    conditions: tuple[str, ...]
    because: tuple[str, ...]


def recommend(positions: Mapping[str, Position]) -> Recommendation | None:
    """Recommend from the positions by region name; None where no region has stated one.

    One region that is not willing sends the protocol back: nobody endorses for another's money. Willing under
    conditions, they become the conditions of the endorsement.
    """
    if not positions:
        return None
    said = {
        willingness: tuple(name for name, one in positions.items() if one.willingness is willingness)
        for willingness in Willingness
    }
    because = tuple(f"{name}: {one.willingness.value}" for name, one in positions.items())
    if said[Willingness.NO]:
        return Recommendation(Outcome.REVISE, (), because)
    conditions = tuple(f"{name}: {positions[name].condition}" for name in said[Willingness.IF])
    outcome = Outcome.ENDORSE_WITH_CONDITIONS if conditions else Outcome.ENDORSE
    return Recommendation(outcome, conditions, because)
