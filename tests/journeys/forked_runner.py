"""`python -m flows run` without its start-up: for each line read, a process forks that has imported all of it.

Prints the process id, and its wait status once it has ended.
"""

import os
import sys

import flows.delivery
import flows.issuing
import flows.notices
import flows.relay
import flows.reminders
import flows.reports
import flows.reviews
import flows.runner  # noqa: F401 - imported here, once, for all that are forked
from api.operations.supervisor import die_with_parent
from flows.__main__ import main


def serve() -> None:
    """Fork a runner for each line of standard input and wait for its end."""
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            if sys.platform == "linux":
                die_with_parent()
            os._exit(main(["run"]))
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    serve()
