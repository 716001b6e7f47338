"""Every machine of the house is sound, and its table begins where its moves begin."""

import pytest
from pydantic_core import PydanticUndefined
from sqlmodel import SQLModel

from states import schema  # every table of the house
from states.machine_catalogue import MACHINES
from states.machines.checks import flaws
from states.machines.stepping import begin, step

assert schema


def test_no_machine_has_a_flaw() -> None:
    found = {name: [flaw.fault.message for flaw in flaws(machine)] for name, machine in MACHINES.items()}
    assert found == {name: [] for name in MACHINES}


@pytest.mark.parametrize("name", MACHINES)
def test_every_step_is_made_on_the_shared_machine(name: str) -> None:
    machine = MACHINES[name]
    made = [step(machine, start, move, end=end) for start, end, move in machine.steps()]
    assert made == [end for _, end, _ in machine.steps()]


@pytest.mark.parametrize("name", [name for name, machine in MACHINES.items() if machine.column])
def test_a_row_begins_where_its_moves_begin(name: str) -> None:
    machine = MACHINES[name]
    table, _, column = machine.column.partition(".")
    (row,) = (one.class_ for one in SQLModel._sa_registry.mappers if one.local_table.name == table)  # type: ignore[attr-defined]
    initial = {begin(machine, move, end=end) for move in machine.moves if move.begins for end in move.ends_from(None)}
    default = row.model_fields[column].default
    assert default in initial if len(initial) == 1 else default in {*initial, PydanticUndefined}
