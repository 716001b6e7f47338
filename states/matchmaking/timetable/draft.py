"""A timetable in the making: filled greedily, then bettered by exchanging two slots along chains of meetings.

Moving a meeting from one slot to another pushes whoever its participants meet there the other way, and so on: a chain
(of Kempe). Who is within it is as busy as before, so that only those at its ends can change their breaks.
"""

import math
from collections.abc import Iterator, Mapping
from heapq import heapify, heappop, heappush
from random import Random
from time import perf_counter

from states.matchmaking.timetable.problem import Problem
from states.matchmaking.timetable.worth import Slots

_LONGEST = 150  # meetings in a chain; longer ones help no more than short ones, and cost more
_UNFAIR = 4  # what a break beyond the fair number costs, in breaks
_HOT, _COLD = 0.35, 0.13  # temperatures in breaks: above nothing settles, below hardly anything moves
_GLANCE = 256  # steps between two looks at the clock
_TELL = 0.2  # seconds between two better timetables: judging one takes as long as many steps
_BESIDE = 0.9  # how often a meeting is tried next to another one, where it makes no break
_BROKEN = 0.5  # how often it is one of somebody who has breaks
_INSERT = 0.1  # how often a meeting without a place is tried instead of one with
_PUSH_OUT_TWO = 0.03  # how often a meeting may take the place of two


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

    def anneal(self, seconds: float, *, hot: float = _HOT) -> Iterator[list[int | None]]:
        """Better it for so long, and give each better timetable as it is found; the best of them remains."""
        began = perf_counter()
        best, best_slots = self._judged(), list(self.slots)
        told, told_at = best, 0.0
        movable = [number for number, domain in enumerate(self.problem.domains) if len(domain) > 1]
        spent = 0.0
        while spent < seconds and movable:
            heat = hot * (_COLD / hot) ** (spent / seconds)
            self._broken = [one for one, price in enumerate(self._paid) if price]
            for _ in range(_GLANCE):
                self._step(movable, heat)
                if (len(self.unplaced), self._cost) < best:
                    best, best_slots = self._judged(), list(self.slots)
            spent = perf_counter() - began
            if best < told and (spent - told_at > _TELL or spent >= seconds or best[0] < told[0]):
                told, told_at = best, spent
                yield best_slots
        self._become(best_slots)

    def _keep(self, slots: Slots) -> None:
        """Place each meeting in the slot given, where that is possible; fixed ones go before others."""
        for number in sorted(range(len(slots)), key=lambda one: self.problem.meetings[one].slot is None):
            if (slot := slots[number]) is not None and self._open[number] >> slot & 1 and self._may(number, slot):
                self._put(number, slot)

    def _step(self, movable: list[int], heat: float) -> None:
        chance = self._random.random
        if self.unplaced and chance() < _INSERT:
            self._insert(self._random.choice(sorted(self.unplaced)))
            return
        number = movable[int(chance() * len(movable))]
        who = self._who[number]
        beside = who[int(chance() * len(who))]
        if self._broken and chance() < _BROKEN:
            beside = self._broken[int(chance() * len(self._broken))]
            number = self._held[beside][int(chance() * len(self._held[beside]))]
        here = self.slots[number]
        there = None if here is None else self._target(number, here, beside)
        if here is None or there is None:
            return
        chain, ends = self._chain(number, here, there)
        both = 1 << here | 1 << there
        changes = {one: self._mask[one] ^ both for one in ends}
        if chain and self._fits(chain, changes, here, there):
            more = 0
            for one, mask in changes.items():
                more += self._priced(one, mask) - self._paid[one]
            if more <= 0 or chance() < math.exp(-more / heat):
                self._exchange(chain, changes, here, there)

    def _target(self, number: int, here: int, one: int) -> int | None:
        """Draw a slot for a meeting: mostly one next to another meeting of one of its participants."""
        chance, options = self._random.random, self._open[number]
        if chance() < _BESIDE:
            rest = self._mask[one] & ~(1 << here)
            options &= (rest << 1 | rest >> 1) & ~rest
        options &= ~(1 << here)
        count = options.bit_count()
        if not count:
            return None
        for _ in range(int(chance() * count)):
            options &= options - 1
        return (options & -options).bit_length() - 1

    def _chain(self, number: int, here: int, there: int) -> tuple[dict[int, int], list[int]]:
        """Return the slot that each meeting of the chain goes to, and who is at its ends; nothing if one may not go."""
        goes, waiting, ends = {number: there}, [number], list[int]()
        for meeting in waiting:  # it grows on the way
            to = goes[meeting]
            if not self._open[meeting] >> to & 1 or len(waiting) > _LONGEST:
                return {}, []
            back = here if to == there else there
            for one in self._who[meeting]:
                other = self._meets[one][to]
                if other < 0:
                    ends.append(one)
                elif other not in goes:
                    goes[other] = back
                    waiting.append(other)
        return goes, ends

    def _fits(self, chain: Mapping[int, int], changes: Mapping[int, int], here: int, there: int) -> bool:
        """Tell whether tables, limits and order allow the exchange."""
        more = 0
        for meeting, to in chain.items():
            more += self._seated[meeting] if to == there else -self._seated[meeting]
        if self._room[there] < more or self._room[here] < -more:
            return False
        if self._limits and not all(self._within(one, mask) for one, mask in changes.items()):
            return False
        return not self._order or all(self._in_order(meeting, to, chain) for meeting, to in chain.items())

    def _exchange(self, chain: Mapping[int, int], changes: Mapping[int, int], here: int, there: int) -> None:
        for meeting, to in chain.items():
            for one in self._who[meeting]:
                self._meets[one][here if to == there else there] = -1
        for meeting, to in chain.items():
            self.slots[meeting] = to
            shift = self._seated[meeting] if to == there else -self._seated[meeting]
            self._room[there] -= shift
            self._room[here] += shift
            for one in self._who[meeting]:
                self._meets[one][to] = meeting
        for one, mask in changes.items():
            self._set(one, mask)

    def _insert(self, number: int) -> None:
        """Give a meeting a slot at random, where it may push out one meeting, and seldom two."""
        domain = self.problem.domains[number]
        if not domain:
            return
        slot = self._random.choice(domain)
        out = {self._meets[one][slot] for one in self._who[number]} - {-1}
        if self._seated[number] and self._room[slot] <= sum(-self._seated[other] for other in out):
            seated = [other for other, at in enumerate(self.slots) if at == slot and self._seated[other]]
            out.add(self._random.choice(seated or [-1]))
        if -1 in out or any(self.problem.meetings[other].slot is not None for other in out):
            return  # no table at all, or a fixed meeting
        if len(out) < 2 or (len(out) == 2 and self._random.random() < _PUSH_OUT_TWO):
            self._swap_in(number, slot, out)

    def _swap_in(self, number: int, slot: int, out: set[int]) -> None:
        for other in out:
            self._take(other)
        if self._may(number, slot):
            self._put(number, slot)
            for other in sorted(out):
                self._settle(other)
        else:
            for other in out:
                self._put(other, slot)

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

    def _become(self, slots: Slots) -> None:
        changed = [number for number, slot in enumerate(slots) if slot != self.slots[number]]
        for number in changed:
            self._take(number)
        for number in changed:
            if (slot := slots[number]) is not None:
                self._put(number, slot)

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
