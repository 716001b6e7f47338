"""Guards on funding."""

from decimal import Decimal

from states.errors import Refusal
from states.funding.facts import FundingFacts
from states.texts import Text

_MANAGER = ("project_manager",)


def scenario_chosen(facts: FundingFacts) -> Refusal | None:
    """One scenario is chosen."""
    if facts.chosen is not None:
        return None
    return Refusal(
        "no_scenario_chosen",
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


def scenario_legal(facts: FundingFacts) -> Refusal | None:
    """The chosen scenario stands on a frozen case and breaks no rule of its rule set."""
    if facts.chosen is None or (facts.chosen.solved and not facts.chosen.breaches):
        return None
    return Refusal(
        "scenario_not_legal",
        text="" if facts.chosen.solved else "scenario_not_checked",
        scenario=facts.chosen.name,
        mend_by=_MANAGER,
        where="scenarios",
        missing=facts.chosen.breaches or (Text("missing", "scenario_of_the_case"),),
    )


def scenario_fresh(facts: FundingFacts) -> Refusal | None:
    """Nothing that came later has broken the chosen scenario."""
    if facts.chosen is None or not facts.chosen.stale:
        return None
    chosen = facts.chosen
    return Refusal("scenario_stale", scenario=chosen.name, mend_by=_MANAGER, where="scenarios", missing=chosen.stale)
