"""Why not all meetings can be placed, as far as counting tells: by participant, meeting, table and order."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from itertools import count, pairwise
from math import ceil, inf

from states.matchmaking.timetable.problem import Meeting, Problem
from states.matchmaking.timetable.task import Mend


@dataclass(frozen=True, slots=True)
class Shortage:
    """Items that share too few bins (Hall's condition), and the fewest of them without which all have a place."""

    items: tuple[int, ...]
    bins: tuple[int, ...]
    left: tuple[int, ...]


def shortage(bins_of: Mapping[int, Sequence[int]], room: Mapping[int, int]) -> Shortage | None:
    """Return the items and bins where room is lacking; nothing if all items can be placed.

    Items are placed in their order, so that the last ones are left.
    """
    held: dict[int, list[int]] = {one: [] for one in room}
    left = [item for item in bins_of if not _place(item, bins_of, room, held)]
    if not left:
        return None
    items, waiting, bins = set(left), list(left), set[int]()
    for item in waiting:  # it grows on the way
        for one in bins_of[item]:
            if one not in bins:
                bins.add(one)
                waiting += [other for other in held[one] if other not in items]
                items.update(held[one])
    return Shortage(tuple(sorted(items)), tuple(sorted(bins)), tuple(left))


def _place(
    item: int, bins_of: Mapping[int, Sequence[int]], room: Mapping[int, int], held: dict[int, list[int]]
) -> bool:
    """Place an item, moving others along the shortest path to a bin with room; tell whether there is one."""
    came: dict[int, tuple[int, int | None]] = {}  # by which item from which bin each bin was reached
    waiting: list[tuple[int, int | None]] = [(item, None)]
    for mover, source in waiting:  # it grows on the way
        for one in bins_of[mover]:
            if one in came:
                continue
            came[one] = mover, source
            if len(held[one]) < room[one]:
                target: int | None = one
                while target is not None:
                    moved, left = came[target]
                    held[target].append(moved)
                    if left is not None:
                        held[left].remove(moved)
                    target = left
                return True
            waiting += [(other, one) for other in held[one]]
    return False


Pair = tuple[int, int]  # the earlier meeting and the later
Domains = Sequence[Sequence[int]]


def circle(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the pairs of one circle, if there is any."""
    sorter = TopologicalSorter[int]()
    for before, after in pairs:
        sorter.add(after, before)
    try:
        sorter.prepare()
    except CycleError as error:
        around: list[int] = error.args[1]
        return list(pairwise(around))
    return []


def windows(domains: Domains, pairs: Sequence[Pair]) -> list[tuple[int, ...]]:
    """Return the slots that the order leaves each meeting; there must be no circle in it."""
    before: dict[int, list[int]] = {}
    after: dict[int, list[int]] = {}
    sorter = TopologicalSorter[int]()
    for one, other in pairs:
        sorter.add(other, one)
        before.setdefault(other, []).append(one)
        after.setdefault(one, []).append(other)
    left = [tuple(domain) for domain in domains]
    ordered = list(sorter.static_order())
    for number in ordered:
        first = max((min(left[one], default=0) for one in before.get(number, ())), default=-1)
        left[number] = tuple(slot for slot in left[number] if slot > first)
    for number in reversed(ordered):
        last = min((max(left[one], default=inf) for one in after.get(number, ())), default=inf)
        left[number] = tuple(slot for slot in left[number] if slot < last)
    return left


class Cause(StrEnum):
    """What stands against placing all meetings."""

    MEETING = "meeting"
    PARTICIPANT = "participant"
    LIMIT = "limit"
    TABLES = "tables"
    BOOTH = "booth"
    ORDER = "order"
    TOGETHER = "together"
    FAIRNESS = "fairness"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, whom it concerns by number, and changes of which each alone mends it."""

    cause: Cause
    message: str
    mends: tuple[str, ...]
    meetings: tuple[int, ...] = ()
    participants: tuple[int, ...] = ()
    slots: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """What to call participants, slots and meetings; by their number, from 1, where there are no names."""

    participants: Sequence[str] = ()
    slots: Sequence[str] = ()
    meetings: Sequence[str] = ()

    def participant(self, number: int) -> str:
        return self.participants[number] if self.participants else f"participant {number + 1}"

    def slot(self, number: int) -> str:
        return self.slots[number] if self.slots else f"slot {number + 1}"

    def meeting(self, number: int) -> str:
        return self.meetings[number] if self.meetings else f"meeting {number + 1}"

    def all_slots(self, numbers: Iterable[int]) -> str:
        return ", ".join(map(self.slot, sorted(numbers)))

    def all_meetings(self, numbers: Iterable[int]) -> str:
        return ", ".join(map(self.meeting, sorted(numbers)))


NUMBERS = Names()


def explain(problem: Problem, names: Names = NUMBERS) -> tuple[Reason, ...]:
    """Return every reason that counting finds; none does not mean that all meetings fit."""
    return (
        *_meetings(problem, names),
        *_participants(problem, names),
        *_limits(problem, names),
        *_tables(problem, names),
        *_booths(problem, names),
        *_order(problem, names),
    )


def _meetings(problem: Problem, names: Names) -> Iterator[Reason]:
    """Find meetings that no slot is open to, and the slot that the fewest participants would have to free."""
    for number, meeting in enumerate(problem.meetings):
        if problem.domains[number]:
            continue
        closed = {
            at: [one for one in meeting.participants if at in problem.participants[one].forbidden]
            for at, slot in enumerate(problem.slots)
            if meeting.session in (None, slot.session) and _may_be(meeting, at)
        }
        mends = [f"drop {names.meeting(number)}"]
        if closed:
            slot = min(closed, key=lambda at: (len(closed[at]), at))
            who = " and ".join(map(names.participant, closed[slot]))
            mends.insert(0, f"free {names.slot(slot)} for {who}")
            where = names.slot(meeting.slot) if meeting.slot is not None else "every slot that it may have"
            why = f"{where} is forbidden to one of its participants"
        elif meeting.slot is not None:
            if open_slots := replace(problem, meetings=(replace(meeting, slot=None, earliest=0),)).domains[0]:
                mends.insert(0, f"fix it in {names.slot(open_slots[0])}")
            why = f"it is fixed in {names.slot(meeting.slot)}, which is not in its session {meeting.session}"
        else:
            where = "" if meeting.session is None else f" in its session {meeting.session}"
            why = f"there is no slot{where}, or none is left"
        yield Reason(
            Cause.MEETING,
            f"{names.meeting(number)}: {why}",
            tuple(mends),
            (number,),
            meeting.participants,
            tuple(sorted(closed)),
        )


def _participants(problem: Problem, names: Names) -> Iterator[Reason]:
    """Find participants with more meetings than slots that these can have."""
    for one, held in enumerate(problem.meetings_of):
        possible = [number for number in held if problem.domains[number]]
        short = shortage(
            {number: problem.domains[number] for number in possible}, dict.fromkeys(range(len(problem.slots)), 1)
        )
        if short is None:
            continue
        mends = [f"drop {names.all_meetings(short.left)}"]
        if freed := _freeing(problem, one):
            mends.append(f"free {names.all_slots(freed)} for {names.participant(one)}")
        yield Reason(
            Cause.PARTICIPANT,
            f"{names.participant(one)} has {len(short.items)} meetings for {len(short.bins)} slots"
            + (f" ({names.all_slots(short.bins)})" if short.bins else ""),
            tuple(mends),
            short.items,
            (one,),
            short.bins,
        )


def _may_be(meeting: Meeting, slot: int) -> bool:
    return slot >= meeting.earliest if meeting.slot is None else slot == meeting.slot


def _freeing(problem: Problem, one: int) -> list[int]:
    """Return the fewest forbidden slots of a participant that would do, if any would.

    What cannot be because of one of these slots alone wants a place as soon as that slot is freed.
    """
    forbidden = problem.participants[one].forbidden
    meetings = [number for number in problem.meetings_of[one] if _with(problem, number, one, forbidden)]
    freed, missing = list[int](), len(meetings) + 1
    for slot in (None, *sorted(forbidden)):
        tried = [*freed, slot] if slot is not None else freed
        domains = {number: _with(problem, number, one, tried) for number in meetings}
        still = shortage(domains, dict.fromkeys(range(len(problem.slots)), 1))
        left = len(still.left) if still else 0
        # Each slot places one meeting more or none, so that taking whatever helps takes the fewest.
        if left < missing:
            freed, missing = tried, left
    return [] if missing else freed


def _with(problem: Problem, number: int, one: int, freed: Collection[int]) -> tuple[int, ...]:
    """Return the slots of a meeting if a participant freed some."""
    meeting = problem.meetings[number]
    return tuple(
        at
        for at, slot in enumerate(problem.slots)
        if meeting.session in (None, slot.session)
        and _may_be(meeting, at)
        and all(
            at not in problem.participants[other].forbidden or (other == one and at in freed)
            for other in meeting.participants
        )
    )


def _limits(problem: Problem, names: Names) -> Iterator[Reason]:
    """Find participants with more meetings than their own limits allow."""
    sessions = [slot.session for slot in problem.slots]
    for one, participant in enumerate(problem.participants):
        held = problem.meetings_of[one]
        tied = {
            session: [n for n in held if problem.meetings[n].session == session] for session in sorted(set(sessions))
        }
        checks = [(participant.most, held, "in all", f"{len(held)} in all")]
        if (most := participant.most_per_session) is not None:
            checks += [(most, tuple(ns), f"in session {at}", f"{len(ns)} in session {at}") for at, ns in tied.items()]
            enough = f"{ceil(len(held) / max(len(tied), 1))} in each session"
            checks.append((most * len(tied), held, f"in {len(tied)} sessions at {most} each", enough))
        for limit, meetings, where, enough in checks:
            if limit is not None and len(meetings) > limit:
                yield Reason(
                    Cause.LIMIT,
                    f"{names.participant(one)} has {len(meetings)} meetings {where}, and takes {limit}",
                    (
                        f"drop {names.all_meetings(meetings[limit:])}",
                        f"let {names.participant(one)} take {enough}",
                    ),
                    tuple(meetings),
                    (one,),
                )


def _tables(problem: Problem, names: Names) -> Iterator[Reason]:
    """Find meetings with fewer tables than they need in the slots that are open to them."""
    room = {slot: len(tables) for slot, tables in enumerate(problem.shared)}
    seated = {number: problem.domains[number] for number in problem.seated if problem.domains[number]}
    if (short := shortage(seated, room)) is not None:
        places = sum(room[slot] for slot in short.bins)
        more = (room | {slot: room[slot] + each for slot in short.bins} for each in count(1))
        most = next(each for each, tried in enumerate(more, start=1) if shortage(seated, tried) is None)
        yield Reason(
            Cause.TABLES,
            f"{len(short.items)} meetings need a table in {len(short.bins)} slots that hold {places} "
            f"({names.all_slots(short.bins)})",
            (
                f"set up {len(short.left)} tables more over these slots, {most} in each at most",
                f"drop {names.all_meetings(short.left)}",
            ),
            short.items,
            slots=short.bins,
        )


def _booths(problem: Problem, names: Names) -> Iterator[Reason]:
    """Find booths of several owners with more meetings than slots."""
    for booth in problem.shared_booths:
        held = {n: problem.domains[n] for n, at in enumerate(problem.booths) if at == booth and problem.domains[n]}
        if (short := shortage(held, dict.fromkeys(range(len(problem.slots)), 1))) is not None:
            yield Reason(
                Cause.BOOTH,
                f"booth {booth} has {len(short.items)} meetings for {len(short.bins)} slots",
                (f"drop {names.all_meetings(short.left)}", "give one of its owners a booth of its own"),
                short.items,
                slots=short.bins,
            )


def _order(problem: Problem, names: Names) -> Iterator[Reason]:
    """Find orders that run in a circle, and meetings that their order leaves no slot."""
    pairs = list(problem.precedences)
    while around := circle(pairs):
        said = [f"{names.meeting(before)} before {names.meeting(after)}" for before, after in around]
        mends = tuple(f"do without {one}" for one in said)
        yield Reason(Cause.ORDER, f"an order in a circle: {', '.join(said)}", mends, tuple(one for one, _ in around))
        pairs.remove(around[0])
    left = windows(problem.domains, pairs)
    closed = [number for number, slots in enumerate(left) if not slots and problem.domains[number]]
    if closed:
        mending = [pair for pair in pairs if _opens(problem, closed, [one for one in pairs if one != pair])]
        yield Reason(
            Cause.ORDER,
            f"the order leaves no slot to {names.all_meetings(closed)}",
            tuple(f"do without {names.meeting(before)} before {names.meeting(after)}" for before, after in mending)
            or (f"drop {names.all_meetings(closed)}",),
            tuple(closed),
        )


def _opens(problem: Problem, closed: Sequence[int], pairs: Sequence[tuple[int, int]]) -> bool:
    left = windows(problem.domains, pairs)
    return all(left[number] for number in closed)


def together(problem: Problem, mend: Mend, names: Names = NUMBERS) -> tuple[Reason, ...]:
    """Say what the solver found: how many meetings do not fit together, and what would mend that."""
    if mend.fairness is not None:
        message = f"all meetings fit, but not with a difference of {problem.fairness} breaks at most"
        return (Reason(Cause.FAIRNESS, message, (f"allow a difference of {mend.fairness}",)),)
    if not mend.drop:
        return ()
    count = len(mend.drop)
    mends = [f"drop {names.all_meetings(mend.drop)}"]
    if mend.free:
        freed = (f"{names.slot(slot)} for {names.participant(one)}" for one, slot in mend.free)
        mends.append(f"free {', '.join(freed)}")
    if mend.tables is not None:
        mends.append(f"set up {mend.tables} more tables in every slot")
    message = f"{len(problem.meetings) - count} of {len(problem.meetings)} meetings fit together" + (
        ", and no more" if mend.certain else " as far as the search came"
    )
    return (Reason(Cause.TOGETHER, message, tuple(mends), tuple(mend.drop)),)
