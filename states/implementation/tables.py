"""Rows of what partners do with the money: their yearly progress, changes that they ask for, and results."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Field, UniqueConstraint

from states.seals import SealedRow, sealed
from states.storage import Cents, EnumText, Instant, Json, new_id, new_list


class ProgressState(StrEnum):
    """`returned`: a question is to be answered first; `replaced`: a corrected version was accepted."""

    DRAFT = "draft"
    HANDED_IN = "handed_in"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    REPLACED = "replaced"


class KindOfChange(StrEnum):
    """What somebody wants to change of what was agreed on."""

    BUDGET_SHIFT = "budget_shift"
    PARTNER_CHANGE = "partner_change"
    DATES = "dates"
    CONTENT = "content"
    OTHER = "other"


class ChangeState(StrEnum):
    """`approved`: everybody who must has agreed, and its new version of the protocol is not frozen yet."""

    DRAFT = "draft"
    ASKED = "asked"
    APPROVED = "approved"
    CARRIED_OUT = "carried_out"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ApprovalState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"


@sealed()
class PartnerProgress(SealedRow, table=True):
    """What one partner did and spent in one period; a correction is a new version beside it."""

    __tablename__ = "partner_progress"
    __table_args__ = (UniqueConstraint("collaboration_id", "organisation_id", "period", "revision"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    period: int = Field(description="1, 2, 3 ... since the first agreement began")
    revision: int = Field(description="1, 2, 3 ... of the same period")
    starts_on: date
    ends_on: date
    state: ProgressState = Field(default=ProgressState.DRAFT, sa_type=EnumText(ProgressState))
    done: str = ""
    readiness: int | None = Field(default=None, description="technology readiness level now, 1 to 9")
    jobs: Decimal | None = Field(default=None, max_digits=9, decimal_places=2, description="full-time, made so far")
    spent: list[dict[str, str]] = Field(
        default_factory=new_list, sa_type=Json, description="cost line or category, and EUR of this period"
    )
    received: list[dict[str, str]] = Field(
        default_factory=new_list, sa_type=Json, description="number of the agreement, on which day, and EUR"
    )
    indicators: list[dict[str, str]] = Field(
        default_factory=new_list, sa_type=Json, description="name, and what is reached by now"
    )
    question: str = Field(default="", description="why it was returned")
    because: str = Field(default="", description="why a former version is corrected")
    opened_at: datetime = Field(sa_type=Instant)
    handed_in_at: datetime | None = Field(default=None, sa_type=Instant)
    handed_in_by: str | None = Field(default=None, foreign_key="person.id", description="null: a command of the office")
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    decided_by: str | None = Field(default=None, foreign_key="person.id", description="null: a command of the office")
    version: int = 1


@sealed()
class ChangeRequest(SealedRow, table=True):
    """A change of what was agreed on: what, why, before and after, and the versions of the protocol between."""

    __tablename__ = "change_request"
    __table_args__ = (UniqueConstraint("collaboration_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    number: int = Field(description="1, 2, 3 ... within the collaboration")
    kind: KindOfChange = Field(sa_type=EnumText(KindOfChange))
    title: str
    because: str
    differences: list[dict[str, str]] = Field(
        default_factory=new_list, sa_type=Json, description="each: what, before, after"
    )
    shifted: Decimal | None = Field(default=None, sa_type=Cents, description="EUR that go elsewhere, of a budget shift")
    budget: Decimal | None = Field(default=None, sa_type=Cents, description="EUR of which they are a share, when asked")
    state: ChangeState = Field(default=ChangeState.DRAFT, sa_type=EnumText(ChangeState))
    answered_before: int = Field(default=0, description="answers up to this number are to a former description")
    from_version_id: str | None = Field(default=None, description="the protocol before; no foreign key between stages")
    draft_sha256: str | None = Field(default=None, description="of the protocol that was asked for; null: unchanged")
    to_version_id: str | None = Field(default=None, description="the protocol after; no foreign key between stages")
    closed_because: str = Field(default="", description="why it was refused or withdrawn")
    requested_by: str | None = Field(default=None, foreign_key="person.id", description="null: a command of the office")
    recorded_at: datetime = Field(sa_type=Instant)
    asked_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1


@sealed(by="change_request_id")
class ChangeApproval(SealedRow, table=True):
    """Somebody who must agree to a change: the office, or the funder of one agreement."""

    __tablename__ = "change_approval"
    __table_args__ = (UniqueConstraint("change_request_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    change_request_id: str = Field(foreign_key="change_request.id", index=True)
    number: int = Field(description="1, 2, 3 ... within the request")
    agreement_id: str | None = Field(default=None, description="null: the office; no foreign key between stages")
    why: str = Field(description="by which rule it is asked: `always`, or the percent that the shift exceeds")
    state: ApprovalState = Field(default=ApprovalState.ASKED, sa_type=EnumText(ApprovalState))
    reason: str = ""
    person_id: str | None = Field(default=None, foreign_key="person.id", description="who recorded the answer")
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1


@sealed()
class ProjectResult(SealedRow, table=True):
    """What was aimed at and what was achieved, of one indicator."""

    __tablename__ = "project_result"
    __table_args__ = (UniqueConstraint("collaboration_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    number: int = Field(description="1, 2, 3 ... within the collaboration")
    indicator: str
    unit: str = ""
    target: Decimal = Field(max_digits=18, decimal_places=4)
    achieved: Decimal | None = Field(default=None, max_digits=18, decimal_places=4)
    source: str = Field(default="", description="where it can be seen")
    explanation: str = Field(default="", description="why the target was missed")
    recorded_at: datetime = Field(sa_type=Instant)
    version: int = 1
