"""Reads of what fails."""

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from states.sweeps.tables import SweepFault

NEWEST_FIRST = (col(SweepFault.last_at).desc(), col(SweepFault.id))


def find_faults(*where: ColumnElement[bool], ended: bool = False) -> SelectOfScalar[SweepFault]:
    """Return the query of what fails at present, or of what has passed since, to be read `NEWEST_FIRST`."""
    over = col(SweepFault.ended_at)
    return select(SweepFault).where(over.is_not(None) if ended else over.is_(None), *where)


def faults_by_sweep(session: Session) -> dict[str, int]:
    """Count what fails at present, by sweep."""
    query = select(SweepFault.sweep, func.count()).where(col(SweepFault.ended_at).is_(None))
    return dict(session.exec(query.group_by(col(SweepFault.sweep)).order_by(col(SweepFault.sweep))).all())
