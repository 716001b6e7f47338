"""Blocks of a proposal: the ask, review results, regional positions, risks."""

from datetime import date
from decimal import Decimal

from pydantic import Field

from documents.meta import Line, Plain
from documents.parts import Euro, Percent
from documents.review.parts import PrintedCondition, ScoredCriterion
from states.review.tables import Willingness


class AskPart(Plain):
    """A source that is planned but not yet committed, EUR."""

    name: Line
    status: Line
    amount: Euro


class Ask(Plain):
    """What is asked for: how much, by which instrument, for what, and how it comes back."""

    amount: Euro
    instrument: str = ""
    addressed_to: str = ""
    purpose: str = ""
    return_to_financier: str = ""
    repayment: str = ""
    parts: tuple[AskPart, ...] = ()
    illustrative: bool = False


class ReviewResult(Plain):
    """The outcome of a review round; its evaluators are counted, never named."""

    panel: Line
    round_number: int = Field(ge=1)
    evaluations: int = Field(ge=0)
    criteria: tuple[ScoredCriterion, ...] = ()
    agreed: bool = Field(default=False, description="a consensus; else the evaluations as the playbook aggregates them")
    overall: Decimal
    overall_threshold: Decimal
    overall_maximum: Decimal
    decision: str = Field(default="", description="empty until it is released")
    decided_on: date | None = None
    maximum: Decimal = Field(default=Decimal(5), description="of one criterion")
    conditions: tuple[PrintedCondition, ...] = ()
    illustrative: bool = False


class RegionalPosition(Plain):
    """The position of one regional authority: a recommendation on its own money, never a vote on all."""

    region_code: Line
    region_name: Line
    authority: str = ""
    willingness: Willingness
    s3_match: str = ""
    citation: str = ""
    instrument: str = ""
    call_opens: date | None = None
    call_closes: date | None = None
    max_rate: Percent | None = None
    amount: Euro | None = None
    condition: str = ""
    alignment: tuple[str, ...] = ()
    illustrative: bool = False


class Risk(Plain):
    """A line of the risk register; the score is probability times impact."""

    id: Line
    title: Line
    category: str = ""
    probability: int = Field(ge=1, le=5)
    impact: int = Field(ge=1, le=5)
    response: Line
    action: str = ""
    owner_role: str = ""
    due: date | None = None
    illustrative: bool = False

    @property
    def score(self) -> int:
        """Probability times impact, 1 to 25."""
        return self.probability * self.impact

    @property
    def band(self) -> str:
        """The band of the score by common convention: 1-4 low, 5-9 medium, 10-14 high, 15-25 critical."""
        return next(name for floor, name in _BANDS if self.score >= floor)


_BANDS = ((15, "critical"), (10, "high"), (5, "medium"), (1, "low"))
