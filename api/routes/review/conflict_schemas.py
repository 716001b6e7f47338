"""What the routes of the conflict firewall and of the seats take and give."""

from datetime import date, datetime

from pydantic import Field

from api.http.schemas import Input, Output, Prose, Text
from states.review.conflicts.tables import ConflictKind, Ruling, Tie


class DeclarationIn(Input):
    kind: ConflictKind
    reason: Prose = ""


class RulingIn(Input):
    cleared: bool
    reason: Prose


class ReasonIn(Input):
    reason: Prose


class SeatIn(Input):
    person: str = Field(max_length=40, description="the id of a member of the panel")
    reason: Prose


class RelationIn(Input):
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
