"""What waits in a collaboration, as tests ask for it."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import col, select

from states.collaborations.tables import Collaboration
from states.deadlines.tables import Deadline, DeadlineState
from tests.factories import World

SQLITE = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
TODAY = date(2020, 3, 2)
NOON = datetime(2020, 3, 2, 12, tzinfo=UTC)


def waiting(world: World, row: Collaboration, kind: str) -> list[Deadline]:
    """Return the open deadlines of a kind, by title."""
    query = select(Deadline).where(
        Deadline.collaboration_id == row.id, Deadline.kind == kind, Deadline.state == DeadlineState.OPEN
    )
    return list(world.session.exec(query.order_by(col(Deadline.title))))


def ended(world: World, row: Collaboration, kind: str) -> list[str]:
    """Return how the other deadlines of a kind ended."""
    query = select(Deadline).where(
        Deadline.collaboration_id == row.id, Deadline.kind == kind, Deadline.state != DeadlineState.OPEN
    )
    return sorted(one.state.value for one in world.session.exec(query))
