"""The figures of a financial plan as the API shows them: EUR to the cent, ratios and percentages to four places."""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from api.http.schemas import Money, Named, Output, Text
from states.funding.finance.scenario_finances import Finances
from states.funding.finance.sensitivity import Measure
from states.funding.finance.simulation import LEAST_DSCR, Simulation, quantile
from states.funding.finance.sources import Source
from states.rights import blinding

QUANTILES = (5, 25, 50, 75, 95)


def _read(raw: object) -> object:
    return Decimal(raw) if isinstance(raw, str) else raw


Figure = Annotated[
    Decimal,
    BeforeValidator(_read),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "description": "a ratio, percent or years, to four places"}),
]


class SpendingOut(Output):
    partner: Named
    region: str
    category: Text
    year: int
    amount: Money


class PaymentsOut(Output):
    kind: str
    name: Text
    public: bool
    eu: bool
    payments: dict[int, Money]
    total: Money


class ProfitOut(Output):
    year: int
    revenue: Money
    operating_cost: Money
    project_cost: Money = Field(description="spent on the project, and no asset")
    depreciation: Money
    grants_released: Money
    interest: Money
    premiums: Money
    before_tax: Money
    tax: Money
    after_tax: Money


class CashOut(Output):
    year: int
    opening: Money
    revenue: Money
    operating_cost: Money
    working_capital: Money
    tax: Money
    uses: Money
    grants: Money
    paid_in: Money
    drawn: Money
    repaid: Money
    interest: Money
    premiums: Money
    net: Money
    closing: Money = Field(description="below zero it is not financed")


class BalanceOut(Output):
    year: int
    fixed_assets: Money
    inventories: Money
    receivables: Money
    cash: Money
    payables: Money
    loans: Money
    deferred_grants: Money
    paid_in: Money
    retained: Money
    assets: Money
    liabilities: Money
    equity: Money


class ReturnOut(Output):
    flows: list[Money]
    npv: Money
    irr: list[Figure] = Field(description="every rate of return, percent: none, one or several")


class CoverageOut(Output):
    dscr: dict[int, Figure]
    least: Figure | None
    average: Figure | None
    llcr: Figure | None


class GapOut(Output):
    cost: Money
    net_revenue: Money
    gap: Money
    rate: Figure | None = Field(description="percent of the discounted cost")


class LeverageOut(Output):
    private: Money
    public: Money
    eu: Money
    uses: Money
    private_per_public: Figure | None
    eu_multiplier: Figure | None


class IndicatorsOut(Output):
    project: ReturnOut = Field(description="after tax, before funding")
    on_investment: ReturnOut = Field(description="FNPV/C and FRR/C: before tax and funding")
    on_national_capital: ReturnOut = Field(description="FNPV/K and FRR/K: after loans and money of the Union")
    of_owners: ReturnOut = Field(description="after everything")
    mirr: Figure | None
    payback: Figure | None
    discounted_payback: Figure | None
    coverage: CoverageOut
    funding_gap: GapOut
    aid_gap: GapOut
    break_even: dict[int, Money | None]
    leverage: LeverageOut


class GrantEquivalentOut(Output):
    name: Text
    amount: Money | None
    missing: str = Field(description="the rate that is missing where the amount is none")


class RegionEffectOut(Output):
    region: str
    cost: Money
    grant: Money
    jobs: Figure


class SensitivityOut(Output):
    variable: Text
    fallen: Money = Field(description="NPV where it is one percent lower")
    risen: Money = Field(description="NPV where it is one percent higher")
    moved: Figure | None = Field(description="the larger move, percent of NPV")
    critical: bool
    switching: Figure | None = Field(description="the change in percent that brings NPV to zero")


class SimulationOut(Output):
    seed: int
    runs: int
    mean: Money
    loses: Figure = Field(description="percent of the runs with NPV below zero")
    strains: Figure | None = Field(description=f"percent of the runs whose least DSCR is below {LEAST_DSCR}")
    npv: dict[int, Money] = Field(description="by percentile")


class FinancesOut(Output):
    scenario_id: str
    name: Text
    illustrative: bool
    assumptions: Annotated[dict[str, object], blinding.Name] = Field(description="as they were sent, with sources")
    measure: Measure = Field(description="whose NPV the sensitivity and the simulation speak of")
    first_year: int
    last_year: int
    uses: list[SpendingOut]
    sources: list[PaymentsOut]
    profit: list[ProfitOut]
    cash: list[CashOut]
    balance: list[BalanceOut]
    shortfalls: dict[int, Money] = Field(description="EUR missing at the end of each year with cash below zero")
    indicators: IndicatorsOut
    grant_equivalents: list[GrantEquivalentOut]
    regions: list[RegionEffectOut]
    sensitivity: list[SensitivityOut]
    simulation: SimulationOut | None


def financial_figures(found: Finances, *, scenario_id: str) -> FinancesOut:
    """Return the figures as they are shown."""
    made, plan = found.statements, found.plan
    return FinancesOut.model_validate(
        {
            "scenario_id": scenario_id,
            "name": plan.name,
            "illustrative": plan.illustrative,
            "assumptions": found.given.model_dump(mode="json"),
            "measure": found.given.draws.measure,
            "first_year": plan.calendar[0],
            "last_year": plan.calendar[-1],
            "uses": list(plan.uses),
            "sources": [_payments(one) for one in plan.sources],
            "profit": list(made.profit),
            "cash": list(made.cash),
            "balance": list(made.balance),
            "shortfalls": made.shortfalls,
            "indicators": found.indicators,
            "grant_equivalents": list(found.aid),
            "regions": list(found.regions),
            "sensitivity": list(found.sensitivity),
            "simulation": _simulation(found.simulation) if found.simulation else None,
        },
        from_attributes=True,
    )


def _payments(one: Source) -> PaymentsOut:
    total = sum(one.payments.values(), Decimal(0))
    return PaymentsOut(kind=one.kind, name=one.name, public=one.public, eu=one.eu, payments=one.payments, total=total)


def _simulation(found: Simulation) -> SimulationOut:
    return SimulationOut(
        seed=found.seed,
        runs=found.runs,
        mean=found.mean,
        loses=found.loses,
        strains=found.strains,
        npv={percent: quantile(found.npv, percent) for percent in QUANTILES},
    )
