"""What an event is scheduled with where nobody thought about it: first-fit, and the obvious model with CP-SAT.

A program: it reads an event and a number of seconds and says what the obvious model finds with default parameters and
two workers.
"""

import json
import sys
from time import perf_counter

from ortools.sat.python import cp_model_helper as cp_sat

from states.matchmaking.timetable.problem import Problem


class PlainModel:
    """Booleans for meeting and slot, participant and slot, and the start of each run of meetings."""

    def __init__(self, event: Problem) -> None:
        self._proto = cp_sat.CpModelProto()
        span = range(len(event.slots))
        x = {(m, t): self._variable() for m, domain in enumerate(event.domains) for t in domain}
        for m, domain in enumerate(event.domains):
            self._proto.constraints.add().exactly_one.literals.extend([x[m, t] for t in domain])
        for t in span:
            at = [x[m, t] for m in event.seated if (m, t) in x]
            self._linear([(one, 1) for one in at], 0, len(event.shared[t]))
        breaks = []
        for held in event.meetings_of:
            starts = []
            busy = [self._variable() for _ in span]
            for t in span:
                self._linear([*((x[m, t], 1) for m in held if (m, t) in x), (busy[t], -1)], 0, 0)
                starts.append(self._variable())
                before = [(busy[t - 1], 1)] if t else []
                self._linear([(starts[t], 1), (busy[t], -1), *before], 0, 2)
            count = self._variable(len(held))
            self._linear([*((one, 1) for one in starts), (count, -1)], min(1, len(held)), min(1, len(held)))
            breaks.append(count)
        if event.fairness is not None and breaks:
            most, fewest = self._variable(len(event.slots)), self._variable(len(event.slots))
            for count in breaks:
                self._linear([(most, 1), (count, -1)], 0, len(event.slots))
                self._linear([(count, 1), (fewest, -1)], 0, len(event.slots))
            self._linear([(most, 1), (fewest, -1)], 0, event.fairness)
        self._proto.objective.vars.extend(breaks)
        self._proto.objective.coeffs.extend([1] * len(breaks))

    def solve(self, seconds: float) -> dict[str, object]:
        """Return the breaks found (none without a solution), whether they are proven, and the seconds it took."""
        parameters = cp_sat.SatParameters()
        parameters.num_workers, parameters.max_time_in_seconds = 2, seconds
        wrapper = cp_sat.SolveWrapper()
        wrapper.set_parameters(parameters)
        began = perf_counter()
        response = wrapper.solve(self._proto)  # type: ignore[no-untyped-call]
        return {
            "breaks": round(response.objective_value) if len(response.solution) else None,
            "proven": response.status == cp_sat.CpSolverStatus.OPTIMAL,
            "seconds": perf_counter() - began,
        }

    def _variable(self, most: int = 1) -> int:
        self._proto.variables.add().domain.extend((0, most))
        return len(self._proto.variables) - 1

    def _linear(self, terms: list[tuple[int, int]], least: int, most: int) -> None:
        linear = self._proto.constraints.add().linear
        linear.vars.extend([variable for variable, _ in terms])
        linear.coeffs.extend([factor for _, factor in terms])
        linear.domain.extend((least, most))


if __name__ == "__main__":
    event, limit = Problem.loads(sys.stdin.readline()), float(sys.stdin.readline())
    print(json.dumps(PlainModel(event).solve(limit)))
