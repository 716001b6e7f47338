"""What a solving process is told, and what it tells, as lines of JSON."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from states.computations.host import Program
from states.matchmaking.timetable.problem import Problem
from states.matchmaking.timetable.worth import Slots

LARGE = 45_000  # meetings times their slots; above it a proof seldom ends in useful time, and the search goes first


class Role(StrEnum):
    """What a process does."""

    SEARCH = "search"
    PROVE = "prove"
    CLIMB = "climb"
    MEND = "mend"
    REPLAN = "replan"


@dataclass(frozen=True, slots=True)
class Task:
    """The first line of its input; `before` is where the meetings were, if they are to be kept there."""

    role: Role
    problem: Problem
    seconds: float
    seed: int
    before: Slots = ()

    def dumps(self) -> str:
        return json.dumps([self.role, self.problem.dumps(), self.seconds, self.seed, list(self.before)])

    @classmethod
    def loads(cls, line: str) -> "Task":
        role, problem, seconds, seed, before = json.loads(line)
        return cls(Role(role), Problem.loads(problem), seconds, seed, before)


@dataclass(frozen=True, slots=True)
class Mend:
    """The smallest changes of each kind that make all meetings fit, of which each alone would do.

    `drop` are meetings, `free` participants with a forbidden slot, `tables` how many more in every slot, `fairness` the
    least that can be kept; none where it does not help or took too much work. `certain` if no fewer need be dropped.
    """

    drop: list[int] | None = None
    certain: bool = False
    free: list[tuple[int, int]] | None = None
    tables: int | None = None
    fairness: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of its output: a timetable, a bound on the breaks if all are placed, or that this cannot be, or why.

    `fewest_moved` is a bound on the meetings moved. `by` is the seed of whoever found it.
    """

    slots: list[int | None] | None = None
    bound: float | None = None
    impossible: bool = False
    mend: Mend | None = None
    fewest_moved: int | None = None
    by: int = 0

    def dumps(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def loads(cls, line: str) -> "Finding":
        read = json.loads(line)
        if (mend := read.pop("mend")) is not None:
            mend["free"] = mend["free"] and [(one, slot) for one, slot in mend["free"]]
        return cls(**read, mend=mend and Mend(**mend))


SOLVER: Program[Task, Finding] = Program("states.matchmaking.timetable.worker", Task.dumps, Finding.loads)
