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


def _absence(chance: Random, slots: int) -> frozenset[int]:
    length = chance.randint(2, 4)
    start = chance.randrange(slots - length + 1)
    return frozenset(range(start, start + length))
