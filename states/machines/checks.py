"""What may be wrong with states and moves, a playbook's or a stage's own: every flaw is found, not only the first."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from states.errors import Fault
from states.machines.definition import Machine, Move, S


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong and what to do; of which state, or of which move (its place in the list, and the other's)."""

    fault: Fault
    state: str = ""
    move: int | None = None
    other: int | None = None


def flaws(machine: Machine[S]) -> list[Flaw]:
    """Return everything that is wrong with a definition; what only follows from another flaw is left out."""
    found = [*_titles(machine), *unknown_states(machine.moves, machine.states, noun="state")]
    found += doubled_names(machine.moves)
    return found or list(missing_ways(machine, noun="state", make_final="add_way_or_make_final"))


def unknown_states(moves: Sequence[Move[S]], states: Collection[S], *, noun: str) -> Iterator[Flaw]:
    """Yield a flaw for each state that a move names and that does not exist."""
    for number, move in enumerate(moves):
        for state in dict.fromkeys([*move.starts, *move.ends]):
            if state not in states:
                known = tuple(str(one) for one in states)
                fault = Fault("", "no_such_state", remedy="one_of", move=move.name, noun=noun, state=state, known=known)
                yield Flaw(fault, state, move=number)


def doubled_names(moves: Sequence[Move[S]]) -> Iterator[Flaw]:
    """Yield a flaw for each move that leaves a state under a name which an earlier move has there."""
    first: dict[tuple[S | None, str], int] = {}
    for number, move in enumerate(moves):
        for state in (*move.starts, *((None,) if move.begins else ())):
            if (state, move.name) in first:
                code = "two_moves_from_beginning" if state is None else "two_moves"
                fault = Fault("", code, remedy="rename_one", move=move.name, state=state or "")
                yield Flaw(fault, move=number, other=first[state, move.name])
            first.setdefault((state, move.name), number)


def missing_ways(machine: Machine[S], *, noun: str, make_final: str) -> Iterator[Flaw]:
    """Yield a flaw for each state that nothing leads to, and for each from which no end can be reached.

    `make_final` is the remedy for the latter.
    """
    initial = list(dict.fromkeys(end for start, end, _ in machine.steps() if start is None))
    steps = [(start, end) for start, end, _ in machine.steps() if start is not None]
    reached = _spread(initial, steps)
    ending = _spread(machine.final, [(end, start) for start, end in steps])
    for state in machine.states:
        if state not in reached:
            code, begins = ("unreachable" if initial else "nowhere_begun"), tuple(str(one) for one in initial)
            yield Flaw(Fault("", code, remedy="add_move_to_it", noun=noun, state=state, initial=begins), state)
        elif state not in ending:
            yield Flaw(Fault("", "dead_end", remedy=make_final, noun=noun, state=state), state)


def _titles(machine: Machine[S]) -> Iterator[Flaw]:
    kinds = {type(state) for state in machine.states}
    for known in (one for kind in kinds if issubclass(kind, StrEnum) for one in kind):
        if known not in machine.states:
            yield Flaw(Fault("", "state_without_title", remedy="add_to_states", state=known), known)
    for state in machine.final:
        if state not in machine.states:
            yield Flaw(Fault("", "no_final_state", remedy="add_to_states", state=state), state)


def _spread(seeds: Collection[S], steps: Collection[tuple[S, S]]) -> set[S]:
    reached, grown = set(seeds), True
    while grown:
        fresh = {end for start, end in steps if start in reached} - reached
        reached |= fresh
        grown = bool(fresh)
    return reached
