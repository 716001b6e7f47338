"""A program that schedules one generated event and says what came of it, with the memory of its largest process."""

import json
import resource
import sys

from states.matchmaking.timetable.checker import check
from states.matchmaking.timetable.solver import Progress, solve
from tests.bench.generated_events import a_generated_event

if __name__ == "__main__":
    people, meetings, slots, seconds = map(int, sys.argv[1:5])
    event = a_generated_event(people, meetings, slots, **json.loads(sys.argv[5] if len(sys.argv) > 5 else "{}"))
    placed: list[float] = []  # when all had a place

    def note(progress: Progress) -> None:
        if not progress.unplaced:
            placed.append(progress.seconds)

    found = solve(event, seconds=seconds, on_progress=note)
    faults = check(event, found.schedule, breaks=found.breaks)
    largest = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(
        json.dumps(
            {
                "unplaced": len(found.unplaced),
                "unfair": found.unfair,
                "breaks": found.breaks,
                "bound": found.bound,
                "proven": found.proven,
                "seconds": round(found.seconds, 1),
                "all_placed_after": round(placed[0], 1) if placed else None,
                "megabytes": largest // 1024,
                "faults": faults,
            }
        )
    )
