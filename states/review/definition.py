"""What a playbook may say of advisory reviews: panels, criteria, scales, thresholds, quorum."""

from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, model_validator

from states.access import Role


class PanelKind(StrEnum):
    """Members score by criteria, or each states the position of a region."""

    SCORES = "scores"
    POSITIONS = "positions"


class Aggregate(StrEnum):
    MEAN = "mean"
    MEDIAN = "median"


class Criterion(BaseModel):
    """One criterion; the weight ranks, it never enters a threshold (Horizon Europe practice)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    threshold: Decimal = Field(default=Decimal(0), ge=0)
    weight: Decimal = Field(default=Decimal(1), gt=0)


class Panel(BaseModel):
    """A panel and the rules of its rounds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    kind: PanelKind
    members: Role
    chair: Role
    due: int = Field(gt=0, le=250, description="working days of a round")
    quorum: int = Field(default=1, ge=1, description="evaluations, or positions, that a decision needs")
    maximum: Decimal = Field(default=Decimal(5), gt=0)
    step: Decimal = Field(default=Decimal("0.5"), gt=0)
    overall: Decimal = Field(default=Decimal(0), ge=0, description="threshold of the unweighted sum")
    aggregate: Aggregate = Aggregate.MEAN
    criteria: list[Criterion] = Field(default=[])
    ladder: str = "default"

    @model_validator(mode="after")
    def _consistent(self) -> "Panel":
        if self.kind is PanelKind.SCORES and not self.criteria:
            raise ValueError("a panel that scores needs criteria")
        keys = [criterion.key for criterion in self.criteria]
        if len(set(keys)) != len(keys):
            raise ValueError("two criteria have one key")
        if any(criterion.threshold > self.maximum for criterion in self.criteria):
            raise ValueError(f"a criterion's threshold is above the maximum of {self.maximum}")
        if self.overall > self.maximum * max(len(self.criteria), 1):
            raise ValueError("the overall threshold is above what all criteria together can give")
        return self
