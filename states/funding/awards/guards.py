"""Guards on submissions and agreements."""

from states.errors import Refusal
from states.funding.awards.facts import AwardFacts, ClosingFacts
from states.texts import Text

_AUTHORS = ("project_manager",)
_PARTIES = ("project_manager", "partner")


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


def sources_agreed(facts: ClosingFacts) -> Refusal | None:
    """Each source of the chosen scenario that a funder pays has an agreement that is signed."""
    if not facts.unsigned:
        return None
    missing = (Text("missing", "source_to_agree"),)
    return Refusal(
        "sources_not_agreed", count=len(facts.unsigned), mend_by=_PARTIES, where="agreements", missing=missing
    )


def agreements_ended(facts: ClosingFacts) -> Refusal | None:
    """Every agreement that was signed has ended."""
    if not facts.running:
        return None
    missing = tuple(Text("missing", "agreement_to_end", number=number) for number in facts.running)
    return Refusal("agreements_running", count=len(missing), mend_by=_PARTIES, where="agreements", missing=missing)


def agreement_conditions_settled(facts: ClosingFacts) -> Refusal | None:
    """No condition of an agreement is open."""
    if not facts.conditions:
        return None
    missing = tuple(
        Text("missing", "condition_of_agreement", agreement=one.agreement, number=one.number)
        for one in facts.conditions
    )
    return Refusal(
        "agreement_conditions_open", count=len(missing), mend_by=_PARTIES, where="agreements", missing=missing
    )
