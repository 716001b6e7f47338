"""The machine: every step of the playbook and no other; the diagram draws them all."""

from importlib import resources

import pytest

from states.lifecycle.machine import machine, step_stage
from states.machines.definition import StepRefused
from states.machines.drawing import diagram
from tests.factories import s3

TEXT = resources.files("states.playbooks").joinpath("s3.yaml").read_text(encoding="utf-8")
STEPS = [(start, end, move) for start, end, move in s3().machine().steps() if start is not None]


@pytest.mark.parametrize(("start", "end", "name"), [(start, end, move.name) for start, end, move in STEPS])
def test_every_step_of_the_playbook(start: str, end: str, name: str) -> None:
    assert step_stage(TEXT, start, move=name, end=end) == end


def test_no_other_step() -> None:
    known = {(start, move.name, end) for start, end, move in STEPS}
    names, stages = {move.name for move in s3().moves}, list(s3().stages)
    others = [(s, n, e) for s in stages for n in names for e in stages if (s, n, e) not in known]
    taken = []
    for start, name, end in others:
        try:
            step_stage(TEXT, start, move=name, end=end)
        except (StepRefused, ValueError):
            continue
        taken.append((start, name, end))
    assert len(others) == len(stages) ** 2 * len(names) - len(known)
    assert taken == []


def test_one_machine_for_one_text() -> None:
    assert machine(TEXT) is machine(TEXT)


def test_a_stage_that_is_none() -> None:
    with pytest.raises(StepRefused):
        step_stage(TEXT, "limbo", move="drop", end="dropped")


def test_the_diagram_draws_every_stage_and_every_step() -> None:
    lines = diagram(s3().machine()).splitlines()
    arrows = {tuple(line.strip().partition(":")[0].split(" --> ")) for line in lines if " --> " in line}
    assert lines[:3] == ["stateDiagram-v2", "    [*] --> matchmaking", '    state "Matchmaking" as matchmaking']
    assert arrows == {
        ("[*]", "matchmaking"),
        ("completed", "[*]"),
        ("merged", "[*]"),
        *((start, end) for start, end, _ in STEPS),
    }
    assert (
        "    technical_assistance --> investment_protocol: Technical assistance granted / Technical assistance refused"
        in lines
    )
