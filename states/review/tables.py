"""Rows of the advisory reviews: rounds and seats, evaluations, consensus, regional positions, decisions.

What a reviewer declares and agrees to stands in `conflicts/tables.py`.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Field, SQLModel, UniqueConstraint

from states.review.definition import Phase
from states.seals import SealedRow, sealed
from states.storage import Cents, EnumText, Instant, Json, new_dict, new_id, new_list


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


class SeatState(StrEnum):
    """`active` until its holder withdraws, is found in conflict, or is taken off by hand."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    DISQUALIFIED = "disqualified"
    REMOVED = "removed"


class ConditionState(StrEnum):
    OPEN = "open"
    MET = "met"
    WAIVED = "waived"


@sealed()
class ReviewRound(SealedRow, table=True):
    """One round of one panel on one frozen protocol version."""

    __tablename__ = "review_round"
    __table_args__ = (UniqueConstraint("collaboration_id", "panel", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    protocol_version_id: str = Field(description="the frozen version under review; no foreign key between stages")
    panel: str = Field(description="key of a panel in the playbook")
    number: int
    state: RoundState = Field(default=RoundState.OPEN, sa_type=EnumText(RoundState))
    phase: Phase = Field(default=Phase.INDIVIDUAL, sa_type=EnumText(Phase))
    opened_at: datetime = Field(sa_type=Instant)
    due_on: date
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    asked_regions: list[str] = Field(default_factory=new_list, sa_type=Json, description="regions of the consortium")
    missing: list[str] = Field(default_factory=new_list, sa_type=Json, description="what was missing when it closed")
    version: int = 1


@sealed(by="round_id")
class Seat(SealedRow, table=True):
    """A person's place in a round: a reviewer to score, or a region's member to state a position."""

    __tablename__ = "seat"
    __table_args__ = (UniqueConstraint("round_id", "person_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    round_id: str = Field(foreign_key="review_round.id", index=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    region_id: str | None = Field(default=None, foreign_key="region.id")
    state: SeatState = Field(default=SeatState.ACTIVE, sa_type=EnumText(SeatState))
    why: list[str] = Field(default_factory=new_list, sa_type=Json, description="why: expertise, load, by hand")
    invited_at: datetime = Field(sa_type=Instant)
    left_at: datetime | None = Field(default=None, sa_type=Instant)
    left_because: str = ""


@sealed(by="round_id", frozen=True)
class SeatChange(SealedRow, table=True):
    """A change of seats by hand, kept on record with its reason."""

    __tablename__ = "seat_change"

    id: str = Field(default_factory=new_id, primary_key=True)
    round_id: str = Field(foreign_key="review_round.id", index=True)
    person_id: str = Field(foreign_key="person.id")
    seated: bool = Field(description="put on a seat, or taken off it")
    reason: str
    changed_by: str = Field(foreign_key="person.id")
    changed_at: datetime = Field(sa_type=Instant)


class EvaluationDraft(SQLModel, table=True):
    """What a reviewer has written so far; nobody else reads it."""

    __tablename__ = "evaluation_draft"
    __table_args__ = (UniqueConstraint("round_id", "person_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    round_id: str = Field(foreign_key="review_round.id", index=True)
    person_id: str = Field(foreign_key="person.id")
    scores: dict[str, str] = Field(sa_type=Json)
    comments: dict[str, str] = Field(sa_type=Json)
    saved_at: datetime = Field(sa_type=Instant)
    version: int = 1


@sealed(by="round_id", frozen=True)
class Evaluation(SealedRow, table=True):
    """A reviewer's scores (in the playbook's steps, as text) and comments, immutable; a correction is a new number."""

    __tablename__ = "evaluation"
    __table_args__ = (UniqueConstraint("round_id", "person_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    round_id: str = Field(foreign_key="review_round.id", index=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    number: int = 1
    reason: str = Field(default="", description="why it was corrected; empty for the first")
    scores: dict[str, str] = Field(sa_type=Json)
    comments: dict[str, str] = Field(sa_type=Json)
    submitted_at: datetime = Field(sa_type=Instant)


@sealed(by="round_id", frozen=True)
class Discussion(SealedRow, table=True):
    """The record of how reviewers whose scores lie far apart on one criterion talked about it."""

    __tablename__ = "discussion"
    __table_args__ = (UniqueConstraint("round_id", "criterion"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    round_id: str = Field(foreign_key="review_round.id", index=True)
    criterion: str
    record: str
    recorded_by: str = Field(foreign_key="person.id")
    recorded_at: datetime = Field(sa_type=Instant)


@sealed(by="round_id", frozen=True)
class Consensus(SealedRow, table=True):
    """What the reviewers agreed on: a score and a comment by criterion, with the views of the minority."""

    __tablename__ = "consensus"

    id: str = Field(default_factory=new_id, primary_key=True)
    round_id: str = Field(foreign_key="review_round.id", unique=True)
    scores: dict[str, str] = Field(sa_type=Json)
    comments: dict[str, str] = Field(sa_type=Json)
    minority_views: list[str] = Field(default_factory=new_list, sa_type=Json)
    recorded_by: str = Field(foreign_key="person.id")
    recorded_at: datetime = Field(sa_type=Instant)


@sealed(by="round_id", frozen=True)
class PanelMinute(SealedRow, table=True):
    """What the panel noted when it compared the dossiers of a sitting."""

    __tablename__ = "panel_minute"

    id: str = Field(default_factory=new_id, primary_key=True)
    round_id: str = Field(foreign_key="review_round.id", unique=True)
    text: str
    recorded_by: str = Field(foreign_key="person.id")
    recorded_at: datetime = Field(sa_type=Instant)


@sealed(by="round_id")
class Position(SealedRow, table=True):
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
    version: int = 1


@sealed(by="round_id")
class Decision(SealedRow, table=True):
    """The outcome of a round: prepared by one person, confirmed by another, pending until it is released."""

    __tablename__ = "decision"

    id: str = Field(default_factory=new_id, primary_key=True)
    round_id: str = Field(foreign_key="review_round.id", unique=True)
    outcome: Outcome = Field(sa_type=EnumText(Outcome))
    reasons: str
    conditions: list[str] = Field(default_factory=new_list, sa_type=Json)
    departure: str | None = Field(default=None, description="why it departs from what was recommended, where it does")
    prepared_by: str = Field(foreign_key="person.id")
    prepared_at: datetime = Field(sa_type=Instant)
    confirmed_by: str | None = Field(default=None, foreign_key="person.id")
    confirmed_at: datetime | None = Field(default=None, sa_type=Instant)
    released_by: str | None = Field(default=None, foreign_key="person.id")
    released_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1


@sealed(by="round_id")
class DecisionCorrection(SealedRow, table=True):
    """Another text of a released decision: prepared by one person, released by another; then `was` is the old text."""

    __tablename__ = "decision_correction"
    __table_args__ = (UniqueConstraint("round_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    round_id: str = Field(foreign_key="review_round.id", index=True)
    number: int = Field(description="1, 2, 3 ... of the round's decision")
    because: str = Field(description="what was wrong with the text in force")
    outcome: Outcome = Field(sa_type=EnumText(Outcome))
    reasons: str
    conditions: list[str] = Field(default_factory=new_list, sa_type=Json)
    departure: str | None = Field(default=None, description="why it departs from what was recommended, where it does")
    prepared_by: str = Field(foreign_key="person.id")
    prepared_at: datetime = Field(sa_type=Instant)
    released_by: str | None = Field(default=None, foreign_key="person.id")
    released_at: datetime | None = Field(default=None, sa_type=Instant)
    was: dict[str, object] = Field(default_factory=new_dict, sa_type=Json, description="the text that it replaced")
    version: int = 1


@sealed(by="round_id")
class Condition(SealedRow, table=True):
    """A condition of a released decision, tracked until it is met or waived."""

    __tablename__ = "review_condition"
    __table_args__ = (UniqueConstraint("round_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    round_id: str = Field(foreign_key="review_round.id", index=True)
    number: int
    text: str
    state: ConditionState = Field(default=ConditionState.OPEN, sa_type=EnumText(ConditionState))
    evidence: str = Field(default="", description="what shows that it is met, or why it is waived")
    closed_by: str | None = Field(default=None, foreign_key="person.id")
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1
