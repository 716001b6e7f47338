"""The way that collaborations are meant to go under a playbook: what a line of stages shows."""

from collections import deque

from states.playbooks.definition import CAME_FROM, Direction, Playbook, StageKind


def way_of(playbook: Playbook) -> list[str]:
    """Return the stages of the shortest way by forward moves from the first stage to an end.

    A playbook that leads to no end has all its active stages in their order.
    """
    came: dict[str, str] = {playbook.initial: ""}
    waiting = deque([playbook.initial])
    while waiting:
        stage = waiting.popleft()
        if playbook.stages[stage].kind is StageKind.FINAL:
            return _back(came, stage)
        for move in playbook.moves_from(stage):
            if move.direction is Direction.FORWARD and move.to != CAME_FROM and move.to not in came:
                came[move.to] = stage
                waiting.append(move.to)
    return [name for name, stage in playbook.stages.items() if stage.kind is StageKind.ACTIVE]


def _back(came: dict[str, str], stage: str) -> list[str]:
    way = [stage]
    while before := came[way[-1]]:
        way.append(before)
    return way[::-1]
