"""Write messages, note which consumer has had its effect, and try again what is stuck."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, insert, or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from states.changes import record
from states.clock import machine_now, now
from states.machines.stepping import need
from states.outbox.conditions import is_handed_over
from states.outbox.endings import RELEASE
from states.outbox.leases import FREE, UNTRIED
from states.outbox.queries import message_by_id
from states.outbox.states import MESSAGE, RETRY, MessageState, state_of
from states.outbox.tables import ConsumedMessage, OutboxMessage
from states.storage import new_id, table_of

_PUBLISH = insert(table_of(OutboxMessage)).values(
    tries_started=0, tries_failed=0, tries_broken_off=0, release="", last_error=""
)


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
    """Try a message again at once with all its tries, wherever it is; raise `Missing`, or `NotStuck` if it is done.

    If a flow run answers it at this moment, that run loses it: its effect is there once all the same.
    """
    if not _retry(session, col(OutboxMessage.id) == message_id):
        need(MESSAGE, state_of(message_by_id(session, message_id)), RETRY)


def retry_dead(session: Session) -> int:
    """Give every message that was set aside all its tries again; return how many there were."""
    return _retry(session, col(OutboxMessage.dead_at).is_not(None))


def retry_stuck(session: Session) -> int:
    """Try again what was set aside, waits for a flow run, or is put off; return how many there were."""
    put_off = col(OutboxMessage.leased_by).is_(None) & (col(OutboxMessage.leased_until) >= machine_now())
    return _retry(session, or_(col(OutboxMessage.dead_at).is_not(None), is_handed_over(), put_off))


def retry_after_upgrade(session: Session) -> int:
    """Try again what another version of this program set aside: this one may have mended it. Return how many."""
    return _retry(session, col(OutboxMessage.dead_at).is_not(None), col(OutboxMessage.release) != RELEASE)


def _retry(session: Session, *where: ColumnElement[bool]) -> int:
    rows = session.exec(select(OutboxMessage).where(col(OutboxMessage.done_at).is_(None), *where)).all()
    before = {row.id: state_of(row) for row in rows}
    session.execute(
        update(OutboxMessage)
        .where(col(OutboxMessage.id).in_(before), col(OutboxMessage.done_at).is_(None))
        .values(FREE | UNTRIED | {"dead_at": None})
        .execution_options(synchronize_session="fetch")
    )
    for row in rows:
        record(
            session,
            "outbox_message",
            row.id,
            field="state",
            before=before[row.id],
            after=MessageState.OPEN,
            partnership_id=row.partnership_id,
            collaboration_id=row.collaboration_id,
        )
    return len(rows)
