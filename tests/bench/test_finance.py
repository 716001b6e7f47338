"""What exactness costs: every rate of return on whole cents beside one rate in floats; a year of plan beside a run."""

import random
from statistics import median
from time import perf_counter

import pytest
import pyxirr

from states.funding.finance.roots import rates
from states.funding.finance.sensitivity import sensitivity
from states.funding.finance.simulation import Spread, simulate
from states.funding.finance.statements import statements
from tests.states.funding.finance.samples import partnership

pytestmark = pytest.mark.bench


@pytest.mark.parametrize("years", [10, 20, 40])
@pytest.mark.parametrize("changes", ["one", "many"])
def test_every_rate_beside_one_in_floats(years: int, changes: str) -> None:
    dice = random.Random(years)
    own, theirs = [], []
    for _ in range(25):
        later = [dice.randint(-(10**9) if changes == "many" else 1, 10**9) for _ in range(years)]
        flow = [-(10**9), *later]
        began = perf_counter()
        rates(flow)
        own.append(perf_counter() - began)
        began = perf_counter()
        pyxirr.irr([cents / 100 for cents in flow], silent=True)
        theirs.append(perf_counter() - began)

    ratio = median(own) / median(theirs)
    print(f"\n{years} years, {changes} changes of sign: exact {median(own) * 1e3:.2f} ms, {ratio:.0f} times pyxirr")


def test_sensitivity_and_simulation_beside_one_plan() -> None:
    plan = partnership()
    began = perf_counter()
    for _ in range(100):
        statements(plan)
    once = (perf_counter() - began) / 100
    began = perf_counter()
    sensitivity(plan)
    moving = perf_counter() - began
    began = perf_counter()
    names = ("Revenue: Implants", "Operating cost: Staff", "Loan rates")
    simulate(plan, [Spread(name, plan.discount_rate * -5, plan.discount_rate * 5) for name in names], seed=1)
    drawing = perf_counter() - began

    print(f"\nstatements of ten years {once * 1e3:.2f} ms")
    print(f"  sensitivity with switching values of twelve variables {moving:.2f} s, {moving / once:.0f} times")
    print(f"  a thousand runs of three variables {drawing:.2f} s, {drawing / once:.0f} times")
