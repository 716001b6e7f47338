"""Rows of what was asked for outside and what was granted: submissions and agreements."""

from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Field, UniqueConstraint

from states.seals import SealedRow, sealed
from states.storage import Cents, Instant, new_id


@sealed()
class Submission(SealedRow, table=True):
    """A proposal that went to a call of an instrument, or to a lender."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("collaboration_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    number: int = Field(description="1, 2, 3 ... within the collaboration")
    protocol_version_id: str = Field(description="the version it stands on; no foreign key between stages")
    instrument_id: str | None = Field(default=None, foreign_key="instrument.id")
    call: str = Field(default="", description="the short name of the instrument's call")
    lender: str = Field(default="", description="who lends, where it is no call")
    amount: Decimal = Field(sa_type=Cents, description="EUR that were asked for")
    submitted_on: date
    reference: str = Field(default="", description="under which the recipient keeps it")
    recorded_at: datetime = Field(sa_type=Instant)
    version: int = 1


@sealed()
class Agreement(SealedRow, table=True):
    """Money that a funder has granted for a submission."""

    __tablename__ = "agreement"
    __table_args__ = (UniqueConstraint("collaboration_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    number: int = Field(description="1, 2, 3 ... within the collaboration")
    submission_id: str = Field(foreign_key="submission.id", index=True)
    funder: str
    reference: str = Field(description="the number of the agreement, as the funder has it")
    amount: Decimal = Field(sa_type=Cents, description="EUR that were granted")
    agreed_on: date
    recorded_at: datetime = Field(sa_type=Instant)
    version: int = 1
