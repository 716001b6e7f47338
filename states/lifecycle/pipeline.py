"""The pipeline at a glance: where collaborations stand, for how long, and what stands in the way of their moves."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from states.clock import now
from states.collaborations.tables import Collaboration
from states.lifecycle.available_moves import AvailableMove, lifecycle_views
from states.rights.access import Actor


@dataclass(frozen=True, slots=True)
class PipelineEntry:
    """One collaboration: its stage, whole days in it, and every move with all that speaks against it."""

    collaboration: Collaboration
    stage_title: str
    days_in_stage: int
    moves: tuple[AvailableMove, ...]


def pipeline(session: Session, rows: Sequence[Collaboration], *, actor: Actor | None = None) -> list[PipelineEntry]:
    """Tell it of these collaborations; with an actor, as that actor may move them."""
    return [
        PipelineEntry(
            one.collaboration,
            one.playbook.stages[one.collaboration.stage].title,
            (now() - one.collaboration.stage_since).days,
            one.moves,
        )
        for one in lifecycle_views(session, rows, actor=actor)
    ]
