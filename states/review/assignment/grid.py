"""An assignment as numbers alone: what it is worth, and how good a one simple rules find."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations, product
from typing import NamedTuple

BARRED = -1  # the affinity of a pair that must not be chosen

Seat = tuple[int, int]  # dossier, candidate


@dataclass(frozen=True, slots=True)
class Grid:
    """Open seats of dossiers (rows) and candidates (columns); seats that stand are already counted in.

    `base` is the affinity of a dossier's standing seats, `room` the seats that a candidate may still take, `load`
    what is held already, `lacking[dossier][rule]` the holders that a rule of composition still asks for,
    `holds[rule][candidate]`, and `region` a number of its own for each candidate whose region does not matter.
    """

    need: list[int]
    base: list[int]
    affinity: list[list[int]]
    room: list[int]
    load: list[int]
    lacking: list[list[int]]
    holds: list[list[bool]]
    region: list[int]
    taken: list[list[int]]

    def able(self, dossier: int) -> list[int]:
        """Return the candidates who may be chosen for a dossier."""
        row = self.affinity[dossier]
        return [one for one, room in enumerate(self.room) if room > 0 and row[one] != BARRED]


class Worth(NamedTuple):
    """What an assignment is judged by, less being better, in this order.

    Necessities: seats left open, holders lacking, reviewers of one dossier from one region. Then the affinities of all
    dossiers from the worst-off upwards, negated (leximin; the total follows from them), then the sum of squared loads.
    """

    necessities: tuple[int, int, int]
    affinities: tuple[int, ...]
    loads: int


@dataclass(frozen=True, slots=True)
class Problem:
    """What the solver's process is told: where to begin, how long to search, and by which seed."""

    grid: Grid
    start: list[Seat]
    seconds: float
    seed: int

    def dumps(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def loads(cls, text: str) -> "Problem":
        read = json.loads(text)
        return cls(
            Grid(**read["grid"]), [(row, column) for row, column in read["start"]], read["seconds"], read["seed"]
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the solver's process says: an assignment, and whether none can be better."""

    seats: list[Seat]
    proven: bool

    def dumps(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def loads(cls, line: str) -> "Answer":
        read = json.loads(line)
        return cls([(row, column) for row, column in read["seats"]], read["proven"])


def worth(grid: Grid, seats: Iterable[Seat]) -> Worth:
    """Judge an assignment."""
    members: list[list[int]] = [[] for _ in grid.need]
    new = [0] * len(grid.room)
    for dossier, candidate in seats:
        members[dossier].append(candidate)
        new[candidate] += 1
    judged = [_judge(grid, dossier, chosen) for dossier, chosen in enumerate(members)]
    return _sum(judged, sum((held + more) ** 2 for held, more in zip(grid.load, new, strict=True)))


def filled(grid: Grid) -> list[Seat]:
    """Fill the open seats greedily, who has the fewest to choose from first: what one does by hand."""
    draft = _Draft(grid, [])
    for _ in range(max(grid.need, default=0)):
        for dossier in sorted(range(len(grid.need)), key=lambda one: (len(grid.able(one)), one)):
            draft.fill(dossier)
    return draft.seats()


def improved(grid: Grid, seats: Iterable[Seat]) -> list[Seat]:
    """Better an assignment by single moves and exchanges until none helps: no proof, but no solver either."""
    draft = _Draft(grid, seats)
    while draft.improve():
        pass  # each change makes it strictly better, so that there is an end
    return draft.seats()


def _judge(grid: Grid, dossier: int, chosen: Sequence[int]) -> tuple[int, int, int, int]:
    lacking = sum(
        max(0, least - sum(holds[one] for one in chosen))
        for least, holds in zip(grid.lacking[dossier], grid.holds, strict=True)
    )
    regions = [grid.region[one] for one in chosen] + grid.taken[dossier]
    value = grid.base[dossier] + sum(grid.affinity[dossier][one] for one in chosen)
    return grid.need[dossier] - len(chosen), lacking, len(regions) - len(set(regions)), value


def _sum(judged: Sequence[tuple[int, int, int, int]], loads: int) -> Worth:
    open_, lacking, repeated, values = zip(*judged, strict=True) if judged else ((), (), (), ())
    return Worth((sum(open_), sum(lacking), sum(repeated)), tuple(-value for value in sorted(values)), loads)


class _Draft:
    """An assignment in the making; a change stays where it betters the dossiers and people that it touches.

    That is enough for the whole: leximin does not depend on the dossiers which a change leaves as they are.
    """

    def __init__(self, grid: Grid, seats: Iterable[Seat]) -> None:
        self.grid = grid
        self.members: list[list[int]] = [[] for _ in grid.need]
        self.new = [0] * len(grid.room)
        for dossier, one in seats:
            self._make({dossier: [*self.members[dossier], one]})

    def seats(self) -> list[Seat]:
        return sorted((dossier, one) for dossier, chosen in enumerate(self.members) for one in chosen)

    def fill(self, dossier: int) -> None:
        chosen = self.members[dossier]
        options = [(self._standing({dossier: [*chosen, one]}), one) for one in self._takers(dossier)]
        if options and len(chosen) < self.grid.need[dossier]:
            self._make({dossier: [*chosen, min(options)[1]]})

    def improve(self) -> bool:
        """Make each single change that helps; tell whether any did."""
        helped = False
        for change in self._changes():
            if self._standing(change) < self._standing({dossier: self.members[dossier] for dossier in change}):
                self._make(change)
                helped = True
        return helped

    def _changes(self) -> Iterator[dict[int, list[int]]]:
        # The seats are read at each step, as the change before may have been made.
        for dossier, chosen in enumerate(self.members):
            if len(chosen) < self.grid.need[dossier]:
                yield from ({dossier: [*chosen, one]} for one in self._takers(dossier)[:1])
            for place in range(len(chosen)):
                for one in self._takers(dossier):
                    if one not in self.members[dossier]:
                        yield {dossier: _put(self.members[dossier], place, one)}
        for first, second in combinations(range(len(self.members)), 2):
            for here, there in product(range(len(self.members[first])), range(len(self.members[second]))):
                mine, yours = self.members[first], self.members[second]
                if self._fits(first, yours[there]) and self._fits(second, mine[here]):
                    yield {first: _put(mine, here, yours[there]), second: _put(yours, there, mine[here])}

    def _fits(self, dossier: int, candidate: int) -> bool:
        return self.grid.affinity[dossier][candidate] != BARRED and candidate not in self.members[dossier]

    def _takers(self, dossier: int) -> list[int]:
        return [one for one, room in enumerate(self.grid.room) if self.new[one] < room and self._fits(dossier, one)]

    def _standing(self, change: Mapping[int, Sequence[int]]) -> Worth:
        judged = [_judge(self.grid, dossier, chosen) for dossier, chosen in change.items()]
        # How much the change adds to the sum of squared loads.
        held = [(self.grid.load[one] + self.new[one], by) for one, by in self._moved(change).items()]
        return _sum(judged, sum(by * (2 * load + by) for load, by in held))

    def _moved(self, change: Mapping[int, Sequence[int]]) -> Counter[int]:
        moved = Counter(one for chosen in change.values() for one in chosen)
        moved.subtract(one for dossier in change for one in self.members[dossier])
        return moved

    def _make(self, change: Mapping[int, list[int]]) -> None:
        for one, by in self._moved(change).items():
            self.new[one] += by
        for dossier, chosen in change.items():
            self.members[dossier] = chosen


def _put(chosen: Sequence[int], place: int, candidate: int) -> list[int]:
    return [*chosen[:place], candidate, *chosen[place + 1 :]]
