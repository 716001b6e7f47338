"""Rows of the outbox: messages to hand over, and which consumer has had its effect."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from states.storage import Instant, Json, new_dict, new_id

_OPEN = text("done_at IS NULL AND dead_at IS NULL")


class OutboxMessage(SQLModel, table=True):
    """What happened, for the flows that answer it: written in the transaction in which it happened.

    A lease in force has a holder and an end; an end without a holder is the pause before the next try. Until a flow run
    has taken a lease over, it says since when the message is handed over.
    """

    __tablename__ = "outbox_message"
    # Of open messages only: what waits is found among millions of old ones as fast as in an empty table.
    __table_args__ = (
        Index("ix_outbox_message_open", "sequence", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_outbox_message_open_of", "collaboration_id", "sequence", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    sequence: int | None = Field(default=None, primary_key=True)
    id: str = Field(default_factory=new_id, unique=True)
    name: str = Field(index=True)
    partnership_id: str
    collaboration_id: str | None = Field(default=None, index=True)
    cause_id: str | None = Field(default=None, index=True, description="the history line that it follows from")
    payload: dict[str, str] = Field(default_factory=new_dict, sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)
    leased_by: str | None = None
    leased_until: datetime | None = Field(default=None, sa_type=Instant)
    handed_over_at: datetime | None = Field(
        default=None, sa_type=Instant, description="since when it waits for the flow run that is to answer it"
    )
    flow_run_id: str | None = Field(default=None, description="the flow run that is to answer it, or has done so")
    tries_started: int = Field(
        default=0,
        description="tries begun; more than have failed and broken off where a process did not live to end one",
    )
    tries_failed: int = Field(default=0, description="tries that failed by the message's own fault")
    tries_broken_off: int = Field(default=0, description="tries that an outage ended; there is no last one")
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    dead_at: datetime | None = Field(default=None, sa_type=Instant, description="set aside after too many tries")
    release: str = Field(default="", description="the version of this program that set it aside")
    last_error: str = ""


class ConsumedMessage(SQLModel, table=True):
    """The effect of one message for one consumer, written in the transaction of that effect."""

    __tablename__ = "consumed_message"

    message_id: str = Field(primary_key=True, foreign_key="outbox_message.id")
    consumer: str = Field(primary_key=True)
    flow_run_id: str
    consumed_at: datetime = Field(sa_type=Instant)
    note: str = Field(default="", description="why nothing came of it, where nothing did")
