"""Rows of the processes that work on the installation, of which each renews its own."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from states.storage import EnumText, Instant


class ProcessKind(StrEnum):
    """A runner hands messages over, or runs flows itself; a worker runs those of a work pool."""

    RUNNER = "runner"
    WORKER = "worker"


class WorkingProcess(SQLModel, table=True):
    """A process that works, or was killed: then nobody takes its row away, and it is seen no more."""

    __tablename__ = "working_process"

    name: str = Field(primary_key=True, description="host, process number and a few digits; or what a worker is called")
    kind: ProcessKind = Field(sa_type=EnumText(ProcessKind))
    started_at: datetime = Field(sa_type=Instant, description="by the machine's clock, as the next")
    seen_at: datetime = Field(sa_type=Instant)
    release: str = Field(description="the version of Bankable that it runs")
    secret: str = Field(description="what its secret is called; tells nothing of the secret")
    store: str = Field(description="what its store is called; empty: it does not answer")
    prefect_url: str = Field(default="", description="the address of its Prefect server; empty: one of its own")
