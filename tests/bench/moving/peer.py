"""A peer in a process of its own: it is sent moves, makes them, and tells how long each took.

`python -m tests.bench.moving.peer MODULE:FUNCTION URL` answers each line of tasks (JSON) with a line of seconds.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from subprocess import PIPE, Popen
from time import perf_counter

from tests.bench.moving.work import Task

ROOT = Path(__file__).parents[3]


class Peer:
    """A running peer, by its name."""

    def __init__(self, name: str, process: "Popen[str]") -> None:
        self.name, self._process = name, process

    def move(self, tasks: Sequence[Task]) -> list[float]:
        """Let it make these moves; return the seconds that each took, as it measured them itself."""
        self.send(tasks)
        return self.receive()

    def send(self, tasks: Sequence[Task]) -> None:
        """Ask for moves without waiting for them."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([(task.key, task.version) for task in tasks]) + "\n")
        self._process.stdin.flush()

    def receive(self) -> list[float]:
        """Wait for the answer to what was sent."""
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        assert answer, f"{self.name} ended"
        found: list[float] = json.loads(answer)
        return found


@contextmanager
def running(name: str, function: str, url: str) -> Iterator[Peer]:
    """Run a peer, ready to be asked; it ends with the block."""
    command = [sys.executable, "-m", "tests.bench.moving.peer", f"tests.bench.moving.{function}", url]
    with Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True) as process:
        try:
            peer = Peer(name, process)
            assert peer.move([]) == []  # it is ready
            yield peer
        finally:
            process.terminate()


def main(function: str, url: str) -> None:
    """Make the moves that come in, one after another."""
    module, _, name = function.partition(":")
    answers, sys.stdout = sys.stdout, sys.stderr  # nothing else of a peer is taken for an answer
    move = getattr(import_module(module), name)(url)
    for line in sys.stdin:
        seconds = []
        for key, version in json.loads(line):
            began = perf_counter()
            move(Task(key, version))
            seconds.append(perf_counter() - began)
        print(json.dumps(seconds), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
