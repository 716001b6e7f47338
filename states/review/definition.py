"""What a playbook may say of advisory reviews: panels, criteria, scales, thresholds, quorum."""

from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, model_validator

from states.rights.access import Role
from states.shapes import Unfit
from states.texts.titles import Named


class PanelKind(StrEnum):
    """Members score by criteria, or each states the position of a region."""

    SCORES = "scores"
    POSITIONS = "positions"


class Aggregate(StrEnum):
    MEAN = "mean"
    MEDIAN = "median"


class Phase(StrEnum):
    """Where a round stands; a playbook declares which of them its panel goes through, in this order."""

    INDIVIDUAL = "individual"
    CONSENSUS = "consensus"
    PANEL = "panel"
    DECISION = "decision"
    RELEASE = "release"


class Criterion(BaseModel):
    """One criterion; the weight ranks, it never enters a threshold (Horizon Europe practice)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Named
    threshold: Decimal = Field(default=Decimal(0), ge=0)
    weight: Decimal = Field(default=Decimal(1), gt=0)


class Composition(BaseModel):
    """A rule on who sits in a round: at least so many with this expertise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    expertise: str
    at_least: int = Field(ge=1)


class Panel(BaseModel):
    """A panel and the rules of its rounds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Named
    kind: PanelKind
    members: Role
    chair: Role
    due: int = Field(gt=0, le=250, description="working days of a round")
    declare_within: int = Field(default=5, gt=0, le=250, description="working days until a reviewer has declared")
    quorum: int = Field(default=1, ge=1, description="evaluations, or positions, that a decision needs")
    seats: int = Field(default=3, ge=1, description="reviewers of a dossier")
    load: int = Field(default=10, ge=1, description="open dossiers that one reviewer has at most")
    composition: list[Composition] = Field(default=[])
    phases: list[Phase] = Field(default=[Phase.INDIVIDUAL, Phase.DECISION, Phase.RELEASE], min_length=3)
    maximum: Decimal = Field(default=Decimal(5), gt=0)
    step: Decimal = Field(default=Decimal("0.5"), gt=0)
    overall: Decimal = Field(default=Decimal(0), ge=0, description="threshold of the unweighted sum")
    aggregate: Aggregate = Aggregate.MEAN
    spread: Decimal = Field(default=Decimal("1.5"), ge=0, description="points; more than that must be discussed")
    comment: int = Field(default=0, ge=0, le=2000, description="characters of a comment at least, per criterion")
    lookback: int = Field(default=3, ge=0, description="years in which a tie makes a potential conflict")
    blind: bool = Field(default=False, description="applicants' names are hidden until the evaluations are in")
    tie_break: list[str] = Field(default=[], description="criteria, in the order in which they break a tie")
    criteria: list[Criterion] = Field(default=[])
    ladder: str = "default"

    @model_validator(mode="after")
    def _consistent(self) -> "Panel":
        if self.kind is PanelKind.SCORES and not self.criteria:
            raise Unfit("scoring_needs_criteria")
        keys = [criterion.key for criterion in self.criteria]
        if len(set(keys)) != len(keys):
            raise Unfit("criteria_key_twice")
        if any(criterion.threshold > self.maximum for criterion in self.criteria):
            raise Unfit("threshold_above_maximum", most=self.maximum)
        if self.overall > self.maximum * max(len(self.criteria), 1):
            raise Unfit("overall_threshold_above_all")
        if sorted(self.phases, key=list(Phase).index) != self.phases or len(set(self.phases)) != len(self.phases):
            raise Unfit("phases_out_of_order", phases=tuple(Phase))
        if not {Phase.INDIVIDUAL, Phase.DECISION, Phase.RELEASE} <= set(self.phases):
            raise Unfit("phases_needed")
        if unknown := [key for key in self.tie_break if key not in keys]:
            raise Unfit("tie_break_unknown", criteria=tuple(unknown))
        if self.quorum > self.seats and self.kind is PanelKind.SCORES:
            raise Unfit("quorum_beyond_seats", quorum=self.quorum, seats=self.seats)
        return self

    def has_quorum(self, answers: int) -> bool:
        """Tell whether as many evaluations or positions are in as a decision needs."""
        return answers >= self.quorum

    def phase_after(self, phase: Phase) -> Phase:
        """Return the phase that this panel declares next; release is the last."""
        following = self.phases[self.phases.index(phase) + 1 :]
        return following[0] if following else phase
