"""Each change that an explanation names mends what it explains: applied to small events, the reason is gone."""

import re
from collections import Counter
from dataclasses import replace

from states.matchmaking.timetable.explain import Cause, Reason, explain
from states.matchmaking.timetable.problem import Problem
from tests.states.matchmaking.timetable.samples import a_small_event

TRIED = (Cause.PARTICIPANT, Cause.LIMIT, Cause.TABLES)
ADDED = range(100, 200)


def numbers(what: str, text: str) -> set[int]:
    return {int(one) - 1 for one in re.findall(rf"{what} (\d+)", text)}


def without(event: Problem, gone: set[int]) -> Problem:
    new = {number: at for at, number in enumerate(n for n in range(len(event.meetings)) if n not in gone)}
    pairs = tuple((new[a], new[b]) for a, b in event.precedences if a in new and b in new)
    return replace(event, meetings=tuple(event.meetings[number] for number in new), precedences=pairs)


def with_tables(event: Problem, reason: Reason, each: int) -> Problem:
    return replace(
        event,
        slots=tuple(
            replace(slot, tables=(*slot.tables, *ADDED[:each])) if at in reason.slots else slot
            for at, slot in enumerate(event.slots)
        ),
    )


def changed(event: Problem, reason: Reason, mend: str) -> Problem:
    """Return the event with that change."""
    who = numbers("participant", mend)
    if mend.startswith("drop"):
        return without(event, numbers("meeting", mend))
    if found := re.search(r"tables more over these slots, (\d+) in each", mend):
        return with_tables(event, reason, int(found[1]))
    people = list(event.participants)
    for one in who:
        if mend.startswith("free"):
            people[one] = replace(people[one], forbidden=people[one].forbidden - numbers("slot", mend))
        elif found := re.search(r"take (\d+) in (session|each)", mend):
            people[one] = replace(people[one], most_per_session=int(found[1]))
    return replace(event, participants=tuple(people))


def what(reason: Reason) -> tuple[Cause, tuple[int, ...], str]:
    """Return what a reason is about, without how many meetings it counts."""
    return reason.cause, reason.participants, reason.message.partition(" meetings in ")[2]


def test_each_change_mends_its_reason() -> None:
    tried = Counter[Cause]()
    for seed in range(1500):
        event = a_small_event(seed)
        for reason in explain(event):
            for mend in reason.mends if reason.cause in TRIED else ():
                mended = changed(event, reason, mend)
                left = [what(one) for one in explain(mended)]
                assert (seed, mend, what(reason) in left) == (seed, mend, False)
                tried[reason.cause] += 1

    assert min(tried[cause] for cause in TRIED) > 20
