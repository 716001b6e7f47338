"""Ever better timetables without a proof: chains of exchanges first, then exact problems cut out of the whole."""

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

from states.matchmaking.timetable.effort import Effort
from states.matchmaking.timetable.exchanges import Exchanges
from states.matchmaking.timetable.formula import Verdict, Way
from states.matchmaking.timetable.model import Timetable
from states.matchmaking.timetable.problem import Problem
from states.matchmaking.timetable.task import LARGE
from states.matchmaking.timetable.worth import Slots, breaks_of, least_breaks, worth

_BUDGET_SECONDS = 20.0
_WINDOW = 250.0  # meetings freed at once to begin with
_WINDOW_SECONDS = 4.0


class Search:
    """The best timetable so far, and the ways to better it; `tell` hears of each better one."""

    def __init__(self, problem: Problem, *, seconds: float, seed: int, tell: Callable[[Slots], None]) -> None:
        self.problem, self._tell, self._random = problem, tell, Random(seed)
        self._effort = Effort(seconds)
        self._size = sum(map(len, problem.domains))
        self._least = least_breaks(problem)
        self._fair = [problem.fairness] * len(problem.participants)
        self._window = _WINDOW
        self._best: Slots = [None] * len(problem.meetings)

    def run(self) -> None:
        """Search until the work allowed is done, or nobody has a break more than needs be."""
        draft = Exchanges(self.problem, seed=self._random.randrange(1 << 30))
        draft.fill()
        self._consider(draft.slots)
        if self._size <= LARGE:
            self._anneal(draft, min(self._effort.left / 2, max(1.0, self._size / 6000)))
        else:
            self._anneal(draft, self._effort.left * 0.95)
        while self._effort.left > 0 and not self._perfect():
            if max(worth(self.problem, self._best)[:2]):
                self._anneal(Exchanges(self.problem, seed=self._random.randrange(1 << 30), slots=self._best), 2.0)
            else:
                if self._size <= LARGE:
                    self._within_budgets()
                self._windows(_BUDGET_SECONDS)

    def _consider(self, slots: Slots) -> None:
        """Keep a timetable that is no worse, and tell of a better one."""
        found, known = worth(self.problem, slots), worth(self.problem, self._best)
        if found <= known:
            self._best = list(slots)
        if found < known:
            self._tell(slots)

    def _perfect(self) -> bool:
        return worth(self.problem, self._best) <= (0, 0, sum(self._least))

    def _anneal(self, draft: Exchanges, seconds: float) -> None:
        for slots in draft.anneal(self._effort, max(seconds, 0.1)):
            self._consider(slots)

    def _within_budgets(self) -> None:
        """Want nobody to have a break that needs not be; where this fails let half of them be, drawn, and half again.

        Saying who may have how many is far easier to solve than bounding the sum, and hardly harder where it is none.
        """
        share = 0.0
        while self._effort.left > 1 and not self._perfect():
            known, most = worth(self.problem, self._best), list(self._least)
            counts = zip(breaks_of(self.problem, self._best), self._least, strict=True)
            extra = [one for one, (count, least) in enumerate(counts) for _ in range(count - least)]
            for one in self._random.sample(extra, int(len(extra) * share)):
                most[one] += 1
            self._solve(Timetable(self.problem), most, _BUDGET_SECONDS, way=Way.ANY)
            if worth(self.problem, self._best) == known and share:
                return
            share = 0.5

    def _windows(self, seconds: float) -> None:
        """Free all the meetings of a few slots and place them best; again, with more where that was easy."""
        until = min(self._effort.done + seconds, self._effort.allowed)
        while self._effort.done < until and not self._perfect():
            timetable = Timetable(self.problem, standing=self._best, free=self._some_meetings())
            verdict = self._solve(timetable, self._fair, _WINDOW_SECONDS, way=Way.CORE)
            self._window = max(self._window * (1.05 if verdict is Verdict.PROVEN else 0.85), 20.0)

    def _some_meetings(self) -> list[int]:
        """Return the meetings of one run of slots or two, about as many as the window holds."""
        held = Counter(slot for slot in self._best if slot is not None)
        span, parts = len(self.problem.slots), self._random.choice((1, 1, 2))
        chosen: set[int] = set()
        for _ in range(parts):
            start, wanted = self._random.randrange(span), self._window / parts
            for slot in range(start, span):
                if wanted > 0:
                    chosen.add(slot)
                    wanted -= held[slot]
        return [number for number, slot in enumerate(self._best) if slot in chosen]

    def _solve(self, timetable: Timetable, most: Sequence[int | None], seconds: float, *, way: Way) -> Verdict:
        timetable.bound_breaks(most, self._least if way is Way.CORE else None)
        seed = self._random.randrange(1 << 30)
        answer = timetable.formula.solve(self._effort, seconds=seconds, seed=seed, way=way)
        if answer.values:
            self._consider(timetable.slots(answer))
        return answer.verdict
