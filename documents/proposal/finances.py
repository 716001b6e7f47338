"""The financial analysis of the chosen scenario as it is printed: assumptions, statements, figures, what moves them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from pydantic import Field
from sqlmodel import Session

from documents.formats import DASH, NARROW_SPACE, euro, in_words, money, percent, plain
from documents.gathering import Subject
from documents.meta import Line, Plain
from documents.parts import Euro
from documents.proposal.assumed import AssumptionLine, assumption_lines
from states.errors import Invalid
from states.funding.finance.aid import GrantEquivalent
from states.funding.finance.indicators import Indicators, Return
from states.funding.finance.returns import discounted
from states.funding.finance.rounding import cent
from states.funding.finance.scenario_finances import Finances, finances_of
from states.funding.finance.sensitivity import CHANGE, Sensitivity
from states.funding.finance.simulation import Simulation
from states.funding.finance.sources import Yearly
from states.funding.finance.statements import Balance, Cash, Profit
from states.funding.tables import Scenario

MOST_YEARS = 4  # columns of money beside a total; what comes later is one column


class YearLine(Plain):
    """One use or source, EUR for each column of years."""

    name: Line
    note: str = ""
    amounts: tuple[Euro, ...]

    @property
    def total(self) -> Decimal:
        """EUR of all years."""
        return sum(self.amounts, Decimal("0.00"))


class YearTable(Plain):
    """Uses or sources by year."""

    years: tuple[Line, ...]
    lines: tuple[YearLine, ...]

    @property
    def totals(self) -> tuple[Decimal, ...]:
        """EUR of all lines in each column, and of everything."""
        columns = [sum(column, Decimal("0.00")) for column in zip(*(line.amounts for line in self.lines), strict=True)]
        return (*columns, sum(columns, Decimal("0.00")))


class FigureLine(Plain):
    """A figure by which banks and authorities judge, written out, and what it says."""

    name: Line
    value: Line
    meaning: str = ""


class RegionLine(Plain):
    """What one region carries and gets."""

    code: Line
    name: str = ""
    cost: Euro
    grant: Euro
    jobs: Decimal


class FinancialAnalysis(Plain):
    """Every figure of the chosen scenario's plan; the statements hold one line for each year."""

    scenario: Line
    prices: Line
    first_year: int
    assumptions: tuple[AssumptionLine, ...]
    uses: YearTable
    sources: YearTable | None = None
    figures: tuple[FigureLine, ...]
    profit: tuple[Profit, ...]
    cash: tuple[Cash, ...]
    balance: tuple[Balance, ...]
    flows: tuple[Euro, ...]
    discounted: tuple[Euro, ...]
    dscr: dict[int, Decimal]
    break_even: dict[int, Decimal]
    shortfalls: dict[int, Euro]
    regions: tuple[RegionLine, ...]
    aid: tuple[GrantEquivalent, ...] = ()
    measure: Line
    npv: Euro
    change: Decimal = Field(description="percent by which the variables move")
    sensitivity: tuple[Sensitivity, ...]
    simulation: Simulation | None = None
    illustrative: bool = False


def analysis_of(session: Session, subject: Subject, row: Scenario) -> tuple[FinancialAnalysis | None, tuple[str, ...]]:
    """Return the analysis of a scenario, or none and what keeps it from being made; nothing is filled in."""
    try:
        found = finances_of(session, row)
    except Invalid as invalid:
        return None, tuple(map(str, invalid.faults))
    return printed_analysis(found, subject, name=row.name), ()


def printed_analysis(found: Finances, subject: Subject, *, name: str) -> FinancialAnalysis:
    """Return the figures of a plan as they are printed."""
    plan, told, made = found.plan, found.indicators, found.statements
    judged = told.project if found.given.draws.measure == "project" else told.of_owners
    series = discounted(told.project.flows, plan.discount_rate, first=int(plan.discount_first_year))
    used = [(one.partner, f"{in_words(one.category)}, {one.region}", {one.year: one.amount}) for one in plan.uses]
    paid = [(one.name, in_words(one.kind), one.payments) for one in plan.sources]
    return FinancialAnalysis(
        scenario=name,
        prices=f"{plan.prices.value} prices of {plan.price_year}",
        first_year=plan.first_year,
        assumptions=assumption_lines(found),
        uses=_by_year(used),
        sources=_by_year(paid) if paid else None,
        figures=tuple(_figures(told)),
        profit=made.profit,
        cash=made.cash,
        balance=made.balance,
        flows=told.project.flows,
        discounted=tuple(cent(flow) for flow in series),
        dscr=told.coverage.dscr,
        break_even={year: amount for year, amount in told.break_even.items() if amount is not None},
        shortfalls=made.shortfalls,
        regions=tuple(
            RegionLine(
                code=one.region, name=subject.place(one.region)[1], cost=one.cost, grant=one.grant, jobs=one.jobs
            )
            for one in found.regions
        ),
        aid=found.aid,
        measure="of the project" if judged is told.project else "of the owners",
        npv=judged.npv,
        change=CHANGE,
        sensitivity=found.sensitivity,
        simulation=found.simulation,
        illustrative=plan.illustrative,
    )


def _by_year(parts: Sequence[tuple[str, str, Yearly]]) -> YearTable:
    """Join lines of one name and note, and lay them out by year; many years leave the last column for the rest."""
    lines: dict[tuple[str, str], dict[int, Decimal]] = {}
    for name, note, amounts in parts:
        joined = lines.setdefault((name, note), {})
        for year, amount in amounts.items():
            joined[year] = joined.get(year, Decimal("0.00")) + amount
    years = sorted({year for amounts in lines.values() for year in amounts})
    alone = len(years) if len(years) <= MOST_YEARS else MOST_YEARS - 1
    columns = [[year] for year in years[:alone]] + ([years[alone:]] if years[alone:] else [])
    return YearTable(
        years=tuple(str(one[0]) if len(one) == 1 else f"{one[0]}{DASH}{one[-1]}" for one in columns),
        lines=tuple(
            YearLine(name=name, note=note, amounts=tuple(_sum(amounts.get(year) for year in one) for one in columns))
            for (name, note), amounts in lines.items()
        ),
    )


def _sum(amounts: Iterable[Decimal | None]) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), Decimal("0.00"))


def _figures(told: Indicators) -> Iterable[FigureLine]:
    for name, meaning, one in (
        ("Project", "after tax, before funding", told.project),
        ("Investment, FNPV/C and FRR/C", "before tax and funding", told.on_investment),
        ("National capital, FNPV/K and FRR/K", "after loans and money of the Union", told.on_national_capital),
        ("Owners", "after everything", told.of_owners),
    ):
        yield FigureLine(name=f"{name}: net present value", value=euro(one.npv), meaning=meaning)
        yield FigureLine(name=f"{name}: rate of return", value=_rates(one), meaning=meaning)
    gap, cover, lever = told.funding_gap, told.coverage, told.leverage
    yield _line("Modified rate of return", told.mirr, " %", "of the project, at the discount rate")
    yield _line("Payback", told.payback, " years", "from the first year on")
    yield _line("Payback, discounted", told.discounted_payback, " years", "from the first year on")
    yield FigureLine(
        name="Funding gap",
        value=f"{euro(gap.gap)}" + (f", {percent(round(gap.rate, 2))}" if gap.rate is not None else ""),
        meaning="discounted cost that discounted net revenue leaves open",
    )
    yield _line("DSCR, least", cover.least, "", "cash flow over interest and principal; banks ask 1.2 or more")
    yield _line("DSCR, mean", cover.average, "", "over the years with debt service")
    yield _line("LLCR", cover.llcr, "", "discounted cash flow over the debt, after the last payout")
    yield _line("Private for each public EUR", lever.private_per_public, "", f"of {money(lever.public)} public")
    yield _line("Investment for each EUR of the Union", lever.eu_multiplier, "", f"of {money(lever.eu)} of the Union")


def _rates(one: Return) -> str:
    return " and ".join(percent(round(rate, 2)) for rate in one.irr) or "none"


def _line(name: str, value: Decimal | None, unit: str, meaning: str) -> FigureLine:
    said = "none" if value is None else f"{plain(round(value, 2))}{unit.replace(' ', NARROW_SPACE)}"
    return FigureLine(name=name, value=said, meaning=meaning)
