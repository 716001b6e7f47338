"""Read a plan from parsed data, with all its faults at once, each with its place and remedy."""

from collections import Counter
from collections.abc import Iterator

from pydantic import ValidationError

from states.errors import Fault, Invalid
from states.funding.finance.plan import Plan
from states.funding.finance.sources import Grant, Loan
from states.places import nuts

_REMEDIES = {
    "missing": "give it",
    "extra_forbidden": "take it out, or mend its name",
    "decimal_max_places": "give EUR to the cent, percentages to two decimals",
    "decimal_type": "give a number",
    "enum": "take one of the values listed",
    "union_tag_invalid": "take grant, loan, equity or own_cash",
    "union_tag_not_found": "say its kind: grant, loan, equity or own_cash",
}


class PlanInvalid(Invalid):
    """The financial plan has faults; each names its place and the remedy."""

    code = "financial_plan_invalid"


def plan_of(tree: object) -> Plan:
    """Return the plan that parsed YAML or JSON describes, or raise `PlanInvalid` with every fault.

    Faults of shape hide the others: years and names are compared once every part can be read.
    """
    try:
        plan = Plan.model_validate(tree)
    except ValidationError as error:
        found = error.errors()
        # A list whose items are all wrong is called too short besides; the items say enough.
        inside = {one["loc"][:depth] for one in found for depth in range(len(one["loc"]))}
        real = [one for one in found if not (one["type"] == "too_short" and one["loc"] in inside)]
        raise PlanInvalid(faults=[_fault(one["type"], one["msg"], one["loc"]) for one in real]) from error
    return checked(plan)


def checked(plan: Plan) -> Plan:
    """Return the plan if its parts fit together, or raise `PlanInvalid` with every fault."""
    if faults := [*_repeats(plan), *_use_faults(plan), *_yearly_faults(plan), *_source_faults(plan)]:
        raise PlanInvalid(faults=faults)
    return plan


def _fault(kind: str, message: str, steps: tuple[int | str, ...]) -> Fault:
    kinds = ("grant", "loan", "equity", "own_cash", "[key]")  # pydantic's own steps, not the writer's
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps if step not in kinds)
    return Fault(place.lstrip(".") or "the document", message, _REMEDIES.get(kind, "mend it; the message says how"))


def _repeats(plan: Plan) -> Iterator[Fault]:
    lists = {
        "sources and guarantees": [one.name for one in (*plan.sources, *plan.guarantees)],
        "revenues": [one.name for one in plan.revenues],
        "operating_costs": [one.name for one in plan.operating_costs],
    }
    for place, names in lists.items():
        for name, times in Counter(names).items():
            if times > 1:
                yield Fault(place, f"{name!r} stands {times} times", "give each a name of its own")


def _use_faults(plan: Plan) -> Iterator[Fault]:
    for n, use in enumerate(plan.uses):
        yield from _outside(plan, f"uses[{n}].year", use.year)
        yield from _region_fault(f"uses[{n}].region", use.region)
        if use.in_service is not None and not use.life:
            yield Fault(f"uses[{n}].in_service", "stands beside no life to write off over", "give life, or take it out")
        elif use.in_service is not None and use.in_service < use.year:
            yield Fault(f"uses[{n}].in_service", f"lies before it is paid for in {use.year}", "mend one of the years")
    for n, jobs in enumerate(plan.jobs):
        yield from _region_fault(f"jobs[{n}].region", jobs.region)


def _region_fault(place: str, code: str) -> Iterator[Fault]:
    try:
        nuts.unit(code)
    except nuts.UnknownNutsCode as error:
        yield Fault(place, f"{code!r} is not a code of NUTS 2024", error.faults[0].remedy)


def _yearly_faults(plan: Plan) -> Iterator[Fault]:
    tables = {f"revenues[{n}].by_year": one.by_year for n, one in enumerate(plan.revenues)}
    tables |= {f"operating_costs[{n}].by_year": one.by_year for n, one in enumerate(plan.operating_costs)}
    tables |= {f"sources[{n}].payments": one.payments for n, one in enumerate(plan.sources)}
    for place, table in tables.items():
        for year in table:
            yield from _outside(plan, f"{place}.{year}", year)


def _outside(plan: Plan, place: str, year: int) -> Iterator[Fault]:
    first, last = plan.calendar[0], plan.calendar[-1]
    if not first <= year <= last:
        yield Fault(place, f"{year} lies outside the plan, {first} to {last}", "mend the year, or the plan's years")


def _source_faults(plan: Plan) -> Iterator[Fault]:
    regions = {use.region for use in plan.uses}
    for n, source in enumerate(plan.sources):
        if source.eu and not source.public:
            yield Fault(f"sources[{n}].public", "is false, but money of the Union is public", "mend eu or public")
        if isinstance(source, Grant) and source.region is not None and source.region not in regions:
            yield Fault(
                f"sources[{n}].region", f"nothing is spent in {source.region}", "name a region of uses, or none"
            )
        if isinstance(source, Loan):
            yield from _loan_faults(plan, n, source)
    loans = {loan.name for loan in plan.of(Loan)}
    for n, guarantee in enumerate(plan.guarantees):
        if guarantee.loan not in loans:
            yield Fault(f"guarantees[{n}].loan", f"there is no loan {guarantee.loan!r}", "name a loan of sources")


def _loan_faults(plan: Plan, n: int, loan: Loan) -> Iterator[Fault]:
    if max(loan.payments) >= loan.first_repayment:
        late = f"{max(loan.payments)} is paid out when it is paid back already, from {loan.first_repayment} on"
        yield Fault(f"sources[{n}].payments", late, "lengthen grace, or split it into two loans")
    if loan.last_repayment > plan.calendar[-1]:
        beyond = f"runs to {loan.last_repayment}, the plan to {plan.calendar[-1]}: its cover cannot be judged"
        yield Fault(f"sources[{n}].years", beyond, "lengthen the plan, or shorten the loan")
