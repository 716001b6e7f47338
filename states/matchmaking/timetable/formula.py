"""Clauses and sums over yes-or-no variables, solved by CP-SAT with one worker; only solving processes import it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import inf

# Not cp_model, which loads pandas for its tables.
from ortools.sat.python import cp_model_helper as cp_sat

from states.matchmaking.timetable.effort import Effort

# A literal is a variable, or -variable - 1 for its negation; these two stand for what is known.
TRUE = 1 << 40
FALSE = -TRUE - 1


class Verdict(StrEnum):
    """How a search ended."""

    PROVEN = "proven"
    FOUND = "found"
    IMPOSSIBLE = "impossible"
    UNKNOWN = "unknown"


class Way(StrEnum):
    """How to search: from the bound upwards, showing nothing before it is proven; anyhow; or by linear relaxation."""

    CORE = "core"
    ANY = "any"
    RELAXED = "relaxed"


# Measured, in seconds of a quiet core: CP-SAT's deterministic unit, and what it takes to write and read a clause.
_UNIT = {Way.CORE: 0.35, Way.ANY: 0.35, Way.RELAXED: 0.7}
_CLAUSE = 1e-5
_LITTLE = 1e-3  # units, for what begins when no work is left


@dataclass(frozen=True, slots=True)
class Answer:
    """The value of each variable (none without a solution), and the bound on the objective that was proven."""

    verdict: Verdict
    values: Sequence[int]
    bound: float


_VERDICTS = {
    cp_sat.CpSolverStatus.OPTIMAL: Verdict.PROVEN,
    cp_sat.CpSolverStatus.FEASIBLE: Verdict.FOUND,
    cp_sat.CpSolverStatus.INFEASIBLE: Verdict.IMPOSSIBLE,
}


def no(literal: int) -> int:
    """Negate a literal."""
    return -literal - 1


class Formula:
    """A conjunction in the making, and an objective: fewest of some literals."""

    def __init__(self) -> None:
        self._proto = cp_sat.CpModelProto()
        self._size = 0

    def variable(self) -> int:
        self._proto.variables.add().domain.extend((0, 1))
        self._size += 1
        return self._size - 1

    def clause(self, *literals: int) -> None:
        """Want one of the literals at least."""
        if TRUE not in literals:
            open_ones = [one for one in literals if one != FALSE]
            self._proto.constraints.add().bool_or.literals.extend(open_ones)

    def exactly_one(self, literals: Iterable[int]) -> None:
        self._proto.constraints.add().exactly_one.literals.extend(literals)

    def at_most_one(self, literals: Iterable[int]) -> None:
        self._proto.constraints.add().at_most_one.literals.extend(literals)

    def between(self, least: int, literals: Sequence[int], most: int) -> None:
        """Bound how many of the literals hold; nothing is said where the bounds say nothing."""
        known = sum(one == TRUE for one in literals)
        variables = [one for one in literals if one not in (TRUE, FALSE)]
        if known < least or known + len(variables) > most:
            linear = self._proto.constraints.add().linear
            linear.vars.extend([one if one >= 0 else no(one) for one in variables])
            linear.coeffs.extend([1 if one >= 0 else -1 for one in variables])
            negated = sum(one < 0 for one in variables)
            linear.domain.extend((max(least - known, 0) - negated, min(most - known, len(variables)) - negated))

    def either(self, literals: Sequence[int]) -> int:
        """Return a literal that holds where one of these does."""
        if len(literals) == 1:
            return literals[0]
        one = self.variable()
        self.clause(no(one), *literals)
        for literal in literals:
            self.clause(no(literal), one)
        return one

    def counted(self, literals: Sequence[int], most: int) -> list[int]:
        """Return literals in a row: so many hold at least as one, two ... of these do, up to `most` (a totalizer)."""
        if len(literals) <= 1:
            return list(literals)
        half = len(literals) // 2
        left, right = self.counted(literals[:half], most), self.counted(literals[half:], most)
        row = [self.variable() for _ in range(min(most, len(left) + len(right)))]
        for one, other in ((i, j) for i in range(len(left) + 1) for j in range(len(right) + 1)):
            both = one + other
            if 1 <= both <= len(row):
                below = [no(part[count - 1]) for part, count in ((left, one), (right, other)) if count]
                self.clause(*below, row[both - 1])
            if both < len(row):
                above = [part[count] for part, count in ((left, one), (right, other)) if count < len(part)]
                self.clause(no(row[both]), *above)
        for fewer, more in pairwise(row):
            self.clause(no(more), fewer)
        return row

    def minimise(self, weighted: Iterable[tuple[int, int]], offset: int = 0) -> None:
        """Want the sum of the weights of the variables that hold as small as can be."""
        for variable, weight in weighted:
            self._proto.objective.vars.append(variable)
            self._proto.objective.coeffs.append(weight)
        self._proto.objective.offset = offset

    def hint(self, values: Iterable[tuple[int, int]]) -> None:
        for variable, value in values:
            self._proto.solution_hint.vars.append(variable)
            self._proto.solution_hint.values.append(value)

    def solve(
        self,
        effort: Effort,
        *,
        seed: int,
        way: Way,
        seconds: float = inf,
        on_bound: Callable[[float], None] | None = None,
    ) -> Answer:
        """Search with one worker, with so many seconds of work at most: the same formula gives the same answer."""
        parameters = cp_sat.SatParameters()
        parameters.num_workers, parameters.random_seed = 1, seed
        parameters.linearization_level = int(way is Way.RELAXED)
        parameters.optimize_with_core = way is Way.CORE
        parameters.max_deterministic_time = max(min(seconds, effort.left) / _UNIT[way], _LITTLE)
        wrapper = cp_sat.SolveWrapper()
        wrapper.set_parameters(parameters)
        if on_bound is not None:
            wrapper.add_best_bound_callback(on_bound)
        response = wrapper.solve(self._proto)  # type: ignore[no-untyped-call]
        effort.add(response.deterministic_time * _UNIT[way] + len(self._proto.constraints) * _CLAUSE)
        verdict = _VERDICTS.get(response.status, Verdict.UNKNOWN)
        # A list: the response takes its solution with it when it goes.
        return Answer(verdict, list(response.solution), response.best_objective_bound)
