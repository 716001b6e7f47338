"""Rows of the six-monthly report: answers by people and figures by the machine, kept apart."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, UniqueConstraint

from states.seals import SealedRow, sealed
from states.storage import EnumText, Instant, Json, new_dict, new_id


class ReportState(StrEnum):
    DRAFT = "draft"
    ISSUED = "issued"


@sealed()
class ProgressReport(SealedRow, table=True):
    """A partnership's report on one half-year."""

    __tablename__ = "progress_report"
    __table_args__ = (UniqueConstraint("partnership_id", "period"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    period: str = Field(description="2020-H1")
    state: ReportState = Field(default=ReportState.DRAFT, sa_type=EnumText(ReportState))
    answers: dict[str, str] = Field(default_factory=new_dict, sa_type=Json, description="question id -> a text")
    figures: dict[str, object] = Field(default_factory=new_dict, sa_type=Json, description="question id -> facts")
    goals: dict[str, str] = Field(default_factory=new_dict, sa_type=Json, description="SDG number -> agreement")
    self_assessment: dict[str, str] = Field(default_factory=new_dict, sa_type=Json, description="confidential")
    created_at: datetime = Field(sa_type=Instant)
    issued_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1
