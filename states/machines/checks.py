"""What may be wrong with states and moves, a playbook's or a stage's own: every flaw is found, not only the first."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from states.machines.definition import Machine, Move, S


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong and what to do; of which state, or of which move (its place in the list, and the other's)."""

    message: str
    remedy: str
    state: str = ""
    move: int | None = None
    other: int | None = None


def flaws(machine: Machine[S]) -> list[Flaw]:
    """Return everything that is wrong with a definition; what only follows from another flaw is left out."""
    found = [*_titles(machine), *unknown_states(machine.moves, machine.states, noun="state")]
    found += doubled_names(machine.moves)
    return found or list(missing_ways(machine, noun="state", make_final="make it final"))


def unknown_states(moves: Sequence[Move[S]], states: Collection[S], *, noun: str) -> Iterator[Flaw]:
    """Yield a flaw for each state that a move names and that does not exist."""
    for number, move in enumerate(moves):
        for state in dict.fromkeys([*move.starts, *move.ends]):
            if state not in states:
                message = f"move {move.name!r}: no {noun} {str(state)!r}"
                yield Flaw(message, f"one of {', '.join(states)}", state, move=number)


def doubled_names(moves: Sequence[Move[S]]) -> Iterator[Flaw]:
    """Yield a flaw for each move that leaves a state under a name which an earlier move has there."""
    first: dict[tuple[S | None, str], int] = {}
    for number, move in enumerate(moves):
        for state in (*move.starts, *((None,) if move.begins else ())):
            if (state, move.name) in first:
                source = "the beginning" if state is None else repr(str(state))
                message = f"two moves from {source} are named {move.name!r}"
                yield Flaw(message, "rename one", move=number, other=first[state, move.name])
            first.setdefault((state, move.name), number)


def missing_ways(machine: Machine[S], *, noun: str, make_final: str) -> Iterator[Flaw]:
    """Yield a flaw for each state that nothing leads to, and for each from which no end can be reached."""
    initial = list(dict.fromkeys(end for start, end, _ in machine.steps() if start is None))
    steps = [(start, end) for start, end, _ in machine.steps() if start is not None]
    reached = _spread(initial, steps)
    ending = _spread(machine.final, [(end, start) for start, end in steps])
    for state in machine.states:
        if state not in reached:
            begins = " or ".join(repr(str(one)) for one in initial) or "anywhere: no move begins a life"
            yield Flaw(f"{noun} {str(state)!r} cannot be reached from {begins}", "add a move to it", state)
        elif state not in ending:
            yield Flaw(f"{noun} {str(state)!r} is a dead end", f"add a move out of it, or {make_final}", state)


def _titles(machine: Machine[S]) -> Iterator[Flaw]:
    kinds = {type(state) for state in machine.states}
    for known in (one for kind in kinds if issubclass(kind, StrEnum) for one in kind):
        if known not in machine.states:
            yield Flaw(f"state {known.value!r} has no title", "add it to `states`", known)
    for state in machine.final:
        if state not in machine.states:
            yield Flaw(f"no state {str(state)!r}, which is to be final", "add it to `states`", state)


def _spread(seeds: Collection[S], steps: Collection[tuple[S, S]]) -> set[S]:
    reached, grown = set(seeds), True
    while grown:
        fresh = {end for start, end in steps if start in reached} - reached
        reached |= fresh
        grown = bool(fresh)
    return reached
