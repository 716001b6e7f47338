"""Rows of conflicts of interest: yearly agreements, ties to organisations, declarations and rulings."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel, UniqueConstraint

from states.seals import SealedRow, sealed
from states.storage import EnumText, Instant, new_id


class ConflictKind(StrEnum):
    """What a reviewer declares for one version of one dossier (the kinds of the Union's contracts with experts)."""

    NONE = "none"
    POTENTIAL = "potential"
    DISQUALIFYING = "disqualifying"


class Ruling(StrEnum):
    """What the chair says of a potential conflict; a clear case needs none."""

    PENDING = "pending"
    CLEARED = "cleared"
    EXCLUDED = "excluded"


class Tie(StrEnum):
    """How a person is tied to an organisation."""

    EMPLOYED = "employed"
    DIRECTOR = "director"
    CONTRACT = "contract"
    RESEARCH = "research"
    SHAREHOLDER = "shareholder"
    FAMILY = "family"


@sealed(frozen=True)
class ReviewerAgreement(SealedRow, table=True):
    """A reviewer's agreement to the rules of the review, for one year."""

    __tablename__ = "reviewer_agreement"

    partnership_id: str = Field(foreign_key="partnership.id", primary_key=True)
    person_id: str = Field(foreign_key="person.id", primary_key=True)
    year: int = Field(primary_key=True)
    agreed_at: datetime = Field(sa_type=Instant)


class Relation(SQLModel, table=True):
    """A tie that a person has declared, now or in the past."""

    __tablename__ = "relation"

    id: str = Field(default_factory=new_id, primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    organisation_id: str = Field(foreign_key="organisation.id")
    tie: Tie = Field(sa_type=EnumText(Tie))
    since: date
    until: date | None = None
    declared_at: datetime = Field(sa_type=Instant)


@sealed(by="round_id")
class Declaration(SealedRow, table=True):
    """What a reviewer declared for a round; a conflict found late is a further number, and the last one counts."""

    __tablename__ = "declaration"
    __table_args__ = (UniqueConstraint("round_id", "person_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    round_id: str = Field(foreign_key="review_round.id", index=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    number: int
    kind: ConflictKind = Field(sa_type=EnumText(ConflictKind))
    reason: str = ""
    declared_at: datetime = Field(sa_type=Instant)
    ruling: Ruling = Field(sa_type=EnumText(Ruling))
    ruled_by: str | None = Field(default=None, foreign_key="person.id")
    ruling_reason: str = ""
    ruled_at: datetime | None = Field(default=None, sa_type=Instant)
