"""Monte Carlo: the same plan many times, its variables drawn from a seed, and how NPV, IRR and DSCR spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from states.errors import Fault
from states.funding.finance.indicators import coverage, owner_flows, plan_npv, project_flows
from states.funding.finance.plan import Plan
from states.funding.finance.reading import PlanInvalid
from states.funding.finance.returns import cent, four, irr
from states.funding.finance.sensitivity import Measure, variables
from states.funding.finance.statements import statements

LEAST_DSCR = Decimal("1.20")  # below it few banks lend on contracted cash flow
MOST_RUNS = 20_000


@dataclass(frozen=True, slots=True)
class Spread:
    """How far a variable may lie from the plan, in percent: triangular between `low` and `high`, around `likely`."""

    variable: str
    low: Decimal
    high: Decimal
    likely: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Simulation:
    """The runs in ascending order: NPV in EUR; IRR in percent of those runs that have exactly one; the least DSCR."""

    seed: int
    runs: int
    npv: tuple[Decimal, ...]
    irr: tuple[Decimal, ...]
    dscr: tuple[Decimal, ...]

    @property
    def mean(self) -> Decimal:
        """Mean NPV in EUR."""
        return cent(sum(self.npv, Decimal(0)) / self.runs)

    @property
    def loses(self) -> Decimal:
        """Share of the runs with NPV below zero, percent."""
        return four(Decimal(100 * sum(value < 0 for value in self.npv)) / self.runs)

    @property
    def strains(self) -> Decimal | None:
        """Share of the runs whose least DSCR is below 1.20, percent; None without debt."""
        if not self.dscr:
            return None
        return four(Decimal(100 * sum(value < LEAST_DSCR for value in self.dscr)) / len(self.dscr))


def quantile(ascending: Sequence[Decimal], percent: int) -> Decimal:
    """Return the value that `percent` of the values do not exceed (nearest rank); values ascending, at least one."""
    return ascending[max(-(-percent * len(ascending) // 100), 1) - 1]


def simulate(
    plan: Plan, spreads: Sequence[Spread], *, seed: int, runs: int = 1000, measure: Measure = Measure.PROJECT
) -> Simulation:
    """Draw the variables independently of each other, `runs` times, and compute the plan anew each time.

    The same seed, spreads and plan give the same result; raises `PlanInvalid` with every fault of the spreads.
    """
    known = variables(plan)
    if faults := _faults(spreads, runs, list(known)):
        raise PlanInvalid(faults=faults)
    drawn = [_draws(spread, np.random.default_rng([seed, n]), runs) for n, spread in enumerate(spreads)]
    worth: list[Decimal] = []
    rates: list[Decimal] = []
    cover: list[Decimal] = []
    for run in range(runs):
        varied = plan
        for spread, factors in zip(spreads, drawn, strict=True):
            varied = known[spread.variable](varied, factors[run])
        made = statements(varied)
        flows = (project_flows if measure is Measure.PROJECT else owner_flows)(varied, made)
        worth.append(plan_npv(varied, flows))
        rates += found if len(found := irr(flows)) == 1 else ()
        least = coverage(varied, made).least
        cover += [] if least is None else [least]
    return Simulation(seed, runs, tuple(sorted(worth)), tuple(sorted(rates)), tuple(sorted(cover)))


def _draws(spread: Spread, generator: np.random.Generator, runs: int) -> list[Decimal]:
    """Return factors to six places: what numpy draws is rounded once, then all is Decimal."""
    if spread.low == spread.high:
        return [1 + spread.low / 100] * runs
    low, likely, high = (float(1 + percent / 100) for percent in (spread.low, spread.likely, spread.high))
    return [Decimal(f"{draw:.6f}") for draw in generator.triangular(low, likely, high, runs)]


def _faults(spreads: Sequence[Spread], runs: int, known: list[str]) -> list[Fault]:
    faults = (
        []
        if 1 <= runs <= MOST_RUNS
        else [Fault("runs", "runs_out_of_range", remedy="take_one_to", runs=runs, most=MOST_RUNS)]
    )
    named = [spread.variable for spread in spreads]
    for n, spread in enumerate(spreads):
        if spread.variable not in known:
            faults.append(
                Fault(
                    f"spreads[{n}].variable",
                    "no_variable",
                    remedy="take_one_of",
                    variable=spread.variable,
                    known=tuple(known),
                )
            )
        if named.index(spread.variable) < n:
            faults.append(
                Fault(f"spreads[{n}].variable", "variable_twice", remedy="take_one_out", variable=spread.variable)
            )
        if not -100 <= spread.low <= spread.likely <= spread.high:
            faults.append(Fault(f"spreads[{n}]", "out_of_order", remedy="give_100_low_likely_high_in_percent"))
    return faults
