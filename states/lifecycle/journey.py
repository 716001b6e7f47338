"""The journey of a collaboration: its moves, the events that they caused, and the flow runs that followed."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from states.collaborations.queries import history_of
from states.collaborations.tables import HistoryLine
from states.outbox.tables import ConsumedEvent, OutboxEvent


@dataclass(frozen=True, slots=True)
class Consequence:
    """An event of a collaboration and, per consumer, the flow run in which it had its effect."""

    event: OutboxEvent
    runs: tuple[ConsumedEvent, ...]


@dataclass(frozen=True, slots=True)
class JourneyStep:
    """A move with the events that it caused."""

    line: HistoryLine
    consequences: tuple[Consequence, ...]


@dataclass(frozen=True, slots=True)
class Journey:
    """Every move, and the events that came of facts rather than of moves (a frozen version, the last evaluation)."""

    steps: tuple[JourneyStep, ...]
    others: tuple[Consequence, ...]


def journey(session: Session, collaboration_id: str) -> Journey:
    """Return the journey of a collaboration, oldest first."""
    query = select(OutboxEvent).where(OutboxEvent.collaboration_id == collaboration_id)
    events = session.exec(query.order_by(col(OutboxEvent.sequence))).all()
    consumed = session.exec(
        select(ConsumedEvent).where(col(ConsumedEvent.event_id).in_([event.id for event in events]))
    ).all()
    found = [Consequence(event, tuple(run for run in consumed if run.event_id == event.id)) for event in events]
    lines = history_of(session, [collaboration_id])[collaboration_id]
    return Journey(
        tuple(JourneyStep(line, tuple(one for one in found if one.event.cause_id == line.id)) for line in lines),
        tuple(one for one in found if one.event.cause_id is None),
    )
