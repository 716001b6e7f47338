"""What a mix is to keep small, as sums over its variables, and what they come to."""

from collections.abc import Iterator
from datetime import date

from states.funding.case.instruments import Instrument
from states.funding.case.vocabulary import Objective
from states.funding.law.entry import months_after
from states.funding.solver.plan_variables import EURO, WHOLE, Mix
from states.funding.solver.program import Terms

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
    for (_, instrument), variable in mix.money.items():
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
    yield from ((variable, days[instrument]) for (_, instrument), variable in mix.money.items())


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
