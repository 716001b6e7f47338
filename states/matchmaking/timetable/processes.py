"""Solving processes: started, listened to, and ended for sure."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import Queue
from subprocess import PIPE, Popen
from threading import Thread

from states.matchmaking.timetable.task import Finding, Task

_COMMAND = (sys.executable, "-P", "-m", "states.matchmaking.timetable.worker")

Ended = None  # what the queue holds after the last finding of a process
Inbox = Queue[Finding | None]


@contextmanager
def running(tasks: Sequence[Task]) -> Iterator[Inbox]:
    """Run a process for each task, hand out what they find as they find it, and kill them at the end of the block."""
    inbox: Inbox = Queue()
    # A session of their own: Ctrl-C is for who started them, who will then end them.
    processes = [Popen(_COMMAND, stdin=PIPE, stdout=PIPE, text=True, start_new_session=True) for _ in tasks]
    readers = []
    try:
        for process, task in zip(processes, tasks, strict=True):
            readers.append(Thread(target=_listen, args=(process, task, inbox), daemon=True))
            readers[-1].start()
        yield inbox
    finally:
        for process in processes:
            process.kill()
        for reader in readers:
            reader.join()
        for process in processes:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


def _listen(process: Popen[str], task: Task, inbox: Inbox) -> None:
    if process.stdin is not None and process.stdout is not None:
        try:
            process.stdin.write(task.dumps() + "\n")
            process.stdin.flush()
            for line in process.stdout:
                if line.endswith("\n"):  # else it was cut off
                    inbox.put(Finding.loads(line))
        except BrokenPipeError:
            pass  # it was killed before it had read its task
    inbox.put(Ended)
