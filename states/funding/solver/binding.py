"""Which limits bind a mix, and what one EUR more of each would bring: solved again, limit by limit."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from time import monotonic

from states.funding.case_terms import Objective
from states.funding.solver.answer import Binding, ground_of
from states.funding.solver.cp_sat import CpSat
from states.funding.solver.mix import EURO, WHOLE, Mix
from states.funding.solver.objectives import objective_terms
from states.funding.solver.program import Bound, total

_SECONDS = 2.0  # for one limit; with all 0/1 variables fixed it takes a hundredth of that


def bindings(mix: Mix, values: Sequence[int], extra: Sequence[Bound] = (), *, until: float) -> list[Binding]:
    """Return the limits that bind, the most valuable first.

    Each limit with less than one EUR to spare gets one EUR more, and the money is divided again among the same lines
    (cost item, instrument); it binds where the gap or the private cash is then smaller. So the value is exact for this
    set of applications; another set might do better still.
    """
    goals = [objective_terms(mix, objective) for objective in (Objective.GAP, Objective.PRIVATE_CASH)]
    before = [total(terms, values) for terms in goals]
    solver, places = _fixed(mix, values, extra)
    found = []
    for place, bound in places:
        if monotonic() > until:
            break
        assert bound.high is not None
        solver.move(place, replace(bound, high=bound.high + bound.euro))
        gain = _gains(solver, goals, before, values)
        solver.move(place, bound)
        if any(gain) and bound.ground is not None:
            gap, cash = Decimal(gain[0]) / EURO, Decimal(gain[1]) / EURO / WHOLE
            found.append(Binding(ground=ground_of(bound.ground), gap=gap, private_cash=cash))
    return sorted(found, key=lambda one: (-one.gap, -one.private_cash))


def _fixed(mix: Mix, values: Sequence[int], extra: Sequence[Bound]) -> tuple[CpSat, list[tuple[int, Bound]]]:
    """Return the program with its lines fixed, and the limits that might bind with their places."""
    solver, places = CpSat(mix.program.tops), []
    for bound in (*mix.program.bounds, *extra):
        place, slack = solver.bound(bound), bound.slack(values)
        if bound.euro and slack is not None and slack < bound.euro and bound.terms:
            places.append((place, bound))
    for line, pays in mix.pays.items():
        solver.bound(Bound(((pays, 1),), low=values[pays], high=values[pays]))
        if not values[pays]:
            solver.bound(Bound(((mix.money[line], 1),), high=0))
    return solver, [(place, bound) for place, bound in places if any(values[variable] for variable, _ in bound.terms)]


def _gains(
    solver: CpSat, goals: Sequence[Sequence[tuple[int, int]]], before: Sequence[int], hint: Sequence[int]
) -> list[int]:
    """Return by how much each goal gets smaller, the first before the second."""
    gains, kept = [], []
    for terms, value in zip(goals, before, strict=True):
        found = solver.minimise(terms, seconds=_SECONDS, hint=hint)
        now = value if found.values is None else total(terms, found.values)
        gains.append(value - now)
        kept.append(solver.bound(Bound(tuple(terms), high=now)))
    for place, terms in zip(kept, goals, strict=True):
        solver.move(place, Bound(tuple(terms)))
    return gains


def worth(found: Sequence[Binding]) -> Iterator[str]:
    """Yield a sentence for each binding limit."""
    for one in found:
        yield f"{one.ground.article}: one EUR more would save {one.gap:.2f} EUR of gap, {one.private_cash:.2f} of cash."
