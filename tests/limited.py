"""Runs something in a process of its own that may have only so much memory and so much work."""

import gc
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

Result = TypeVar("Result")

MEBIBYTE = 1 << 20
linux = pytest.mark.skipif(sys.platform != "linux", reason="measures a process by what Linux says of it")


def within(memory: int, work: Callable[[], Result], *, processor: int = 60) -> Result:
    """Return what `work` returns in a fork that may take so many more MiB and so many seconds of processor time.

    Seconds of the processor are work: what else the machine does adds none. Raise `AssertionError` where either is not
    enough, or `work` raises.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _run(memory, work, processor, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code != -signal.SIGXCPU, f"took more than {processor} s of the processor"
    assert code == 0, f"ended with {code}"
    result, error = pickle.loads(told)
    assert error is None, error
    return result  # type: ignore[no-any-return]


def _run(memory: int, work: Callable[[], object], processor: int, writer: int) -> None:
    code = 1
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        room = pages * resource.getpagesize() + memory * MEBIBYTE
        gc.set_threshold(700, 10, 10)  # as Python has it: what is measured is the work
        resource.setrlimit(resource.RLIMIT_AS, (room, room))
        resource.setrlimit(resource.RLIMIT_CPU, (processor + 5, processor + 10))
        try:
            told: tuple[object, str | None] = (work(), None)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told to the parent
            told = (None, f"{type(error).__name__}: {error}"[:2000])
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(told, pipe)
        code = 0
    finally:
        os._exit(code)
