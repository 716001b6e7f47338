"""Timetables with the fewest breaks, found and proven in processes that can be killed at any moment.

A search and two proofs run at a time: one adds up what forces breaks, one begins with what few tables force. The best
timetable so far is always at hand, and is proven as soon as its breaks meet the bound, whoever found one or the other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf
from time import perf_counter

from states.computations.host import Processes
from states.matchmaking.timetable.draft import Draft, seat
from states.matchmaking.timetable.explain import NUMBERS, Cause, Names, Reason, explain, together
from states.matchmaking.timetable.problem import Problem, Schedule, validate
from states.matchmaking.timetable.task import LARGE, SOLVER, Finding, Mend, Role, Task
from states.matchmaking.timetable.worth import Slots, least_breaks, worth

_MENDING = 20.0  # seconds of work to find out what would have to change
_LOOKING = 3000  # meetings times their slots for a second of search beside it


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is: what the best timetable so far is worth, and below what no number of breaks can be.

    `seconds` are those of the clock since it began.
    """

    seconds: float
    unplaced: int
    unfair: int
    breaks: int
    bound: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The best timetable found; `proven` if none can have fewer breaks.

    `impossible` if not all can be placed, which `explanation` then explains. `unfair` is by how much the fairness asked
    for is missed, `bound` the number of breaks that a timetable with all meetings must have, as far as it is known.
    `seconds` are those of the clock. `failures` say how processes ended before their work was done.
    """

    schedule: Schedule
    breaks: int
    unplaced: tuple[int, ...]
    unfair: int
    bound: int
    proven: bool
    impossible: bool
    cancelled: bool
    seconds: float
    explanation: tuple[Reason, ...] = ()
    failures: tuple[str, ...] = ()


def solve(
    problem: Problem,
    *,
    seconds: float = 30.0,
    seed: int = 1,
    before: Schedule | None = None,
    names: Names = NUMBERS,
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Place all meetings if that is possible, with the fewest breaks.

    Each process does the work of so many `seconds` of a quiet core, counted by what it does: on a busy machine it takes
    longer, and the answer is the same. Only which of several timetables with the fewest breaks is shown may differ:
    once they are proven to be the fewest nobody works on. `on_progress` is called with each better timetable and higher
    bound, `cancelled` ten times a second at least; what was found until then is the outcome. Tables stay as in the
    schedule `before` wherever a meeting stays in its slot. Raises `ProblemInvalid` with every fault.
    """
    validate(problem)
    race = _Race(problem, on_progress, cancelled)
    reasons = explain(problem, names)
    if not reasons:
        race.run([(role, seconds) for role in _roles(problem)], seed=seed)
    if (reasons or race.impossible) and not race.stopped:
        race.begin_anew()
        mending = min(seconds, _MENDING)
        looking = min(mending, max(1.0, sum(map(len, problem.domains)) / _LOOKING))
        race.run([(Role.SEARCH, looking), (Role.MEND, mending)], seed=seed)
        reasons += together(problem, race.mending, names)
    if race.impossible and not reasons:
        reasons = (Reason(Cause.TOGETHER, "the meetings do not fit together", ()),)
    return race.outcome(before, reasons)


def _roles(problem: Problem) -> tuple[Role, ...]:
    size = sum(map(len, problem.domains))
    if size > LARGE:
        return Role.SEARCH, Role.SEARCH, Role.PROVE
    tables_bind = any(len(problem.seated) > len(tables) for tables in problem.shared)
    return (Role.SEARCH, Role.PROVE, Role.CLIMB) if tables_bind else (Role.SEARCH, Role.PROVE)


class _Race:
    """What the processes have found together."""

    def __init__(
        self, problem: Problem, on_progress: Callable[[Progress], None] | None, cancelled: Callable[[], bool]
    ) -> None:
        self._began = perf_counter()
        self._problem, self._on_progress, self._cancelled = problem, on_progress, cancelled
        self._slots: Slots = [None] * len(problem.meetings)
        self._worth = worth(problem, self._slots)
        self._by = 0
        self._bound = sum(least_breaks(problem))
        self.mend: Mend | None = None
        self.impossible = self.stopped = False
        self._failures: list[str] = []

    @property
    def seconds(self) -> float:
        return perf_counter() - self._began

    @property
    def proven(self) -> bool:
        return self._worth <= (0, 0, self._bound)

    @property
    def mending(self) -> Mend:
        """Return what would mend it; a timetable that only lacks fairness shows what is enough."""
        found, fair = self.mend or Mend(), self._problem.fairness
        if fair is None or self._worth.unplaced or not self._worth.unfair:
            return found
        enough = fair + self._worth.unfair
        return replace(found, fairness=min(found.fairness or enough, enough))

    def begin_anew(self) -> None:
        """Forget the timetable: how far the search was when it proved impossible hangs on who was quicker."""
        self._slots, self._by = [None] * len(self._slots), 0
        self._worth = worth(self._problem, self._slots)

    def run(self, roles: Sequence[tuple[Role, float]], *, seed: int) -> None:
        """Let processes work until nothing is left to find out, each has done its work or somebody cancels."""
        tasks = [Task(role, self._problem, seconds, seed + at) for at, (role, seconds) in enumerate(roles)]
        known = self.impossible
        with Processes(SOLVER, tasks, seconds=max(seconds for _, seconds in roles)) as found:
            for finding in found:
                if finding is not None:
                    self.learn(finding)
                self.stopped = self._cancelled()
                if self.stopped or self.proven or self.impossible > known:
                    break
        self._failures += found.failures

    def learn(self, finding: Finding) -> None:
        """Keep what is better than what was known, and say so; of two as good the one of the lower seed."""
        known = self._worth, self._bound
        self.impossible |= finding.impossible
        self.mend = self.mend or finding.mend
        if finding.slots is not None:
            found = worth(self._problem, finding.slots)
            if (found, finding.by) < (self._worth, self._by):
                self._slots, self._worth, self._by = finding.slots, found, finding.by
        if finding.bound is not None and finding.bound < inf:
            self._bound = max(self._bound, ceil(finding.bound - 1e-6))
        if self._on_progress and known != (self._worth, self._bound):
            self._on_progress(Progress(self.seconds, *self._worth, self._bound))

    def outcome(self, before: Schedule | None, reasons: tuple[Reason, ...]) -> Outcome:
        """Sum up; whatever became of the processes, there is a timetable."""
        if self._worth.unplaced == len(self._problem.meetings):
            draft = Draft(self._problem, seed=1)
            draft.fill()
            self.learn(Finding(slots=draft.slots))
        schedule = seat(self._problem, self._slots, before=before)
        return Outcome(
            schedule=schedule,
            breaks=self._worth.breaks,
            unplaced=schedule.unplaced,
            unfair=self._worth.unfair,
            bound=self._bound,
            proven=self.proven,
            impossible=bool(self.impossible or reasons),
            cancelled=self.stopped,
            seconds=self.seconds,
            explanation=reasons,
            failures=tuple(self._failures),
        )
