"""The long-lived runner: it watches the outbox and the clock, and runs what is due in its own process."""

import logging
import signal
from collections.abc import Callable, Collection, Mapping
from functools import partial
from threading import Thread

from sqlmodel import Session

from flows import stopping
from flows.host import connected, run_here, survive
from flows.relay import relay_batch
from flows.schedule import Schedule
from states.clock import now
from states.events.leases import leasable
from states.mail.sending import deliverable
from states.settings import settings
from states.storage import begin

log = logging.getLogger(__name__)

POLL_SECONDS = 0.1
PAUSE_AFTER_FAILURE_SECONDS = 5.0

# What runs as soon as it has work, besides its interval: each turn takes a cheap look.
_WANTED: Mapping[str, Callable[[Session], bool]] = {"deliver": deliverable}


def run() -> int:
    """Run until SIGTERM or SIGINT; what runs then is finished first. Return the exit code: 1 if it ended unasked."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.ask_to_stop())
    # Not in the main thread: there each flow run would take the signal for itself and crash.
    worker = Thread(target=_work, name="runner")
    worker.start()
    worker.join()
    return 1 if stopping.going() else 0


def _work() -> None:
    schedule = Schedule()
    log.info("runner started, flows run %s", settings().hand_over)
    while stopping.going():
        survive(lambda: _take_turns(schedule))
        stopping.rest(PAUSE_AFTER_FAILURE_SECONDS)
    log.info("runner stopped")


def _take_turns(schedule: Schedule) -> None:
    """Take one turn after the other on one connection to Prefect; an error ends both."""
    with connected():
        while stopping.going():
            if not _turn(schedule):
                stopping.rest(POLL_SECONDS)


def _turn(schedule: Schedule) -> bool:
    """Run what is due and hand one batch over, so that neither waits for the other; tell whether more may wait."""
    with begin(read_only=True) as session:
        waiting = leasable(session)
        wanted = [name for name, has_work in _WANTED.items() if has_work(session)]
    if settings().hand_over == "local":  # on a pool Prefect's own scheduler starts them, by prefect.yaml
        _run_what_is_due(schedule, wanted)
    return waiting and relay_batch().total > 0


def _run_what_is_due(schedule: Schedule, wanted: Collection[str]) -> None:
    at = now()
    for spec in schedule.due(at, wanted=wanted):
        if stopping.going() and survive(partial(run_here, spec, {})) is None:
            schedule.failed(spec, at)
