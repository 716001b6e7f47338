"""What the routes of conflicts of interest and of seats take and give."""

from datetime import date, datetime

from pydantic import Field

from api.http.examples import ID, example
from api.http.schemas import Input, Output, Prose, Text
from states.review.conflicts.tables import ConflictKind, Ruling, Tie


class DeclarationIn(Input):
    model_config = example(kind="none")

    kind: ConflictKind
    reason: Prose = ""


class RulingIn(Input):
    model_config = example(cleared=True, reason="The contract ended five years ago.")

    cleared: bool
    reason: Prose


class ReasonIn(Input):
    model_config = example(reason="Ill until the end of the month.")

    reason: Prose


class SeatIn(Input):
    model_config = example(person=ID, reason="Knows coatings, which nobody on the panel does.")

    person: str = Field(max_length=40, description="the id of a member of the panel")
    reason: Prose


class RelationIn(Input):
    model_config = example(organisation="medtech-marseille", tie="contract", since="2024-05-01")

    organisation: str = Field(max_length=80, description="short name")
    tie: Tie
    since: date
    until: date | None = None


class DeclarationOut(Output):
    person_id: str
    person: str
    number: int
    kind: ConflictKind
    reason: Text
    declared_at: datetime
    ruling: Ruling
    ruling_reason: Text
    ruled_at: datetime | None


class LikelyOut(Output):
    kind: ConflictKind
    message: Text


class ProposedOut(Output):
    person_id: str
    person: str
    conflicts: list[LikelyOut]


class RelationOut(Output):
    id: str
    organisation: str
    tie: Tie
    since: date
    until: date | None


class ProposedSeatOut(Output):
    person_id: str
    person: str
    affinity: int = Field(description="percent of what the dossier asks for")
    why: list[str]


class ExclusionOut(Output):
    person: str
    code: str
    message: str


class ShortfallOut(Output):
    message: str
    remedy: str


class SeatingOut(Output):
    seats: list[ProposedSeatOut]
    shortfalls: list[ShortfallOut]
    exclusions: list[ExclusionOut]
    why_not: dict[str, str] = Field(description="by person: why there is no seat")
    proven: bool = Field(description="no other seating is better")
