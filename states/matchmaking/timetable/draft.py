"""A timetable in the making: who is where; what has no place yet is placed greedily; and who sits at which table."""

from collections.abc import Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import product
from random import Random

from states.matchmaking.timetable.problem import Place, Problem, Schedule
from states.matchmaking.timetable.worth import Slots

_UNFAIR = 4  # what a break beyond the fair number costs, in breaks


class Draft:
    """The slot of each meeting, and who is where; a booth of several owners is a participant who minds no breaks."""

    def __init__(self, problem: Problem, *, seed: int, slots: Slots = ()) -> None:
        self.problem, self._random = problem, Random(seed)
        booths = [tuple(n for n, at in enumerate(problem.booths) if at == one) for one in problem.shared_booths]
        self._people = len(problem.participants)
        self._held = [*problem.meetings_of, *booths]
        self._who: list[list[int]] = [[] for _ in problem.meetings]
        for one, held in enumerate(self._held):
            for number in held:
                self._who[number].append(one)
        self._open = [sum(1 << slot for slot in domain) for domain in problem.domains]
        seated = set(problem.seated)
        self._seated = [int(number in seated) for number in range(len(problem.meetings))]
        self._room = [len(tables) for tables in problem.shared]
        self._mask = [0] * len(self._held)
        self._paid = [0] * len(self._held)
        self._meets = [[-1] * len(problem.slots) for _ in self._held]
        fair = len(problem.slots) if problem.fairness is None else problem.fairness
        runs = range(len(problem.slots))
        self._price = [0, *(count + _UNFAIR * max(count - fair, 0) for count in runs)]
        self._limits = self._all_limits()
        self._order = self._all_orders()
        self.slots: list[int | None] = [None] * len(problem.meetings)
        self.unplaced = set(range(len(problem.meetings)))
        self._cost, self._broken = 0, list[int]()
        self._keep(slots)

    def fill(self) -> None:
        """Place what has no place, who has the fewest options first, where it costs the fewest breaks."""
        queue = [(self._urgency(number), number) for number in self.unplaced]
        heapify(queue)
        while queue:
            urgency, number = heappop(queue)
            if self.slots[number] is None and urgency == self._urgency(number) and self._settle(number):
                for other in {other for one in self._who[number] for other in self._held[one]}:
                    if self.slots[other] is None:
                        heappush(queue, (self._urgency(other), other))

    def _keep(self, slots: Slots) -> None:
        """Place each meeting in the slot given, where that is possible; fixed ones go before others."""
        for number in sorted(range(len(slots)), key=lambda one: self.problem.meetings[one].slot is None):
            if (slot := slots[number]) is not None and self._open[number] >> slot & 1 and self._may(number, slot):
                self._put(number, slot)

    def _settle(self, number: int) -> bool:
        """Place a meeting where it costs the fewest breaks, in the emptiest such slot; tell whether it can be."""
        options = [slot for slot in self.problem.domains[number] if self._may(number, slot)]
        if not options:
            return False
        self._put(number, min(options, key=lambda slot: (self._added(number, slot), -self._room[slot], slot)))
        return True

    def _may(self, number: int, slot: int) -> bool:
        if self._room[slot] < self._seated[number] or not self._in_order(number, slot, {}):
            return False
        bit = 1 << slot
        return all(
            not self._mask[one] & bit and (not self._limits or self._within(one, self._mask[one] | bit))
            for one in self._who[number]
        )

    def _added(self, number: int, slot: int) -> int:
        return sum(self._priced(one, self._mask[one] | 1 << slot) - self._paid[one] for one in self._who[number])

    def _put(self, number: int, slot: int) -> None:
        self._mark(number, slot, number)
        self.slots[number] = slot
        self._room[slot] -= self._seated[number]
        self.unplaced.discard(number)

    def _take(self, number: int) -> None:
        if (slot := self.slots[number]) is not None:
            self._mark(number, slot, -1)
            self.slots[number] = None
            self._room[slot] += self._seated[number]
            self.unplaced.add(number)

    def _mark(self, number: int, slot: int, meets: int) -> None:
        for one in self._who[number]:
            self._set(one, self._mask[one] ^ 1 << slot)
            self._meets[one][slot] = meets

    def _set(self, one: int, mask: int) -> None:
        price = self._priced(one, mask)
        self._cost += price - self._paid[one]
        self._mask[one], self._paid[one] = mask, price

    def _priced(self, one: int, mask: int) -> int:
        return self._price[(mask & ~(mask >> 1)).bit_count()] if one < self._people else 0

    def _judged(self) -> tuple[int, int]:
        return len(self.unplaced), self._cost

    def _urgency(self, number: int) -> tuple[int, int]:
        free, load = self._open[number], 0
        for one in self._who[number]:
            free &= ~self._mask[one]
            load += len(self._held[one])
        return free.bit_count(), -load

    def _within(self, one: int, mask: int) -> bool:
        return all((mask & span).bit_count() <= most for span, most in self._limits.get(one, ()))

    def _in_order(self, number: int, slot: int, moved: Mapping[int, int]) -> bool:
        """Tell whether a meeting would be before those that follow it and after those that it follows."""
        for other, follows in self._order.get(number, ()):
            at = moved.get(other, self.slots[other])
            if at is not None and (at <= slot if follows else at >= slot):
                return False
        return True

    def _all_limits(self) -> dict[int, list[tuple[int, int]]]:
        """Return for each participant with limits the slots that they are about, as bits, and how many at most."""
        spans: dict[int, int] = {}
        for at, slot in enumerate(self.problem.slots):
            spans[slot.session] = spans.get(slot.session, 0) | 1 << at
        whole = (1 << len(self.problem.slots)) - 1
        limits: dict[int, list[tuple[int, int]]] = {}
        for number, one in enumerate(self.problem.participants):
            if one.most is not None:
                limits.setdefault(number, []).append((whole, one.most))
            if one.most_per_session is not None:
                limits.setdefault(number, []).extend((span, one.most_per_session) for span in spans.values())
        return limits

    def _all_orders(self) -> dict[int, list[tuple[int, bool]]]:
        orders: dict[int, list[tuple[int, bool]]] = {}
        for before, after in self.problem.precedences:
            orders.setdefault(before, []).append((after, True))
            orders.setdefault(after, []).append((before, False))
        return orders


def seat(problem: Problem, slots: Slots, *, before: Schedule | None = None) -> Schedule:
    """Give each meeting its table: the one it had `before` if it stays in its slot, else where its people were last."""
    places: list[Place | None] = [None] * len(slots)
    needing = set(problem.seated)
    last: dict[int, int] = {}  # the table where a participant was last
    for slot, tables in enumerate(problem.shared):
        here = [number for number, at in enumerate(slots) if at == slot]
        free = dict.fromkeys(tables)
        chosen = {number: problem.booths[number] for number in here}
        seated = [number for number in here if number in needing]
        # Whatever table is left is the last wish of each.
        wishes = [*_kept(seated, slot, before), *_stays(problem, seated, last), *product(seated, tables)]
        for number, table in wishes:
            if table in free and chosen[number] is None:
                chosen[number] = table
                del free[table]
        for number, given in chosen.items():
            places[number] = Place(slot, given)
            if given is not None:
                last |= dict.fromkeys(problem.meetings[number].participants, given)
    return Schedule(tuple(places))


def _kept(seated: Sequence[int], slot: int, before: Schedule | None) -> Iterator[tuple[int, int]]:
    """Yield the meetings that were in this slot already, with their tables."""
    for number in seated:
        place = before.places[number] if before and number < len(before.places) else None
        if place is not None and place.slot == slot and place.table is not None:
            yield number, place.table


def _stays(problem: Problem, seated: Sequence[int], last: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Yield meetings with a table where some of their people were last, those where most were first."""
    wishes: dict[tuple[int, int], int] = {}
    for number in seated:
        for one in problem.meetings[number].participants:
            if one in last:
                wishes[number, last[one]] = wishes.get((number, last[one]), 0) + 1
    yield from sorted(wishes, key=lambda wish: (-wishes[wish], wish))
