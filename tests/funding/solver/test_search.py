"""The search is held to the checker and to plain enumeration: no rule broken, no cent lost, nothing better missed."""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from states.funding.aid.options import options
from states.funding.case import FundingCase
from states.funding.case_partners import AidReceived, ProjectFacts
from states.funding.case_terms import Activity, FinanceKind, Objective, ScenarioKind, cents_of, euro_of
from states.funding.checker import check
from states.funding.law.facts import CaseFacts
from states.funding.scenario import FundingScenario
from states.funding.solver.answer import Answer, Named
from states.funding.solver.search import Search
from states.partners.tables import SizeClass
from tests.funding.builders import ON, case, instrument, item, partner, rules
from tests.funding.solver.samples import a_case

BASES = [("gber-25",), ("gber-25", "gber-18"), ("gber-18",), ("eu_direct",), ("de_minimis",), ("market",)]
CENT = Decimal("0.01")
PLACES = ["PL229", "DE111", "HU231"]


def solved(given_case: FundingCase, seconds: float = 20.0) -> Answer:
    return Search(given_case, rules(), seconds=seconds).answer()


@st.composite
def cases(draw: st.DrawFn, cents: st.SearchStrategy[int], *, lines: int) -> FundingCase:
    """Up to three partners, linked or not, with small purses; instruments that ask for company and least amounts."""
    people = [
        partner(
            key,
            draw(st.sampled_from([SizeClass.SMALL, SizeClass.LARGE])),
            nuts=draw(st.sampled_from(PLACES)),
            own_cash=draw(st.one_of(st.none(), cents.map(euro_of))),
        )
        for key in ("a", "b", "c")[: draw(st.integers(1, 3))]
    ]
    costs = [
        item(
            f"work-{number}",
            draw(st.sampled_from([Activity.INDUSTRIAL, Activity.CONSULTANCY])),
            of=draw(st.sampled_from([one.id for one in people])),
            amount=str(euro_of(draw(cents) or 1)),
        )
        for number in range(draw(st.integers(1, 3)))
    ]
    sources = []
    for number in range(draw(st.integers(1, max(1, lines // len(costs))))):
        basis = draw(st.sampled_from(BASES))
        sources.append(
            instrument(
                f"source-{number}",
                *basis,
                percent=str(draw(st.sampled_from([35, 50, 70, 100]))),
                kind=draw(st.sampled_from([FinanceKind.GRANT, FinanceKind.LOAN])),
                grant_equivalent=str(draw(st.sampled_from(["100", "6.5", "33.33"]))),
                cost_of_capital=str(draw(st.sampled_from(["0", "9.05"]))),
                eu_grant=basis == ("eu_direct",) and draw(st.booleans()),
                project_most=draw(st.one_of(st.none(), cents.map(euro_of))),
                partner_least=euro_of(draw(st.integers(0, 2))),
                consortium={
                    "entities": draw(st.integers(1, 2)),
                    "countries": draw(st.integers(1, 2)),
                    "coordinator_takes_part": draw(st.booleans()),
                },
            )
        )
    had = {"recipient": "a", "member_state": "DE", "granted_on": ON, "amount": "0.01", "cost_item": "work-0"}
    bases = st.sampled_from(["de_minimis", "gber-25", "eu_direct"])
    received = (AidReceived.model_validate({**had, "basis": draw(bases)}),) if draw(st.booleans()) else ()
    links = [{"holder": "a", "held": "b", "percent": 60}] if len(people) > 1 and draw(st.booleans()) else []
    return case(
        partners=people,
        coordinator="a",
        cost_items=costs,
        instruments=sources,
        aid_received=received,
        links=links,
        project=ProjectFacts(effective_collaboration=draw(st.sampled_from([True, None]))),
    )


FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(FEW, max_examples=300)


@FEW
@given(cases(st.integers(0, 90_000_000), lines=9))
def test_no_scenario_breaks_a_rule_and_no_cent_is_lost(given_case: FundingCase) -> None:
    _keeps_every_rule(given_case)


@pytest.mark.long
@MANY
@given(cases(st.integers(0, 90_000_000), lines=12))
def test_no_scenario_of_many_breaks_a_rule_and_no_cent_is_lost(given_case: FundingCase) -> None:
    _keeps_every_rule(given_case)


def _keeps_every_rule(given_case: FundingCase) -> None:
    answer = solved(given_case)

    found = [named.scenario for named in answer.scenarios if named.scenario is not None]
    assert answer.complete
    assert [check(given_case, one) for one in found] == [[] for _ in found]
    assert found
    assert [_total(one) for one in found] == [sum(map(given_case.left, given_case.cost_items)) for _ in found]


def _total(scenario: FundingScenario) -> Decimal:
    paid = [one.amount for one in scenario.allocations]
    return sum([*paid, *scenario.own.values(), *scenario.gap.values()], Decimal(0))


@FEW
@given(cases(st.integers(0, 4), lines=4))
def test_the_optimum_is_that_of_plain_enumeration(given_case: FundingCase) -> None:
    _is_as_enumerated(given_case)


@pytest.mark.long
@MANY
@given(cases(st.integers(0, 5), lines=5))
def test_the_optimum_of_many_is_that_of_plain_enumeration(given_case: FundingCase) -> None:
    _is_as_enumerated(given_case)


def _is_as_enumerated(given_case: FundingCase) -> None:
    only_best = given_case.changed(scenarios=[ScenarioKind.BEST])

    (named,) = solved(only_best).scenarios

    assert named.proven == tuple(Objective)
    (gap, cash), (least_gap, least_cash) = _worth(only_best, named), _enumerated(only_best)
    assert gap == least_gap
    assert least_cash <= cash < least_cash + CENT  # the cost of capital is finer than a cent


def _worth(given_case: FundingCase, named: Named) -> tuple[Decimal, Decimal]:
    assert named.scenario is not None
    assert named.measures is not None
    money = {(one.item, one.instrument): one.amount for one in named.scenario.allocations}
    return named.measures.gap, named.measures.own + _capital(given_case, money)


def _capital(given_case: FundingCase, money: dict[tuple[str, str], Decimal]) -> Decimal:
    costs = given_case.instrument_by_id
    return sum((amount * costs[key].cost_of_capital / 100 for (_, key), amount in money.items()), Decimal(0))


def _enumerated(given_case: FundingCase) -> tuple[Decimal, Decimal]:
    """Try every division of the cents, ask the checker, and return the least gap with the least private cash."""
    found = [
        (option.item.id, option.instrument.id)
        for option in options(CaseFacts(given_case, rules()))
        if not any(finding.blocks for finding in option.findings)
    ]
    left = {one.id: cents_of(given_case.left(one)) for one in given_case.cost_items}
    worths = []
    for cents in product(*(range(left[key] + 1) for key, _ in found)):
        money = {line: euro_of(amount) for line, amount in zip(found, cents, strict=True) if amount}
        scenario = _with_own_cash(given_case, money)
        if scenario is not None and not check(given_case, scenario):
            own = sum(scenario.own.values(), Decimal(0))
            worths.append((sum(scenario.gap.values(), Decimal(0)), own + _capital(given_case, money)))
    return min(worths)


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


def test_the_same_case_gives_the_same_answer() -> None:
    given_case = a_case(7, partners=3, items=8, instruments=8)

    first, second = solved(given_case), solved(given_case)

    assert first.scenarios == second.scenarios
