"""Read a plan from parsed data, with all its faults at once, each with its place and remedy."""

from collections import Counter
from collections.abc import Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from states.errors import Fault, Invalid
from states.funding.finance.plan import Plan
from states.funding.finance.sources import Grant, Loan
from states.places import nuts
from states.shapes import shape_fault
from states.texts import Text

_REMEDIES = {
    "missing": "give_it",
    "extra_forbidden": "take_out_or_mend_name",
    "decimal_max_places": "give_cents_and_two_decimals",
    "decimal_type": "give_a_number",
    "enum": "take_one_listed",
    "union_tag_invalid": "take_kind_of_source",
    "union_tag_not_found": "say_kind_of_source",
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
        raise PlanInvalid(faults=[_fault(one) for one in real]) from error
    return checked(plan)


def checked(plan: Plan) -> Plan:
    """Return the plan if its parts fit together, or raise `PlanInvalid` with every fault."""
    if faults := [*_repeats(plan), *_use_faults(plan), *_yearly_faults(plan), *_source_faults(plan)]:
        raise PlanInvalid(faults=faults)
    return plan


def _fault(error: ErrorDetails) -> Fault:
    kinds = ("grant", "loan", "equity", "own_cash", "[key]")  # pydantic's own steps, not the writer's
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error["loc"] if step not in kinds)
    remedy = _REMEDIES.get(error["type"], "mend_as_said")
    return shape_fault(error, place=place.lstrip(".") or "the document", remedy=Text("remedy", remedy))


def _repeats(plan: Plan) -> Iterator[Fault]:
    lists = {
        "sources and guarantees": [one.name for one in (*plan.sources, *plan.guarantees)],
        "revenues": [one.name for one in plan.revenues],
        "operating_costs": [one.name for one in plan.operating_costs],
    }
    for place, names in lists.items():
        for name, times in Counter(names).items():
            if times > 1:
                yield Fault(place, "name_repeated", remedy="give_each_name_own", name=name, times=times)


def _use_faults(plan: Plan) -> Iterator[Fault]:
    for n, use in enumerate(plan.uses):
        yield from _outside(plan, f"uses[{n}].year", use.year)
        yield from _region_fault(f"uses[{n}].region", use.region)
        if use.in_service is not None and not use.life:
            yield Fault(f"uses[{n}].in_service", "no_life_to_write_off", remedy="give_life_or_take_out")
        elif use.in_service is not None and use.in_service < use.year:
            yield Fault(f"uses[{n}].in_service", "before_paid_for", remedy="mend_one_years", year=use.year)
    for n, jobs in enumerate(plan.jobs):
        yield from _region_fault(f"jobs[{n}].region", jobs.region)


def _region_fault(place: str, code: str) -> Iterator[Fault]:
    try:
        nuts.unit(code)
    except nuts.UnknownNutsCode as error:
        yield Fault(place, "not_nuts_code", code=code, remedy=error.faults[0].advice)


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
        yield Fault(place, "year_outside_plan", remedy="mend_year_or_plans_years", year=year, first=first, last=last)


def _source_faults(plan: Plan) -> Iterator[Fault]:
    regions = {use.region for use in plan.uses}
    for n, source in enumerate(plan.sources):
        if source.eu and not source.public:
            yield Fault(f"sources[{n}].public", "union_money_not_public", remedy="mend_eu_or_public")
        if isinstance(source, Grant) and source.region is not None and source.region not in regions:
            yield Fault(
                f"sources[{n}].region", "nothing_spent_there", remedy="name_region_uses_or_none", region=source.region
            )
        if isinstance(source, Loan):
            yield from _loan_faults(plan, n, source)
    loans = {loan.name for loan in plan.of(Loan)}
    for n, guarantee in enumerate(plan.guarantees):
        if guarantee.loan not in loans:
            yield Fault(f"guarantees[{n}].loan", "no_loan", remedy="name_loan_sources", loan=guarantee.loan)


def _loan_faults(plan: Plan, n: int, loan: Loan) -> Iterator[Fault]:
    if max(loan.payments) >= loan.first_repayment:
        yield Fault(
            f"sources[{n}].payments",
            "paid_out_late",
            remedy="lengthen_grace_or_split_loan",
            year=max(loan.payments),
            first=loan.first_repayment,
        )
    if loan.last_repayment > plan.calendar[-1]:
        yield Fault(
            f"sources[{n}].years",
            "runs_beyond_plan",
            remedy="lengthen_plan_or_shorten_loan",
            last=loan.last_repayment,
            end=plan.calendar[-1],
        )
