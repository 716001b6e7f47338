"""The search: the same case gives the same answer, and what the work did not suffice for is said."""

import pytest

from states.funding.case.vocabulary import Objective, ScenarioKind
from states.funding.solver.search import Search
from tests.states.funding.builders import rules
from tests.states.funding.solver.samples import a_case

HARD = a_case(1).changed(scenarios=[ScenarioKind.BEST])


def test_the_same_case_gives_the_same_answer() -> None:
    given_case = a_case(7, partners=3, items=8, instruments=8)

    first, second = (Search(given_case, rules(), seconds=20).answer() for _ in range(2))

    assert first.scenarios == second.scenarios


@pytest.mark.long
def test_too_little_work_finds_the_same_each_time_and_says_what_is_open() -> None:
    first, second = (Search(HARD, rules(), seconds=1).answer() for _ in range(2))

    (mix,) = first.scenarios
    assert first.scenarios == second.scenarios
    assert first.complete
    assert {one.objective for one in mix.unproven} == set(Objective) - set(mix.proven)
    assert all(0 <= one.least < one.found for one in mix.unproven)
    assert "it is not proven that nothing is better in applications (at most " in mix.statement


def test_no_work_at_all_finds_no_mix_and_says_so() -> None:
    answer = Search(HARD, rules(), seconds=0).answer()

    (mix,) = answer.scenarios
    assert mix.statement == "In the time allowed no mix was found, and none was ruled out."
    assert (mix.scenario, answer.clash, answer.complete) == (None, (), False)
