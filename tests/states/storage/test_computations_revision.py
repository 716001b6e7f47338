"""The two ledgers that became one: every state and kind of row is carried over, and can be taken back."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from states.collaborations.tables import Collaboration
from states.computations.service import note_progress
from states.computations.tables import Computation, ComputationLine, ComputationState
from states.matchmaking.timetable.service import Timetable
from states.schema import downgrade, upgrade
from states.storage import begin, engine
from tests.factories import a_collaboration, a_world
from tests.meeting_factories import a_brokerage_event

AT = datetime(2026, 4, 1, 9, 30, 0, 123456, tzinfo=UTC)
CASE = {"name": "A case", "cost_items": [{"id": "work", "amount": "10.00"}]}
FOUND = Timetable(
    took=1.5, breaks=4, bound=3, unfair=1, proven=True, moved=2, placements={"m1": (0, 3), "m2": (5, None)},
    unplaced=["m3"], explanation=[{"cause": "tables", "mends": ["one more"]}], published_at=AT,
)  # fmt: skip


def _row(kind: str, subject_id: str, state: ComputationState, partnership_id: str, **more: Any) -> Computation:
    known: dict[str, Any] = {"asked_at": AT, "seconds": 7, "partnership_id": partnership_id, "version": 3}
    return Computation(kind=kind, subject_id=subject_id, state=state, **(known | more))


def _fill(session: Session) -> str:
    """Lay a row of every kind and state into the ledger; return the id of a changed solution."""
    world = a_world(session)
    event = a_brokerage_event(world)
    collaboration: Collaboration = a_collaboration(world)
    person, partnership = world.people["project_manager"].id, world.partnership.id
    task = {"keep": True, "demand": 4}
    of_event = {"asked_by": person, "task": task}
    solved = {"collaboration_id": collaboration.id, "task": {"case": CASE, "change": None}}
    answer = {"answer": {"case": "A case", "complete": True, "clash": []}, "differences": []}
    S = ComputationState  # noqa: N806 - for short
    rows = [
        _row("timetable", event.id, S.WAITING, partnership, **of_event),
        _row("timetable", event.id, S.RUNNING, partnership, **of_event),
        _row("timetable", event.id, S.CANCELLED, partnership, ended_at=AT, **of_event),
        _row("timetable", event.id, S.DONE, partnership, ended_at=AT, answer=FOUND.model_dump(mode="json"), **of_event),
        _row("timetable", event.id, S.INFEASIBLE, partnership, answer=Timetable(took=0.1).model_dump(mode="json"),
             **of_event),
        _row("funding", collaboration.id, S.WAITING, partnership, asked_by=person, **solved),
        _row("funding", collaboration.id, S.FAILED, partnership, faults=["Nothing."], **solved),
        _row("funding", collaboration.id, S.INFEASIBLE, partnership, answer=answer, **solved),
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    difference = [{"kind": "best", "what": "gap", "before": "1.00", "after": None}]
    changed = _row("funding", collaboration.id, S.DONE, partnership, before_id=rows[-1].id, **solved)
    changed.id = "0" * 32  # before the one that it changes, whichever way they are read
    changed.task = {"case": CASE, "change": {"kind": "call_closes", "instrument": "a"}}
    changed.answer = answer | {"differences": difference}
    session.add(changed)
    session.flush()
    note_progress(session, rows[1], breaks=None, unplaced=2, bound=None)
    note_progress(session, rows[1], breaks=5, unplaced=0, bound=3)
    stage = {"mix": "best", "number": 1, "total": 6, "work": "optimum"}
    note_progress(session, rows[-1], **stage, objective="", gap=None)
    note_progress(session, rows[-1], **stage, objective="gap", gap="90000000000000.07")
    return changed.id


def _all() -> tuple[list[Computation], list[ComputationLine]]:
    with begin(read_only=True) as session:
        rows = list(session.exec(select(Computation).order_by(col(Computation.id))))
        lines = list(session.exec(select(ComputationLine).order_by(col(ComputationLine.id))))
        return rows, lines


@pytest.mark.usefixtures("installation")
def test_both_ledgers_are_carried_over_and_back() -> None:
    with begin() as session:
        changed = _fill(session)
    before = _all()

    downgrade(engine(), to="0002")
    with engine().connect() as connection:
        states = connection.execute(text("SELECT state FROM funding_run ORDER BY state")).scalars().all()
        gaps = connection.execute(text("SELECT gap FROM funding_line ORDER BY id")).scalars().all()
        told = connection.execute(text(f"SELECT before_id FROM funding_run WHERE id = '{changed}'")).scalar_one()
        found = connection.execute(text("SELECT breaks, proven FROM timetable_run WHERE state = 'done'")).one()
    upgrade(engine())

    after = _all()
    assert states == ["clashing", "done", "failed", "waiting"]
    assert (gaps, told, tuple(found)) == ([None, 9_000_000_000_000_007], _before(before[0], changed), (4, 1))
    assert [row.model_dump() for row in after[0]] == [row.model_dump() for row in before[0]]
    assert [line.model_dump() for line in after[1]] == [line.model_dump() for line in before[1]]


def _before(rows: list[Computation], key: str) -> str | None:
    return next(row.before_id for row in rows if row.id == key)
