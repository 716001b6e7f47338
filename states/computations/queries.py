"""Reads of the ledger."""

from sqlmodel import Session, col, select

from states.computations.service import Kind
from states.computations.tables import Computation, ComputationLine


def computations_of(session: Session, kind: Kind, subject_id: str) -> list[Computation]:
    """Return the computations of a kind for a subject, the newest first."""
    query = select(Computation).where(Computation.kind == kind.name, Computation.subject_id == subject_id)
    return list(session.exec(query.order_by(col(Computation.asked_at).desc(), col(Computation.id))))


def progress_of(session: Session, computation_id: str) -> list[ComputationLine]:
    """Return the progress of a computation, oldest first."""
    query = select(ComputationLine).where(ComputationLine.computation_id == computation_id)
    return list(session.exec(query.order_by(col(ComputationLine.id))))
