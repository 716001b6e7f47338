"""Write messages, note which consumer has had its effect, and try again what was set aside."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from states.changes import record
from states.clock import now
from states.machines.stepping import need
from states.outbox.queries import message_by_id
from states.outbox.states import MESSAGE, RETRY, MessageState, state_of
from states.outbox.tables import ConsumedMessage, OutboxMessage
from states.storage import new_id, table_of

_PUBLISH = insert(table_of(OutboxMessage)).values(tries_started=0, tries_failed=0, last_error="")


def publish(
    session: Session,
    name: str,
    *,
    partnership_id: str,
    collaboration_id: str | None = None,
    cause_id: str | None = None,
    **payload: str,
) -> OutboxMessage:
    """Add a message to the outbox; it exists if, and only if, the present transaction commits."""
    message = OutboxMessage(
        name=name,
        partnership_id=partnership_id,
        collaboration_id=collaboration_id,
        cause_id=cause_id,
        payload=payload,
        created_at=now(),
    )
    session.add(message)
    session.flush()
    return message


def publish_all(
    session: Session,
    messages: Sequence[tuple[str, Mapping[str, str]]],
    *,
    partnership_id: str,
    collaboration_id: str,
    cause_id: str,
) -> None:
    """Add messages of one cause, each a name with its payload, in this order and in one statement."""
    common = {
        "partnership_id": partnership_id,
        "collaboration_id": collaboration_id,
        "cause_id": cause_id,
        "created_at": now(),
    }
    rows = [{**common, "id": new_id(), "name": name, "payload": dict(payload)} for name, payload in messages]
    session.connection().execute(_PUBLISH, rows)


def consume(session: Session, message_id: str, *, consumer: str, flow_run_id: str, note: str = "") -> bool:
    """Note that `consumer` has its effect in this transaction; return False if it had it before.

    Two deliveries at once: the second one waits for the first, then gets False. `note` says why there is no effect.
    """
    row = ConsumedMessage(
        message_id=message_id, consumer=consumer, flow_run_id=flow_run_id, consumed_at=now(), note=note
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def retry(session: Session, message_id: str) -> None:
    """Give a message that was set aside all its tries again; raise `Missing`, or `NotSetAside` for any other."""
    if not _retry(session, col(OutboxMessage.id) == message_id):
        need(MESSAGE, state_of(message_by_id(session, message_id)), RETRY)


def retry_dead(session: Session) -> int:
    """Give every message that was set aside all its tries again; return how many there were."""
    return _retry(session)


def _retry(session: Session, *where: ColumnElement[bool]) -> int:
    retried = session.execute(
        update(OutboxMessage)
        .where(col(OutboxMessage.dead_at).is_not(None), *where)
        .values(dead_at=None, tries_failed=0, tries_started=0, leased_by=None, leased_until=None)
        .returning(col(OutboxMessage.id), col(OutboxMessage.partnership_id), col(OutboxMessage.collaboration_id))
        .execution_options(synchronize_session="fetch")
    ).all()
    for message_id, partnership_id, collaboration_id in retried:
        record(
            session,
            "outbox_message",
            message_id,
            field="state",
            before=MessageState.DEAD,
            after=MessageState.OPEN,
            partnership_id=partnership_id,
            collaboration_id=collaboration_id,
        )
    return len(retried)
