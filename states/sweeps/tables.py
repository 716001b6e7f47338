"""Rows of what a sweep could not do, or what was left out of something that is read."""

from datetime import datetime

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from states.storage import Instant, new_id


class SweepFault(SQLModel, table=True):
    """What fails again and again with one row, until it passes; the rest of the sweep goes on without it."""

    __tablename__ = "sweep_fault"
    __table_args__ = (
        UniqueConstraint("sweep", "noun", "subject_id"),
        Index("ix_sweep_fault_list", "partnership_id", "last_at", "id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    sweep: str = Field(description="what goes through the rows: remind, deliver, calendars ...")
    noun: str = Field(description="table of the row that fails")
    subject_id: str = Field(description="id of the row that fails; it may be gone since")
    partnership_id: str | None = Field(default=None, description="whose row it is, where that can be told")
    error: str = Field(description="kind of the error and what it says, cut at 500 characters")
    times: int = Field(description="tries that failed in a row")
    first_at: datetime = Field(sa_type=Instant)
    last_at: datetime = Field(sa_type=Instant)
    next_at: datetime = Field(sa_type=Instant, description="not tried before: later after each failure, up to a bound")
    ended_at: datetime | None = Field(default=None, sa_type=Instant, description="when it passed, or was due no more")
