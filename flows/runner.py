"""The long-lived runner: it watches the outbox and the clock, and runs what is due in its own process."""

import gc
import logging
import signal
from collections.abc import Callable
from functools import partial
from threading import Thread

from prefect.settings import PREFECT_API_URL

from flows import stopping
from flows.acting import as_clock
from flows.catalogue import FLOWS, LONG_LANE, QUICK_LANE
from flows.host import connected, load, run_here, survive
from flows.prompt import ask_pool_for_wanted, wanted
from flows.relay import relay_batch
from flows.schedule import Schedule
from states.clock import now
from states.outbox.conditions import Lane
from states.outbox.leases import leasable
from states.outbox.service import retry_after_upgrade
from states.processes.presence import present, process_name
from states.processes.tables import ProcessKind
from states.settings import settings
from states.storage import begin

log = logging.getLogger(__name__)

POLL_SECONDS = 0.1
PAUSE_AFTER_FAILURE_SECONDS = 5.0
ASK_AGAIN_SECONDS = 2.0


def run() -> int:
    """Run until SIGTERM or SIGINT; what runs then is finished first. Return the exit code: 1 if it ended unasked.

    Events, long computations and the clock have a thread each, so that a document in print holds up no mail, a mail
    server that hangs no event, and a timetable neither. None is the main thread: there each flow run would take the
    signal for itself and crash.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.ask_to_stop())
    log.info("runner started, flows run %s", settings().hand_over)
    gc.freeze()  # what was imported stays: looking through it for garbage takes a third of a large sweep
    survive(_retry_after_upgrade)
    turns: list[Callable[[], bool]] = [partial(_hand_messages_over, lane) for lane in (QUICK_LANE, LONG_LANE)]
    # On a pool Prefect's own scheduler starts what is due, by prefect.yaml.
    local = settings().hand_over == "local"
    turns.append(partial(_run_what_is_due, Schedule()) if local else _ask_for_what_is_wanted)
    if local:
        Thread(target=_load_flows, daemon=True).start()
    workers = [Thread(target=_work, args=[turn]) for turn in turns]
    with present(ProcessKind.RUNNER, process_name(), prefect_url=PREFECT_API_URL.value() or ""):
        for worker in workers:
            worker.start()
        while all(worker.is_alive() for worker in workers):
            workers[0].join(POLL_SECONDS)
        unasked = stopping.going()
        stopping.ask_to_stop()
        for worker in workers:
            worker.join()
    log.info("runner stopped")
    return 1 if unasked else 0


def _load_flows() -> None:
    """Import every flow, so that the first message of a kind waits for no library: a document's takes two seconds."""
    for spec in FLOWS:
        survive(partial(load, spec))


def _work(turn: Callable[[], bool]) -> None:
    while stopping.going():
        survive(partial(_take_turns, turn))
        stopping.rest(PAUSE_AFTER_FAILURE_SECONDS)


def _take_turns(turn: Callable[[], bool]) -> None:
    """Take one turn after the other on one connection to Prefect, at once where more waits; an error ends both."""
    with connected():
        while stopping.going():
            if not turn():
                stopping.rest(POLL_SECONDS)


@as_clock
def _retry_after_upgrade() -> None:
    with begin() as session:
        if retried := retry_after_upgrade(session):
            log.info("tried again after an upgrade messages=%d", retried)


def _hand_messages_over(lane: Lane) -> bool:
    """Hand one batch of a lane over; tell whether more may wait."""
    with begin(read_only=True) as session:
        waiting = leasable(session, lane)
    return waiting and relay_batch(lane) > 0


def _run_what_is_due(schedule: Schedule) -> bool:
    """Run what is due or wanted by now; nothing more waits then."""
    at = now()
    for spec in schedule.due(at, wanted=wanted()):
        if stopping.going() and survive(partial(run_here, spec, {})) is None:
            schedule.failed(spec)
    return False


def _ask_for_what_is_wanted() -> bool:
    """Ask the pool for it, and rest while a worker comes to it; nothing more waits then."""
    if ask_pool_for_wanted():
        stopping.rest(ASK_AGAIN_SECONDS)
    return False
