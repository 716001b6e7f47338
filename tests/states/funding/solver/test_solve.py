"""The solver's process: it tells how far it is, can be cancelled or killed, and nobody else loads a solver."""

import os
import signal
import subprocess
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path

import pytest

from states.funding.case.vocabulary import Objective, ScenarioKind
from states.funding.law.facts import Answer as Verdict
from states.funding.rules.library import rule_set
from states.funding.solver.answer import Answer, Work
from states.funding.solver.solve import solve
from tests.states.funding.builders import case
from tests.states.funding.solver.samples import a_case

HEAVY = a_case(4)


def test_the_answer_grows_mix_by_mix_and_names_case_and_rules() -> None:
    heard: list[Answer] = []

    answer = solve(case(), progress=heard.append)

    assert sorted({len(one.scenarios) for one in heard}) == list(range(len(ScenarioKind) + 1))
    assert [one.complete for one in heard] == [False] * (len(heard) - 1) + [True]
    assert heard[-1] == answer
    assert (answer.case, answer.rule_set, answer.fingerprint) == ("A case", "eu-2023", rule_set("eu-2023").fingerprint)
    assert [(one.item, one.article) for one in answer.ceilings if one.answer is Verdict.PASS] == [
        ("work", "GBER Art. 25")
    ]


def test_it_is_told_what_the_search_is_at() -> None:
    heard: list[Answer] = []

    answer = solve(case(scenarios=[ScenarioKind.BEST]), progress=heard.append)

    stages = [one.stage for one in heard if one.stage]
    assert {(one.kind, one.number, one.total) for one in stages} == {(ScenarioKind.BEST, 1, 1)}
    assert list(dict.fromkeys((one.work, one.objective) for one in stages)) == [
        *((Work.OPTIMUM, objective) for objective in Objective),
        (Work.BINDINGS, None),
    ]
    assert list(dict.fromkeys(one.gap for one in stages)) == [None, Decimal("0.00")]
    assert answer.stage is None


def test_the_rules_that_are_given_are_those_that_are_kept() -> None:
    answer = solve(case(rule_set="eu-2014"), rules=rule_set("eu-2014"))

    assert (answer.rule_set, answer.complete) == ("eu-2014", True)


def test_a_search_that_is_cancelled_keeps_what_it_found() -> None:
    heard: list[Answer] = []

    answer = solve(HEAVY, seconds=60, progress=heard.append, cancelled=lambda: bool(heard and heard[-1].scenarios))

    assert (answer.scenarios[0].kind, answer.complete) == (ScenarioKind.BEST, False)
    assert answer.stage is not None


def test_a_search_that_is_never_let_begin_has_no_mixes() -> None:
    answer = solve(HEAVY, cancelled=lambda: True)

    assert (answer.scenarios, answer.clash, answer.complete) == ((), (), False)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the solver's process by /proc")
def test_a_killed_solver_leaves_an_answer() -> None:
    answers: list[Answer] = []
    asking = threading.Thread(target=lambda: answers.append(solve(HEAVY, seconds=60)))

    asking.start()
    os.kill(_solver(asking), signal.SIGKILL)
    asking.join()

    assert [(one.complete, one.clash) for one in answers] == [(False, ())]


def _solver(asking: threading.Thread) -> int:
    """Wait for the process that the thread starts."""
    children = Path(f"/proc/self/task/{asking.native_id}/children")
    while asking.is_alive():
        for child in children.read_text(encoding="ascii").split():
            if b"solver.worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
        time.sleep(0.01)
    raise AssertionError("no solver was started")


def test_whoever_asks_never_loads_the_solver() -> None:
    asking = "import sys, states.funding.solver.solve; print([one for one in sys.modules if 'ortools' in one])"

    said = subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True, check=True).stdout

    assert said == "[]\n"
