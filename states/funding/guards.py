"""Guards on funding."""

from decimal import Decimal

from states.errors import Refusal
from states.funding.facts import CommitmentFacts, FundingFacts, Validity, no_longer_holds, not_legal
from states.texts import Text

_MANAGER = ("project_manager",)


def scenario_chosen(facts: FundingFacts) -> Refusal | None:
    if facts.chosen is not None:
        return None
    return Refusal(
        "no_scenario_chosen",
        text="" if facts.scenarios else "no_scenario_made",
        count=facts.scenarios,
        mend_by=_MANAGER,
        where="scenarios",
        missing=(Text("missing", "chosen_scenario"),),
    )


def gap_at_most(facts: FundingFacts, *, euro: int) -> Refusal | None:
    """The chosen scenario leaves at most so many EUR without a source."""
    if facts.chosen is None or facts.chosen.gap <= Decimal(euro):
        return None
    return Refusal(
        "funding_gap",
        scenario=facts.chosen.name,
        gap=facts.chosen.gap,
        most=Decimal(euro),
        mend_by=_MANAGER,
        where="scenarios",
        missing=(Text("missing", "sources", amount=facts.chosen.gap - euro),),
    )


def scenario_legal(facts: FundingFacts, validity: Validity) -> Refusal | None:
    """The chosen scenario stands on a frozen case and breaks no rule of its rule set."""
    if facts.chosen is None or (facts.chosen.solved and not validity.breaches):
        return None
    if facts.chosen.solved:
        return not_legal(facts.chosen.name, validity.breaches)
    missing = (Text("missing", "scenario_of_the_case"),)
    return not_legal(facts.chosen.name, missing, text="scenario_not_checked")


def scenario_fresh(facts: FundingFacts, validity: Validity) -> Refusal | None:
    """Nothing that came later has broken the chosen scenario."""
    if facts.chosen is None or not validity.stale:
        return None
    return no_longer_holds(facts.chosen.name, validity.stale)


def sources_committed(facts: FundingFacts, commitment: CommitmentFacts) -> Refusal | None:
    """Whoever is to pay in the chosen scenario has committed the money, or signed for it."""
    if facts.chosen is None or not commitment.unsure:
        return None
    return Refusal(
        "sources_uncommitted",
        count=len(commitment.unsure),
        scenario=facts.chosen.name,
        mend_by=_MANAGER,
        where="scenarios",
        missing=tuple(
            Text("missing", "commitment", number=one.position, kind=one.kind, amount=one.amount)
            for one in commitment.unsure
        ),
    )


def finances_planned(commitment: CommitmentFacts) -> Refusal | None:
    """What a financial plan is made from has been said."""
    if commitment.planned:
        return None
    missing = (Text("missing", "financial_plan"),)
    return Refusal("no_financial_plan", mend_by=_MANAGER, where="financial-assumptions", missing=missing)
