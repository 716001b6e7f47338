"""Blocks that the documents of a review round share: the round itself, scored criteria, the decision."""

from datetime import date
from decimal import Decimal

from pydantic import AwareDatetime, Field

from documents.meta import Line, Plain


class RoundFacts(Plain):
    """One round of one panel on one frozen version, as it was opened."""

    panel: Line
    number: int = Field(ge=1)
    protocol_version: Line
    opened_at: AwareDatetime
    due_on: date
    quorum: int = Field(ge=1)
    scores: bool = Field(description="whether the panel scores; else its members state positions")


class RoundStanding(RoundFacts):
    """A round, and how far it came."""

    closed_at: AwareDatetime | None = None
    answers: int = Field(ge=0, description="evaluations or positions that count")

    @property
    def quorate(self) -> bool:
        """Whether as many answers are in as a decision needs."""
        return self.answers >= self.quorum


class ScoredCriterion(Plain):
    """What the panel gave on one criterion, and how far apart its evaluations lie; nobody's single score."""

    name: Line
    score: Decimal = Field(ge=0)
    lowest: Decimal = Field(ge=0)
    highest: Decimal = Field(ge=0)
    threshold: Decimal = Field(ge=0)
    weight: Decimal = Field(default=Decimal(1), gt=0)

    @property
    def passed(self) -> bool:
        """Whether the score reaches the threshold; weights play no part in it."""
        return self.score >= self.threshold

    @property
    def spread(self) -> Decimal:
        """The highest less the lowest evaluation, in points."""
        return self.highest - self.lowest


class Scores(Plain):
    """The panel's scores with their thresholds; the overall ones are unweighted sums."""

    criteria: tuple[ScoredCriterion, ...] = Field(min_length=1)
    agreed: bool = Field(description="whether the reviewers agreed on them; else they are aggregated by the playbook")
    maximum: Decimal = Field(gt=0, description="points of one criterion")
    overall: Decimal = Field(ge=0)
    overall_threshold: Decimal = Field(ge=0)
    weighted: Decimal = Field(ge=0, description="for the ranking only")

    @property
    def overall_maximum(self) -> Decimal:
        """The highest unweighted sum of points."""
        return self.maximum * len(self.criteria)

    @property
    def passed(self) -> bool:
        return self.overall >= self.overall_threshold and all(one.passed for one in self.criteria)


class PrintedCondition(Plain):
    """A condition of a decision, numbered as the partners know it; without a state where it is not tracked yet."""

    number: int = Field(ge=1)
    text: Line
    state: str = ""
    evidence: str = Field(default="", description="what shows that it is met, or why it is waived")
    closed_on: date | None = None
