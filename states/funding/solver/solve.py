"""Solve a funding case: named mixes to the cent, what binds them, or the rules that clash.

The solver works in a process of its own that can be killed; whatever becomes of it, there is an answer.
"""

from collections.abc import Callable

from states.computations.host import Processes, Program
from states.funding.case.case import FundingCase
from states.funding.rules.choice import rules_of
from states.funding.rules.library import RuleSet
from states.funding.solver.answer import Answer, begun, ceiling_lines
from states.funding.solver.task import Task

_SOLVER: Program[Task, Answer] = Program(
    "states.funding.solver.worker", Task.model_dump_json, Answer.model_validate_json
)


def solve(
    case: FundingCase,
    *,
    rules: RuleSet | None = None,
    seconds: float = 30.0,
    progress: Callable[[Answer], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Answer:
    """Return the named mixes of a case under its rules, or the clash that leaves none.

    The objectives of the case are made small one after the other; every named mix is truly different from those
    before it, or says that there is none. `progress` gets the answer as it grows, and the `stage` it is at. Where
    `cancelled` says so, the answer has what was found until then and is not `complete`.

    `seconds` is work, about that of a quiet core; a busy one takes longer, but what it finds is the same. Where the
    solver's process ends before its work is done, the answer is not `complete` either, and `failure` says how.
    """
    law = rules or rules_of(case)
    answer = begun(case, law).model_copy(update={"ceilings": ceiling_lines(case, law)})
    task = Task(case=case, rules=law.kept, calendar=law.calendar, seconds=seconds)
    with Processes(_SOLVER, [task], seconds=seconds) as solver:
        for found in solver:
            if found is not None:
                answer = found.model_copy(update={"ceilings": answer.ceilings})
                if progress:
                    progress(answer)
            if cancelled and cancelled():
                break
    return answer.model_copy(update={"failure": " ".join(solver.failures)})
