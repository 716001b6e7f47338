"""Write down what failed with one row, when it is tried again, and that it has passed."""

import logging
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from sqlmodel import Session, col, select

from states.clock import now
from states.errors import Missing
from states.storage import new_id
from states.sweeps.places import partnership_of
from states.sweeps.tables import SweepFault

log = logging.getLogger(__name__)

LISTS = "lists"
"""What somebody's list does without."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=12)
_LONGEST_ERROR = 500
_MOST_DOUBLINGS = 12

Subject = tuple[str, str]
"""The table and the id of a row."""


def open_faults(
    session: Session, sweep: str, *, nouns: Collection[str] = (), partnership_id: str | None = None
) -> dict[Subject, SweepFault]:
    """Return what fails in a sweep at present, of these tables or of all, by subject."""
    query = select(SweepFault).where(SweepFault.sweep == sweep, col(SweepFault.ended_at).is_(None))
    if nouns:
        query = query.where(col(SweepFault.noun).in_(nouns))
    if partnership_id is not None:
        query = query.where(SweepFault.partnership_id == partnership_id)
    return {(row.noun, row.subject_id): row for row in session.exec(query)}


def failing(session: Session, sweep: str, noun: str) -> list[str]:
    """Return which rows of a table fail in a sweep at present, by their ids."""
    return [key for _, key in open_faults(session, sweep, nouns=[noun])]


def is_to_try(fault: SweepFault) -> bool:
    """Tell whether its pause is over; a simulated clock may have been set back since."""
    return not fault.last_at <= now() < fault.next_at


def note_fault(
    session: Session, sweep: str, subject: Subject, error: Exception, *, partnership_id: str | None = None
) -> SweepFault:
    """Write down that a row failed, for the first time or once more, and when it is tried again."""
    noun, key = subject
    known = select(SweepFault).where(SweepFault.sweep == sweep, SweepFault.noun == noun, SweepFault.subject_id == key)
    row = session.exec(known.with_for_update()).one_or_none()
    at = now()
    if row is None:
        row = SweepFault(
            id=new_id(), sweep=sweep, noun=noun, subject_id=key, error="", times=0, first_at=at, last_at=at, next_at=at
        )
    if row.ended_at is not None:
        row.times, row.first_at, row.ended_at = 0, at, None
    row.partnership_id = partnership_id or partnership_of(session, noun, key)
    row.error = said(error)
    row.next_at = at + min(FIRST_PAUSE * 2 ** min(row.times, _MOST_DOUBLINGS), LONGEST_PAUSE)
    row.times, row.last_at = row.times + 1, at
    session.add(row)
    session.flush()
    log.warning("fault sweep=%s %s=%s times=%s %s", sweep, noun, key, row.times, type(error).__name__)
    return row


def end_faults(session: Session, faults: Iterable[SweepFault]) -> None:
    """Write down that these passed, or are due no more."""
    for row in faults:
        row.ended_at = now()
        session.add(row)
        log.info("fault over sweep=%s %s=%s", row.sweep, row.noun, row.subject_id)
    session.flush()


def note_faults(
    session: Session, sweep: str, failed: Mapping[Subject, Exception], *, partnership_id: str | None = None
) -> None:
    """Write down what failed just now; what failed shortly before stands there."""
    known = open_faults(session, sweep, nouns={noun for noun, _ in failed})
    for subject, error in failed.items():
        if subject not in known or is_to_try(known[subject]):
            note_fault(session, sweep, subject, error, partnership_id=partnership_id)


def settle_faults(session: Session, sweep: str, failed: Mapping[Subject, Exception], *, of: str) -> None:
    """Write down what was left out of something of a partnership that was made whole otherwise."""
    known = open_faults(session, sweep, partnership_id=of)
    end_faults(session, [row for subject, row in known.items() if subject not in failed])
    note_faults(session, sweep, failed, partnership_id=of)


def retry_fault(session: Session, key: str) -> SweepFault:
    """Let a row be tried with the next sweep, whatever its pause; or raise `Missing`."""
    row = session.get(SweepFault, key)
    if row is None:
        raise Missing("fault", key)
    row.next_at = min(row.next_at, now())
    session.add(row)
    session.flush()
    return row


def said(error: Exception) -> str:
    """Return what an error says, in one line of bounded length; never the parameters of a statement."""
    cause = getattr(error, "orig", None) or error
    text = " ".join(str(cause).split())
    return f"{type(error).__name__}: {text}"[:_LONGEST_ERROR]
