"""A playbook as a machine of the house: stages and moves, built once for each text."""

from functools import lru_cache

from states.machines.definition import Machine, Move
from states.machines.stepping import step
from states.playbooks.reader import parse


@lru_cache(maxsize=64)
def machine(text: str) -> Machine[str]:
    """Return the machine of a playbook's text."""
    return parse(text).machine()


def step_stage(text: str, stage: str, *, move: str, end: str) -> str:
    """Return the stage after a move of the playbook to one of its ends, or raise `StepRefused`."""
    built = machine(text)
    leaving = next((one for one in built.moves if one.name == move and one.leaves(stage)), Move(move, move))
    return step(built, stage, leaving, end=end)
