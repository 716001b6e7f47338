"""An independent check of a timetable: every rule is derived anew from what was asked, without the solver."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from states.matchmaking.timetable.problem import Place, Problem, Schedule


def check(problem: Problem, schedule: Schedule, *, breaks: int | None = None) -> list[str]:
    """Return every rule that a timetable breaks, and whether it has other `breaks` than claimed.

    A meeting without a place breaks no rule of its own.
    """
    if len(schedule.places) != len(problem.meetings):
        return [f"{len(schedule.places)} places for {len(problem.meetings)} meetings"]
    placed = {number: place for number, place in enumerate(schedule.places) if place is not None}
    strays = [number for number, place in placed.items() if not 0 <= place.slot < len(problem.slots)]
    if strays:
        return [f"meeting {number}: there is no slot {placed[number].slot}" for number in strays]
    counts = [_breaks(problem, placed, one) for one in range(len(problem.participants))]
    faults = [
        *_slot_faults(problem, placed),
        *_participant_faults(problem, placed),
        *_table_faults(problem, placed),
        *_order_faults(problem, placed),
    ]
    if problem.fairness is not None and counts and max(counts) - min(counts) > problem.fairness:
        faults.append(f"fairness: from {min(counts)} to {max(counts)} breaks, {problem.fairness} may lie between")
    if breaks is not None and breaks != sum(counts):
        faults.append(f"breaks: {sum(counts)}, not {breaks}")
    return faults


def _slot_faults(problem: Problem, placed: dict[int, Place]) -> Iterator[str]:
    for number, place in placed.items():
        meeting = problem.meetings[number]
        if meeting.session is not None and problem.slots[place.slot].session != meeting.session:
            yield f"meeting {number}: slot {place.slot} is not in session {meeting.session}"
        if meeting.slot is not None and meeting.slot != place.slot:
            yield f"meeting {number}: is fixed in slot {meeting.slot}, not {place.slot}"
        if meeting.slot is None and place.slot < meeting.earliest:
            yield f"meeting {number}: slot {place.slot} is before {meeting.earliest}"
        for one in meeting.participants:
            if place.slot in problem.participants[one].forbidden:
                yield f"meeting {number}: slot {place.slot} is forbidden to participant {one}"


def _participant_faults(problem: Problem, placed: dict[int, Place]) -> Iterator[str]:
    busy = Counter(
        (one, place.slot) for number, place in placed.items() for one in problem.meetings[number].participants
    )
    for (one, slot), meetings in busy.items():
        if meetings > 1:
            yield f"participant {one}: {meetings} meetings in slot {slot}"
    held = Counter(one for one, _ in busy.elements())
    inside = Counter((one, problem.slots[slot].session) for one, slot in busy.elements())
    for one, participant in enumerate(problem.participants):
        if participant.most is not None and held[one] > participant.most:
            yield f"participant {one}: {held[one]} meetings, more than {participant.most}"
    for (one, session), meetings in inside.items():
        limit = problem.participants[one].most_per_session
        if limit is not None and meetings > limit:
            yield f"participant {one}: {meetings} meetings in session {session}, more than {limit}"


def _table_faults(problem: Problem, placed: dict[int, Place]) -> Iterator[str]:
    owners = {one.booth for one in problem.participants if one.booth is not None}
    at: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, place in placed.items():
        meeting = problem.meetings[number]
        own = [booth for one in meeting.participants if (booth := problem.participants[one].booth) is not None]
        if meeting.online:
            if place.table is not None:
                yield f"meeting {number}: is online and has table {place.table}"
        elif place.table is None:
            yield f"meeting {number}: has no table"
        elif own and place.table != own[0]:
            yield f"meeting {number}: is at table {place.table}, not at booth {own[0]}"
        elif not own and (place.table in owners or place.table not in problem.slots[place.slot].tables):
            yield f"meeting {number}: table {place.table} is not there for it in slot {place.slot}"
        if place.table is not None:
            at[place.slot, place.table].append(number)
    for (slot, table), meetings in at.items():
        if len(meetings) > 1:
            yield f"table {table}: meetings {_listed(meetings)} in slot {slot}"


def _order_faults(problem: Problem, placed: dict[int, Place]) -> Iterator[str]:
    for before, after in problem.precedences:
        if before in placed and after in placed and placed[before].slot >= placed[after].slot:
            yield f"meeting {before}: is not before meeting {after}"


def _breaks(problem: Problem, placed: dict[int, Place], one: int) -> int:
    """Walk through the day as the participant does: a break begins where a meeting ends and another is to come."""
    mine = sorted(place.slot for number, place in placed.items() if one in problem.meetings[number].participants)
    return sum(later - sooner > 1 for sooner, later in pairwise(mine))


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
