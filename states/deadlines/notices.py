"""The ledger of mails that an event causes: each is entered before it is sent, so nobody gets it twice."""

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from states.clock import now
from states.deadlines.tables import Notice, NoticeKind, NoticeState
from states.storage import new_id


def take_notice(session: Session, kind: NoticeKind, *, subject_id: str, person_id: str) -> Notice | None:
    """Enter a mail in the ledger before it is sent; return None if it was entered before, whatever became of it."""
    key = new_id()
    line = Notice(
        id=key,
        kind=kind,
        subject_id=subject_id,
        person_id=person_id,
        state=NoticeState.HANDED_OVER,
        at=now(),
        message_id=f"{key}@bankable",
    )
    try:
        with session.begin_nested():
            session.add(line)
    except IntegrityError:
        return None
    return line


def settle_notice(session: Session, notice_id: str, *, state: NoticeState, detail: str = "") -> None:
    """Record what became of a mail that was handed over."""
    row = session.get_one(Notice, notice_id)
    row.state, row.detail, row.at = state, detail, now()
    session.add(row)
    session.flush()


def notices_of(session: Session, kind: NoticeKind, subject_ids: Sequence[str]) -> list[Notice]:
    """Return the ledger lines of this kind on these subjects, oldest first."""
    query = select(Notice).where(Notice.kind == kind, col(Notice.subject_id).in_(subject_ids))
    return list(session.exec(query.order_by(col(Notice.at), col(Notice.id))))
