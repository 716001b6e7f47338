"""Solve a program exactly by CP-SAT; for the solver's own process only, so that the API never loads a solver."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, gcd

# Not cp_model, which loads pandas for its tables.
from ortools.sat.python import cp_model_helper as cp_sat

from states.funding.solver.meter import Meter
from states.funding.solver.program import Bound, Program, Terms, total

_NO_LIMIT = 2**62
# For HiGHS: nodes for a second of work at most, and the work of one iteration.
_NODES, _ITERATION = 100, 1e-4
_ROUGH = 1e-3  # of a sum in floating point
_LITTLE = 0.01  # seconds, for what begins when none are left


@dataclass(frozen=True, slots=True)
class Found:
    """Values of all variables, or None where there are none; `proven` tells whether that is certain.

    No values have a smaller sum than `least`; sums of a funding case are never below 0.
    """

    values: tuple[int, ...] | None
    proven: bool
    least: int = 0

    def joined(self, other: "Found", terms: Terms) -> "Found":
        """Return the better values of both, and all that both know."""
        known = [one for one in (self.values, other.values) if one is not None]
        values = min(known, key=lambda one: total(terms, one), default=None)
        return Found(values, self.proven or other.proven, max(self.least, other.least))


class CpSat:
    """A program handed to CP-SAT; variables and bounds may be added, and bounds moved, between solutions.

    One worker and one seed: the same program gives the same values.
    """

    def __init__(self, tops: Iterable[int], bounds: Iterable[Bound] = (), *, meter: Meter) -> None:
        self.meter = meter
        self._tops: list[int] = []
        self._proto = cp_sat.CpModelProto()
        for top in tops:
            self.variable(top)
        for bound in bounds:
            self.bound(bound)

    @classmethod
    def of(cls, program: Program, *, meter: Meter) -> "CpSat":
        return cls(program.tops, (*program.bounds, *program.links), meter=meter)

    @property
    def size(self) -> int:
        """The number of variables."""
        return len(self._tops)

    def variable(self, top: int = 1) -> int:
        """Add a variable and return its number."""
        self._tops.append(top)
        self._proto.variables.add().domain.extend([0, top])
        return len(self._proto.variables) - 1

    def bound(self, bound: Bound, *, unless_lifted: int | None = None) -> int:
        """Add a bound and return its place; it holds only where the given 0/1 variable is 1, too."""
        constraint = self._proto.constraints.add()
        constraint.enforcement_literal.extend([one for one in (bound.when, unless_lifted) if one is not None])
        shared = _shared(bound.terms)
        constraint.linear.vars.extend([variable for variable, _ in bound.terms])
        constraint.linear.coeffs.extend([factor // shared for _, factor in bound.terms])
        constraint.linear.domain.extend(_domain(bound))
        return len(self._proto.constraints) - 1

    def move(self, place: int, bound: Bound) -> None:
        """Give the bound at a place the limits of another one with the same terms."""
        domain = self._proto.constraints[place].linear.domain
        domain.clear()
        domain.extend(_domain(bound))

    def minimise(
        self, terms: Terms, *, work: float, within: int = 0, hint: Sequence[int] = (), easy: bool = False
    ) -> Found:
        """Find values whose sum is the least, or at most `within` above it, with so much work of the meter at most.

        `hint` is where to begin. `easy` spares the preparations that pay off in hard programs only.
        """
        shared = self._aim(terms)
        self._proto.clear_solution_hint()
        self._proto.solution_hint.vars.extend(list(range(len(hint))))
        self._proto.solution_hint.values.extend(list(hint))
        parameters = cp_sat.SatParameters()
        parameters.num_workers, parameters.random_seed = 1, 1
        parameters.linearization_level = 1 if easy else 2
        if easy:
            parameters.cp_model_probing_level = parameters.symmetry_level = 0
        parameters.absolute_gap_limit = within / shared
        parameters.max_deterministic_time = max(work, _LITTLE)
        solver = cp_sat.SolveWrapper()
        solver.set_parameters(parameters)
        response = solver.solve(self._proto)  # type: ignore[no-untyped-call]
        status = cp_sat.CpSolverStatus
        if response.status == status.MODEL_INVALID:
            raise ValueError(f"CP-SAT does not take the program: {response.solution_info}")
        solved = response.status in (status.OPTIMAL, status.FEASIBLE)
        proven = response.status in (status.OPTIMAL, status.INFEASIBLE)
        self.meter.add(response.deterministic_time)
        least = max(response.inner_objective_lower_bound, 0) * shared if terms else 0
        return Found(tuple(response.solution) if solved else None, proven, least)

    def _aim(self, terms: Terms) -> int:
        """Take the sum as the objective, and return what its factors have in common."""
        shared = _shared(terms)
        self._proto.clear_objective()
        if terms:
            self._proto.objective.vars.extend([variable for variable, _ in terms])
            self._proto.objective.coeffs.extend([factor // shared for _, factor in terms])
        return shared

    def with_opinion(self, terms: Terms, *, work: float, within: int = 0) -> Found:
        """Find values by what HiGHS would choose; `least` is its word, `proven` stays open."""
        # Loaded only where it is needed: most cases are proven before.
        from states.funding.solver.floating import opinion

        shared = self._aim(terms)
        second = opinion(self._proto, nodes=int(work * _NODES) + 20)
        if second is None:
            self.meter.add(work)
            return Found(None, False)
        self.meter.add(second.iterations * _ITERATION)
        for variable, value in second.choices.items():
            self._fix(variable, value, value)
        found = self.minimise(terms, work=work, within=within)
        for variable in second.choices:
            self._fix(variable, 0, self._tops[variable])
        return Found(found.values, False, ceil(second.least - _ROUGH) * shared)

    def _fix(self, variable: int, low: int, high: int) -> None:
        domain = self._proto.variables[variable].domain
        domain.clear()
        domain.extend([low, high])


def _shared(terms: Terms) -> int:
    return gcd(*(factor for _, factor in terms)) or 1


def _domain(bound: Bound) -> list[int]:
    low, high = -_NO_LIMIT if bound.low is None else bound.low, _NO_LIMIT if bound.high is None else bound.high
    shared = _shared(bound.terms)
    return [-(-low // shared), high // shared]
