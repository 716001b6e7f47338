"""The financial analysis of the chosen scenario as it is printed: assumptions, statements, figures, what moves them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from pydantic import Field

from documents.formats import DASH, percent, plain, signed, whole_euro
from documents.gathering import Subject
from documents.languages import gettext, marked, ngettext
from documents.meta import Line, Plain
from documents.parts import Euro
from documents.proposal.asked import Asked, asked_of_figures, prices_said, valued_on
from documents.proposal.names import term, told
from documents.words import category, said_word, word
from states.funding.case.gathering import instrument_slug
from states.funding.finance.indicators import GrantEquivalent, Indicators, Return
from states.funding.finance.returns import cent, discounted
from states.funding.finance.scenario_finances import Finances
from states.funding.finance.sensitivity import CHANGE, Sensitivity
from states.funding.finance.simulation import LEAST_DSCR, Simulation
from states.funding.finance.sources import OwnCash, Source, Yearly
from states.funding.finance.statements import Balance, Cash, Profit, Schedule, Statements
from states.funding.finance.stress import Stress, stresses
from states.funding.inputs.assumptions import Assumptions, LoanTerms, Sourced, Uncertainty


class AssumptionLine(Plain):
    """One assumption: what it is about, what it says, and its source; made up where it is illustrative."""

    what: Line
    says: Line
    source: str = ""
    illustrative: bool = False


def assumption_lines(found: Finances) -> tuple[AssumptionLine, ...]:
    """Return every assumption of a plan in words, in the order in which they are asked for."""
    return tuple(
        AssumptionLine(what=told(what), says=told(says), source=told(one.source), illustrative=one.illustrative)
        for one, what, says in (*_frame(found.given), *_money(found), *_life(found), *_chance(found.given))
    )


Said = Iterator[tuple[Sourced, str, str]]


def _frame(given: Assumptions) -> Said:
    years, rates = given.horizon, given.rates
    last = years.first_year + years.years - 1
    yield (
        years,
        gettext("Years and prices"),
        gettext("%(years)s, in %(prices)s")
        % {"years": f"{years.first_year}{DASH}{last}", "prices": prices_said(years.prices, years.price_year)},
    )
    first = ", " + gettext("the first year too") if rates.discount_first_year else ""
    tax = gettext("tax %(rate)s") % {"rate": percent(rates.tax)}
    yield rates, gettext("Discount rate and tax"), f"{percent(rates.discount)}{first}; {tax}"
    if rates.reference is not None:
        day = ", " + gettext("discounted to %(year)s") % {"year": rates.award_year} if rates.award_year else ""
        yield rates, gettext("Reference rate for aid"), f"{percent(rates.reference)}{day}"


def _money(found: Finances) -> Said:
    case, given = found.case, found.given
    names = {instrument_slug(one.id): one.name for one in case.instruments}
    for spent in given.spending:
        item = case.item_by_id[spent.item]
        whose = f"{case.partner_of(item).name}, {word(item.cost_category)}"
        by_year = "; ".join(f"{year}: {percent(part)}" for year, part in sorted(spent.by_year.items()))
        yield spent, gettext("Spending: %(whose)s") % {"whose": whose}, by_year
    for asset in given.lives:
        life = ngettext("%(num)s year", "%(num)s years", asset.life) % {"num": asset.life}
        if asset.in_service:
            life += ", " + gettext("in service from %(year)s") % {"year": asset.in_service}
        yield asset, gettext("Life: %(asset)s") % {"asset": word(asset.category)}, life
    for terms in given.loans:
        yield terms, gettext("Terms: %(source)s") % {"source": names[terms.instrument]}, _terms(terms)


def _terms(terms: LoanTerms) -> str:
    over = {"repayment": word(terms.repayment), "years": terms.years}
    said = [
        gettext("%(rate)s a year") % {"rate": percent(terms.rate)},
        gettext("%(repayment)s over %(years)s years") % over,
    ]
    if terms.grace:
        said.append(gettext("%(years)s of grace") % {"years": terms.grace})
    if terms.market_rate is not None:
        said.append(gettext("market rate %(rate)s") % {"rate": percent(terms.market_rate)})
    if terms.cover is not None and terms.premium is not None:
        values = {"part": percent(terms.cover), "premium": percent(terms.premium)}
        said.append(gettext("%(part)s guaranteed at %(premium)s") % values)
    return ", ".join(said)


def _life(found: Finances) -> Said:
    given = found.given
    for earned in given.revenues:
        yield earned, gettext("Revenue: %(name)s") % {"name": earned.name}, _series(earned.by_year)
    for cost in given.operating_costs:
        moves = "; " + gettext("moves with the revenue") if cost.variable else ""
        yield cost, gettext("Operating cost: %(name)s") % {"name": cost.name}, f"{_series(cost.by_year)}{moves}"
    if bound := given.working_capital:
        days = {
            gettext("%(days)s days of revenue owed"): bound.receivable_days,
            gettext("%(days)s days of cost in stock"): bound.inventory_days,
            gettext("%(days)s days of cost owing"): bound.payable_days,
        }
        yield (
            bound,
            gettext("Working capital"),
            "; ".join(what % {"days": count} for what, count in days.items() if count) or gettext("none"),
        )
    for job, planned in zip(given.jobs, found.plan.jobs, strict=True):
        said = {"fte": plain(planned.fte), "region": planned.region}
        name = gettext("Jobs: %(partner)s") % {"partner": planned.partner}
        yield job, name, gettext("%(fte)s full-time equivalents in %(region)s") % said
    if given.residual:
        yield given.residual, gettext("Residual value"), whole_euro(given.residual.amount)


def _series(by_year: Yearly) -> str:
    if not by_year:
        return whole_euro(Decimal(0))
    first, last = min(by_year), max(by_year)
    if first == last:
        return gettext("%(figure)s in %(year)s") % {"figure": whole_euro(by_year[first]), "year": first}
    values = {"first": whole_euro(by_year[first]), "year": first, "last": whole_euro(by_year[last]), "end": last}
    return gettext("%(first)s in %(year)s to %(last)s in %(end)s") % values


def _chance(given: Assumptions) -> Said:
    for one in given.uncertain:
        yield one, gettext("Uncertain: %(variable)s") % {"variable": term(one.variable)}, _range(one)


def _range(one: Uncertainty) -> str:
    values = {"low": signed(one.low), "high": signed(one.high), "likely": signed(one.likely)}
    return gettext("%(low)s to %(high)s, most likely %(likely)s") % values


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


class BridgeStep(Plain):
    """What all years of the plan together add to the cash, or take from it, EUR."""

    name: Line
    amount: Euro


class LoanYear(Plain):
    """A loan in one year, EUR: paid out, interest, paid back, owed at its end."""

    year: int
    drawn: Euro
    interest: Euro
    repaid: Euro
    owed: Euro


class LoanTable(Plain):
    """A loan over its life."""

    name: Line
    years: tuple[LoanYear, ...]


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
    valued: Line
    repaid_from: str = ""
    project_npv: Euro
    project_irr: tuple[Decimal, ...]
    owners_npv: Euro
    owners_irr: tuple[Decimal, ...]
    bridge: tuple[BridgeStep, ...]
    loans: tuple[LoanTable, ...] = ()
    stresses: tuple[Stress, ...]
    asked: tuple[Asked, ...] = ()
    illustrative: bool = False


def _payer(one: Source) -> str:
    """Say who pays: a source by its name, a partner's own cash by the partner."""
    return (
        gettext("Own cash of %(partner)s") % {"partner": told(one.partner)}
        if isinstance(one, OwnCash)
        else told(one.name)
    )


def printed_analysis(found: Finances, subject: Subject, *, name: str) -> FinancialAnalysis:
    """Return the figures of a plan as they are printed."""
    plan, told_by, made = found.plan, found.indicators, found.statements
    judged = told_by.project if found.given.draws.measure == "project" else told_by.of_owners
    series = discounted(told_by.project.flows, plan.discount_rate, first=int(plan.discount_first_year))
    used = [(told(one.partner), f"{category(one.category)}, {one.region}", {one.year: one.amount}) for one in plan.uses]
    paid = [(_payer(one), said_word(one.kind, "source kind"), one.payments) for one in plan.sources]
    return FinancialAnalysis(
        scenario=told(name),
        prices=prices_said(plan.prices, plan.price_year),
        first_year=plan.first_year,
        assumptions=assumption_lines(found),
        uses=_by_year(used),
        sources=_by_year(paid) if paid else None,
        figures=tuple(_figures(told_by)),
        profit=made.profit,
        cash=made.cash,
        balance=made.balance,
        flows=told_by.project.flows,
        discounted=tuple(cent(flow) for flow in series),
        dscr=told_by.coverage.dscr,
        break_even={year: amount for year, amount in told_by.break_even.items() if amount is not None},
        shortfalls=made.shortfalls,
        regions=tuple(
            RegionLine(
                code=one.region, name=subject.place(one.region)[1], cost=one.cost, grant=one.grant, jobs=one.jobs
            )
            for one in found.regions
        ),
        aid=tuple(replace(one, name=told(one.name)) for one in found.aid),
        measure="of the project" if judged is told_by.project else "of the owners",
        npv=judged.npv,
        change=CHANGE,
        sensitivity=found.sensitivity,
        simulation=found.simulation,
        valued=valued_on(plan),
        repaid_from=_repaid_from(found),
        project_npv=told_by.project.npv,
        project_irr=told_by.project.irr,
        owners_npv=told_by.of_owners.npv,
        owners_irr=told_by.of_owners.irr,
        bridge=tuple(_bridge(made)),
        loans=tuple(_loan(one, plan.calendar) for one in made.loans),
        stresses=tuple(stresses(plan)),
        asked=tuple(asked_of_figures(found)),
        illustrative=plan.illustrative,
    )


def _repaid_from(found: Finances) -> str:
    """Say what pays the loans back, and between which years."""
    lines, made = found.plan.revenues, found.statements
    served = [one.year for one in made.cash if one.repaid]
    if not served or not lines:
        return ""
    names = "; ".join(told(one.name) for one in lines)
    first, last = made.cash[served[0] - found.plan.first_year], made.cash[served[-1] - found.plan.first_year]
    return gettext(
        "Repaid %(years)s from the cash flow of: %(names)s. For debt there is %(first)s in %(year)s, "
        "%(last)s in %(end)s."
    ) % {
        "years": f"{served[0]}{DASH}{served[-1]}",
        "names": names,
        "first": whole_euro(first.for_debt),
        "year": first.year,
        "last": whole_euro(last.for_debt),
        "end": last.year,
    }


def _bridge(made: Statements) -> Iterator[BridgeStep]:
    signs = {"revenue": 1, "operating_cost": -1, "working_capital": -1, "tax": -1, "uses": -1, "grants": 1}
    signs |= {"paid_in": 1, "drawn": 1, "repaid": -1, "interest": -1, "premiums": -1}
    for key, sign in signs.items():
        amount = sum((getattr(one, key) for one in made.cash), Decimal("0.00"))
        if amount:
            yield BridgeStep(name=gettext(_BRIDGE[key]), amount=sign * amount)


_BRIDGE = {
    "revenue": marked("Revenue"),
    "operating_cost": marked("Operating cost"),
    "working_capital": marked("Working capital"),
    "tax": marked("Tax"),
    "uses": marked("Investment"),
    "grants": marked("Grants"),
    "paid_in": marked("Own money, equity"),
    "drawn": marked("Loans paid out"),
    "repaid": marked("Loans paid back"),
    "interest": marked("Interest"),
    "premiums": marked("Premiums"),
}


def _loan(one: Schedule, calendar: range) -> LoanTable:
    columns = zip(calendar, one.opening, one.drawn, one.interest, one.repaid, one.closing, strict=True)
    return LoanTable(
        name=told(one.loan.name),
        years=tuple(
            LoanYear(year=year, drawn=drawn, interest=interest, repaid=repaid, owed=owed)
            for year, opening, drawn, interest, repaid, owed in columns
            if opening or drawn
        ),
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


def _figures(told_by: Indicators) -> Iterable[FigureLine]:
    for name, meaning, one in (
        (gettext("Project"), gettext("after tax, before funding"), told_by.project),
        (gettext("Investment, FNPV/C and FRR/C"), gettext("before tax and funding"), told_by.on_investment),
        (
            gettext("National capital, FNPV/K and FRR/K"),
            gettext("after loans and money of the Union"),
            told_by.on_national_capital,
        ),
        (gettext("Owners"), gettext("after everything"), told_by.of_owners),
    ):
        worth, rate = gettext("%(whose)s: net present value"), gettext("%(whose)s: rate of return")
        yield FigureLine(name=worth % {"whose": name}, value=whole_euro(one.npv), meaning=meaning)
        yield FigureLine(name=rate % {"whose": name}, value=_rates(one), meaning=meaning)
    gap, cover, lever = told_by.funding_gap, told_by.coverage, told_by.leverage
    yield FigureLine(
        name=gettext("Modified rate of return"),
        value=gettext("none") if told_by.mirr is None else percent(round(told_by.mirr, 2)),
        meaning=gettext("of the project, at the discount rate"),
    )
    since = gettext("years after the end of the first year")
    yield _line(gettext("Payback"), told_by.payback, since)
    yield _line(gettext("Payback, discounted"), told_by.discounted_payback, since)
    yield FigureLine(
        name=gettext("Funding gap"),
        value=whole_euro(gap.gap) + (f", {percent(round(gap.rate, 2))}" if gap.rate is not None else ""),
        meaning=gettext("discounted cost that discounted net revenue leaves open"),
    )
    yield _line(
        gettext("DSCR, least"),
        cover.least,
        gettext("cash flow over interest and principal; banks ask %(asked)s") % {"asked": plain(LEAST_DSCR)},
    )
    yield _line(gettext("DSCR, mean"), cover.average, gettext("over the years with debt service"))
    yield _line("LLCR", cover.llcr, gettext("discounted cash flow over the debt, after the last payout"))
    public, union = {"amount": whole_euro(lever.public)}, {"amount": whole_euro(lever.eu)}
    yield _line(
        gettext("Private for each public EUR"), lever.private_per_public, gettext("of %(amount)s public") % public
    )
    if lever.eu:
        yield _line(
            gettext("Investment for each EUR of the Union"),
            lever.eu_multiplier,
            gettext("of %(amount)s of the Union") % union,
        )


def _rates(one: Return) -> str:
    return " / ".join(percent(round(rate, 2)) for rate in one.irr) or gettext("none")


def _line(name: str, value: Decimal | None, meaning: str) -> FigureLine:
    said = gettext("none") if value is None else plain(round(value, 2))
    return FigureLine(name=name, value=said, meaning=meaning)
