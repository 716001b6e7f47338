"""Rows of the advisory reviews: rounds, evaluations, regional positions, decisions."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Field, SQLModel, UniqueConstraint

from states.storage import Cents, EnumText, Instant, Json, new_id


class RoundState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Outcome(StrEnum):
    ENDORSE = "endorse"
    ENDORSE_WITH_CONDITIONS = "endorse_with_conditions"
    REVISE = "revise"
    REJECT = "reject"


class Willingness(StrEnum):
    YES = "yes"
    IF = "if"
    NO = "no"


class PriorityMatch(StrEnum):
    NONE = "none"
    PARTIAL = "partial"
    FULL = "full"


class ReviewRound(SQLModel, table=True):
    """One round of one panel on one frozen protocol version."""

    __tablename__ = "review_round"
    __table_args__ = (UniqueConstraint("collaboration_id", "panel", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    protocol_version_id: str = Field(description="the frozen version under review; no foreign key between stages")
    panel: str = Field(description="key of a panel in the playbook")
    number: int
    state: RoundState = Field(default=RoundState.OPEN, sa_type=EnumText(RoundState))
    opened_at: datetime = Field(sa_type=Instant)
    due_on: date
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    asked_regions: list[str] = Field(default_factory=list, sa_type=Json, description="regions of the consortium")
    missing: list[str] = Field(default_factory=list, sa_type=Json, description="what was missing when it closed")
    version: int = 1


class Seat(SQLModel, table=True):
    """A person's place in a round: a reviewer to score, or a region's member to state a position."""

    __tablename__ = "seat"
    __table_args__ = (UniqueConstraint("round_id", "person_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    round_id: str = Field(foreign_key="review_round.id", index=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    region_id: str | None = Field(default=None, foreign_key="region.id")
    invited_at: datetime = Field(sa_type=Instant)


class Evaluation(SQLModel, table=True):
    """A reviewer's scores (0 to 5 in the playbook's steps, as text) and comments, immutable once submitted."""

    __tablename__ = "evaluation"
    __table_args__ = (UniqueConstraint("round_id", "person_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    round_id: str = Field(foreign_key="review_round.id", index=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    scores: dict[str, str] = Field(sa_type=Json)
    comments: dict[str, str] = Field(sa_type=Json)
    submitted_at: datetime = Field(sa_type=Instant)


class Position(SQLModel, table=True):
    """What one regional authority says for its own region; never a vote on another's money."""

    __tablename__ = "position"
    __table_args__ = (UniqueConstraint("round_id", "region_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    round_id: str = Field(foreign_key="review_round.id", index=True)
    region_id: str = Field(foreign_key="region.id")
    person_id: str = Field(foreign_key="person.id")
    willingness: Willingness = Field(sa_type=EnumText(Willingness))
    condition: str = ""
    priority_match: PriorityMatch = Field(sa_type=EnumText(PriorityMatch))
    citation: str = Field(default="", description="where the region's strategy names the priority")
    instrument: str = ""
    window_opens: date | None = None
    window_closes: date | None = None
    maximum_rate: Decimal | None = Field(default=None, max_digits=5, decimal_places=2, description="percent")
    maximum_amount: Decimal | None = Field(default=None, sa_type=Cents, description="EUR")
    alignment_action: str = ""
    stated_at: datetime = Field(sa_type=Instant)


class Decision(SQLModel, table=True):
    """The outcome of a round: prepared by one person, confirmed by another."""

    __tablename__ = "decision"

    id: str = Field(default_factory=new_id, primary_key=True)
    round_id: str = Field(foreign_key="review_round.id", unique=True)
    outcome: Outcome = Field(sa_type=EnumText(Outcome))
    reasons: str
    conditions: list[str] = Field(default_factory=list, sa_type=Json)
    prepared_by: str = Field(foreign_key="person.id")
    prepared_at: datetime = Field(sa_type=Instant)
    confirmed_by: str | None = Field(default=None, foreign_key="person.id")
    confirmed_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1
