"""How many breaks few tables force on a day as a whole, whoever meets whom; only solving processes import it.

Each participant goes through the slots in runs of meetings; the tables of a slot bound how many are busy in it. This
is a flow for each profile, and the flows share the tables: a linear problem whose optimum says what a place at a table
is worth in each slot. Any such prices prove a bound (by Lagrange): what all runs cost at these prices, less what the
tables cost. That bound is computed in whole numbers, so that it is right however the prices were found.
"""

from collections import Counter
from collections.abc import Sequence
from math import ceil

from states.matchmaking.timetable.problem import Problem
from states.matchmaking.timetable.worth import START, Profile, fewest_runs, profiles, steps

_SCALE = 1_000_000  # of prices, which are breaks
_ITERATIONS = 100_000  # of the simplex; published days take some thousands


def fewest_breaks(problem: Problem) -> int:
    """Return a number of breaks below which no timetable that places all meetings can go; 0 where tables say nothing.

    Every meeting must be one of two at a shared table: else being busy does not say how many tables are taken.
    """
    if len(problem.seated) < len(problem.meetings) or any(len(one.participants) != 2 for one in problem.meetings):
        return 0
    room = [len(tables) for tables in problem.shared]
    spare = sum(room) - len(problem.meetings)
    if spare < 0:
        return 0
    people = Counter(one for one in profiles(problem) if one.meetings)
    prices = _prices(problem, people, [2 * max(tables - spare, 0) for tables in room], [2 * tables for tables in room])
    return 0 if prices is None else _proven(problem, people, prices, room, spare)


def _proven(problem: Problem, people: Counter[Profile], prices: Sequence[int], room: Sequence[int], spare: int) -> int:
    """Return the bound that prices of a busy participant in each slot prove."""
    total = 0
    for profile, count in people.items():
        cost = fewest_runs(profile, problem, prices, _SCALE)
        if cost is None:
            return 0
        total += count * (cost - _SCALE)
    for price, tables in zip(prices, room, strict=True):
        total -= 2 * price * (tables if price > 0 else max(tables - spare, 0))
    return max(ceil(total / _SCALE), 0)


def _prices(problem: Problem, people: Counter[Profile], least: Sequence[int], most: Sequence[int]) -> list[int] | None:
    """Return what one more busy participant costs in each slot at the optimum, where between so many are busy."""
    # Slow to load.
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import coo_array, vstack

    cost: list[float] = []
    flows: list[tuple[float, int, int]] = []  # value, row, column: out of one state, into the next
    busy: list[tuple[int, int]] = []  # slot, column
    supply: list[int] = []
    for profile, count in people.items():
        rows = {(0, START): len(supply), (len(problem.slots), None): len(supply) + 1}
        supply += [count, -count]
        for one in steps(profile, problem):
            after = (one.slot + 1, None if one.slot + 1 == len(problem.slots) else one.after)
            if after not in rows:
                rows[after] = len(supply)
                supply.append(0)
            flows += [(1.0, rows[one.slot, one.before], len(cost)), (-1.0, rows[after], len(cost))]
            if one.busy:
                busy.append((one.slot, len(cost)))
            cost.append(float(one.begins))
    slots, columns = (list(part) for part in zip(*busy, strict=True))
    values, to, of = (list(part) for part in zip(*flows, strict=True))
    span = len(problem.slots)
    taken = coo_array((np.ones(len(busy)), (slots, columns)), shape=(span, len(cost)))
    found = linprog(
        np.array(cost),
        A_ub=vstack([taken, -taken]),
        b_ub=np.array([*most, *(-one for one in least)]),
        A_eq=coo_array((values, (to, of)), shape=(len(supply), len(cost))),
        b_eq=np.array(supply),
        options={"maxiter": _ITERATIONS},
    )
    if found.status:
        return None
    marginals = found.ineqlin.marginals
    return [round(_SCALE * float(marginals[span + at] - marginals[at])) for at in range(span)]
