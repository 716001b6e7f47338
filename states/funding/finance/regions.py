"""What each region carries and gets: cost, grants and jobs."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from states.funding.finance.plan import Plan
from states.funding.finance.rounding import cumulated_shares
from states.funding.finance.sources import Grant


@dataclass(frozen=True, slots=True)
class Region:
    """One region's part of a plan: EUR of cost and of grants, full-time equivalents."""

    region: str
    cost: Decimal
    grant: Decimal
    jobs: Decimal


def regions(plan: Plan) -> list[Region]:
    """Split cost, grants and jobs by region, in the order of the codes; the parts add up to the whole.

    A grant without a region of its own is spread over all regions by their cost.
    """
    cost: defaultdict[str, Decimal] = defaultdict(Decimal)
    grants: defaultdict[str, Decimal] = defaultdict(Decimal)
    jobs: defaultdict[str, Decimal] = defaultdict(Decimal)
    for use in plan.uses:
        cost[use.region] += use.amount
    for job in plan.jobs:
        jobs[job.region] += job.fte
    for grant in plan.of(Grant):
        amount = sum(grant.payments.values(), Decimal(0))
        if grant.region is not None:
            grants[grant.region] += amount
        else:
            for region, part in zip(cost, cumulated_shares(amount, list(cost.values())), strict=True):
                grants[region] += part
    return [Region(code, cost[code], grants[code], jobs[code]) for code in sorted({*cost, *jobs})]
