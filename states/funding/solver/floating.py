"""A second opinion by HiGHS, in floating point: quick where sums of money compete, but no cent of it is counted on.

It says who pays for what, and below which sum nothing is possible; the money is then divided again in whole cents.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model_helper as cp_sat

_UNIT = 100_000  # cents in a unit of money: HiGHS keeps sums to a millionth, and wants factors near one
_GAP = 1e-9  # how far apart, as a ratio, what is found and what is possible may be when it is done


@dataclass(frozen=True, slots=True)
class Opinion:
    """Values of the 0/1 variables, no sum below `least`, and what it cost in iterations of the simplex."""

    choices: Mapping[int, int]
    least: float
    iterations: int


def opinion(program: cp_sat.CpModelProto, *, nodes: int) -> Opinion | None:
    """Minimise the program's objective within so many nodes; None where nothing is found."""
    model = mathopt.Model()
    tops = [variable.domain[1] for variable in program.variables]
    scales = [_UNIT if top > 1 else 1 for top in tops]
    variables = [
        model.add_variable(lb=0, ub=top / scale, is_integer=scale == 1) for top, scale in zip(tops, scales, strict=True)
    ]

    def weighed(numbers: list[int], factors: list[int]) -> tuple[mathopt.LinearSum, float]:
        parts = [(variables[one], factor * scales[one]) for one, factor in zip(numbers, factors, strict=True)]
        unit = max((abs(factor) for _, factor in parts), default=1)
        return mathopt.LinearSum(variable * (factor / unit) for variable, factor in parts), unit

    for constraint in program.constraints:
        linear = constraint.linear
        total, unit = weighed(list(linear.vars), list(linear.coeffs))
        low, high = linear.domain
        reaches = [factor * tops[one] for one, factor in zip(linear.vars, linear.coeffs, strict=True)]
        least, most = sum(min(reach, 0) for reach in reaches), sum(max(reach, 0) for reach in reaches)
        if most > high:  # a bound that holds only sometimes is lifted by what may exceed it
            lifted = mathopt.LinearSum(
                (most - high) / unit * (1 - variables[one]) for one in constraint.enforcement_literal
            )
            model.add_linear_constraint(total <= high / unit + lifted)
        if least < low:
            model.add_linear_constraint(total >= low / unit)
    goal, unit = weighed(list(program.objective.vars), list(program.objective.coeffs))
    model.minimize(goal)
    limits = mathopt.SolveParameters(node_limit=nodes, relative_gap_tolerance=_GAP)
    result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=limits)
    if not result.has_primal_feasible_solution():
        return None
    found = result.variable_values(variables)
    choices = {one: round(value) for one, value in enumerate(found) if scales[one] == 1}
    return Opinion(choices, result.best_objective_bound() * unit, result.solve_stats.simplex_iterations)
