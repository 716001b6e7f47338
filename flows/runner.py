"""The long-lived runner: it watches the outbox and the clock, and runs what is due in its own process."""

import logging
import signal
from threading import Thread

from flows import stopping
from flows.catalogue import FlowSpec, flow_named
from flows.host import FlowRun, run_here, survive
from flows.schedule import Schedule
from states.clock import now
from states.events.leases import leasable
from states.settings import settings
from states.storage import begin

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
PAUSE_AFTER_FAILURE_SECONDS = 5.0


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
        well = survive(lambda: _turn(schedule))
        stopping.rest(POLL_SECONDS if well else PAUSE_AFTER_FAILURE_SECONDS)
    log.info("runner stopped")


def _turn(schedule: Schedule) -> bool:
    if settings().hand_over == "local":  # on a pool Prefect's own scheduler starts them, by prefect.yaml
        _run_what_is_due(schedule)
    return _relay_what_waits()


def _run_what_is_due(schedule: Schedule) -> None:
    at = now()
    for spec in schedule.due(at):
        if stopping.going() and _attempt(spec) is None:
            schedule.failed(spec, at)


def _relay_what_waits() -> bool:
    while stopping.going():
        with begin(read_only=True) as session:
            if not leasable(session):
                break
        if _attempt(flow_named("relay")) is None:
            return False
    return True


def _attempt(spec: FlowSpec) -> FlowRun | None:
    return survive(lambda: run_here(spec, {}))
