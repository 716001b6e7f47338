"""One shared `transitions` machine for each playbook; a small cursor moves, never a row.

`transitions` sets attributes on its model, which SQLModel refuses, and a machine for each row costs
milliseconds. Its own conditions stop at the first false one in silence, so guards are asked elsewhere.
"""

from dataclasses import dataclass
from functools import lru_cache

from transitions import Machine, MachineError

from states.playbooks.definition import Playbook
from states.playbooks.reader import parse


@dataclass(slots=True)
class Cursor:
    """Where a collaboration stands, for the length of one step."""

    state: str


@lru_cache(maxsize=64)
def machine(text: str) -> Machine:
    """Return the machine of a playbook's text, built once per process."""
    playbook = parse(text)
    return Machine(
        model=None,
        states=list(playbook.stages),
        initial=playbook.initial,
        auto_transitions=False,
        transitions=[
            {"trigger": trigger(move.name, end), "source": start, "dest": end} for start, end, move in playbook.steps()
        ],
    )


def trigger(move: str, end: str) -> str:
    """Name a step: a move that returns to where it came from has several ends."""
    return f"{move}:{end}"


def step(text: str, stage: str, *, move: str, end: str) -> str:
    """Return the stage after the step, or raise `MachineError` where the playbook has no such step."""
    built, cursor = machine(text), Cursor(stage)
    event = built.events.get(trigger(move, end))
    if event is None or stage not in built.states:
        raise MachineError(f"no move {move} to {end}")
    event.trigger(cursor)
    return cursor.state


def diagram(playbook: Playbook) -> str:
    """Draw the playbook as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {playbook.initial}"]
    lines += [f'    state "{stage.title}" as {name}' for name, stage in playbook.stages.items()]
    drawn: dict[tuple[str, str], list[str]] = {}
    for start, end, move in playbook.steps():
        drawn.setdefault((start, end), []).append(move.title)
    lines += [f"    {start} --> {end}: {' / '.join(titles)}" for (start, end), titles in drawn.items()]
    lines += [f"    {name} --> [*]" for name, stage in playbook.stages.items() if stage.kind == "final"]
    return "\n".join(lines) + "\n"
