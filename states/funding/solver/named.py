"""Mixes that authorities understand by name, each truly different from those before it, or the word that it is not."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from states.funding.case.instruments import EU_DIRECT, Instrument
from states.funding.case.vocabulary import FinanceKind, Objective, ScenarioKind
from states.funding.checks.checker import arithmetic
from states.funding.solver.program import Bound, Mix, Program, payers

# A mix is a real alternative where others pay at least so many percent of the budget.
TRULY_DIFFERENT = 15

# No application at all would be the fewest: so much of the best mix's outside money has to come nevertheless.
OUTSIDE_KEPT = 75

_VIRTUES = {
    ScenarioKind.FASTEST_MONEY: Objective.TIME_TO_MONEY,
    ScenarioKind.FEWEST_APPLICATIONS: Objective.APPLICATIONS,
    ScenarioKind.LEAST_PRIVATE_CASH: Objective.PRIVATE_CASH,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a named mix is: its objectives in their order, the instruments it does without, and why.

    `outside_least` are the cents that instruments pay at least.
    """

    kind: ScenarioKind
    objectives: tuple[Objective, ...]
    without: tuple[str, ...]
    says: str
    outside_least: int = 0


def wish(mix: Mix, kind: ScenarioKind, best: Sequence[int]) -> Wish:
    """Return what a name asks for; `best` are the values of the best mix."""
    usual = mix.case.objectives
    if kind in _VIRTUES:
        objectives = tuple(dict.fromkeys((Objective.GAP, _VIRTUES[kind], *usual)))
        says = f"{_VIRTUES[kind].replace('_', ' ')} first"
        if kind is ScenarioKind.FEWEST_APPLICATIONS:
            outside = sum(best[variable] for variable in mix.money.values())
            says += f", with at least {OUTSIDE_KEPT} percent of the outside money of the best mix"
            return Wish(kind, objectives, (), says, outside * OUTSIDE_KEPT // 100)
        return Wish(kind, objectives, (), says)
    match kind:
        case ScenarioKind.GRANTS_ONLY:
            return Wish(kind, usual, _those(mix, lambda one: one.kind is not FinanceKind.GRANT), "grants only")
        case ScenarioKind.NO_EU_CALL:
            return Wish(kind, usual, _those(mix, is_of_the_union), "no call of the Union")
        case ScenarioKind.WITHOUT_BEST_INSTRUMENT:
            payer = largest_payer(mix, best)
            says = f"without {payer}, which pays most" if payer else "without the best instrument, though none pays"
            return Wish(kind, usual, (payer,) if payer else (), f"{says} in the best mix")
    return Wish(kind, usual, (), "the best by the objectives of the case")


def is_of_the_union(instrument: Instrument) -> bool:
    """Tell whether it is money of the Union that one applies for in a call."""
    return instrument.eu_grant or EU_DIRECT in instrument.basis


def _those(mix: Mix, unwanted: Callable[[Instrument], bool]) -> tuple[str, ...]:
    return tuple(one.id for one in mix.instruments if unwanted(one))


def largest_payer(mix: Mix, values: Sequence[int]) -> str | None:
    """Return the instrument that pays most."""
    sums = dict.fromkeys(mix.uses, 0)
    for (_, key, _), variable in mix.money.items():
        sums[key] += values[variable]
    return max((key for key, paid in sums.items() if paid), key=lambda key: sums[key], default=None)


def without(mix: Mix, wanted: Wish) -> Iterator[Bound]:
    """Yield the bounds that leave instruments out, and keep enough of their money."""
    for key in wanted.without:
        ground = arithmetic(f"scenario-{wanted.kind}", f"This mix is made {wanted.says}.", instrument=key)
        yield Bound(((mix.uses[key], 1),), high=0, ground=ground)
    if wanted.outside_least:
        yield Bound(tuple((variable, 1) for variable in mix.money.values()), low=wanted.outside_least)


def differs(mix: Mix, one: Sequence[int], other: Sequence[int]) -> Decimal:
    """Return the percent of the budget that other payers bear, partner by partner."""
    budget = sum(sum(values) for values in ([mix.case.left(item) for item in mix.case.cost_items],)) * 100
    moved = 0
    for variables in payers(mix, mix.money).values():
        moved += max(0, sum(one[variable] - other[variable] for variable in variables))
    return (Decimal(moved) * 100 / budget).quantize(Decimal("0.01")) if budget else Decimal(0)


def apart(mix: Mix, program: Program, other: Sequence[int]) -> None:
    """Add to a program that enough of the budget has other payers than in `other`.

    For each partner and payer of `other` what they no longer pay counts, no more than it really is.
    """
    budget = int(sum(mix.case.left(item) for item in mix.case.cost_items) * 100)
    less = []
    for variables in payers(mix, mix.money).values():
        paid = sum(other[variable] for variable in variables)
        if paid:
            fewer, is_fewer = program.variable(paid), program.variable()
            more = max(program.highest([(variable, 1) for variable in variables]) - paid, 0)
            program.bound([(fewer, 1), (is_fewer, -paid)], high=0)
            terms = [(fewer, 1), *((variable, 1) for variable in variables), (is_fewer, more)]
            program.bound(terms, high=paid + more)
            less.append((fewer, 1))
    program.bound(less, low=max(-(-budget * TRULY_DIFFERENT // 100), 1))  # without a budget nothing differs
