"""The process that solves a funding case; nobody imports this module, so that only it loads a solver."""

from states.computations.worker import Tell, serve
from states.funding.rules.library import from_kept
from states.funding.solver.answer import Answer
from states.funding.solver.search import Search
from states.funding.solver.task import Task


def main(line: str, tell_line: Tell) -> None:
    """Solve a case; the answer is told as it grows."""
    task = Task.model_validate_json(line)
    rules = from_kept(task.rules, task.calendar)

    def tell(answer: Answer) -> None:
        tell_line(answer.model_dump_json())

    Search(task.case, rules, seconds=task.seconds, tell=tell).answer()


if __name__ == "__main__":
    serve(main)
