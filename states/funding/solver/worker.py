"""The solver's process: reads a case and its rules, writes the answer as it grows, one line each time.

Nothing but its end stops a solver for sure, so it works in a process of its own; nobody imports this module.
"""

import os
import sys
from typing import TextIO

from states.funding.rules.library import RuleSet
from states.funding.solver.answer import Answer
from states.funding.solver.search import Search
from states.funding.solver.task import Task


def main(source: TextIO, sink: TextIO) -> None:
    """Solve what the source asks."""
    task = Task.model_validate_json(source.read())
    rules = RuleSet(task.rules.id, task.rules.title, task.rules.books)

    def tell(answer: Answer) -> None:
        print(answer.model_dump_json(), file=sink, flush=True)

    Search(task.case, rules, seconds=task.seconds, tell=tell).answer()


if __name__ == "__main__":
    told = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # HiGHS says things of its own there
    main(sys.stdin, told)
