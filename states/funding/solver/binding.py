"""Which limits bind a mix, and what one EUR more of each would bring: solved again, limit by limit."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from states.funding.case.vocabulary import Objective
from states.funding.law.findings import Finding
from states.funding.solver.answer import Binding, ground_of
from states.funding.solver.cp_sat import CpSat
from states.funding.solver.meter import Meter
from states.funding.solver.objectives import UNITS, objective_terms
from states.funding.solver.plan_variables import Mix
from states.funding.solver.program import Bound, Terms, total

_NAMES = {Objective.GAP: "gap", Objective.PRIVATE_CASH: "private_cash", Objective.TIME_TO_MONEY: "waiting"}
_WORK = 2.0  # for one limit; where the lines are given it takes a few thousandths of that


def bindings(
    mix: Mix, values: Sequence[int], objectives: Sequence[Objective], *, meter: Meter, until: float
) -> list[Binding]:
    """Return the limits that bind, the most valuable first, those found until the meter has done so much work.

    Each limit with less than one EUR to spare gets one EUR more, and the money is divided again among the same lines
    (cost item, instrument); it binds where one of the first two objectives is then smaller, the first before the
    second. So the value is exact for these lines; others might do better still, and of two limits at the same height
    neither binds alone.
    """
    looked_at = [one for one in objectives if one is not Objective.APPLICATIONS][:2]
    money = _Money(mix, values, [objective_terms(mix, objective) for objective in looked_at], meter)
    before = money.least()
    found = []
    for place, bound, ground in money.tight():
        if meter.done > until or meter.cut:
            break
        gains = [old - new for old, new in zip(before, money.least(place, bound), strict=True)]
        if any(gains):
            saved = {_NAMES[one]: Decimal(gain) / UNITS[one] for one, gain in zip(looked_at, gains, strict=True)}
            found.append(Binding(ground=ground_of(ground), **saved))
    return sorted(found, key=lambda one: (-one.gap, -one.private_cash, -one.waiting))


class _Money:
    """The money of a mix, to be divided again among the lines that it uses; all else stays as it is."""

    def __init__(self, mix: Mix, values: Sequence[int], goals: Sequence[Terms], meter: Meter) -> None:
        used = [variable for line, variable in mix.money.items() if values[mix.pays[line]]]
        free = [*used, *mix.own.values(), *mix.gap.values()]
        self._numbers = {variable: number for number, variable in enumerate(free)}
        self._given = values
        self._solver = CpSat([mix.program.tops[variable] for variable in free], meter=meter)
        self._limits = [
            (self._solver.bound(reduced), reduced)
            for bound in mix.program.bounds
            if bound.when is None or values[bound.when]
            if (reduced := self._reduced(bound)).terms
        ]
        self._goals = [self._reduced(Bound(tuple(terms))) for terms in goals]
        self._goal_places = [self._solver.bound(goal) for goal in self._goals]
        self._values = tuple(values[variable] for variable in free)

    def _reduced(self, bound: Bound) -> Bound:
        """Return the bound over the free variables, with what the others come to taken off."""
        terms = tuple((self._numbers[one], factor) for one, factor in bound.terms if one in self._numbers)
        rest = sum(factor * self._given[one] for one, factor in bound.terms if one not in self._numbers)
        low, high = (None if limit is None else limit - rest for limit in (bound.low, bound.high))
        return replace(bound, terms=terms, low=low, high=high, when=None)

    def tight(self) -> list[tuple[int, Bound, Finding]]:
        """Return the limits with less than one EUR to spare in the division found last: place, limit, rule."""
        found = []
        for place, bound in self._limits:
            slack = bound.slack(self._values)
            if bound.euro and bound.ground is not None and slack is not None and slack < bound.euro:
                found.append((place, bound, bound.ground))
        return found

    def least(self, place: int | None = None, bound: Bound | None = None) -> list[int]:
        """Return the least sums of the goals, the first before the second; with one EUR more for a limit, if given."""
        if place is not None and bound is not None and bound.high is not None:
            self._solver.move(place, replace(bound, high=bound.high + bound.euro))
        least = []
        for at, goal in zip(self._goal_places, self._goals, strict=True):
            found = self._solver.minimise(goal.terms, work=_WORK, hint=self._values)
            values = found.values or self._values
            least.append(total(goal.terms, values))
            self._solver.move(at, replace(goal, high=least[-1]))
            if place is None:
                self._values = values
        for at, goal in zip(self._goal_places, self._goals, strict=True):
            self._solver.move(at, goal)
        if place is not None and bound is not None:
            self._solver.move(place, bound)
        return least
