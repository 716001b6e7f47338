"""The journey of a collaboration: its moves, the messages that they caused, and the flow runs that followed."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from states.collaborations.queries import history_of
from states.collaborations.tables import HistoryLine
from states.outbox.tables import ConsumedMessage, OutboxMessage


@dataclass(frozen=True, slots=True)
class Consequence:
    """A message of a collaboration and, per consumer, the flow run in which it had its effect."""

    message: OutboxMessage
    runs: tuple[ConsumedMessage, ...]


@dataclass(frozen=True, slots=True)
class JourneyStep:
    """A move with the messages that it caused."""

    line: HistoryLine
    consequences: tuple[Consequence, ...]


@dataclass(frozen=True, slots=True)
class Journey:
    """Every move, and the messages that came of facts rather than of moves (a frozen version, the last evaluation)."""

    steps: tuple[JourneyStep, ...]
    others: tuple[Consequence, ...]


def journey(session: Session, collaboration_id: str) -> Journey:
    """Return the journey of a collaboration, oldest first."""
    query = select(OutboxMessage).where(OutboxMessage.collaboration_id == collaboration_id)
    messages = session.exec(query.order_by(col(OutboxMessage.sequence))).all()
    consumed = session.exec(
        select(ConsumedMessage).where(col(ConsumedMessage.message_id).in_([message.id for message in messages]))
    ).all()
    found = [
        Consequence(message, tuple(run for run in consumed if run.message_id == message.id)) for message in messages
    ]
    lines = history_of(session, [collaboration_id])[collaboration_id]
    return Journey(
        tuple(JourneyStep(line, tuple(one for one in found if one.message.cause_id == line.id)) for line in lines),
        tuple(one for one in found if one.message.cause_id is None),
    )
