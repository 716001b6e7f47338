"""How few breaks each participant can have at best, whatever the others do."""

from collections import Counter

from states.matchmaking.timetable.problem import Problem

_State = tuple[int, int, bool]  # meetings so far, of these in the present run of one session, busy in the last slot


def least_breaks(problem: Problem) -> list[int]:
    """Return for each participant a number of breaks below which no timetable that places all meetings can go."""
    return [_least(problem, one) for one in range(len(problem.participants))]


def _least(problem: Problem, one: int) -> int:
    """Go through the slots, knowing only which of them some meeting could use and how many each session must hold."""
    meetings = problem.meetings_of[one]
    usable = {slot for number in meetings for slot in problem.domains[number]}
    fixed = {slot for number in meetings if (slot := problem.meetings[number].slot) is not None}
    tied = Counter(problem.meetings[number].session for number in meetings)
    sessions = [slot.session for slot in problem.slots]
    changes = [at for at in range(1, len(sessions)) if sessions[at] != sessions[at - 1]]
    runs = Counter(sessions[at] for at in (0, *changes)) if sessions else Counter[int]()
    fewest: dict[_State, int] = {(0, 0, False): 0}
    for slot, session in enumerate(sessions):
        after: dict[_State, int] = {}
        ends = slot + 1 == len(sessions) or sessions[slot + 1] != session
        # A session that comes back later may hold its meetings there.
        wanted = tied[session] if ends and runs[session] == 1 else 0
        for (held, inside, on), count in fewest.items():
            steps = [] if slot in fixed else [((held, inside, False), count)]
            if slot in usable and held < len(meetings):
                steps.append(((held + 1, inside + 1, True), count + (not on)))
            for (total, here, busy), number in steps:
                if here >= wanted:
                    state = (total, 0 if ends else here, busy)
                    after[state] = min(after.get(state, number), number)
        fewest = after
    return max(min((count for (held, _, _), count in fewest.items() if held == len(meetings)), default=1) - 1, 0)
