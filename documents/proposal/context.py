"""What a bankable proposal shows to a bank and to a regional authority."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from documents.meta import DocumentContext, Line, Plain
from documents.parts import (
    Euro,
    Evidence,
    HistoryLine,
    Identity,
    LabelledText,
    Partner,
    Percent,
    Section,
    VersionLine,
)
from documents.proposal.scenario import Scenario
from states.archive.tables import DocumentKind
from states.review.tables import Willingness


class Ask(Plain):
    """What is asked for: how much, by which instrument, for what, and how it comes back."""

    amount: Euro
    instrument: Line
    addressed_to: str = ""
    purpose: str = ""
    return_to_financier: str = ""
    repayment: str = ""
    illustrative: bool = False


class CriterionResult(Plain):
    """The consensus of a panel on one criterion, and the spread of its evaluations."""

    name: Line
    score: Decimal = Field(ge=0, le=5)
    lowest: Decimal = Field(ge=0, le=5)
    highest: Decimal = Field(ge=0, le=5)
    threshold: Decimal = Field(ge=0, le=5)
    weight: Decimal = Field(default=Decimal(1), gt=0)

    @property
    def passed(self) -> bool:
        """Whether the score reaches the threshold; weights play no part in it."""
        return self.score >= self.threshold


class ReviewResult(Plain):
    """The outcome of a review round; its evaluators are counted, never named."""

    panel: Line
    round_number: int = Field(ge=1)
    evaluations: int = Field(ge=0)
    criteria: tuple[CriterionResult, ...] = ()
    overall: Decimal
    overall_threshold: Decimal
    overall_maximum: Decimal
    decision: Line
    decided_on: date
    conditions: tuple[str, ...] = ()
    illustrative: bool = False


class RegionalPosition(Plain):
    """The position of one regional authority: a recommendation on its own money, never a vote on all."""

    region_code: Line
    region_name: Line
    authority: str = ""
    willingness: Willingness
    s3_match: str = ""
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
    category: Line
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


class ProposalContext(DocumentContext):
    """A bankable proposal: the ask, who stands behind it, how it was judged, and how it is financed."""

    KIND: ClassVar[DocumentKind] = DocumentKind.PROPOSAL

    identity: Identity
    summary: tuple[LabelledText, ...] = ()
    ask: Ask
    partners: tuple[Partner, ...] = ()
    sections: tuple[Section, ...] = ()
    reviews: tuple[ReviewResult, ...] = ()
    positions: tuple[RegionalPosition, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    risks: tuple[Risk, ...] = ()
    stages: tuple[str, ...] = Field(default=(), description="names of the stages, in the order of the lifecycle")
    history: tuple[HistoryLine, ...] = ()
    versions: tuple[VersionLine, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @property
    def chosen(self) -> Scenario | None:
        """The scenario that the partners chose, if they did."""
        return next((scenario for scenario in self.scenarios if scenario.chosen), None)
