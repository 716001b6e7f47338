"""A definition of states and moves says all its flaws at once, and none for what only follows from another."""

from enum import StrEnum

import pytest

from states.machines.checks import flaws
from states.machines.definition import Machine, Move
from states.machines.stepping import MachineInvalid, step


class Light(StrEnum):
    RED = "red"
    GREEN = "green"
    OFF = "off"
    TRAP = "trap"


TITLES = {Light.RED: "Red", Light.GREEN: "Green", Light.OFF: "Off"}
TURN_ON = Move("turn_on", "Turn it on", None, Light.RED)
GO = Move("go", "Let them go", Light.RED, Light.GREEN)
TURN_OFF = Move("turn_off", "Turn it off", (Light.RED, Light.GREEN), Light.OFF)


def a_machine(
    *moves: Move[Light], states: dict[Light, str] | None = None, final: frozenset[Light] = frozenset({Light.OFF})
) -> Machine[Light]:
    titles = TITLES | {Light.TRAP: "Trapped"} if states is None else states
    return Machine(name="light", title="A light", noun="document", states=titles, final=final, moves=moves)


@pytest.mark.parametrize(
    ("machine", "expected"),
    [
        (
            a_machine(
                TURN_ON,
                GO,
                Move("go", "Go on", (Light.RED, Light.GREEN), Light.OFF),
                Move("go", "Begin green", (None, Light.TRAP), Light.GREEN),
                Move("turn_on", "Begin green", None, Light.GREEN),
                states=TITLES,
                final=frozenset({Light.OFF, Light.TRAP}),
            ),
            [
                "state 'trap' has no title (add it to `states`)",
                "no state 'trap', which is to be final (add it to `states`)",
                "move 'go': no state 'trap' (one of red, green, off)",
                "two moves from 'red' are named 'go' (rename one)",
                "two moves from the beginning are named 'turn_on' (rename one)",
            ],
        ),
        (
            a_machine(TURN_ON, Move("fall", "Fall", Light.RED, Light.TRAP), Move("end", "End", Light.GREEN, Light.OFF)),
            [
                "state 'red' is a dead end (add a move out of it, or make it final)",
                "state 'green' cannot be reached from \"red\" (add a move to it)",
                "state 'off' cannot be reached from \"red\" (add a move to it)",
                "state 'trap' is a dead end (add a move out of it, or make it final)",
            ],
        ),
        (
            a_machine(GO, TURN_OFF, states=TITLES | {Light.TRAP: "Trapped"}, final=frozenset(Light)),
            [
                f"state {state!r} cannot be reached from anywhere: no move begins a life (add a move to it)"
                for state in ("red", "green", "off", "trap")
            ],
        ),
    ],
    ids=["names", "ways", "no beginning"],
)
def test_every_flaw_is_reported(machine: Machine[Light], expected: list[str]) -> None:
    assert [f"{flaw.fault.message} ({flaw.fault.remedy})" for flaw in flaws(machine)] == expected
    start, end, move = next(machine.steps())
    with pytest.raises(MachineInvalid) as caught:
        step(machine, start, move, end=end)
    assert [str(fault) for fault in caught.value.faults] == [f"light: {text}" for text in expected]


def test_a_sound_definition_has_no_flaw() -> None:
    trap = Move("fall", "Fall", Light.GREEN, Light.TRAP), Move("climb", "Climb out", Light.TRAP, Light.RED)
    assert flaws(a_machine(TURN_ON, GO, TURN_OFF, *trap)) == []
