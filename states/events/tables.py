"""Rows of the outbox: events to hand over, and which consumer has had its effect."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from states.storage import Instant, Json, new_id


class OutboxEvent(SQLModel, table=True):
    """Something that happened, written in the transaction in which it happened."""

    __tablename__ = "outbox_event"

    sequence: int | None = Field(default=None, primary_key=True)
    id: str = Field(default_factory=new_id, unique=True)
    name: str = Field(index=True)
    partnership_id: str
    collaboration_id: str | None = Field(default=None, index=True)
    cause_id: str | None = Field(default=None, index=True, description="the history line that it follows from")
    payload: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)
    leased_by: str | None = None
    leased_until: datetime | None = Field(default=None, sa_type=Instant)
    attempts: int = 0
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    dead_at: datetime | None = Field(default=None, sa_type=Instant, description="set aside after too many tries")
    last_error: str = ""


class ConsumedEvent(SQLModel, table=True):
    """The effect of one event for one consumer, written in the transaction of that effect."""

    __tablename__ = "consumed_event"

    event_id: str = Field(primary_key=True, foreign_key="outbox_event.id")
    consumer: str = Field(primary_key=True)
    flow_run_id: str
    consumed_at: datetime = Field(sa_type=Instant)
