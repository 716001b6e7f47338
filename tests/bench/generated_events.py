"""Brokerage events made up for measurements: skewed popularity, absences, sessions, few tables to spare."""

from math import ceil
from random import Random

from states.matchmaking.timetable.problem import Meeting, Participant, Problem, Slot

_MORNING, _AFTERNOON = 1, 2


def a_generated_event(
    people: int,
    meetings: int,
    slots: int,
    *,
    seed: int = 1,
    away: float = 0.1,
    tied: float = 0.1,
    spare_tables: float = 0.15,
) -> Problem:
    """Return an event of so many participants, meetings and slots.

    Who is wanted is spread lognormally; nobody has meetings in more than nine tenths of the own slots. A share is
    `away` in two to four slots in a row, a share of the meetings is `tied` to morning or afternoon, and there are
    as many tables as needed on average, and a share to spare.
    """
    chance = Random(seed)
    morning, tables = slots // 2, ceil(meetings / slots * (1 + spare_tables))
    absent = [_absence(chance, slots) if chance.random() < away else frozenset[int]() for _ in range(people)]
    wanted = [chance.lognormvariate(0, 0.5) for _ in range(people)]
    room = [int((slots - len(one)) * 0.9) for one in absent]
    halves = [
        {
            _MORNING: morning - 1 - sum(at < morning for at in one),
            _AFTERNOON: slots - morning - 1 - sum(at >= morning for at in one),
        }
        for one in absent
    ]
    held: dict[tuple[int, int], Meeting] = {}
    while len(held) < meetings:
        one, other = sorted(chance.choices(range(people), wanted, k=2))
        session = chance.choice((_MORNING, _AFTERNOON)) if chance.random() < tied else None
        half = 0 if session is None else min(halves[one][session], halves[other][session])
        if one == other or (one, other) in held or not room[one] or not room[other] or (session and half <= 1):
            continue
        held[one, other] = Meeting((one, other), session)
        for who in (one, other):
            room[who] -= 1
            if session is not None:
                halves[who][session] -= 1
    return Problem(
        tuple(Slot(_MORNING if at < morning else _AFTERNOON, tuple(range(1, tables + 1))) for at in range(slots)),
        tuple(map(Participant, absent)),
        tuple(held.values()),
        fairness=2,
    )


def a_planted_event(
    people: int,
    meetings: int,
    slots: int,
    tables: int,
    *,
    seed: int,
    morning: int | None = None,
    away: float = 0.0,
    fixed: float = 0.0,
    ordered: float = 0.0,
) -> Problem:
    """Return an event whose meetings all fit, being drawn slot by slot: it may be as full as can be.

    A share of the participants is `away` in up to two slots, one of the meetings is `fixed`, and as many pairs as the
    share `ordered` of the meetings come one before the other; with `morning` slots a third of the meetings are tied to
    their half of the day. Whoever is wanted most has a meeting in nearly every slot.
    """
    chance = Random(seed)
    wanted = [chance.lognormvariate(0, 0.8) for _ in range(people)]
    sizes = [meetings // slots + (slot < meetings % slots) for slot in range(slots)]
    chance.shuffle(sizes)
    held: dict[tuple[int, int], int] = {}
    idle: list[set[int]] = [set() for _ in range(people)]
    for slot, size in enumerate(sizes):
        order = sorted(range(people), key=lambda one: chance.random() ** (1 / wanted[one]), reverse=True)
        left = size
        while left:
            one = order.pop(0)
            other = next((two for two in order if (min(one, two), max(one, two)) not in held), None)
            if other is None:
                idle[one].add(slot)
                continue
            order.remove(other)
            held[min(one, other), max(one, other)] = slot
            left -= 1
        for one in order:
            idle[one].add(slot)
    numbers = [*held]
    chance.shuffle(numbers)
    half = {slot: _MORNING if morning is None or slot < morning else _AFTERNOON for slot in range(slots)}
    drawn = [
        (pair, held[pair], chance.random() < fixed, morning is not None and chance.random() < 1 / 3) for pair in numbers
    ]
    order_of: set[tuple[int, int]] = set()
    while len(order_of) < ordered * meetings:
        before, after = chance.sample(range(meetings), 2)
        if drawn[before][1] < drawn[after][1]:
            order_of.add((before, after))
    return Problem(
        tuple(Slot(half[slot], tuple(range(1, tables + 1))) for slot in range(slots)),
        tuple(
            Participant(frozenset(chance.sample(sorted(free), min(len(free), chance.randint(1, 2)))))
            if chance.random() < away
            else Participant()
            for free in idle
        ),
        tuple(
            Meeting(pair, half[slot] if tied else None, slot if stays else None) for pair, slot, stays, tied in drawn
        ),
        tuple(sorted(order_of)),
        fairness=2,
    )


def _absence(chance: Random, slots: int) -> frozenset[int]:
    length = chance.randint(2, 4)
    start = chance.randrange(slots - length + 1)
    return frozenset(range(start, start + length))
