"""Small events made up for the tests of timetables."""

from collections.abc import Iterable
from random import Random

from states.matchmaking.timetable.problem import Meeting, Participant, Problem, Slot


def slots(count: int, *, tables: int = 9, mornings: int | None = None) -> tuple[Slot, ...]:
    """Return slots with so many tables each, the first ones in session 1, the others in session 2."""
    first = count if mornings is None else mornings
    return tuple(Slot(1 if slot < first else 2, tuple(range(1, tables + 1))) for slot in range(count))


def people(count: int, **special: Participant) -> tuple[Participant, ...]:
    """Return participants without wishes, but for those named p0, p1 ..."""
    return tuple(special.get(f"p{number}", Participant()) for number in range(count))


def meetings(*pairs: Iterable[int]) -> tuple[Meeting, ...]:
    return tuple(Meeting(tuple(pair)) for pair in pairs)


def away(*slots: int) -> Participant:
    """Return a participant who cannot come in some slots."""
    return Participant(frozenset(slots))


def a_small_event(seed: int) -> Problem:
    """Return an event of five participants, meetings and slots at most, with anything that a rule is about."""
    chance = Random(seed)
    span, count, held = chance.randint(3, 5), chance.randint(3, 5), chance.randint(2, 5)
    return Problem(
        tuple(Slot(1 if slot < span // 2 else 2, tuple(range(1, 1 + chance.randint(1, 4)))) for slot in range(span)),
        tuple(
            Participant(
                frozenset(slot for slot in range(span) if chance.random() < 0.12),
                booth=chance.choice((None, None, None, None, 7, 8)),
                most_per_session=chance.choice((None,) * 7 + (2,)),
            )
            for _ in range(count)
        ),
        tuple(
            Meeting(
                tuple(chance.sample(range(count), 3 if chance.random() < 0.1 else 2)),
                session=chance.choice((None,) * 8 + (1, 2)),
                slot=chance.choice((None,) * 11 + (chance.randrange(span),)),
                online=chance.random() < 0.15,
                earliest=chance.choice((0, 0, 0, 1)),
            )
            for _ in range(held)
        ),
        tuple((before, before + 1) for before in range(held - 1) if chance.random() < 0.15),
        chance.choice((None, 0, 1, 2)),
    )
