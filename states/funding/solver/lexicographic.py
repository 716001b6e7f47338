"""The best values of a program by several objectives, each kept before the next is looked at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from states.funding.case_terms import Objective
from states.funding.solver.cp_sat import CpSat
from states.funding.solver.mix import Mix
from states.funding.solver.objectives import objective_terms, tolerance
from states.funding.solver.program import Bound, total


@dataclass(frozen=True, slots=True)
class Best:
    """Values of all variables, and the objectives that were proven, in their order; of others, what none goes below.

    Where there are no values, `impossible` tells whether that is certain or the time was too short.
    """

    values: tuple[int, ...] | None
    proven: tuple[Objective, ...] = ()
    least: tuple[tuple[Objective, int], ...] = ()
    impossible: bool = False


# Hears which objective is next, and the values found so far.
Told = Callable[[Objective, Sequence[int] | None], None]


def best(
    mix: Mix,
    solver: CpSat,
    objectives: Sequence[Objective],
    *,
    until: float,
    told: Told,
    hint: Sequence[int] = (),
) -> Best:
    """Make each objective as small as those before it let it be, until the meter has done so much work.

    What is not proven by then is kept as it was found. The bounds that keep the objectives stay in the solver.
    """
    values, proven, least = None, list[Objective](), list[tuple[Objective, int]]()
    for number, objective in enumerate(objectives):
        left = until - solver.meter.done
        if (left <= 0 or solver.meter.cut) and values is not None:
            break
        told(objective, values)
        work = left if number == len(objectives) - 1 else left / 2  # half of what is left for all that follow
        terms = objective_terms(mix, objective)
        found = solver.minimise(terms, work=work, within=tolerance(mix, objective), hint=values or hint)
        if found.values is None:
            if values is None:
                return Best(None, impossible=found.proven)
            continue
        values = found.values
        if found.proven:
            proven.append(objective)
        else:
            least.append((objective, found.least))
        solver.bound(Bound(tuple(terms), high=total(terms, values)))
    return Best(values, tuple(proven), tuple(least))
