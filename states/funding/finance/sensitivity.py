"""What moves a plan: every variable up and down, which of them are critical, and what would bring NPV to zero."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import partial

from states.funding.finance.indicators import owner_flows, plan_npv, project_flows
from states.funding.finance.plan import OperatingCost, Plan, Revenue
from states.funding.finance.returns import cent, four
from states.funding.finance.sources import Grant, Loan, Yearly
from states.funding.finance.statements import statements

Change = Callable[[Plan, Decimal], Plan]  # the plan with one variable times a factor

CHANGE = Decimal(1)  # percent, as the Commission's guide to cost-benefit analysis (2014) asks for

_SEARCHED = tuple(Decimal(step) for step in (5, 10, 20, 40, 70, 100, 200, 400, 900))  # percent, both ways
_HALVINGS = 24  # 500 percent points to four places
_HUNDRED = Decimal(100)


class Measure(StrEnum):
    """Whose net present value: the project's after tax and before funding, or the owners' after everything."""

    PROJECT = "project"
    OWNERS = "owners"


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What one variable does: NPV in EUR when it falls and rises, the larger move in percent of NPV.

    `critical`: NPV moves by more than the variable does. `switching`: the nearest change in percent that brings NPV to
    zero; None where none between -100 and +900 does. Where NPV is zero before, `moved` and `switching` are None.
    """

    variable: str
    fallen: Decimal
    risen: Decimal
    moved: Decimal | None
    critical: bool
    switching: Decimal | None

    @property
    def span(self) -> Decimal:
        """By how many EUR NPV differs between the two."""
        return abs(self.risen - self.fallen)


def variables(plan: Plan) -> dict[str, Change]:
    """Return what may be changed in a plan, each by its name: every line, every category of use, the rates."""
    found: dict[str, Change] = {f"Revenue: {one.name}": partial(_revenue, one.name) for one in plan.revenues}
    found |= {f"Operating cost: {one.name}": partial(_running, one.name) for one in plan.operating_costs}
    found |= {f"Investment: {category}": partial(_uses, category) for category in _categories(plan)}
    has = (plan.of(Grant), plan.of(Loan), plan.residual_value, plan.tax_rate, plan.discount_rate)
    return found | {name: vary for (name, vary), there in zip(OF_ANY_PLAN.items(), has, strict=True) if there}


def net_present_value(plan: Plan, measure: Measure) -> Decimal:
    """Return the NPV of a plan in EUR from its first use to its last year."""
    flows = project_flows if measure is Measure.PROJECT else owner_flows
    return plan_npv(plan, flows(plan, statements(plan)))


def sensitivity(
    plan: Plan, *, change: Decimal = CHANGE, measure: Measure = Measure.PROJECT, switching: bool = True
) -> list[Sensitivity]:
    """Move every variable by plus and minus `change` percent, alone; the widest first, which makes a tornado.

    The search for `switching` values takes most of the time.
    """
    base = net_present_value(plan, measure)
    rows = []
    for name, vary in variables(plan).items():

        def worth(percent: Decimal, vary: Change = vary) -> Decimal:
            return net_present_value(vary(plan, 1 + percent / 100), measure)

        fallen, risen = worth(-change), worth(change)
        move = max(abs(fallen - base), abs(risen - base))
        moved = four(_HUNDRED * move / abs(base)) if base else None
        critical = move * 100 > abs(base) * change
        zero = _switching(worth, base) if switching and base else None
        rows.append(Sensitivity(name, fallen, risen, moved, critical, zero))
    return sorted(rows, key=lambda row: -row.span)


def _switching(worth: Callable[[Decimal], Decimal], base: Decimal) -> Decimal | None:
    """Look ever further on both sides for the first change of sign, then halve the step in which it lies."""
    inner = Decimal(0)
    for outer in _SEARCHED:
        ends = [outer, -outer] if outer <= _HUNDRED else [outer]
        for end in ends:
            if (worth(end) > 0) is not (base > 0):
                return _halved(worth, inner if end > 0 else -inner, end, rises=base > 0)
        inner = outer
    return None


def _halved(worth: Callable[[Decimal], Decimal], near: Decimal, far: Decimal, *, rises: bool) -> Decimal:
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        near, far = (middle, far) if (worth(middle) > 0) is rises else (near, middle)
    return four((near + far) / 2)


def _categories(plan: Plan) -> list[str]:
    return list(dict.fromkeys(use.category for use in plan.uses))


def _times(by_year: Yearly, factor: Decimal) -> Yearly:
    return {year: cent(amount * factor) for year, amount in by_year.items()}


def _revenue(name: str, plan: Plan, factor: Decimal) -> Plan:
    def times(one: Revenue) -> Revenue:
        return one.model_copy(update={"by_year": _times(one.by_year, factor)}) if one.name == name else one

    return plan.model_copy(update={"revenues": tuple(map(times, plan.revenues))})


def _running(name: str, plan: Plan, factor: Decimal) -> Plan:
    def times(one: OperatingCost) -> OperatingCost:
        return one.model_copy(update={"by_year": _times(one.by_year, factor)}) if one.name == name else one

    return plan.model_copy(update={"operating_costs": tuple(map(times, plan.operating_costs))})


def _uses(category: str, plan: Plan, factor: Decimal) -> Plan:
    uses = tuple(
        use.model_copy(update={"amount": cent(use.amount * factor)}) if use.category == category else use
        for use in plan.uses
    )
    return plan.model_copy(update={"uses": uses})


def _grants(plan: Plan, factor: Decimal) -> Plan:
    sources = tuple(
        one.model_copy(update={"payments": _times(one.payments, factor)}) if isinstance(one, Grant) else one
        for one in plan.sources
    )
    return plan.model_copy(update={"sources": sources})


def _loan_rates(plan: Plan, factor: Decimal) -> Plan:
    sources = tuple(
        one.model_copy(update={"rate": one.rate * factor}) if isinstance(one, Loan) else one for one in plan.sources
    )
    return plan.model_copy(update={"sources": sources})


def _residual(plan: Plan, factor: Decimal) -> Plan:
    return plan.model_copy(update={"residual_value": cent(plan.residual_value * factor)})


def _tax(plan: Plan, factor: Decimal) -> Plan:
    return plan.model_copy(update={"tax_rate": min(plan.tax_rate * factor, _HUNDRED)})


def _discount(plan: Plan, factor: Decimal) -> Plan:
    return plan.model_copy(update={"discount_rate": plan.discount_rate * factor})


OF_ANY_PLAN: dict[str, Change] = {
    "Grants": _grants,
    "Loan rates": _loan_rates,
    "Residual value": _residual,
    "Tax rate": _tax,
    "Discount rate": _discount,
}
