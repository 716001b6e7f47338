"""Rows of the ledger of long computations: what was asked for, how far it is, and what came of it."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel

from states.storage import EnumText, Instant, Json, new_dict, new_id, new_list


class ComputationState(StrEnum):
    """`infeasible`: what is asked for cannot be; `failed`: no answer; `outdated`: its answer does not fit any more."""

    WAITING = "waiting"
    RUNNING = "running"
    CANCELLED = "cancelled"
    DONE = "done"
    INFEASIBLE = "infeasible"
    FAILED = "failed"
    OUTDATED = "outdated"


class Computation(SQLModel, table=True):
    """One computation of some kind for one subject; whoever asked for its kind knows what task and answer mean."""

    __tablename__ = "computation"
    __table_args__ = (Index("ix_computation_subject", "kind", "subject_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    kind: str = Field(description="timetable, funding, seating")
    subject_id: str = Field(description="the row that it is for, by kind; no foreign key: a layer above")
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    collaboration_id: str | None = Field(default=None, foreign_key="collaboration.id", index=True)
    asked_by: str | None = Field(default=None, foreign_key="person.id", description="none: the clock")
    asked_at: datetime = Field(sa_type=Instant)
    seconds: int = Field(description="work allowed, of processor time")
    before_id: str | None = Field(default=None, foreign_key="computation.id", description="the one that this changes")
    task: dict[str, object] = Field(sa_type=Json)
    state: ComputationState = Field(default=ComputationState.WAITING, sa_type=EnumText(ComputationState))
    started_at: datetime | None = Field(default=None, sa_type=Instant, description="the last time")
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    answer: dict[str, object] = Field(default_factory=new_dict, sa_type=Json, description="empty: none")
    faults: list[str] = Field(default_factory=new_list, sa_type=Json, description="why it failed, or what failed in it")
    version: int = 1


class ComputationLine(SQLModel, table=True):
    """A line of a computation's progress."""

    __tablename__ = "computation_line"

    id: int | None = Field(default=None, primary_key=True)
    computation_id: str = Field(foreign_key="computation.id", index=True)
    at: datetime = Field(sa_type=Instant)
    progress: dict[str, object] = Field(sa_type=Json, description="how far it is, in the words of its kind")
