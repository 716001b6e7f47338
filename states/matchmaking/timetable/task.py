"""What a solving process is told, and what it tells, as lines of JSON."""

import json
from dataclasses import dataclass
from enum import StrEnum

from states.matchmaking.timetable.problem import Problem


class Role(StrEnum):
    """What a process does."""

    SEARCH = "search"
    PROVE_LINEAR = "prove_linear"
    PROVE_TOTALIZER = "prove_totalizer"


@dataclass(frozen=True, slots=True)
class Task:
    """The first line of its input."""

    role: Role
    problem: Problem
    seconds: float
    seed: int

    def dumps(self) -> str:
        return json.dumps([self.role, self.problem.dumps(), self.seconds, self.seed])

    @classmethod
    def loads(cls, line: str) -> "Task":
        role, problem, seconds, seed = json.loads(line)
        return cls(Role(role), Problem.loads(problem), seconds, seed)


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of its output: a timetable, a bound on the breaks where all are placed, or that this cannot be."""

    slots: list[int | None] | None = None
    bound: float | None = None
    impossible: bool = False

    def dumps(self) -> str:
        return json.dumps([self.slots, self.bound, self.impossible])

    @classmethod
    def loads(cls, line: str) -> "Finding":
        return cls(*json.loads(line))
