"""Guards on the origin of a collaboration."""

from states.errors import Refusal
from states.matchmaking.facts import MatchmakingFacts


def originated(facts: MatchmakingFacts) -> Refusal | None:
    """A collaboration comes from a meeting that was held, or an expression of interest that was accepted."""
    if facts.contacts:
        return None
    return Refusal(
        "no_origin",
        "No meeting held and no accepted expression of interest stands behind this collaboration.",
        ("project_manager",),
        "contacts",
        ("a meeting held or an expression of interest accepted",),
    )
