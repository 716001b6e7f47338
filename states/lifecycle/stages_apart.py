"""Stages to which no move has led: what stands in the row of a collaboration, and where its history ends."""

from collections.abc import Sequence

from sqlalchemy import func
from sqlmodel import Session, col, select

from states.collaborations.tables import Collaboration, HistoryLine
from states.texts import Text


def stages_apart(session: Session, scopes: Sequence[str]) -> dict[str, Text]:
    """Return of these collaborations (`collaboration:<id>`) each whose stage is not that of its last line, and both."""
    keys = [key for kind, _, key in (scope.partition(":") for scope in scopes) if kind == "collaboration"]
    newest = select(func.max(HistoryLine.number)).where(HistoryLine.collaboration_id == Collaboration.id)
    query = (
        select(Collaboration.id, Collaboration.stage, HistoryLine.to_stage)
        .join(HistoryLine, col(HistoryLine.collaboration_id) == col(Collaboration.id))
        .where(col(Collaboration.id).in_(keys), HistoryLine.number == newest.correlate(Collaboration).scalar_subquery())
        .where(Collaboration.stage != HistoryLine.to_stage)
    )
    return {
        f"collaboration:{key}": Text("seal", "stage_apart", stage=stage, last=last)
        for key, stage, last in session.exec(query)
    }
