"""How a process shows that it works: a row that it renews while it does, and takes away at its end."""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import version
from socket import gethostname
from threading import Event, Thread

from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from states.archive.absence import StoreAway, name_of_store
from states.clock import machine_now
from states.processes.tables import ProcessKind, WorkingProcess
from states.seals.secrets import name_of, secret_in_force
from states.storage import begin, new_id

log = logging.getLogger(__name__)

BEAT_SECONDS = 30.0
GONE = timedelta(minutes=2)
_FORGOTTEN = timedelta(days=1)
_IMAGE = new_id()[:8]  # two containers may have one host name and the same process numbers


def process_name() -> str:
    """Return what this process is called; a forked one is another."""
    return f"{gethostname()}:{os.getpid()}:{_IMAGE}"


@contextmanager
def present(kind: ProcessKind, name: str, *, prefect_url: str = "") -> Iterator[None]:
    """Show that this process works while the block lasts; nothing waits for it, and nothing fails by it."""
    over = Event()
    keeper = Thread(target=_keep, args=(kind, name, prefect_url, over), name="presence", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def working(session: Session) -> Sequence[WorkingProcess]:
    """Return the processes that work at this moment, by their names."""
    query = select(WorkingProcess).where(col(WorkingProcess.seen_at) >= machine_now() - GONE)
    return session.exec(query.order_by(WorkingProcess.name)).all()


def as_here(kind: ProcessKind, name: str, *, prefect_url: str = "", started_at: datetime) -> WorkingProcess:
    """Return the row of a process that is set up as this one is."""
    try:
        store = name_of_store()
    except StoreAway:  # away for now; whoever needs it says so
        store = ""
    return WorkingProcess(
        name=name,
        kind=kind,
        started_at=started_at,
        seen_at=machine_now(),
        release=version("bankable"),
        secret=name_of(secret_in_force()),
        store=store,
        prefect_url=prefect_url,
    )


def _keep(kind: ProcessKind, name: str, prefect_url: str, over: Event) -> None:
    show = partial(as_here, kind, name, prefect_url=prefect_url, started_at=machine_now())
    while True:
        _survive(lambda session: session.merge(show()))
        if over.wait(BEAT_SECONDS):
            break
    _survive(lambda session: session.exec(delete(WorkingProcess).where(col(WorkingProcess.name) == name)))


def _survive(step: Callable[[Session], object]) -> None:
    """Take a step in a transaction; where the database is away the next one comes soon."""
    try:
        with begin() as session:
            session.exec(delete(WorkingProcess).where(col(WorkingProcess.seen_at) < machine_now() - _FORGOTTEN))
            step(session)
    except SQLAlchemyError:
        log.warning("the row of this process is not written", exc_info=True)
