"""Timetables bettered by exchanging two slots along chains of meetings, hot at first and ever cooler.

Moving a meeting from one slot to another pushes whoever its participants meet there the other way, and so on: a chain
(of Kempe). Who is within it is as busy as before, so that only those at its ends can change their breaks.
"""

import math
from collections.abc import Iterator, Mapping

from states.matchmaking.timetable.draft import Draft
from states.matchmaking.timetable.effort import Effort
from states.matchmaking.timetable.problem import Problem
from states.matchmaking.timetable.worth import Slots

_LONGEST = 150  # meetings in a chain; longer ones help no more than short ones, and cost more
_HOT, _COLD = 0.35, 0.13  # temperatures in breaks: above nothing settles, below hardly anything moves
_GLANCE = 256  # steps between two looks at the work done
_STEP, _PUSH = 2.5e-6, 4e-7  # seconds of a quiet core for a step, and for each meeting that it looks at: measured
_TELL = 0.2  # seconds of work between two better timetables: judging one takes as long as many steps
_BESIDE = 0.9  # how often a meeting is tried next to another one, where it makes no break
_BROKEN = 0.7  # how often it is one of somebody who has breaks
_OUTERMOST = 0.6  # how often it is the first or the last of a run, which can leave without a break
_SPREAD = 0.25  # breaks that it is worth to leave a full slot for one without a meeting
_INSERT = 0.1  # how often a meeting without a place is tried instead of one with
_PUSH_OUT_TWO = 0.03  # how often a meeting may take the place of two


class Exchanges(Draft):
    """A timetable that gets better step by step."""

    def __init__(self, problem: Problem, *, seed: int, slots: Slots = ()) -> None:
        super().__init__(problem, seed=seed, slots=slots)
        tables = sum(map(len, problem.shared))
        self._crowding = _SPREAD * len(problem.slots) / tables if tables else 0.0
        self._pushed = 0

    def anneal(self, effort: Effort, seconds: float, *, hot: float = _HOT) -> Iterator[list[int | None]]:
        """Work on it for so many seconds, and give each better timetable as it is found; the best of them remains."""
        best, best_slots = self._judged(), list(self.slots)
        told, told_at = best, 0.0
        effort.add(0.0)
        movable = [number for number, domain in enumerate(self.problem.domains) if len(domain) > 1]
        spent = 0.0
        while spent < seconds and movable:
            heat = hot * (_COLD / hot) ** (spent / seconds)
            self._broken = [one for one, price in enumerate(self._paid) if price]
            for _ in range(_GLANCE):
                self._step(movable, heat)
                if (len(self.unplaced), self._cost) < best:
                    best, best_slots = self._judged(), list(self.slots)
            work = _GLANCE * _STEP + self._pushed * _PUSH
            self._pushed = 0
            effort.add(work)
            spent += work
            if best < told and (spent - told_at > _TELL or spent >= seconds or best[0] < told[0]):
                told, told_at = best, spent
                yield best_slots
        self._become(best_slots)

    def _step(self, movable: list[int], heat: float) -> None:
        chance = self._random.random
        if self.unplaced and chance() < _INSERT:
            self._insert(self._random.choice(sorted(self.unplaced)))
            return
        number, beside = self._draw(movable)
        here = self.slots[number]
        there = None if here is None else self._target(number, here, beside)
        if here is None or there is None:
            return
        worse = -heat * math.log(1.0 - chance())  # by how many breaks it may be
        chain, ends = self._chain(number, here, there)
        net = 0
        for meeting, to in chain.items():
            net += self._seated[meeting] if to == there else -self._seated[meeting]
        if not chain or self._room[there] < net or self._room[here] < -net:
            return
        more = self._crowding * net * (net + self._room[here] - self._room[there])
        both = 1 << here | 1 << there
        for one in ends:
            more += self._priced(one, self._mask[one] ^ both) - self._paid[one]
        if more <= worse:
            changes = {one: self._mask[one] ^ both for one in ends}
            if self._allowed(chain, changes):
                self._exchange(chain, changes, here, there)

    def _draw(self, movable: list[int]) -> tuple[int, int]:
        """Draw a meeting, and one of its participants to whose other meetings it is to move."""
        chance = self._random.random
        number = movable[int(chance() * len(movable))]
        who = self._who[number]
        beside = who[int(chance() * len(who))]
        if self._broken and chance() < _BROKEN:
            beside = self._broken[int(chance() * len(self._broken))]
            number = self._held[beside][int(chance() * len(self._held[beside]))]
        if chance() < _OUTERMOST:
            mask = self._mask[beside]
            outer = mask & ~(mask >> 1 & mask << 1)
            if outer:
                number = self._meets[beside][_drawn(outer, chance())]
        return number, beside

    def _target(self, number: int, here: int, one: int) -> int | None:
        """Draw a slot for a meeting: mostly one next to another meeting of one of its participants."""
        chance, options = self._random.random, self._open[number]
        if chance() < _BESIDE:
            rest = self._mask[one] & ~(1 << here)
            options &= (rest << 1 | rest >> 1) & ~rest
        options &= ~(1 << here)
        return _drawn(options, chance()) if options else None

    def _chain(self, number: int, here: int, there: int) -> tuple[dict[int, int], list[int]]:
        """Return the slot that each meeting of the chain goes to, and who is at its ends; nothing if one may not go."""
        for one in self._who[number]:
            if self._meets[one][there] >= 0:
                break
        else:  # most often it pushes nobody
            return {number: there}, self._who[number]
        goes, waiting, ends = {number: there}, [number], list[int]()
        for meeting in waiting:  # it grows on the way
            self._pushed += 1
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

    def _allowed(self, chain: Mapping[int, int], changes: Mapping[int, int]) -> bool:
        """Tell whether limits and order allow an exchange."""
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

    def _become(self, slots: Slots) -> None:
        changed = [number for number, slot in enumerate(slots) if slot != self.slots[number]]
        for number in changed:
            self._take(number)
        for number in changed:
            if (slot := slots[number]) is not None:
                self._put(number, slot)


def _drawn(bits: int, chance: float) -> int:
    """Return one of the positions that are set, by a number from 0 to 1."""
    for _ in range(int(chance * bits.bit_count())):
        bits &= bits - 1
    return (bits & -bits).bit_length() - 1
