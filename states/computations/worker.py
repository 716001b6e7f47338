"""The side of the solving process: it reads its task, says what it finds, and never outlives who started it."""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Protocol

_PR_SET_PDEATHSIG = 1
_MEMORY_SHARE = 0.5  # of the machine's memory, for one process


class Tell(Protocol):
    """Say what was found, in one line."""

    def __call__(self, line: str, /) -> None: ...


def serve(work: Callable[[str, Tell], None]) -> None:
    """Do the task of the input's first line, and end.

    `work` gets that line and the way to say what it finds. What else is printed, by a solver's library, goes nowhere:
    the output is the host's. An empty line says that it is done. The program's argument is how many seconds of the
    processor it may take at most: more is an error of its own, and the kernel ends it.
    """
    _give_way()
    _bound(resource.RLIMIT_CPU, int(sys.argv[1]))
    _die_with_parent()
    task = sys.stdin.buffer.readline().decode("utf-8")
    Thread(target=_die_with_input, daemon=True).start()
    # The file is never closed before the process ends: for the host the end of the output is the end of the process.
    sink = open(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def tell(line: str, /) -> None:
        print(line, file=sink, flush=True)

    work(task, tell)
    tell("")


def _give_way() -> None:
    """Bound the memory, and where memory is short be the first that the kernel ends: the computation, not its host."""
    _bound(resource.RLIMIT_DATA, int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * _MEMORY_SHARE))
    with suppress(OSError):  # Linux only
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _bound(what: int, limit: int) -> None:
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def _die_with_parent() -> None:
    """Ask the kernel (Linux) for the end with the parent: a solver may keep all threads of Python waiting."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _die_with_input() -> None:
    # Not by the buffer: Python cannot end while a thread reads from it.
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)
