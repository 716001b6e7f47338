"""The states and moves of whatever has a life, as data; the definition knows nothing of the engine (`stepping.py`)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from states.errors import Refused

S = TypeVar("S", bound=str)


class StepRefused(Refused):
    """This move does not leave the present state."""

    code = "step_refused"


@dataclass(frozen=True, slots=True)
class Refusing:
    """How a move that does not leave the present state is refused; without a text it names what is possible."""

    error: type[Refused]
    code: str = "wrong_state"
    text: str = ""
    mend_by: tuple[str, ...] = ()
    where: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Move(Generic[S]):
    """A way from one or more states to another; the title is what one does, in the imperative.

    `from_` None is the beginning, before there is a row. Without `to` the state stays: the move is what may be done
    in it. Of several ends the facts choose one at each step. Nobody makes an `automatic` move: its title says what
    happens, and a refusal never names it as possible.
    """

    name: str
    title: str
    from_: S | tuple[S | None, ...] | None = None
    to: S | tuple[S, ...] = ()
    automatic: bool = False
    refusing: Refusing | Mapping[S | None, Refusing] | None = None

    @property
    def starts(self) -> tuple[S, ...]:
        """Return the states that it leaves."""
        return tuple(state for state in self._sources if state is not None)

    @property
    def begins(self) -> bool:
        """Tell whether a life may begin with it."""
        return None in self._sources

    @property
    def ends(self) -> tuple[S, ...]:
        """Return the states to which it leads; none where the state stays."""
        return self.to if isinstance(self.to, tuple) else (self.to,)

    def ends_from(self, state: S | None) -> tuple[S, ...]:
        """Return where it leads from a state (None: the beginning); nowhere if it does not leave it."""
        if not self.leaves(state):
            return ()
        return self.ends or (() if state is None else (state,))

    def leaves(self, state: S | None) -> bool:
        """Tell whether it leaves this state (None: the beginning)."""
        return state in self._sources

    @property
    def _sources(self) -> tuple[S | None, ...]:
        return self.from_ if isinstance(self.from_, tuple) else (self.from_,)


@dataclass(frozen=True, eq=False, slots=True)
class Machine(Generic[S]):
    """What has a life: its states with their titles ("The profile is ..."), the final ones, and its moves.

    `noun` is what one of them is called. `column` (table.column) keeps the state; without one it follows from the
    columns in `written`, which the modules in `doors` alone write. `refusing` holds for moves that say nothing else.
    """

    name: str
    title: str
    noun: str
    states: Mapping[S, str]
    final: frozenset[S]
    moves: tuple[Move[S], ...]
    column: str = ""
    written: tuple[str, ...] = ()
    doors: tuple[str, ...] = ()
    refusing: Refusing = field(default=Refusing(StepRefused))

    @property
    def live(self) -> frozenset[S]:
        """Return the states that are no end."""
        return frozenset(self.states) - self.final

    def steps(self) -> Iterator[tuple[S | None, S, Move[S]]]:
        """Yield (from, to, move) for every single step; from None for how a life begins."""
        for move in self.moves:
            for start in (*((None,) if move.begins else ()), *move.starts):
                for end in move.ends_from(start):
                    yield start, end, move

    def possible(self, state: S | None) -> list[Move[S]]:
        """Return the moves that leave a state (None: the beginning), in the order of the definition."""
        return [move for move in self.moves if move.ends_from(state)]

    def refusal(self, state: S | None, move: Move[S]) -> Refusing:
        """Return how a move is refused that does not leave this state."""
        if isinstance(move.refusing, Mapping):
            return move.refusing.get(state, self.refusing)
        return move.refusing or self.refusing
