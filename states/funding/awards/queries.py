"""Reads of submissions and agreements."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select as plain
from sqlmodel import Session, col, select

from states.errors import Missing
from states.funding.awards.tables import Agreement, Submission
from states.storage import Keys, PlainSelect, Reading, columns_of


@dataclass(frozen=True, slots=True)
class Submitted:
    """A submission as far as moves depend on it."""

    id: str
    number: int
    recorded_at: datetime


def _submitted(keys: Keys) -> PlainSelect:
    row = columns_of(Submission)
    read = [row[name] for name in Submitted.__slots__]
    return plain(row.collaboration_id, *read).where(row.collaboration_id.in_(keys))


def _agreed(keys: Keys) -> PlainSelect:
    row = columns_of(Agreement)
    return plain(row.collaboration_id, row.submission_id).where(row.collaboration_id.in_(keys))


SUBMITTED = Reading(Submitted, _submitted)
AGREED = Reading(str, _agreed)


def submissions_of(session: Session, collaboration_id: str) -> list[Submission]:
    """Return the submissions of a collaboration, the first one first."""
    query = select(Submission).where(Submission.collaboration_id == collaboration_id)
    return list(session.exec(query.order_by(col(Submission.number))))


def agreements_of(session: Session, collaboration_id: str) -> list[Agreement]:
    """Return the agreements of a collaboration, the first one first."""
    query = select(Agreement).where(Agreement.collaboration_id == collaboration_id)
    return list(session.exec(query.order_by(col(Agreement.number))))


def submission_numbered(session: Session, collaboration_id: str, number: int) -> Submission:
    """Return a submission by its number, or raise `Missing`."""
    found = next((one for one in submissions_of(session, collaboration_id) if one.number == number), None)
    if found is None:
        raise Missing("submission", number)
    return found


def agreement_numbered(session: Session, collaboration_id: str, number: int) -> Agreement:
    """Return an agreement by its number, or raise `Missing`."""
    found = next((one for one in agreements_of(session, collaboration_id) if one.number == number), None)
    if found is None:
        raise Missing("agreement", number)
    return found
