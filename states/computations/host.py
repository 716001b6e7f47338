"""The one host of solving processes: given a task each, listened to, and ended for sure with all that they started.

Nothing but its end stops a solver, so every solver works in a process of its own, whose side is `worker.serve`.
"""

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from subprocess import PIPE, Popen
from tempfile import TemporaryFile
from threading import Thread
from time import monotonic
from types import TracebackType
from typing import IO, Generic, Self, TypeVar

log = logging.getLogger(__name__)

Task = TypeVar("Task")
Answer = TypeVar("Answer")

# Seconds of the clock for each second of work before a process is ended wherever it is: load makes it slow, not poor.
PATIENCE = 10

_GRACE = 30.0  # seconds of the clock for a process to start, and to end by itself
_SILENCE = 0.1  # seconds until nothing is said, so that whoever listens can look about
_TAIL = 4000  # bytes of what a process that failed wrote to its error output
# The same code as here, whatever else is installed.
_ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}


@dataclass(frozen=True, slots=True)
class Program(Generic[Task, Answer]):
    """A kind of solving process: the module it runs, how a task is written in one line, how a line of answer is read.

    The module calls `worker.serve`; only it imports a solver.
    """

    module: str
    write: Callable[[Task], str]
    read: Callable[[str], Answer]


class Processes(Generic[Answer]):
    """Processes at work within a `with` block, one for each task; iterate over what they find as they find it.

    None comes every tenth of a second in which nothing is found. The iteration ends when all have ended, or after
    `PATIENCE` times the `seconds` of work that the tasks allow; at the end of the block they are killed, each with its
    process group. `worked` is the work of the busiest so far, in seconds of processor time; `failures` says of each
    that ended before its work was done how it ended.
    """

    def __init__(self, program: Program[Task, Answer], tasks: Sequence[Task], *, seconds: float) -> None:
        self.worked, self.failures = 0.0, list[str]()
        self._module, self._read = program.module, program.read
        self._tasks = [program.write(task) for task in tasks]
        self._until = monotonic() + seconds * PATIENCE + _GRACE
        self._inbox = Queue[tuple[int, str]]()  # a process and its line; one without an end is the last
        self._running: list[tuple[Popen[str], IO[bytes], Thread]] = []

    def __enter__(self) -> Self:
        command = [sys.executable, "-P", "-m", self._module]
        try:
            for number, task in enumerate(self._tasks):
                errors = TemporaryFile()  # closed with its process, in `_end`
                # A session of its own: Ctrl-C is for who started it, who will then end it; and its pid is its group's.
                process = Popen(
                    command,
                    stdin=PIPE,
                    stdout=PIPE,
                    stderr=errors,
                    encoding="utf-8",
                    start_new_session=True,
                    env=_ENVIRONMENT,
                )
                listener = Thread(target=_talk, args=(number, process, task, self._inbox), daemon=True)
                self._running.append((process, errors, listener))
                listener.start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def __iter__(self) -> Iterator[Answer | None]:
        done = [False] * len(self._running)
        left = len(done)
        while left and monotonic() < self._until:
            try:
                number, line = self._inbox.get(timeout=_SILENCE)
            except Empty:
                yield None
                continue
            if not line.endswith("\n"):  # the end, or cut off by it
                left -= 1
                if not done[number]:
                    self._note_failure(number)
                continue
            work, _, said = line.rstrip("\n").partition(" ")
            self.worked = max(self.worked, float(work))
            done[number] = not said
            if said:
                yield self._read(said)

    def _note_failure(self, number: int) -> None:
        """Note how a process ended that never said that its work was done."""
        process, errors, _ = self._running[number]
        _kill(process)
        code = process.wait()
        errors.seek(max(errors.seek(0, os.SEEK_END) - _TAIL, 0))
        told = errors.read().decode("utf-8", "replace").strip()
        how = f"signal {-code}" if code < 0 else f"code {code}"
        self.failures.append(f"The solving process ended before its work was done ({how}); the log has more.")
        log.warning("solving process failed module=%s code=%d errors=%s", self._module, code, told)

    def _end(self) -> None:
        for process, _, _ in self._running:
            _kill(process)
        for process, errors, listener in self._running:
            if listener.ident is not None:
                listener.join()
            process.wait()
            errors.close()


def _kill(process: Popen[str]) -> None:
    """Kill a process and all that it started; one that has ended is not reaped before, so that its pid is its own."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _talk(number: int, process: Popen[str], task: str, inbox: Queue[tuple[int, str]]) -> None:
    """Give a process its task and pass on what it says; its input stays open, for it dies when that ends."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):  # it ended before it had read its task
        process.stdin.write(task + "\n")
        process.stdin.flush()
    for line in process.stdout:
        inbox.put((number, line))
    inbox.put((number, ""))
    process.stdout.close()
    with suppress(BrokenPipeError):  # what of the task was not sent
        process.stdin.close()
