"""The figures of a mix are those of its plan: none is computed a second time in another way."""

from decimal import Decimal

from states.funding.finance.indicators import indicators
from states.funding.finance.planning import plan_of_mix
from states.funding.finance.scenario_finances import finances
from states.funding.finance.sensitivity import Measure, sensitivity
from states.funding.finance.simulation import Spread, simulate
from states.funding.finance.statements import statements
from tests.states.funding.plan_samples import MADE_UP, WHOLE, given, mixed, two_partners


def test_figures_are_those_of_the_plan() -> None:
    case, mix, whole = two_partners(), mixed(), given(**WHOLE)
    plan = plan_of_mix(case, mix, whole)

    found = finances(case, mix, whole)

    assert (found.plan, found.statements, found.indicators) == (plan, statements(plan), indicators(plan))
    assert list(found.sensitivity) == sensitivity(plan)
    spread = Spread("Revenue: Tests", Decimal(-30), Decimal(10))
    assert found.simulation == simulate(plan, [spread], seed=7, runs=40)
    assert {one.name for one in found.aid} == {"Union, ITC4", "Union, DE21", "Later--2027"}
    assert found.plan.illustrative is True


def test_the_measure_asked_for_is_the_one_that_is_moved_and_drawn() -> None:
    whole = given(**{**WHOLE, "draws": {"seed": 7, "runs": 40, "measure": "owners"}})
    plan = plan_of_mix(two_partners(), mixed(), whole)

    found = finances(two_partners(), mixed(), whole)

    assert list(found.sensitivity) == sensitivity(plan, measure=Measure.OWNERS)
    spread = Spread("Revenue: Tests", Decimal(-30), Decimal(10))
    assert found.simulation == simulate(plan, [spread], seed=7, runs=40, measure=Measure.OWNERS)


def test_nothing_is_simulated_where_nobody_said_what_is_uncertain() -> None:
    unsure = {"variable": "Residual value", "low": -10, "high": 10, **MADE_UP}

    assert finances(two_partners(), mixed(), given(**{**WHOLE, "uncertain": []})).simulation is None
    # Nor where this mix has nothing of what is uncertain.
    assert (
        finances(two_partners(), mixed(), given(**{**WHOLE, "residual": None, "uncertain": [unsure]})).simulation
        is None
    )
