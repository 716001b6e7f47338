"""The search: the same case gives the same answer, and what work or clock did not suffice for is said."""

from time import monotonic

import pytest

from states.funding.aid.options import options
from states.funding.case.vocabulary import Objective, ScenarioKind
from states.funding.law.facts import CaseFacts
from states.funding.solver import search
from states.funding.solver.answer import Work
from states.funding.solver.building import build
from states.funding.solver.cp_sat import CpSat
from states.funding.solver.meter import Meter
from states.funding.solver.program import objective_terms
from states.funding.solver.search import Search
from tests.states.funding.builders import rules
from tests.states.funding.solver.samples import a_case

HARD = a_case(1).changed(scenarios=[ScenarioKind.BEST])


def test_the_same_case_gives_the_same_answer() -> None:
    given_case = a_case(7, partners=3, items=8, instruments=8)

    first, second = (Search(given_case, rules(), seconds=20).answer() for _ in range(2))

    assert first.scenarios == second.scenarios


@pytest.mark.long
def test_too_little_work_finds_the_same_each_time_and_says_what_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PATIENCE", 1000)  # however busy the machine is

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


def test_a_search_that_the_clock_ends_is_not_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PATIENCE", 0)

    answer = Search(HARD, rules(), seconds=20).answer()

    assert not answer.complete
    assert answer.stage is not None
    assert (answer.stage.kind, answer.stage.work) == (ScenarioKind.BEST, Work.OPTIMUM)


def test_an_end_by_the_clock_is_told_from_an_end_by_work() -> None:
    facts = CaseFacts(HARD, rules())
    mix = build(facts, [option for option in options(facts) if option.open])
    late, poor = Meter(stop=monotonic()), Meter(stop=monotonic() + 60)

    for meter, work in ((late, 10.0), (poor, 0.01)):
        CpSat.of(mix.program, meter=meter).minimise(objective_terms(mix, Objective.PRIVATE_CASH), work=work)

    assert (late.cut, poor.cut) == (True, False)
