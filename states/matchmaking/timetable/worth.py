"""What a timetable is worth: meetings without a place, then unfairness, then breaks; and its fewest breaks."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from states.matchmaking.timetable.problem import Problem

Slots = Sequence[int | None]  # of each meeting, none where it has no place


class Worth(NamedTuple):
    """What a timetable is judged by, less being better, in this order.

    `unfair` is by how much the most and the fewest breaks of a participant differ beyond the problem's fairness.
    """

    unplaced: int
    unfair: int
    breaks: int


class Departure(NamedTuple):
    """What a changed timetable is judged by, less being better, in this order; `moved` counts meetings.

    Whoever stays away leaves breaks to others: nobody is moved for fairness' sake.
    """

    unplaced: int
    moved: int
    unfair: int
    breaks: int


def worth(problem: Problem, slots: Slots) -> Worth:
    """Judge a timetable."""
    counts = breaks_of(problem, slots)
    spread = max(counts, default=0) - min(counts, default=0)
    unfair = 0 if problem.fairness is None else max(spread - problem.fairness, 0)
    return Worth(sum(slot is None for slot in slots), unfair, sum(counts))


def breaks_of(problem: Problem, slots: Slots) -> list[int]:
    """Count each participant's breaks."""
    return [_breaks(slot for number in held if (slot := slots[number]) is not None) for held in problem.meetings_of]


def _breaks(slots: Iterable[int]) -> int:
    busy = set(slots)
    return max(sum(slot + 1 not in busy for slot in busy) - 1, 0)


def moved(before: Slots, slots: Slots) -> tuple[int, ...]:
    """Return the meetings that had a slot and have another one now."""
    return tuple(
        number
        for number, (old, new) in enumerate(zip(before, slots, strict=True))
        if old is not None and new is not None and old != new
    )


def departure(problem: Problem, before: Slots, slots: Slots) -> Departure:
    """Judge a timetable that should keep to the one before."""
    unplaced, unfair, count = worth(problem, slots)
    return Departure(unplaced, len(moved(before, slots)), unfair, count)


def least_breaks(problem: Problem) -> list[int]:
    """Return for each participant a number of breaks below which no timetable that places all meetings can go."""
    runs = [fewest_runs(profile, problem) for profile in profiles(problem)]
    return [max((1 if count is None else count) - 1, 0) for count in runs]


class Profile(NamedTuple):
    """What of a participant says how few runs of meetings there can be: those of one profile can trade places.

    `tied` are sessions, each with how many meetings it must hold.
    """

    meetings: int
    usable: frozenset[int]
    fixed: frozenset[int]
    tied: tuple[tuple[int, int], ...]


class Step(NamedTuple):
    """A slot gone through: from the state before to the state after, in a meeting or not, at the start of a run or not.

    A state is (meetings so far, of these in the present session where one is tied, in a meeting in the last slot).
    """

    slot: int
    before: tuple[int, int, bool]
    after: tuple[int, int, bool]
    busy: bool
    begins: bool


START = (0, 0, False)


def profiles(problem: Problem) -> list[Profile]:
    """Return the profile of each participant."""
    return [_profile(problem, held) for held in problem.meetings_of]


def _profile(problem: Problem, held: Iterable[int]) -> Profile:
    meetings = [problem.meetings[number] for number in held]
    tied = Counter(one.session for one in meetings if one.session is not None)
    return Profile(
        len(meetings),
        frozenset(slot for number in held for slot in problem.domains[number]),
        frozenset(one.slot for one in meetings if one.slot is not None),
        tuple(sorted(tied.items())),
    )


def steps(profile: Profile, problem: Problem) -> Iterator[Step]:
    """Yield slot by slot what whoever has this profile can do, knowing nothing of others."""
    sessions = [slot.session for slot in problem.slots]
    changes = [at for at in range(1, len(sessions)) if sessions[at] != sessions[at - 1]]
    parts = Counter(sessions[at] for at in (0, *changes)) if sessions else Counter[int]()
    tied, states = dict(profile.tied), {START}
    for slot, session in enumerate(sessions):
        ends = slot + 1 == len(sessions) or sessions[slot + 1] != session
        # A session that comes back later may hold its meetings there.
        wanted = tied.get(session, 0) if ends and parts[session] == 1 else 0
        left = sum(one > slot for one in profile.usable)
        following = set()
        for before in sorted(states):
            held, inside, on = before
            for busy in (False, True):
                total, here = held + busy, inside + busy if tied else 0
                possible = slot in profile.usable if busy else slot not in profile.fixed
                if possible and here >= wanted and profile.meetings - left <= total <= profile.meetings:
                    after = (total, 0 if ends else here, busy)
                    following.add(after)
                    yield Step(slot, before, after, busy, busy and not on)
        states = following


def fewest_runs(profile: Profile, problem: Problem, price: Sequence[int] | None = None, run: int = 1) -> int | None:
    """Return the fewest runs, or the least cost of a `run` and of the price of each busy slot; none if impossible."""
    least: dict[tuple[int, tuple[int, int, bool]], int] = {(0, START): 0}
    for one in steps(profile, problem):
        cost = least[one.slot, one.before] + run * one.begins + (price[one.slot] if price and one.busy else 0)
        after = (one.slot + 1, one.after)
        least[after] = min(least.get(after, cost), cost)
    return min((cost for (slot, _), cost in least.items() if slot == len(problem.slots)), default=None)
