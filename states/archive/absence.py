"""A store that is away: documents are on record, and where their store should be is none, or another one's beginning.

Whoever wrote there would begin a second store, which hides behind the first one once that is back.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session, col, select

from states.archive.evidence.states import REMOVED
from states.archive.evidence.tables import Evidence
from states.archive.store import (
    Kept,
    chunks_of,
    errors_away,
    is_named,
    keep_bytes,
    open_store,
    read_bytes,
    store_name,
    verify,
)
from states.archive.tables import IssuedDocument
from states.errors import Missing, Outage
from states.storage import begin


class StoreAway(Outage):
    """The store does not answer, takes nothing, or is not where the settings say."""

    code = "store_away"


class StoreFull(StoreAway):
    """The store, or the folder where files wait for it, has no room."""

    code = "store_full"


class StoreForbidden(StoreAway):
    """The process may not read or write where the store is."""

    code = "store_forbidden"


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@contextmanager
def needing_the_store() -> Iterator[None]:
    """Raise `StoreAway` for whatever error of the system, or of its library, the store causes within the block.

    It is `StoreFull` where there is no room, `StoreForbidden` where the process has no right.
    """
    try:
        yield
    except errors_away() as error:
        number, reason = getattr(error, "errno", None), str(error)
        if number in _FULL:
            raise StoreFull(reason=reason) from error
        if number in _FORBIDDEN or isinstance(error, PermissionError):
            raise StoreForbidden(reason=reason) from error
        raise StoreAway(reason=reason) from error


def see_store(session: Session) -> None:
    """Raise `StoreAway` unless the store of what is on record is there: it has its name, or the first document or file.

    Stores of release 0.1.0 have no name yet.
    """
    with needing_the_store():
        if is_named():
            return
        query = select(IssuedDocument.sha256).order_by(col(IssuedDocument.issued_at), col(IssuedDocument.id))
        first = session.exec(query.limit(1)).first()
        first = first or _first_evidence(session)
        if first is not None and verify(first) is Kept.MISSING:
            raise StoreAway("store_not_there", root=open_store()[1])


def _first_evidence(session: Session) -> str | None:
    """Return the hash of the first piece of evidence whose bytes should be there."""
    query = select(Evidence.sha256).where(col(Evidence.state).not_in(REMOVED))
    return session.exec(query.order_by(col(Evidence.filed_at), col(Evidence.id)).limit(1)).first()


def read(session: Session, digest: str) -> bytes:
    """Return the bytes of a document on record; raise `StoreAway`, or `Missing` where the store has lost them."""
    with needing_the_store():
        try:
            return read_bytes(digest)
        except Missing:
            see_store(session)
            raise


def read_chunks(session: Session, digest: str) -> Iterator[bytes]:
    """Return the bytes of a file on record piece by piece, all of them compared before; raise as `read` does."""
    with needing_the_store():
        try:
            return chunks_of(digest)
        except Missing:
            see_store(session)
            raise


def keep(content: bytes) -> None:
    """Keep bytes in the store of the documents on record; raise `StoreAway` where it is not there, or takes nothing."""
    name_of_store()
    with needing_the_store():
        keep_bytes(content)


def name_of_store() -> str:
    """Return what the store of the documents on record is called, and name a nameless one; raise `StoreAway`."""
    with begin(read_only=True) as session:
        see_store(session)
    with needing_the_store():
        return store_name()
