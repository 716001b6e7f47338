"""Solve a funding case: named mixes to the cent, what binds them, or the rules that clash.

The solver works in a process of its own that can be killed; whatever becomes of it, there is an answer.
"""

import subprocess
import sys
from collections.abc import Callable
from queue import Empty, Queue
from threading import Thread
from time import monotonic
from typing import IO

from states.funding.case.case import FundingCase
from states.funding.rules.library import RuleSet, rule_set
from states.funding.solver.answer import Answer, begun, ceiling_lines
from states.funding.solver.meter import PATIENCE
from states.funding.solver.task import Rules, Task

_GRACE = 30.0  # seconds for the process to start, and to end by itself
_LOOK = 0.2  # seconds between two looks at whether somebody cancelled


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

    `seconds` is work, about that of a quiet core; a busy one takes longer, but what it finds is the same. After
    `PATIENCE` times as long the clock ends the search, and the answer is not `complete` either.
    """
    law = rules or rule_set(case.rule_set)
    answer = begun(case, law).model_copy(update={"ceilings": ceiling_lines(case, law)})
    task = Task(case=case, rules=Rules(id=law.id, title=law.title, books=law.books), seconds=seconds)
    until = monotonic() + seconds * PATIENCE + _GRACE
    command = [sys.executable, "-P", "-m", "states.funding.solver.worker"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        lines: Queue[str] = Queue()
        talk = Thread(target=_talk, args=(process, task.model_dump_json(), lines))
        talk.start()
        try:
            while monotonic() < until and not (cancelled and cancelled()):
                try:
                    line = lines.get(timeout=_LOOK)
                except Empty:
                    continue
                if not line.endswith("\n"):  # the end, or cut off by it
                    break
                answer = Answer.model_validate_json(line).model_copy(update={"ceilings": answer.ceilings})
                if progress:
                    progress(answer)
        finally:
            process.kill()
            talk.join()
    return answer


def _talk(process: "subprocess.Popen[str]", task: str, lines: "Queue[str]") -> None:
    """Tell the process its task, pass on what it says, and a line without its end when it has said all."""
    said: IO[str] | None = process.stdout
    try:
        assert process.stdin is not None
        with process.stdin as told:
            told.write(task)
    except BrokenPipeError:
        pass  # it ended early; what it said till then stands
    assert said is not None
    for line in said:
        lines.put(line)
    lines.put("")
