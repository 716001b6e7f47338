"""A scenario of a funding case: who pays what of each cost item, what the partner pays itself, what nobody pays."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from states.funding.case.vocabulary import CaseModel, Euro, Key, ScenarioKind


class Allocation(CaseModel):
    """An instrument pays so many EUR of a cost item (of a loan: the money, not its aid)."""

    item: Key
    instrument: Key
    amount: Annotated[Euro, Field(gt=0)]


class FundingScenario(CaseModel):
    """A mix for every cost item: allocations + own + gap = its amount, to the cent.

    `own` and `gap` go by cost item; what is not named is zero. `rule_set` is the one it was made under; with its
    `fingerprint` the scenario is frozen to the very text of the rules.
    """

    name: str = Field(min_length=1, max_length=200)
    kind: ScenarioKind | None = None
    rule_set: Key
    fingerprint: str = Field(default="", max_length=64, description="of the rule set; empty: not frozen to its text")
    allocations: tuple[Allocation, ...] = ()
    own: dict[Key, Euro] = Field(default={})
    gap: dict[Key, Euro] = Field(default={})
    note: str = ""
    illustrative: bool = False

    def paid(self, item: str, instrument: str) -> Decimal:
        """Return the EUR that an instrument pays of a cost item."""
        found = (one.amount for one in self.allocations if (one.item, one.instrument) == (item, instrument))
        return sum(found, Decimal(0))
