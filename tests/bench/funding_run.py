"""A program that solves one made-up funding case and says what came of it, with the memory of its process."""

import json
import resource
import sys
from time import monotonic, process_time

from ortools.math_opt.python import mathopt

from states.funding.aid.options import options
from states.funding.case.case import FundingCase
from states.funding.checks.checker import check
from states.funding.law.facts import CaseFacts
from states.funding.rules.library import rule_set
from states.funding.solver.building import build
from states.funding.solver.cp_sat import CpSat
from states.funding.solver.lexicographic import best
from states.funding.solver.meter import PACE, Meter
from states.funding.solver.program import objective_terms, total
from states.funding.solver.search import Search
from tests.bench.funding_mathopt import MathOpt
from tests.states.funding.solver.samples import a_case


def one_optimum(case: FundingCase, engine: str, seconds: float) -> dict[str, object]:
    """Find the best mix by one engine: each objective's sum, None where it has none, and whether it is proven."""
    facts = CaseFacts(case, rule_set(case.rule_set))
    mix = build(facts, [option for option in options(facts) if option.open])
    if engine != "CP_SAT":
        solver = MathOpt(mix.program, mathopt.SolverType[engine])
        found = solver.least(mix, case.objectives, seconds=seconds)
        return {"sums": [value for value, _ in found], "proven": [proven for _, proven in found]}
    meter = Meter()
    exact = best(
        mix,
        CpSat.of(mix.program, meter=meter),
        case.objectives,
        until=seconds * PACE,
        told=lambda objective, values: None,  # noqa: ARG005 - nobody listens
    )
    sums = None if exact.values is None else [total(objective_terms(mix, one), exact.values) for one in case.objectives]
    return {"sums": sums, "proven": [one in exact.proven for one in case.objectives]}


def all_mixes(case: FundingCase, seconds: float) -> dict[str, object]:
    """Find all named mixes, and have the checker look at them."""
    answer = Search(case, rule_set(case.rule_set), seconds=seconds).answer()
    mixes = [named for named in answer.scenarios if named.scenario is not None]
    return {
        "mixes": len(mixes),
        "breaches": sum(len(check(case, named.scenario)) for named in mixes if named.scenario),
        "proven": sum(len(named.proven) == len(named.objectives) for named in mixes),
        "complete": answer.complete,
    }


if __name__ == "__main__":
    what, (partners, items, instruments, seed, limit) = sys.argv[1], map(int, sys.argv[2:7])
    given = a_case(seed, partners=partners, items=items, instruments=instruments)
    began, worked = monotonic(), process_time()
    said = all_mixes(given, limit) if what == "all" else one_optimum(given, what, limit)
    said |= {"seconds": round(monotonic() - began, 2), "cpu": round(process_time() - worked, 2)}
    said["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(said))
