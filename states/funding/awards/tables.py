"""Rows of what was asked for outside and what was granted: submissions, agreements with their terms and conditions."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Field, UniqueConstraint

from states.funding.tables import SourceKind
from states.seals import SealedRow, sealed
from states.storage import Cents, EnumText, Instant, new_id


class AgreementConditionState(StrEnum):
    """`waived`: the funder asks for it no more."""

    OPEN = "open"
    MET = "met"
    WAIVED = "waived"


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
    """What a funder pays from one source, by the terms in force; former terms are kept beside it.

    Its state follows from its days: planned until it is agreed on, then signed, until it has ended or is withdrawn.
    """

    __tablename__ = "agreement"
    __table_args__ = (UniqueConstraint("collaboration_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    number: int = Field(description="1, 2, 3 ... within the collaboration")
    submission_id: str | None = Field(default=None, foreign_key="submission.id", index=True)
    source_kind: SourceKind | None = Field(default=None, sa_type=EnumText(SourceKind), description="of the scenario")
    instrument_id: str | None = Field(default=None, foreign_key="instrument.id", description="of the scenario's source")
    organisation_id: str | None = Field(
        default=None, foreign_key="organisation.id", description="the partner that receives it; null: all together"
    )
    funder: str
    reference: str = Field(description="the number of the agreement, as the funder has it; empty while it is planned")
    amount: Decimal = Field(sa_type=Cents, description="EUR that were granted, or are planned")
    agreed_on: date | None = Field(default=None, description="when the terms in force were signed; null: planned")
    starts_on: date | None = None
    ends_on: date | None = Field(default=None, description="last day of what it pays for")
    evidence_id: str | None = Field(default=None, foreign_key="evidence.id", description="the signed agreement")
    ended_on: date | None = None
    withdrawn_on: date | None = None
    closed_because: str | None = Field(default=None, description="why it ended or was withdrawn")
    recorded_at: datetime = Field(sa_type=Instant)
    version: int = 1


@sealed(by="agreement_id", frozen=True)
class AgreementTerms(SealedRow, table=True):
    """Terms of an agreement that an amendment has replaced."""

    __tablename__ = "agreement_terms"
    __table_args__ = (UniqueConstraint("agreement_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    agreement_id: str = Field(foreign_key="agreement.id", index=True)
    number: int = Field(description="1, 2, 3 ... within the agreement; those in force come after the last one")
    funder: str
    reference: str
    amount: Decimal = Field(sa_type=Cents)
    agreed_on: date
    starts_on: date | None = None
    ends_on: date | None = None
    evidence_id: str | None = Field(default=None, foreign_key="evidence.id")
    replaced_because: str
    replaced_at: datetime = Field(sa_type=Instant)


@sealed(by="agreement_id")
class AgreementCondition(SealedRow, table=True):
    """Something that the funder asks for before or while it pays."""

    __tablename__ = "agreement_condition"
    __table_args__ = (UniqueConstraint("agreement_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    agreement_id: str = Field(foreign_key="agreement.id", index=True)
    number: int = Field(description="1, 2, 3 ... within the agreement")
    text: str
    due_on: date | None = None
    state: AgreementConditionState = Field(
        default=AgreementConditionState.OPEN, sa_type=EnumText(AgreementConditionState)
    )
    note: str = Field(default="", description="how it was met, or why it is waived")
    evidence_id: str | None = Field(default=None, foreign_key="evidence.id")
    settled_on: date | None = None
    version: int = 1
