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
from math import ceil
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

# Nothing ends a solver but its own work, which it counts itself. What follows guards against one that does not: it is
# a fault, and told as one.
_RUNAWAY = 10  # seconds of the processor for each second of work; no load makes work so dear
_START = 30.0  # seconds of the processor to start, and to end by itself
_HANGING = 100  # seconds of the clock for each of the processor: longer than any queue for it
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

    None comes every tenth of a second in which nothing is found. The iteration ends when all have ended; at the end of
    the block they are killed, each with its process group. `seconds` is the work that the tasks allow: whoever takes
    many times as much of the processor, or hangs without working, is ended. `failures` says of each that ended before
    its work was done how it ended.
    """

    def __init__(self, program: Program[Task, Answer], tasks: Sequence[Task], *, seconds: float) -> None:
        self.failures = list[str]()
        self._module, self._read = program.module, program.read
        self._tasks = [program.write(task) for task in tasks]
        self._processor = seconds * _RUNAWAY + _START
        self._until = monotonic() + self._processor * _HANGING
        self._inbox = Queue[tuple[int, str]]()  # a process and its line; one without an end is the last
        self._running: list[tuple[Popen[str], IO[bytes], Thread]] = []

    def __enter__(self) -> Self:
        command = [sys.executable, "-P", "-m", self._module, str(ceil(self._processor))]
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
        while left:
            if monotonic() >= self._until:
                self._give_up(done)
                return
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
            said = line.rstrip("\n")
            done[number] = not said
            if said:
                yield self._read(said)

    def _give_up(self, done: Sequence[bool]) -> None:
        """End all that hang."""
        for number, (process, _, _) in enumerate(self._running):
            if not done[number] and process.poll() is None:
                log.error("solving process hangs module=%s pid=%d", self._module, process.pid)
                self._note_failure(number)

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
