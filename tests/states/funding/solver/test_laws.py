"""Laws of the search over random partnerships: no rule broken, no cent lost, nothing better missed."""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from states.funding.aid.options import options
from states.funding.case.case import FundingCase, FundingScenario
from states.funding.case.vocabulary import Objective, ScenarioKind, cents_of, euro_of
from states.funding.checks.checker import check
from states.funding.law.facts import CaseFacts
from states.funding.solver.answer import Answer
from states.funding.solver.search import Search
from tests.laws import often
from tests.states.funding.builders import rules
from tests.states.funding.solver.enumeration import WHOLE, Worth, least_worth, open_lines
from tests.states.funding.solver.partnerships import partnerships

FEW = settings(max_examples=often(60), deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=often(300))
MONEY = st.integers(0, 90_000_000) | st.integers(0, 100)  # cents


def solved(given_case: FundingCase) -> Answer:
    return Search(given_case, rules(), seconds=20).answer()


def worth(given_case: FundingCase, scenario: FundingScenario) -> Worth:
    """Return what the solver keeps least: gap in cents, private cash in ten thousandths of a cent."""
    capital = sum(
        cents_of(one.amount) * int(given_case.instrument_by_id[one.instrument].cost_of_capital * 100)
        for one in scenario.allocations
    )
    return sum(map(cents_of, scenario.gap.values())), sum(map(cents_of, scenario.own.values())) * WHOLE + capital


@FEW
@given(partnerships(MONEY, lines=9))
def test_no_scenario_breaks_a_rule_and_no_cent_is_lost(given_case: FundingCase) -> None:
    _keeps_every_rule(given_case)


@pytest.mark.long
@MANY
@given(partnerships(MONEY, lines=12))
def test_no_scenario_of_many_breaks_a_rule_and_no_cent_is_lost(given_case: FundingCase) -> None:
    _keeps_every_rule(given_case)


def _keeps_every_rule(given_case: FundingCase) -> None:
    answer = solved(given_case)

    found = [named.scenario for named in answer.scenarios if named.scenario is not None]
    assert answer.complete
    assert bool(found) is not bool(answer.clash)
    assert [check(given_case, one) for one in found] == [[] for _ in found]
    assert [_total(one) for one in found] == [sum(map(given_case.left, given_case.cost_items)) for _ in found]


def _total(scenario: FundingScenario) -> Decimal:
    paid = [one.amount for one in scenario.allocations]
    return sum([*paid, *scenario.own.values(), *scenario.gap.values()], Decimal(0))


@FEW
@given(partnerships(MONEY, lines=6))
def test_the_optimum_is_the_best_of_all_choices_of_lines(given_case: FundingCase) -> None:
    _is_the_best_choice(given_case)


@pytest.mark.long
@settings(MANY, max_examples=often(150))
@given(partnerships(MONEY, lines=12))
def test_the_optimum_of_twelve_lines_is_the_best_of_all_choices(given_case: FundingCase) -> None:
    _is_the_best_choice(given_case)


def _is_the_best_choice(given_case: FundingCase) -> None:
    event(f"{open_lines(given_case, rules())} lines")

    answer = solved(given_case.changed(scenarios=[ScenarioKind.BEST]))

    least = least_worth(given_case, rules())
    if least is None:
        assert answer.clash
    else:
        (named,) = answer.scenarios
        assert named.scenario is not None
        assert named.proven == tuple(Objective)
        gap, cash = worth(given_case, named.scenario)
        assert gap == least[0]
        assert least[1] <= cash < least[1] + WHOLE  # the cost of capital is finer than a cent


@FEW
@given(partnerships(st.integers(0, 4), lines=4))
def test_the_optimum_is_that_of_all_divisions_of_the_cents(given_case: FundingCase) -> None:
    _is_the_best_division(given_case)


@pytest.mark.long
@MANY
@given(partnerships(st.integers(0, 5), lines=5))
def test_the_optimum_of_many_is_that_of_all_divisions_of_the_cents(given_case: FundingCase) -> None:
    _is_the_best_division(given_case)


def _is_the_best_division(given_case: FundingCase) -> None:
    """Try every division of the cents and ask nobody but the checker; so small, no money is token money."""
    divisions = list(_divisions(given_case))

    answer = solved(given_case.changed(scenarios=[ScenarioKind.BEST]))

    if divisions:
        (named,) = answer.scenarios
        assert named.scenario is not None
        gap, cash = worth(given_case, named.scenario)
        least = min(worth(given_case, one) for one in divisions)
        assert gap == least[0]
        assert least[1] <= cash < least[1] + WHOLE
    else:
        assert answer.clash


def _divisions(given_case: FundingCase) -> list[FundingScenario]:
    found = [
        (option.item.id, option.instrument.id)
        for option in options(CaseFacts(given_case, rules()))
        if not any(finding.blocks for finding in option.findings)
    ]
    left = {one.id: cents_of(given_case.left(one)) for one in given_case.cost_items}
    made = []
    for cents in product(*(range(left[key] + 1) for key, _ in found)):
        money = {line: euro_of(amount) for line, amount in zip(found, cents, strict=True) if amount}
        scenario = _with_own_cash(given_case, money)
        if scenario is not None and not check(given_case, scenario):
            made.append(scenario)
    return made


def _with_own_cash(given_case: FundingCase, money: dict[tuple[str, str], Decimal]) -> FundingScenario | None:
    """Let each partner pay what is left as far as its purse goes; nobody pays the rest."""
    own, gap = {}, {}
    purse = {one.id: one.own_cash for one in given_case.partners}
    for one in given_case.cost_items:
        rest = given_case.left(one) - sum((amount for (key, _), amount in money.items() if key == one.id), Decimal(0))
        if rest < 0:
            return None
        has = purse[one.partner]
        own[one.id] = rest if has is None else min(rest, has)
        gap[one.id] = rest - own[one.id]
        purse[one.partner] = None if has is None else has - own[one.id]
    allocations = [{"item": line[0], "instrument": line[1], "amount": amount} for line, amount in money.items()]
    return FundingScenario.model_validate(
        {"name": "Tried", "rule_set": "eu-2023", "allocations": allocations, "own": own, "gap": gap}
    )
