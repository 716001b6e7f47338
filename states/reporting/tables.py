"""Rows of the six-monthly report: answers by people and figures by the machine, kept apart; what was issued of it."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, UniqueConstraint

from states.seals import SealedRow, sealed
from states.storage import EnumText, Instant, Json, new_dict, new_id


class ReportState(StrEnum):
    DRAFT = "draft"
    PREPARED = "prepared"
    ISSUED = "issued"


@sealed()
class ProgressReport(SealedRow, table=True):
    """A partnership's report on one half-year, as it is written: what was issued of it stands in its editions."""

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
    unanswered: dict[str, dict[str, str]] | None = Field(
        default_factory=new_dict, sa_type=Json, description="question id -> why it has no answer: reason, by, at"
    )
    because: str | None = Field(default=None, description="what was wrong with the edition that it corrects")
    created_at: datetime = Field(sa_type=Instant)
    prepared_by: str | None = Field(default=None, foreign_key="person.id")
    prepared_at: datetime | None = Field(default=None, sa_type=Instant)
    issued_by: str | None = Field(default=None, foreign_key="person.id", description="none: release 0.1.0 issued it")
    issued_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1


@sealed(frozen=True)
class ReportEdition(SealedRow, table=True):
    """A report as it was issued; the next one replaces it."""

    __tablename__ = "report_edition"
    __table_args__ = (UniqueConstraint("report_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id")
    report_id: str = Field(foreign_key="progress_report.id", index=True)
    number: int = Field(description="1, 2, 3 ... of the report")
    period: str
    answers: dict[str, str] = Field(sa_type=Json)
    figures: dict[str, object] = Field(sa_type=Json)
    goals: dict[str, str] = Field(sa_type=Json)
    self_assessment: dict[str, str] = Field(sa_type=Json, description="confidential")
    unanswered: dict[str, dict[str, str]] | None = Field(sa_type=Json)
    because: str | None = Field(default=None, description="what was wrong with the edition before")
    prepared_by: str | None = Field(default=None, foreign_key="person.id")
    prepared_at: datetime | None = Field(default=None, sa_type=Instant)
    issued_by: str | None = Field(default=None, foreign_key="person.id")
    issued_at: datetime = Field(sa_type=Instant)

    @property
    def state(self) -> ReportState:
        return ReportState.ISSUED
