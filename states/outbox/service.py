"""Write events, note which consumer has had its effect, and try again what was set aside."""

from sqlalchemy import ColumnElement, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from states.changes import record
from states.clock import now
from states.errors import Refusal, Refused
from states.outbox.queries import EventState, event_by_id, state_of
from states.outbox.tables import ConsumedEvent, OutboxEvent


class NotSetAside(Refused):
    """Only an event that was set aside is tried again by hand."""

    code = "event_not_set_aside"


_WHY_NOT = {
    EventState.OPEN: "waits and is handed over by itself",
    EventState.LEASED: "is being handed over at this moment",
    EventState.DONE: "was handed over",
}


def publish(
    session: Session,
    name: str,
    *,
    partnership_id: str,
    collaboration_id: str | None = None,
    cause_id: str | None = None,
    **payload: str,
) -> OutboxEvent:
    """Add an event to the outbox; it exists if, and only if, the present transaction commits."""
    event = OutboxEvent(
        name=name,
        partnership_id=partnership_id,
        collaboration_id=collaboration_id,
        cause_id=cause_id,
        payload=payload,
        created_at=now(),
    )
    session.add(event)
    session.flush()
    return event


def consume(session: Session, event_id: str, *, consumer: str, flow_run_id: str, note: str = "") -> bool:
    """Note that `consumer` has its effect in this transaction; return False if it had it before.

    Two deliveries at once: the second one waits for the first, then gets False. `note` says why there is no effect.
    """
    row = ConsumedEvent(event_id=event_id, consumer=consumer, flow_run_id=flow_run_id, consumed_at=now(), note=note)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def retry(session: Session, event_id: str) -> None:
    """Give an event that was set aside all its tries again; raise `Missing`, or `NotSetAside` for any other."""
    if not _retry(session, col(OutboxEvent.id) == event_id):
        event = event_by_id(session, event_id)
        message = f"This event {_WHY_NOT[state_of(event)]}; only one that was set aside is tried again by hand."
        raise NotSetAside([Refusal(NotSetAside.code, message)])


def retry_dead(session: Session) -> int:
    """Give every event that was set aside all its tries again; return how many there were."""
    return _retry(session)


def _retry(session: Session, *where: ColumnElement[bool]) -> int:
    retried = session.execute(
        update(OutboxEvent)
        .where(col(OutboxEvent.dead_at).is_not(None), *where)
        .values(dead_at=None, attempts=0, begun=0, leased_by=None, leased_until=None)
        .returning(col(OutboxEvent.id), col(OutboxEvent.partnership_id), col(OutboxEvent.collaboration_id))
        .execution_options(synchronize_session="fetch")
    ).all()
    for event_id, partnership_id, collaboration_id in retried:
        record(
            session,
            "outbox_event",
            event_id,
            field="state",
            before=EventState.DEAD,
            after=EventState.OPEN,
            partnership_id=partnership_id,
            collaboration_id=collaboration_id,
        )
    return len(retried)
