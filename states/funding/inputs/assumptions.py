"""What only people know of a project's future: what it spends when, what it earns, and by what it is judged."""

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from states.errors import Fault
from states.funding.case.vocabulary import CaseModel, CostCategory, Euro, Key, Nuts, Percent
from states.funding.finance.plan import Prices
from states.funding.finance.sensitivity import Measure
from states.funding.finance.simulation import MOST_RUNS
from states.funding.finance.sources import Label, Repayment, Year, Yearly
from states.shapes import Unfit

Days = Annotated[int, Field(ge=0, le=365)]
Change = Annotated[Decimal, Field(ge=-100, le=1000, max_digits=6, decimal_places=2)]


class Sourced(CaseModel):
    """An assumption says where it is from, or that it is made up."""

    source: str = Field(default="", max_length=1000, description="where it is from")
    illustrative: bool = False

    @model_validator(mode="after")
    def _stands_on_something(self) -> Self:
        if not self.source.strip() and not self.illustrative:
            raise Unfit("neither_source_nor_illustrative")
        return self


class Horizon(Sourced):
    """The years of the plan, and the prices of all its amounts and rates."""

    first_year: Year
    years: Annotated[int, Field(ge=2, le=50)]
    prices: Prices
    price_year: Year


class Rates(Sourced):
    """Percent a year: by which returns are discounted, profit is taxed, and aid is discounted to its award."""

    discount: Percent
    discount_first_year: bool = False
    tax: Percent
    reference: Percent | None = None
    award_year: Year | None = None


class Spending(Sourced):
    """When a cost line is spent, percent of it by year; without it, all in the year in which it starts."""

    item: Key
    by_year: Annotated[dict[Year, Percent], Field(min_length=1)]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (total := sum(self.by_year.values(), Decimal(0))) != 100:
            raise Unfit("not_hundred_percent", total=total)
        return self


class AssetLife(Sourced):
    """Over how many years a category of cost is written off, from `in_service` on or the year of spending if later.

    A category that is not named is a cost of its year; land is kept without wear.
    """

    category: CostCategory
    life: Annotated[int, Field(ge=1, le=50)]
    in_service: Year | None = None


class LoanTerms(Sourced):
    """Under which terms an instrument of the catalogue lends, by its short name; cover and premium of a guarantee."""

    instrument: Key
    rate: Percent
    grace: Annotated[int, Field(ge=0, le=20)] = 0
    years: Annotated[int, Field(ge=1, le=40)]
    repayment: Repayment = Repayment.ANNUITY
    market_rate: Percent | None = None
    cover: Percent | None = None
    premium: Percent | None = None
    market_premium: Percent | None = None


class Earning(Sourced):
    """What one product or service earns, EUR by year."""

    name: Label
    by_year: Yearly


class Running(Sourced):
    """What running it costs, EUR by year; `variable` moves with the revenue."""

    name: Label
    by_year: Yearly
    variable: bool = False


class Binding(Sourced):
    """Days of revenue that customers owe, of operating cost in stock and owed to suppliers."""

    receivable_days: Days = 0
    inventory_days: Days = 0
    payable_days: Days = 0


class Employment(Sourced):
    """Full-time equivalents that a partner creates at a place, at the end of the plan."""

    partner: Key
    region: Annotated[Nuts, Field(min_length=4, description="NUTS 2 or NUTS 3")]
    fte: Annotated[Decimal, Field(gt=0, max_digits=9, decimal_places=2)]


class Residual(Sourced):
    """EUR that the project is worth after its last year."""

    amount: Euro


class Uncertainty(Sourced):
    """How far a variable may lie from the plan, in percent; variables are named as in the sensitivity."""

    variable: Label
    low: Change
    likely: Change = Decimal(0)
    high: Change


class Draws(CaseModel):
    """How often the uncertain variables are drawn, and from which seed."""

    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 1
    runs: Annotated[int, Field(ge=1, le=MOST_RUNS // 10)] = 500
    measure: Measure = Measure.PROJECT


class Assumptions(CaseModel):
    """All that a mix needs to become a financial plan, besides the funding case."""

    horizon: Horizon
    rates: Rates
    spending: tuple[Spending, ...] = ()
    lives: tuple[AssetLife, ...] = ()
    loans: tuple[LoanTerms, ...] = ()
    revenues: tuple[Earning, ...] = ()
    operating_costs: tuple[Running, ...] = ()
    working_capital: Binding | None = None
    jobs: tuple[Employment, ...] = ()
    residual: Residual | None = None
    uncertain: tuple[Uncertainty, ...] = ()
    draws: Draws = Draws()

    @property
    def sourced(self) -> list[tuple[str, Sourced]]:
        found: list[tuple[str, Sourced]] = [("horizon", self.horizon), ("rates", self.rates)]
        found += [("working_capital", self.working_capital)] if self.working_capital else []
        found += [("residual", self.residual)] if self.residual else []
        for place in ("spending", "lives", "loans", "revenues", "operating_costs", "jobs", "uncertain"):
            found += [(f"{place}[{n}]", one) for n, one in enumerate(getattr(self, place))]
        return found

    @property
    def illustrative(self) -> bool:
        """Whether some of it is made up."""
        return any(one.illustrative for _, one in self.sourced)


def assumption_faults(given: Assumptions) -> list[Fault]:
    """Return what does not fit together in the assumptions themselves: each place, and what to do."""
    return [*_repeats(given), *_land(given), *_orders(given)]


def _repeats(given: Assumptions) -> Iterator[Fault]:
    named: dict[str, Iterable[str]] = {
        "spending": (one.item for one in given.spending),
        "lives": (one.category for one in given.lives),
        "loans": (one.instrument for one in given.loans),
        "revenues": (one.name for one in given.revenues),
        "operating_costs": (one.name for one in given.operating_costs),
        "uncertain": (one.variable for one in given.uncertain),
    }
    for place, names in named.items():
        for name, times in Counter(names).items():
            if times > 1:
                yield Fault(place, "name_repeated", remedy="say_once", name=name, times=times)


def _land(given: Assumptions) -> Iterator[Fault]:
    for n, one in enumerate(given.lives):
        if one.category is CostCategory.LAND:
            yield Fault(f"lives[{n}]", "land_does_not_wear", remedy="take_it_out")


def _orders(given: Assumptions) -> Iterator[Fault]:
    for n, one in enumerate(given.uncertain):
        if not one.low <= one.likely <= one.high:
            yield Fault(f"uncertain[{n}]", "out_of_order", remedy="give_low_likely_high_in_percent")
    first, last = given.horizon.first_year, given.horizon.first_year + given.horizon.years - 1
    tables = {f"spending[{n}].by_year": one.by_year for n, one in enumerate(given.spending)}
    tables |= {f"revenues[{n}].by_year": one.by_year for n, one in enumerate(given.revenues)}
    tables |= {f"operating_costs[{n}].by_year": one.by_year for n, one in enumerate(given.operating_costs)}
    for place, table in tables.items():
        for year in table:
            if not first <= year <= last:
                yield Fault(
                    f"{place}.{year}",
                    "year_outside_plan",
                    remedy="mend_year_or_horizon",
                    year=year,
                    first=first,
                    last=last,
                )
