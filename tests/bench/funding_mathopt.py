"""A funding program in MathOpt: the same variables and bounds for HiGHS and SCIP, beside which CP-SAT is measured."""

from collections.abc import Sequence
from datetime import timedelta
from time import monotonic

from ortools.math_opt.python import mathopt

from states.funding.case.vocabulary import Objective
from states.funding.solver.program import Bound, Mix, Program, Terms, objective_terms

_UNIT = 100_000  # cents in a unit of money: these solvers keep sums to a millionth, and want factors near one
_GAP = 1e-9  # how far apart, as a ratio, what is found and what is possible may be when it counts as proven


class MathOpt:
    """A program whose money need not be whole cents; all else is the same."""

    def __init__(self, program: Program, engine: mathopt.SolverType) -> None:
        self._engine, self._program = engine, program
        self._model = mathopt.Model()
        self._scales = [1 if top <= 1 else _UNIT for top in program.tops]
        self._variables = [
            self._model.add_variable(lb=0, ub=top / scale, is_integer=scale == 1)
            for top, scale in zip(program.tops, self._scales, strict=True)
        ]
        for bound in (*program.bounds, *program.links):
            self._bound(bound)

    def _sum(self, terms: Terms) -> tuple[mathopt.LinearSum, int]:
        """Return a sum in units of its largest factor, and that factor."""
        factors = [(self._variables[one], factor * self._scales[one]) for one, factor in terms]
        largest = max((abs(factor) for _, factor in factors), default=1)
        return mathopt.LinearSum(variable * (factor / largest) for variable, factor in factors), largest

    def _bound(self, bound: Bound) -> None:
        total, unit = self._sum(bound.terms)
        if bound.when is not None:  # only upper bounds are conditional: lifted by what they could be exceeded by
            assert bound.high is not None
            excess = max(self._program.highest(bound.terms) - bound.high, 0)
            self._model.add_linear_constraint(
                total + self._variables[bound.when] * (excess / unit) <= (bound.high + excess) / unit
            )
            return
        if bound.high is not None:
            self._model.add_linear_constraint(total <= bound.high / unit)
        if bound.low is not None:
            self._model.add_linear_constraint(total >= bound.low / unit)

    def least(self, mix: Mix, objectives: Sequence[Objective], *, seconds: float) -> list[tuple[float | None, bool]]:
        """Make each objective small under those before it; return each sum, and whether it is proven."""
        until, found, hints = monotonic() + seconds, list[tuple[float | None, bool]](), list[mathopt.SolutionHint]()
        for number, objective in enumerate(objectives):
            left = max(until - monotonic(), 0.1)
            limit = timedelta(seconds=left if number == len(objectives) - 1 else left / 2)
            total, unit = self._sum(objective_terms(mix, objective))
            self._model.minimize(total)
            threads = (
                None if self._engine is mathopt.SolverType.HIGHS else 1
            )  # HiGHS has one by default, and asks no more
            result = mathopt.solve(
                self._model,
                self._engine,
                params=mathopt.SolveParameters(time_limit=limit, threads=threads, relative_gap_tolerance=_GAP),
                model_params=mathopt.ModelSolveParameters(solution_hints=hints),
            )
            if not result.has_primal_feasible_solution():
                found.append((None, False))
                continue
            value = result.objective_value()
            self._model.add_linear_constraint(total <= value * (1 + _GAP) + 1e-7)
            hints = [mathopt.SolutionHint(variable_values=result.variable_values())]
            found.append((value * unit, result.termination.reason is mathopt.TerminationReason.OPTIMAL))
        return found
