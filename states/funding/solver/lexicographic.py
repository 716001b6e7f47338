"""The best values of a program by several objectives, each kept before the next is looked at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from states.funding.case.vocabulary import Objective
from states.funding.solver.cp_sat import CpSat, Found
from states.funding.solver.program import NEAR, Bound, Mix, objective_terms, tolerance, total


@dataclass(frozen=True, slots=True)
class Best:
    """Values of all variables, and the objectives that were proven, in their order; of others, what none goes below.

    Where there are no values, `impossible` tells whether that is certain or the time was too short.
    """

    values: tuple[int, ...] | None
    proven: tuple[Objective, ...] = ()
    least: tuple[tuple[Objective, int], ...] = ()
    impossible: bool = False


# Of the work on an objective: for CP-SAT before HiGHS is asked, and for HiGHS.
_FIRST, _SECOND = 0.25, 0.4

# Less work is not worth asking; and variables of programs that HiGHS takes longer to look at than all the rest takes.
_WORTH, _TOO_LARGE = 0.1, 6_000

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
    values, proven, least = None, list[Objective](), dict.fromkeys(objectives, 0)
    for number, objective in enumerate(objectives):
        left = until - solver.meter.done
        if left <= 0 and values is not None:
            break
        told(objective, values)
        work = left if number == len(objectives) - 1 else left / 2  # half of what is left for all that follow
        terms = objective_terms(mix, objective)
        found = _least(mix, solver, objective, work=work, hint=values or hint)
        if found.values is None:
            if values is None:
                return Best(None, impossible=found.proven)
            continue
        values = found.values
        if found.proven:
            proven.append(objective)
        else:
            least[objective] = found.least
        solver.bound(Bound(tuple(terms), high=total(terms, values)))
    return Best(values, tuple(proven), tuple((one, bound) for one, bound in least.items() if one not in proven))


def _least(mix: Mix, solver: CpSat, objective: Objective, *, work: float, hint: Sequence[int]) -> Found:
    """Make an objective small; where sums of money are not soon proven, ask HiGHS too; the better counts."""
    terms, within, until = objective_terms(mix, objective), tolerance(mix, objective), solver.meter.done + work
    if objective not in NEAR or work < _WORTH or solver.size > _TOO_LARGE:
        return solver.minimise(terms, work=work, within=within, hint=hint)
    found = solver.minimise(terms, work=work * _FIRST, within=within, hint=hint)
    if found.proven:
        return found
    found = found.joined(solver.with_opinion(terms, work=work * _SECOND, within=within), terms)
    if found.values is not None and total(terms, found.values) - found.least <= max(within, NEAR[objective]):
        return replace(found, proven=True)
    left = max(until - solver.meter.done, 0.0)
    return found.joined(solver.minimise(terms, work=left, within=within, hint=found.values or hint), terms)
