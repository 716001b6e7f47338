"""The figures of the chosen scenario's plan by which a lender judges; the same texts give the same answer, once."""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from states.errors import Invalid
from states.funding.checks.scenario_legality import frozen_case, mix_of
from states.funding.finance.indicators import indicators
from states.funding.finance.planning import plan_of_mix
from states.funding.finance.statements import statements
from states.funding.inputs.assumptions import Assumptions


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a plan: the least debt cover (None without debt), and EUR that are missing at the end of years.

    `assumed` is how many assumptions there are, `sourced` how many of them say where they are from and are not made up.
    `faults` keep the plan from being made; then the rest is empty.
    """

    cover: Decimal | None = None
    shortfalls: tuple[tuple[int, Decimal], ...] = ()
    assumed: int = 0
    sourced: int = 0
    sized: frozenset[str] = frozenset()
    accounted: frozenset[str] = frozenset()
    faults: tuple[str, ...] = ()


@lru_cache(maxsize=256)
def figures_of(case: str, mix: str, assumptions: str) -> Figures:
    """Compute the figures from the frozen case, the mix and what is assumed, as they are kept."""
    known, given = frozen_case(case), Assumptions.model_validate_json(assumptions)
    stated = [one for _, one in given.sourced]
    sourced = sum(bool(one.source.strip()) and not one.illustrative for one in stated)
    sized = frozenset(one.id for one in known.partners if one.size is not None)
    accounted = frozenset(one.id for one in known.partners if one.years)
    try:
        plan = plan_of_mix(known, mix_of(mix), given)
    except Invalid as invalid:
        faults = tuple(map(str, invalid.faults))
        return Figures(assumed=len(stated), sourced=sourced, sized=sized, accounted=accounted, faults=faults)
    made = statements(plan)
    return Figures(
        cover=indicators(plan, made).coverage.least,
        shortfalls=tuple(made.shortfalls.items()),
        assumed=len(stated),
        sourced=sourced,
        sized=sized,
        accounted=accounted,
    )
