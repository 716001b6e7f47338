"""Removes the bytes of what was withdrawn or redacted, once no other row needs them."""

from sqlalchemy import text
from sqlmodel import Session

from states.archive.evidence.queries import is_used, not_removed
from states.archive.evidence.tables import Evidence
from states.archive.store import drop, left_in_filing, remove
from states.clock import now
from states.storage import begin


def remove_bytes() -> int:
    """Remove what may be removed, and return of how many rows.

    Whoever withdraws or redacts calls it after the commit; what was killed in between is made up for by the flow that
    looks after the store.
    """
    with begin(read_only=True) as session:
        waiting = not_removed(session)
    for key, digest in waiting:
        with begin() as session:
            remove_unused(session, digest)
            session.get_one(Evidence, key).bytes_removed_at = now()
    return len(waiting)


def sweep_unfiled() -> int:
    """Remove the bytes of uploads whose process died before its row was there; return how many uploads that were.

    Only what an upload noted is looked at: after a backup is brought back the files of later rows stay.
    """
    left = left_in_filing()
    for received in left:
        with begin() as session:
            remove_unused(session, received.sha256)
        drop(received)
    return len(left)


def remove_unused(session: Session, digest: str) -> None:
    """Remove bytes unless a row needs them, also one that somebody is about to file."""
    lock_object(session, digest)
    if not is_used(session, digest):
        remove(digest)


def lock_object(session: Session, digest: str) -> None:
    """Let nobody else file or remove these bytes until the transaction ends; on SQLite one writes at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        key = int.from_bytes(bytes.fromhex(digest[:16]), "big", signed=True)
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
