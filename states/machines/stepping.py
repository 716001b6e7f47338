"""One shared `transitions` machine for each definition: a small cursor makes the step, never a row.

`transitions` sets attributes on its model, which SQLModel refuses, and a machine for each row costs milliseconds. No
step has an effect: guards are asked elsewhere, and whoever steps writes what else changes.
"""

from dataclasses import dataclass
from functools import lru_cache

from transitions import Machine as Engine

from states.errors import Invalid, Refusal
from states.machines.checks import flaws
from states.machines.definition import Machine, Move, S
from states.texts import Text

_BEGINNING = "[*]"


class MachineInvalid(Invalid):
    """A definition of states and moves has faults; all of them are listed."""

    code = "machine_invalid"


@dataclass(slots=True)
class _Cursor:
    """Where something stands, for the length of one step."""

    state: str


def begin(machine: Machine[S], move: Move[S], *, end: S | None = None) -> S:
    """Return the state in which a life begins with this move; `end` chooses one where it has several."""
    return step(machine, None, move, end=end)


def step(
    machine: Machine[S], state: S | None, move: Move[S], *, end: S | None = None, what: str | Text = "", where: str = ""
) -> S:
    """Return the state after a move, or raise the definition's refusal, which names what is possible instead.

    `end` chooses one where the move has several. `what` names the thing itself ("Condition 2") in the refusal, and
    `where` the place to mend it, where the definition cannot know them.
    """
    need(machine, state, move, what=what, where=where)
    ends = move.ends_from(state)
    chosen = ends[0] if end is None and len(ends) == 1 else end
    if chosen is None or chosen not in ends:
        raise ValueError(f"{machine.name}: {move.name} leads to {', '.join(ends)}: choose one")
    cursor = _Cursor(str(state or _BEGINNING))
    _engine(machine).events[_trigger(move.name, chosen)].trigger(cursor)
    return next(known for known in machine.states if known == cursor.state)


def why_not(
    machine: Machine[S], state: S | None, move: Move[S], *, what: str | Text = "", where: str = ""
) -> Refusal | None:
    """Return the reason why a move does not leave this state, or None where it does."""
    if move.leaves(state):
        return None
    how = machine.refusal(state, move)
    if how.text:
        return Refusal(how.code, text=how.text, mend_by=how.mend_by, where=where or how.where)
    possible = tuple(one.title for one in machine.possible(state) if not one.automatic)
    return Refusal(
        how.code,
        text=("not_there" if state is None else "not_possible") + ("" if possible else "_nor_else"),
        what=what or Text("word", "the_noun", noun=machine.noun),
        state="" if state is None else machine.states.get(state, state).lower(),
        move=move.title,
        possible=possible,
        mend_by=how.mend_by,
        where=where or how.where,
    )


def need(machine: Machine[S], state: S | None, move: Move[S], *, what: str | Text = "", where: str = "") -> None:
    """Raise the definition's refusal unless the move leaves this state, wherever it may lead."""
    if (reason := why_not(machine, state, move, what=what, where=where)) is not None:
        raise machine.refusal(state, move).error([reason])


@lru_cache(maxsize=128)
def _engine(machine: Machine[S]) -> Engine:
    if found := flaws(machine):
        raise MachineInvalid(faults=[flaw.fault.at(machine.name) for flaw in found])
    return Engine(
        model=None,
        states=[_BEGINNING, *(str(state) for state in machine.states)],
        initial=_BEGINNING,
        auto_transitions=False,
        transitions=[
            {"trigger": _trigger(move.name, end), "source": str(start or _BEGINNING), "dest": str(end)}
            for start, end, move in machine.steps()
        ],
    )


def _trigger(move: str, end: str) -> str:
    """Name a step: a move with several ends is one step for each."""
    return f"{move}:{end}"
