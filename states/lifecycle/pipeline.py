"""The pipeline at a glance: where every collaboration stands, for how long, and what stands in the way of its moves."""

from dataclasses import dataclass

from sqlmodel import Session

from states.clock import now
from states.collaborations.queries import collaborations_of
from states.collaborations.tables import Collaboration
from states.lifecycle.available_moves import Offer, standings
from states.rights.access import Actor


@dataclass(frozen=True, slots=True)
class PipelineEntry:
    """One collaboration: its stage, whole days in it, and every move with all that speaks against it."""

    collaboration: Collaboration
    stage_title: str
    days_in_stage: int
    offers: tuple[Offer, ...]


def pipeline(session: Session, partnership_id: str, *, actor: Actor | None = None) -> list[PipelineEntry]:
    """Return every collaboration of a partnership; with an actor, as offered to that actor."""
    rows = collaborations_of(session, partnership_id)
    return [
        PipelineEntry(
            one.collaboration,
            one.playbook.stages[one.collaboration.stage].title,
            (now() - one.collaboration.stage_since).days,
            one.offers,
        )
        for one in standings(session, rows, actor=actor)
    ]
