"""The financial plan of a project: what it uses, who pays, what it earns, and by which rates it is judged."""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import Field

from states.funding.case.vocabulary import CaseModel, Euro, Nuts, Percent
from states.funding.finance.sources import Equity, Grant, Guarantee, Label, Loan, OwnCash, Source, Year, Yearly

One = TypeVar("One", Grant, Loan, Equity, OwnCash)


class Prices(StrEnum):
    """Whether amounts and rates are in the prices of one year, or in those of each year."""

    REAL = "real"
    NOMINAL = "nominal"


class Use(CaseModel):
    """What one partner spends in one region in one year, in EUR.

    `life`: 0 is a cost of the year; n an asset written off in n equal years; none an asset that does not wear (land).
    It is written off from `in_service` on, or from the year of spending.
    """

    partner: Label
    region: Nuts
    category: Label
    year: Year
    amount: Euro
    life: Annotated[int, Field(ge=0, le=50)] | None
    in_service: Year | None = None
    eligible: bool = Field(default=True, description="counts as eligible cost of State aid")
    in_kind: bool = Field(default=False, description="brought without cash: no flow of it, and capital like own cash")

    @property
    def is_asset(self) -> bool:
        """Whether it stands in the balance, rather than in the profit and loss of its year."""
        return self.life != 0


class Revenue(CaseModel):
    """What one product or service earns, EUR by year."""

    name: Label
    by_year: Yearly


class OperatingCost(CaseModel):
    """What running it costs, EUR by year; a variable cost moves with the revenue (for the break-even)."""

    name: Label
    by_year: Yearly
    variable: bool = False


class WorkingCapital(CaseModel):
    """Days of revenue that customers owe, days of operating cost in stock and owed to suppliers; 365 days a year."""

    receivable_days: Annotated[int, Field(ge=0, le=365)] = 0
    inventory_days: Annotated[int, Field(ge=0, le=365)] = 0
    payable_days: Annotated[int, Field(ge=0, le=365)] = 0


class Jobs(CaseModel):
    """Full-time equivalents that a partner creates in a region, at the end of the plan."""

    partner: Label
    region: Nuts
    fte: Annotated[Decimal, Field(ge=0, max_digits=9, decimal_places=2)]


class Plan(CaseModel):
    """The whole project as one undertaking, from `first_year` on, each flow at the end of its year.

    Rates in percent a year, in the same prices as the amounts. The first year is t = 0, undiscounted unless
    `discount_first_year`. `reference_rate` discounts aid to `award_year` (or the first year).
    `residual_value` is what the project is worth after its last year; it enters returns, never a statement.
    """

    name: Label
    illustrative: bool = False
    first_year: Year
    years: Annotated[int, Field(ge=2, le=50)]
    prices: Prices
    price_year: Year
    discount_rate: Percent
    discount_first_year: bool = False
    tax_rate: Percent
    reference_rate: Percent | None = None
    award_year: Year | None = None
    residual_value: Euro = Decimal(0)
    uses: tuple[Use, ...] = Field(min_length=1)
    sources: tuple[Source, ...] = ()
    guarantees: tuple[Guarantee, ...] = ()
    revenues: tuple[Revenue, ...] = ()
    operating_costs: tuple[OperatingCost, ...] = ()
    working_capital: WorkingCapital = WorkingCapital()
    jobs: tuple[Jobs, ...] = ()

    @property
    def calendar(self) -> range:
        return range(self.first_year, self.first_year + self.years)

    def of(self, kind: type[One]) -> list[One]:
        return [source for source in self.sources if isinstance(source, kind)]

    def summed(self, parts: Iterable[Yearly]) -> list[Decimal]:
        """Add up EUR by year, one sum for each year of the plan."""
        known = list(parts)
        return [sum((part.get(year, Decimal(0)) for part in known), Decimal(0)) for year in self.calendar]
