"""A funding case's program over whole numbers: variables, bounds, objectives, and its values read as a scenario."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from states.funding.aid.options import Line, Option
from states.funding.case.case import Allocation, FundingCase, FundingScenario
from states.funding.case.instruments import Instrument, months_after
from states.funding.case.vocabulary import Objective, ScenarioKind, euro_of
from states.funding.law.facts import CaseFacts, Finding
from states.funding.solver.answer import Measures, Unproven

Terms = Sequence[tuple[int, int]]  # variable, coefficient


@dataclass(frozen=True, slots=True)
class Bound:
    """The sum of the terms lies between `low` and `high` (None: no bound), only where the 0/1 variable `when` is 1.

    `ground` is the rule behind it; None is arithmetic that no rule could change. `euro` is what one EUR more of the
    bound would be in its units; 0 where it is no sum of money.
    """

    terms: tuple[tuple[int, int], ...]
    low: int | None = None
    high: int | None = None
    when: int | None = None
    ground: Finding | None = None
    euro: int = 0

    def holds(self, values: Sequence[int]) -> bool:
        """Tell whether values of all variables keep it."""
        if self.when is not None and not values[self.when]:
            return True
        total = sum(factor * values[variable] for variable, factor in self.terms)
        return (self.low is None or total >= self.low) and (self.high is None or total <= self.high)

    def slack(self, values: Sequence[int]) -> int | None:
        """Return how far below `high` the sum is; None where the bound asks nothing of these values."""
        if self.high is None or (self.when is not None and not values[self.when]):
            return None
        return self.high - sum(factor * values[variable] for variable, factor in self.terms)


@dataclass(slots=True)
class Program:
    """Variables by number, each from 0 to its top, and the bounds on them.

    `links` say that no money flows where a 0/1 variable is 0; they are as tight as the bounds let them be, and follow
    from these where the variable is 1.
    """

    tops: list[int] = field(default_factory=list)
    bounds: list[Bound] = field(default_factory=list)
    links: list[Bound] = field(default_factory=list)

    def variable(self, top: int = 1) -> int:
        """Add a variable and return its number."""
        self.tops.append(top)
        return len(self.tops) - 1

    def bound(
        self,
        terms: Iterable[tuple[int, int]],
        *,
        low: int | None = None,
        high: int | None = None,
        when: int | None = None,
        ground: Finding | None = None,
        euro: int = 0,
    ) -> None:
        self.bounds.append(Bound(tuple(terms), low, high, when, ground, euro))

    def any_of(self, parts: Sequence[int]) -> int:
        """Return a variable that is 1 exactly where one of the 0/1 variables is."""
        if len(parts) == 1:
            return parts[0]
        either = self.variable()
        self.bound([*((part, 1) for part in parts), (either, -1)], low=0)
        for part in parts:
            self.bound([(either, 1), (part, -1)], low=0)
        return either

    def faults(self, values: Sequence[int]) -> list[Bound]:
        """Return the bounds that values of all variables do not keep."""
        return [bound for bound in (*self.bounds, *self.links) if not bound.holds(values)]

    def highest(self, terms: Terms) -> int:
        """Return the most that a sum could be, bounds aside."""
        return sum(factor * self.tops[variable] for variable, factor in terms if factor > 0)


def total(terms: Terms, values: Sequence[int]) -> int:
    return sum(factor * values[variable] for variable, factor in terms)


# Percentages have two decimals: cents times a hundred times the percentage are whole, and these make 100 percent.
WHOLE = 10_000
EURO = 100  # cents


@dataclass(slots=True)
class Mix:
    """The program of a case: `money` by line (item, instrument, article), `own` and `gap` by item are cents.

    `pays` is 1 where a line has money, `takes` (partner, instrument) where a partner has, `uses` where anybody has.
    """

    facts: CaseFacts
    options: tuple[Option, ...]
    program: Program = field(default_factory=Program)
    money: dict[Line, int] = field(default_factory=dict)
    own: dict[str, int] = field(default_factory=dict)
    gap: dict[str, int] = field(default_factory=dict)
    pays: dict[Line, int] = field(default_factory=dict)
    takes: dict[tuple[str, str], int] = field(default_factory=dict)
    uses: dict[str, int] = field(default_factory=dict)

    @property
    def case(self) -> FundingCase:
        return self.facts.case

    @property
    def choices(self) -> dict[tuple[str, str], list[Line]]:
        """Item and instrument where several articles could bear the money, with their lines: one of them does."""
        lines: dict[tuple[str, str], list[Line]] = {}
        for option in self.options:
            lines.setdefault(option.pair, []).append(option.line)
        return {pair: mine for pair, mine in lines.items() if len(mine) > 1}

    @property
    def instruments(self) -> Iterator[Instrument]:
        """The instruments that may pay something."""
        return (one for one in self.case.instruments if one.id in self.uses)

    def of(self, instrument: str) -> Iterator[Option]:
        return (option for option in self.options if option.instrument.id == instrument)


# What EUR, an application, and EUR times a day are in the units of the sums below.
UNITS = {
    Objective.GAP: EURO,
    Objective.PRIVATE_CASH: EURO * WHOLE,
    Objective.APPLICATIONS: 1,
    Objective.TIME_TO_MONEY: EURO,
}

# How near to what HiGHS holds for the least, in floating point, counts as proven; it is not asked for applications.
NEAR = {
    Objective.GAP: EURO,
    Objective.PRIVATE_CASH: EURO * WHOLE,
    Objective.TIME_TO_MONEY: 0,
}


def objective_terms(mix: Mix, objective: Objective) -> Terms:
    """Return the sum that an objective keeps small.

    Gap in cents; private cash (own money and the cost of capital) in cents times ten thousand; applications; time to
    money in cents times days, where what no instrument pays counts twice as long as the slowest one of the case.
    """
    match objective:
        case Objective.GAP:
            return [(variable, 1) for variable in mix.gap.values()]
        case Objective.PRIVATE_CASH:
            return list(_private_cash(mix))
        case Objective.APPLICATIONS:
            return list(_applications(mix))
        case Objective.TIME_TO_MONEY:
            return list(_waiting(mix))


def _private_cash(mix: Mix) -> Iterator[tuple[int, int]]:
    yield from ((variable, WHOLE) for variable in mix.own.values())
    for (_, instrument, _), variable in mix.money.items():
        if cost := int(mix.case.instrument_by_id[instrument].cost_of_capital * 100):
            yield variable, cost


def _applications(mix: Mix) -> Iterator[tuple[int, int]]:
    """Yield one for the project where a call wants a consortium, else one for each partner that takes its money."""
    for instrument in mix.instruments:
        if is_joint(instrument):
            yield mix.uses[instrument.id], 1
        else:
            yield from ((taking, 1) for (_, key), taking in mix.takes.items() if key == instrument.id)


def is_joint(instrument: Instrument) -> bool:
    """Tell whether partners apply together: the call asks who takes its money with whom."""
    asked = instrument.consortium
    together = max(asked.entities, asked.regions, asked.countries) > 1
    return together or asked.coordinator is not None or asked.coordinator_takes_part or bool(asked.seats)


def _waiting(mix: Mix) -> Iterator[tuple[int, int]]:
    days = {one.id: days_to_money(one, mix.case.date) for one in mix.case.instruments}
    never = 2 * max(days.values(), default=0)
    yield from ((variable, never) for variable in (*mix.own.values(), *mix.gap.values()))
    yield from ((variable, days[instrument]) for (_, instrument, _), variable in mix.money.items())


def days_to_money(instrument: Instrument, today: date) -> int:
    """Return the days from the day of the case to the first payment; none where it should have come already."""
    paid = months_after(instrument.call.applied_on(today), instrument.call.months_to_money)
    return max((paid - today).days, 0)


def tolerance(mix: Mix, objective: Objective) -> int:
    """Return how far from the least an objective may stay: less than a cent, and less than a hundredth of a day."""
    match objective:
        case Objective.PRIVATE_CASH:
            return WHOLE - 1
        case Objective.TIME_TO_MONEY:
            return int(sum(item.amount for item in mix.case.cost_items))  # a hundredth of a day for each cent
        case _:
            return 0


Payer = tuple[str, str]  # partner, and an instrument or OWN or GAP
OWN, GAP = "own", "gap"


def scenario_of(mix: Mix, values: Sequence[int], kind: ScenarioKind, *, note: str) -> FundingScenario:
    rules, choices = mix.facts.rules, mix.choices
    return FundingScenario(
        name=kind.replace("_", " ").capitalize(),
        kind=kind,
        rule_set=rules.id,
        fingerprint=rules.fingerprint,
        allocations=tuple(
            Allocation(item=item, instrument=instrument, article=chosen, amount=euro_of(values[variable]))
            for (item, instrument, article), variable in mix.money.items()
            for chosen in [article if (item, instrument) in choices else None]
            if values[variable]
        ),
        own={item: euro_of(values[variable]) for item, variable in mix.own.items() if values[variable]},
        gap={item: euro_of(values[variable]) for item, variable in mix.gap.items() if values[variable]},
        note=note,
        illustrative=mix.case.illustrative,
    )


def measures_of(mix: Mix, values: Sequence[int]) -> Measures:
    gap, own, outside = (
        sum(values[variable] for variable in variables.values()) for variables in (mix.gap, mix.own, mix.money)
    )
    capital = total(objective_terms(mix, Objective.PRIVATE_CASH), values) - own * WHOLE
    kind = sum((item.amount for item in mix.case.cost_items if item.in_kind), Decimal(0))
    days = {one.id: days_to_money(one, mix.case.date) for one in mix.instruments}
    waiting = sum(values[variable] * days[key] for (_, key, _), variable in mix.money.items())
    used = [days[key] for key, variable in mix.uses.items() if values[variable]]
    return Measures(
        gap=euro_of(gap),
        own=euro_of(own) - kind,
        in_kind=kind,
        cost_of_capital=(Decimal(capital) / WHOLE / 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP),
        outside=euro_of(outside),
        applications=total(objective_terms(mix, Objective.APPLICATIONS), values),
        days_to_money=round(waiting / outside) if outside else 0,
        last_money=mix.case.date + timedelta(days=max(used)) if used else None,
    )


def unproven_of(mix: Mix, values: Sequence[int], least: Iterable[tuple[Objective, int]]) -> Iterator[Unproven]:
    """Yield what the objectives come to that may not be least, beside what no mix goes below."""
    for objective, bound in least:
        found = total(objective_terms(mix, objective), values)
        unit = UNITS[objective]
        low, high = Decimal(min(bound, found)) / unit, Decimal(found) / unit
        yield Unproven(objective=objective, found=round(high, 2), least=round(low, 2))


def payers(mix: Mix, lines: Iterable[Line]) -> dict[Payer, list[int]]:
    """Group the variables of money by partner and payer; `lines` are those of instruments that count."""
    partner = {item.id: item.partner for item in mix.case.cost_items}
    grouped: dict[Payer, list[int]] = {}
    for item, instrument, article in lines:
        grouped.setdefault((partner[item], instrument), []).append(mix.money[item, instrument, article])
    for payer, variables in ((OWN, mix.own), (GAP, mix.gap)):
        for item, variable in variables.items():
            grouped.setdefault((partner[item], payer), []).append(variable)
    return grouped
