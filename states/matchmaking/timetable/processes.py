"""Solving processes: started, listened to, and ended for sure."""

import os
import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from queue import Empty, Queue
from subprocess import PIPE, Popen
from threading import Thread
from time import perf_counter

from states.matchmaking.timetable.task import Finding, Task

_COMMAND = (sys.executable, "-P", "-m", "states.matchmaking.timetable.worker")
# The same code as here, whatever else is installed.
_ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
_SILENCE = 0.1  # seconds until nothing is said, so that whoever listens can look about

_Inbox = Queue[Finding | None]  # none after the last finding of a process


def findings(tasks: Sequence[Task], *, seconds: float) -> Generator[Finding, None, None]:
    """Run a process for each task and yield what they find as they find it, and nothing every tenth of a second.

    It ends when they have or time is up; however it ends (close it), they are killed.
    """
    inbox, until = _Inbox(), perf_counter() + seconds
    # A session of their own: Ctrl-C is for who started them, who will then end them.
    processes = [
        Popen(_COMMAND, stdin=PIPE, stdout=PIPE, text=True, start_new_session=True, env=_ENVIRONMENT) for _ in tasks
    ]
    readers = [
        Thread(target=_listen, args=(process, task, inbox), daemon=True)
        for process, task in zip(processes, tasks, strict=True)
    ]
    try:
        for reader in readers:
            reader.start()
        running = len(tasks)
        while running and perf_counter() < until:
            try:
                finding = inbox.get(timeout=_SILENCE)
                running -= finding is None
                yield finding or Finding()
            except Empty:
                yield Finding()
    finally:
        for process in processes:
            process.kill()
        for reader in readers:
            reader.join()
        for process in processes:
            process.wait()


def _listen(process: Popen[str], task: Task, inbox: _Inbox) -> None:
    with process:
        if process.stdin is not None and process.stdout is not None:
            try:
                process.stdin.write(task.dumps() + "\n")
                process.stdin.flush()
            except BrokenPipeError:
                pass  # it was killed before it had read its task
            for line in process.stdout:
                if line.endswith("\n"):  # else it was cut off
                    inbox.put(Finding.loads(line))
    inbox.put(None)
