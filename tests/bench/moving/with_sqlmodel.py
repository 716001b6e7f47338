"""With plain SQLModel: rows loaded, changed and added in a session, as its documentation has it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, DateTime, String
from sqlmodel import Field, Session, SQLModel, col, func, select

from states.clock import now
from states.storage.engine import make_engine
from tests.bench.moving.work import END, Task, check, need, rows_of

_AWARE: Any = DateTime(timezone=True)


class Collaboration(SQLModel, table=True):
    id: str = Field(primary_key=True)
    partnership_id: str
    now_at: str = Field(sa_column=Column("stage", String))
    stage_since: datetime = Field(sa_type=_AWARE)
    version: int


class Organisation(SQLModel, table=True):
    id: str = Field(primary_key=True)
    nuts: str


class Member(SQLModel, table=True):
    id: str = Field(primary_key=True)
    collaboration_id: str
    organisation_id: str
    left_on: datetime | None = None


class Contact(SQLModel, table=True):
    id: str = Field(primary_key=True)
    collaboration_id: str
    status: str


class HistoryLine(SQLModel, table=True):
    __tablename__ = "history_line"

    id: str = Field(primary_key=True)
    collaboration_id: str
    number: int
    at: datetime = Field(sa_type=_AWARE)
    move: str
    from_stage: str
    to_stage: str
    actor_role: str
    reason: str
    seal: str


class OutboxMessage(SQLModel, table=True):
    __tablename__ = "outbox_message"

    sequence: int | None = Field(default=None, primary_key=True)
    id: str
    name: str
    partnership_id: str
    collaboration_id: str
    cause_id: str
    payload: dict[str, Any] = Field(sa_column=Column(JSON))
    created_at: datetime = Field(sa_type=_AWARE)
    tries_started: int = 0
    tries_broken_off: int = 0
    tries_failed: int = 0
    last_error: str = ""
    release: str = ""


def mover(url: str) -> Callable[[Task], None]:
    """Return what makes a move."""
    engine = make_engine(url)

    def move(task: Task) -> None:
        with Session(engine) as session:
            found = select(Collaboration).where(Collaboration.id == task.key).with_for_update()
            row = session.exec(found).one()
            need(stage=row.now_at, version=row.version, expected=task.version)
            fruitful = (
                select(func.count(col(Contact.id)))
                .where(Contact.collaboration_id == row.id, col(Contact.status).in_(["held", "accepted"]))
                .scalar_subquery()
            )
            facts = session.exec(
                select(Organisation.nuts, fruitful)
                .join(Member, col(Member.organisation_id) == col(Organisation.id))
                .where(Member.collaboration_id == row.id, col(Member.left_on).is_(None))
            ).all()
            check([site for site, _ in facts], facts[0][1] if facts else 0)
            last = session.exec(
                select(HistoryLine.number, HistoryLine.seal)
                .where(HistoryLine.collaboration_id == row.id)
                .order_by(col(HistoryLine.number).desc())
                .limit(1)
            ).first()
            at = now()
            made = rows_of(row.id, row.partnership_id, last, at)
            row.now_at, row.stage_since, row.version = END, at, row.version + 1
            session.add(HistoryLine(**made.line))
            session.add(OutboxMessage(**made.message))
            session.commit()

    return move
