"""A new timetable that keeps what stands: fewest meetings moved, then fewest breaks; only its process imports it."""

from collections.abc import Callable, Collection
from math import ceil, inf
from random import Random

from states.matchmaking.timetable.draft import Draft
from states.matchmaking.timetable.effort import Effort
from states.matchmaking.timetable.formula import Verdict, Way
from states.matchmaking.timetable.model import Timetable
from states.matchmaking.timetable.task import Finding, Task
from states.matchmaking.timetable.worth import Departure, Slots, breaks_of, departure, least_breaks, moved

_PART = 150  # meetings reconsidered together once the fewest moves are known
_PART_SECONDS = 1.0


class Replanning:
    """The best timetable so far that departs from the one before."""

    def __init__(self, task: Task, tell: Callable[[Finding], None]) -> None:
        self.problem, self._before, self._tell = task.problem, task.before, tell
        self._effort = Effort(task.seconds)
        self._seed, self._random = task.seed, Random(task.seed)
        self._stayers = {
            number: slot
            for number, slot in enumerate(task.before)
            if slot is not None and slot in task.problem.domains[number]
        }
        self._evicted = sum(slot is not None for slot in task.before) - len(self._stayers)
        self._best: Slots = [None] * len(task.problem.meetings)

    def run(self) -> None:
        """Place what is new around what stands; if that does not do, ask for the fewest moves; then better breaks."""
        draft = Draft(self.problem, seed=self._random.randrange(1 << 30), slots=self._before)
        draft.fill()
        self._consider(draft.slots)
        if self._departure(self._best)[:2] <= (0, self._evicted):
            self._tell(Finding(fewest_moved=self._evicted))
        else:
            self._move_few()
        self._better_breaks()

    def _departure(self, slots: Slots) -> Departure:
        return departure(self.problem, self._before, slots)

    def _consider(self, slots: Slots) -> None:
        if self._departure(slots) < self._departure(self._best):
            self._best = list(slots)
            self._tell(Finding(slots=self._best))

    def _move_few(self) -> None:
        """Ask for the fewest moves, or where not all can be placed for the fewest dropped, then moved."""
        for droppable in (False, True):
            timetable = Timetable(self.problem, droppable=droppable)
            dear = len(self.problem.meetings) + 1
            stays = [(timetable.place[place], -1) for place in self._stayers.items()]
            # Who is dropped does not stay, and has not moved either.
            drops = [
                (literal, dear - (self._before[number] is not None)) for number, literal in timetable.dropped.items()
            ]
            timetable.formula.minimise((*stays, *drops), len(stays) + self._evicted)
            answer = timetable.formula.solve(self._effort, seed=self._seed, way=Way.CORE)
            if answer.values:
                self._consider(timetable.slots(answer))
            if answer.verdict is Verdict.PROVEN or (answer.verdict is not Verdict.IMPOSSIBLE and not droppable):
                self._tell(Finding(fewest_moved=max(ceil(answer.bound - 1e-6), 0) % dear))
                return

    def _better_breaks(self) -> None:
        """Place best what is new or moved, all else standing; where moves were needed, try others in their stead."""
        least = least_breaks(self.problem)
        loose = [
            number for number, slot in enumerate(self._best) if slot is not None and self._stayers.get(number) != slot
        ]
        self._place_best(loose, least)
        everything = range(len(self._best))
        whole = False  # whether all were reconsidered together
        while not whole and len(moved(self._before, self._best)) > self._evicted and self._effort.left > 0:
            others = self._random.sample(everything, min(_PART, len(everything)))
            whole = self._place_best({*loose, *others}, least) and len(others) == len(everything)

    def _place_best(self, free: Collection[int], least: list[int]) -> bool:
        """Place some meetings best with no more moves, all others standing; tell whether that is proven."""
        free = [number for number in free if self._best[number] is not None]
        timetable = Timetable(self.problem, standing=self._best, free=free)
        fair = self.problem.fairness
        counts = breaks_of(self.problem, self._best)
        timetable.bound_breaks([None if fair is None else max(fair, count) for count in counts], least)
        stay = [
            timetable.place[number, slot] for number, slot in self._stayers.items() if (number, slot) in timetable.place
        ]
        moves = len(moved(self._before, self._best))
        standing = sum(self._best[number] == slot for number, slot in self._stayers.items() if number in set(free))
        timetable.formula.between(standing, stay, len(stay))
        seconds, seed = _PART_SECONDS if moves > self._evicted else inf, self._random.randrange(1 << 30)
        answer = timetable.formula.solve(self._effort, seconds=seconds, seed=seed, way=Way.CORE)
        if answer.values:
            self._consider(timetable.slots(answer))
        return answer.verdict is Verdict.PROVEN
