"""Which of the moves leads on."""

from collections.abc import Sequence

from api.routes.collaborations.moves import MoveOut
from states.playbooks.definition import Direction, Playbook
from states.playbooks.way import way_of


def next_of(playbook: Playbook, stage: str, moves: Sequence[MoveOut]) -> MoveOut | None:
    """Return the move that leads on along the way, or else the first one forward."""
    way = way_of(playbook)
    ahead = way[way.index(stage) + 1 :] if stage in way else way
    forward = [one for one in moves if one.direction is Direction.FORWARD]
    return next((one for one in forward if one.to in ahead), forward[0] if forward else None)
