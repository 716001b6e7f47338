"""Guards on the origin of a collaboration."""

from states.errors import Refusal
from states.matchmaking.facts import MatchmakingFacts
from states.texts import Text


def originated(facts: MatchmakingFacts) -> Refusal | None:
    """A collaboration comes from a meeting that was held, or an expression of interest that was accepted."""
    if facts.contacts:
        return None
    return Refusal(
        "no_origin",
        mend_by=("project_manager",),
        where="contacts",
        missing=(Text("missing", "origin"),),
    )
