"""The process that finds the exact assignment by CP-SAT; nobody imports this module, so that only it loads a solver."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations_with_replacement
from math import comb

# Not cp_model, which loads pandas for its tables: a second, as long as the whole solution takes.
from ortools.sat.python import cp_model_helper as cp_sat

from states.computations.worker import Tell, serve
from states.review.assignment.grid import Answer, Problem, worth

Terms = Sequence[tuple[int, int]]  # variable, coefficient

_WORK_PER_SECOND = 0.5  # CP-SAT's deterministic unit of work, measured; the budget so counts equal on any machine
_LEVELS_AT_ONCE = 4  # 51 to the fourth is a weight that its arithmetic carries with ease
_PATTERNS = 3000  # of one dossier; above it, a coarser and slower model
_MANY = 10**9


class _Model:
    """Linear constraints over whole numbers, solved by one worker: the same answer each time."""

    def __init__(self, problem: Problem) -> None:
        self._proto = cp_sat.CpModelProto()
        self._size = 0
        self._left = problem.seconds * _WORK_PER_SECOND
        self._seed = problem.seed
        self.solution: list[int] = []

    def variable(self, most: int = 1) -> int:
        self._proto.variables.add().domain.extend([0, most])
        self._size += 1
        return self._size - 1

    def constrain(self, terms: Terms, least: int, most: int) -> None:
        linear = self._proto.constraints.add().linear
        linear.vars.extend([variable for variable, _ in terms])
        linear.coeffs.extend([factor for _, factor in terms])
        linear.domain.extend([least, most])

    def minimise(self, terms: Terms, hint: Mapping[int, int]) -> bool:
        """Solve from a hint and keep the solution; tell whether it is proven, or the work allowed ran out."""
        self._proto.clear_objective()
        self._proto.objective.vars.extend([variable for variable, _ in terms])
        self._proto.objective.coeffs.extend([factor for _, factor in terms])
        self._proto.clear_solution_hint()
        self._proto.solution_hint.vars.extend(list(hint))
        self._proto.solution_hint.values.extend(list(hint.values()))
        parameters = cp_sat.SatParameters()
        parameters.num_workers, parameters.random_seed = 1, self._seed
        parameters.linearization_level = 2
        parameters.max_deterministic_time = max(self._left, 0.0)
        solver = cp_sat.SolveWrapper()
        solver.set_parameters(parameters)
        response = solver.solve(self._proto)  # type: ignore[no-untyped-call]
        self._left -= response.deterministic_time
        self.solution = list(response.solution)
        return bool(response.status == cp_sat.CpSolverStatus.OPTIMAL)


class _Search:
    """The chosen pairs as variables, and the best assignment so far."""

    def __init__(self, problem: Problem) -> None:
        self.grid, self.best = problem.grid, problem.start
        self.model = _Model(problem)
        self.pairs = {
            (dossier, one): self.model.variable()
            for dossier in range(len(self.grid.need))
            for one in self.grid.able(dossier)
        }
        self.open = [self.model.variable(need) for need in self.grid.need]
        self.slack: list[list[tuple[int, int]]] = [[(one, 1) for one in self.open], [], []]
        for dossier, need in enumerate(self.grid.need):
            self.model.constrain([*self._row(dossier), (self.open[dossier], 1)], need, need)
            self._compose(dossier)
            self._spread(dossier)
        for candidate, room in enumerate(self.grid.room):
            self.model.constrain(self._column(candidate), 0, max(room, 0))

    def answers(self) -> Iterator[Answer]:
        """Go through what an assignment is judged by, in that order, each bound kept for the next."""
        for stage in (self._necessities, self._leximin, self._balance):
            proven = stage()
            yield Answer(self.best, proven and stage == self._balance)
            if not proven:
                return

    def _row(self, dossier: int) -> list[tuple[int, int]]:
        return [(self.pairs[dossier, one], 1) for one in self.grid.able(dossier)]

    def _column(self, candidate: int) -> list[tuple[int, int]]:
        return [(variable, 1) for (_, one), variable in self.pairs.items() if one == candidate]

    def _compose(self, dossier: int) -> None:
        for least, holds in zip(self.grid.lacking[dossier], self.grid.holds, strict=True):
            if least > 0:
                lacking = self.model.variable(least)
                holders = [(self.pairs[dossier, one], 1) for one in self.grid.able(dossier) if holds[one]]
                self.model.constrain([*holders, (lacking, 1)], least, _MANY)
                self.slack[1].append((lacking, 1))

    def _spread(self, dossier: int) -> None:
        able, taken = self.grid.able(dossier), Counter(self.grid.taken[dossier])
        for region, count in Counter(self.grid.region[one] for one in able).items():
            room = 0 if taken[region] else 1
            if count > room:
                again = self.model.variable(count)
                members = [(self.pairs[dossier, one], 1) for one in able if self.grid.region[one] == region]
                self.model.constrain([*members, (again, -1)], -_MANY, room)
                self.slack[2].append((again, 1))

    def _necessities(self) -> bool:
        """Leave no more open, lacking and repeated than must be; repeats within the standing seats cannot change."""
        unchanging = (0, 0, sum(len(taken) - len(set(taken)) for taken in self.grid.taken))
        for place, terms in enumerate(self.slack):
            proven = worth(self.grid, self.best).necessities[place] == unchanging[place] or self._better(terms)
            if not proven:
                return False
            self.model.constrain(terms, 0, worth(self.grid, self.best).necessities[place] - unchanging[place])
        return True

    def _leximin(self) -> bool:
        """Have as few dossiers as possible at the lowest affinity, then at the next, and so on.

        For each dossier one pattern is chosen: how many reviewers of each affinity. Counting patterns instead of
        bounding sums is what makes the proofs quick.
        """
        least = min(self._values(), default=0)
        patterns = [self._patterns(dossier, least) for dossier in range(len(self.grid.need))]
        highest = [max(value for _, value in found) for found in patterns]
        levels = sorted({value for found in patterns for _, value in found})
        settled = 0
        while levels:
            forced = max(settled, sum(value <= levels[0] for value in highest))
            batch = levels[:1]
            if sum(value <= levels[0] for value in self._values()) > forced:
                batch = levels[:_LEVELS_AT_ONCE]
                if not self._better(_weighted(patterns, batch)):
                    return False
            for level in batch:
                settled = sum(value <= level for value in self._values())
                below = [(variable, 1) for found in patterns for variable, value in found if value <= level]
                self.model.constrain(below, 0, settled)
            levels = levels[len(batch) :]
        return True

    def _balance(self) -> bool:
        """Spread the load: the seat that is a person's n-th costs the n-th odd number, so that squares add up."""
        costs = []
        for candidate, room in enumerate(self.grid.room):
            column = self._column(candidate)
            steps = [self.model.variable() for _ in range(min(room, len(column)))]
            self.model.constrain([*column, *((step, -1) for step in steps)], 0, 0)
            costs += [(step, 2 * (self.grid.load[candidate] + place) + 1) for place, step in enumerate(steps)]
        return self._better(costs)

    def _values(self) -> list[int]:
        values = list(self.grid.base)
        for dossier, candidate in self.best:
            values[dossier] += self.grid.affinity[dossier][candidate]
        return values

    def _patterns(self, dossier: int, least: int) -> list[tuple[int, int]]:
        """Make a variable for each way to fill the dossier's seats by affinity that is worth at least so much."""
        base, need = self.grid.base[dossier], self.grid.need[dossier]
        classes: dict[int, list[int]] = {}
        for one in self.grid.able(dossier):
            classes.setdefault(self.grid.affinity[dossier][one], []).append(self.pairs[dossier, one])
        left_open = min(need, worth(self.grid, self.best).necessities[0])
        if comb(len(classes) + need, need) > _PATTERNS:
            return self._sums(dossier, least, classes)
        ways = _ways({affinity: len(members) for affinity, members in classes.items()}, need - left_open, need)
        found = [(self.model.variable(), base + sum(way), Counter(way)) for way in ways if base + sum(way) >= least]
        self.model.constrain([(variable, 1) for variable, _, _ in found], 1, 1)
        for affinity, members in classes.items():
            counted = [(variable, -way[affinity]) for variable, _, way in found if affinity in way]
            self.model.constrain([*((one, 1) for one in members), *counted], 0, 0)
        return [(variable, value) for variable, value, _ in found]

    def _sums(self, dossier: int, least: int, classes: Mapping[int, Sequence[int]]) -> list[tuple[int, int]]:
        """Make a variable for each sum only, where the ways to reach them are too many to list."""
        reached = {(0, 0)}
        for affinity in (affinity for affinity, members in classes.items() for _ in members):
            reached |= {(seats + 1, value + affinity) for seats, value in reached if seats < self.grid.need[dossier]}
        base = self.grid.base[dossier]
        sums = sorted({base + value for _, value in reached if base + value >= least})
        found = [(self.model.variable(), value) for value in sums]
        self.model.constrain([(variable, 1) for variable, _ in found], 1, 1)
        chosen = [(one, affinity) for affinity, members in classes.items() for one in members]
        self.model.constrain([*chosen, *((variable, base - value) for variable, value in found)], 0, 0)
        return found

    def _better(self, terms: Terms) -> bool:
        start = set(self.best)
        hint = dict(enumerate(self.model.solution)) or {one: int(pair in start) for pair, one in self.pairs.items()}
        proven = self.model.minimise(terms, hint)
        if self.model.solution:
            found = [pair for pair, variable in self.pairs.items() if self.model.solution[variable]]
            self.best = min(self.best, found, key=lambda seats: worth(self.grid, seats))
        return proven


def _weighted(patterns: Sequence[Terms], levels: Sequence[int]) -> Terms:
    """Count the dossiers at or below each level, one at a lower level above all those at the next."""
    weights = [(len(patterns) + 1) ** place for place in reversed(range(len(levels)))]
    return [
        (variable, sum(weight for level, weight in zip(levels, weights, strict=True) if value <= level))
        for found in patterns
        for variable, value in found
        if value <= levels[-1]
    ]


def _ways(sizes: Mapping[int, int], fewest: int, most: int) -> Iterable[tuple[int, ...]]:
    """Return every multiset of affinities that so many seats can be filled with."""
    for seats in range(fewest, most + 1):
        for way in combinations_with_replacement(sorted(sizes), seats):
            if all(count <= sizes[affinity] for affinity, count in Counter(way).items()):
                yield way


def main(line: str, tell: Tell) -> None:
    for answer in _Search(Problem.loads(line)).answers():
        tell(answer.dumps())


if __name__ == "__main__":
    serve(main)
