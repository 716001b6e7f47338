"""Reads of what fails."""

from datetime import timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, func, not_, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from states.clock import now
from states.sweeps.service import LISTS
from states.sweeps.tables import SweepFault

_MET = timedelta(days=1)
NEWEST_FIRST = (col(SweepFault.last_at).desc(), col(SweepFault.id))


def find_faults(*where: ColumnElement[bool], ended: bool = False) -> SelectOfScalar[SweepFault]:
    """Return the query of what fails at present, or of what has passed since, to be read `NEWEST_FIRST`."""
    return select(SweepFault).where(not_(_present()) if ended else _present(), *where)


def _present() -> ColumnElement[bool]:
    """Return the condition that something fails still; nobody says of a list that it does so no more: it is read."""
    met = or_(col(SweepFault.sweep) != LISTS, col(SweepFault.last_at) > now() - _MET)
    return and_(col(SweepFault.ended_at).is_(None), met)


def faults_by_sweep(session: Session) -> dict[str, int]:
    """Count what fails at present, by sweep."""
    query = select(SweepFault.sweep, func.count()).where(_present())
    return dict(session.exec(query.group_by(col(SweepFault.sweep)).order_by(col(SweepFault.sweep))).all())
