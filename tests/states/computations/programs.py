"""Solving processes for the tests of their host: each line of the task is something that a process may do.

`say x` says it, `print x` prints as a library would, `work` never ends, `sleep` neither, `start` starts a process of
its own and says its id, `fail` raises, `grow` asks for more memory than there is.
"""

import os
import subprocess
import sys
import time

from states.computations.host import Program
from states.computations.worker import Tell, serve

WORKER: Program[str, str] = Program("tests.states.computations.programs", str, str)


def main(task: str, tell: Tell) -> None:
    """Do each thing that the task names."""
    for order in task.rstrip("\n").split(";"):
        match order.split():
            case ["say", what]:
                tell(what)
            case ["print", what]:
                print(what, flush=True)
            case ["work"]:
                while True:
                    pass
            case ["sleep"]:
                time.sleep(10_000)
            case ["start"]:
                with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(10_000)"]) as other:
                    tell(str(other.pid))
            case ["fail"]:
                raise ValueError("for a test")
            case ["grow"]:
                bytearray(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))


if __name__ == "__main__":
    serve(main)
