"""Values of a program read as a scenario: allocations to the cent, and what the mix comes to."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from states.funding.case.scenario import Allocation, FundingScenario
from states.funding.case.vocabulary import Objective, ScenarioKind, euro_of
from states.funding.solver.answer import Measures, Unproven
from states.funding.solver.objectives import UNITS, days_to_money, objective_terms
from states.funding.solver.plan_variables import WHOLE, Mix
from states.funding.solver.program import total

Payer = tuple[str, str]  # partner, and an instrument or OWN or GAP
OWN, GAP = "own", "gap"


def scenario_of(mix: Mix, values: Sequence[int], kind: ScenarioKind, *, note: str) -> FundingScenario:
    rules = mix.facts.rules
    return FundingScenario(
        name=kind.replace("_", " ").capitalize(),
        kind=kind,
        rule_set=rules.id,
        fingerprint=rules.fingerprint,
        allocations=tuple(
            Allocation(item=item, instrument=instrument, amount=euro_of(values[variable]))
            for (item, instrument), variable in mix.money.items()
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
    days = {one.id: days_to_money(one, mix.case.date) for one in mix.instruments}
    waiting = sum(values[variable] * days[key] for (_, key), variable in mix.money.items())
    used = [days[key] for key, variable in mix.uses.items() if values[variable]]
    return Measures(
        gap=euro_of(gap),
        own=euro_of(own),
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


def payers(mix: Mix, lines: Iterable[tuple[str, str]]) -> dict[Payer, list[int]]:
    """Group the variables of money by partner and payer; `lines` are those of instruments that count."""
    partner = {item.id: item.partner for item in mix.case.cost_items}
    grouped: dict[Payer, list[int]] = {}
    for item, instrument in lines:
        grouped.setdefault((partner[item], instrument), []).append(mix.money[item, instrument])
    for payer, variables in ((OWN, mix.own), (GAP, mix.gap)):
        for item, variable in variables.items():
            grouped.setdefault((partner[item], payer), []).append(variable)
    return grouped
