"""Workers of the chaos test: processes that run the flows' bodies without a pause, to be killed at any moment.

Each does what a runner does, one flow after the other, without Prefect's record of the runs: starting that takes
seconds, and here somebody dies every second. All of them together are also the duplicates of every scheduled run.
"""

import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import Synchronized
from typing import Any

from flows.delivery import deliver, escalate
from flows.reminders import digest, remind
from flows.smtp import MailServerUnreachable
from states.settings import settings

PAUSE_SECONDS = 0.02
_FORKS = get_context("forkserver")  # it has imported Prefect once, and never touched the database
_FORKS.set_forkserver_preload([__name__])


def _work(environment: Mapping[str, str], rounds: "Synchronized[int]") -> None:
    os.environ.update(environment)
    settings.cache_clear()
    while True:
        for flow in (remind, digest, deliver, escalate):
            with suppress(MailServerUnreachable):  # as in the runner: the next run tries again
                flow.fn()
        rounds.value += 1
        time.sleep(PAUSE_SECONDS)


class Crew:
    """Some workers at once; whoever is killed is replaced at once."""

    def __init__(self, size: int, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._members = [self._start() for _ in range(size)]
        self.kills = 0

    def _start(self) -> tuple[BaseProcess, Any]:
        rounds = _FORKS.Value("q", 0, lock=False)  # a lock would die with a worker that is killed while it holds it
        process = _FORKS.Process(target=_work, args=(self._environment, rounds), daemon=True)
        process.start()
        return process, rounds

    def kill(self, *numbers: int) -> None:
        """Kill these workers where they stand; one that is dead and not yet replaced dies no second time."""
        for number in numbers:
            process, _ = self._members[number]
            if process.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
                    self.kills += 1

    def replace_the_dead(self) -> None:
        """Start a worker for each that was killed; one that ended by itself is a fault."""
        for number, (process, _) in enumerate(self._members):
            if not process.is_alive():
                process.join()
                assert process.exitcode == -signal.SIGKILL, f"a worker ended by itself: {process.exitcode}"
                self._members[number] = self._start()

    def rounds(self) -> list[int]:
        """Return how many rounds each of the living has done."""
        return [rounds.value for _, rounds in self._members]

    def dismiss(self) -> None:
        """End them all."""
        for process, _ in self._members:
            process.kill()
            process.join()
