"""Guards on submissions and agreements."""

from states.errors import Refusal
from states.funding.awards.facts import AwardFacts
from states.texts import Text

_AUTHORS = ("project_manager",)


def submission_named(facts: AwardFacts) -> Refusal | None:
    """Whoever submits says to which call or lender, on which day, and for how much."""
    if facts.submitted:
        return None
    missing = (Text("missing", "submission"),)
    return Refusal("no_submission", mend_by=_AUTHORS, where="submissions", missing=missing)


def agreement_named(facts: AwardFacts) -> Refusal | None:
    """Money is agreed by an agreement: a funder, a number, an amount and a day."""
    if facts.agreed:
        return None
    missing = (Text("missing", "agreement"),)
    return Refusal("no_grant_agreement", mend_by=_AUTHORS, where="agreements", missing=missing)
