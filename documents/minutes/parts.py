"""Blocks of panel minutes: seats, declarations, changes by hand, the ranking, regions that differ, the decision."""

from decimal import Decimal

from pydantic import AwareDatetime, Field

from documents.meta import Line, Plain


class SeatLine(Plain):
    """A seat that somebody had in the round; the person appears by role and number."""

    number: int = Field(ge=1)
    role: Line
    region: str = ""
    why: tuple[str, ...] = ()
    invited_at: AwareDatetime
    answered_at: AwareDatetime | None = None
    state: Line
    left_at: AwareDatetime | None = None
    left_because: str = ""


class DeclarationLine(Plain):
    """What the holder of a seat declared, and what was ruled on it."""

    seat: int = Field(ge=1)
    kind: Line
    reason: str = ""
    declared_at: AwareDatetime
    ruling: Line
    ruling_reason: str = ""
    ruled_by: str = ""
    ruled_at: AwareDatetime | None = None


class SeatChangeLine(Plain):
    """A change of seats by hand, with its reason."""

    seat: int | None = Field(default=None, description="none where the person never came to sit")
    seated: bool
    reason: Line
    by_role: Line
    at: AwareDatetime


class MinuteNote(Plain):
    """What the panel noted."""

    text: Line
    by_role: Line
    at: AwareDatetime


class RankLine(Plain):
    """A place in the panel's ranking; only the dossier of these minutes shows its points."""

    rank: int = Field(ge=1)
    this: bool
    points: Decimal | None = None
    decided_by: str = Field(default="", description="the rule that put it behind the one before")


class Difference(Plain):
    """A question on which the regions do not say the same."""

    question: Line
    answers: tuple[str, ...] = Field(min_length=2, description="each with the regions that gave it")


class Recommended(Plain):
    """What the positions recommend by the rules of the field; the chair is not bound by it."""

    outcome: Line
    conditions: tuple[str, ...] = ()


class Act(Plain):
    """Who did something, by role, and when."""

    what: Line
    by_role: Line
    at: AwareDatetime


class DecisionFacts(Plain):
    """A released decision with the hands that it went through."""

    outcome: Line
    reasons: Line
    conditions: tuple[str, ...] = ()
    acts: tuple[Act, ...] = ()
