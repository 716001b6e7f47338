"""What `bankable doctor` says of runners, workers and Prefect: who works, and whether all are set up alike."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence

import httpx
from sqlalchemy.exc import SQLAlchemyError

from states.clock import machine_now
from states.mail.sending import deliverable
from states.outbox.queries import open_messages
from states.processes.presence import as_here, working
from states.processes.tables import ProcessKind, WorkingProcess
from states.settings import settings
from states.storage import begin
from states.texts import Text

_POOL_SECONDS = 120
_PREFECT_SECONDS = 5

Said = tuple[bool, Text]


def prefect() -> Said:
    """Say whether Prefect's server answers: the one of the settings, or of a runner that works here."""
    url = os.environ.get("PREFECT_API_URL") or _url_of_a_runner()
    if not url:
        needed = settings().hand_over == "pool"
        return not needed, Text("finding", "prefect_needed" if needed else "prefect_not_configured")
    try:
        status = httpx.get(f"{url.rstrip('/')}/health", timeout=_PREFECT_SECONDS).status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return False, Text("finding", "does_not_answer", what=url, error=str(error))
    return status == httpx.codes.OK, Text("finding", "prefect_answers", url=url, status=status)


def runners() -> Said:
    """Say who hands messages over; nobody is a fault once something waits."""
    try:
        names = tuple(row.name for row in _working() if row.kind is ProcessKind.RUNNER)
        with begin(read_only=True) as session:
            waiting = open_messages(session) > 0 or deliverable(session)
    except (SQLAlchemyError, OSError):
        return False, Text("finding", "unreadable")
    if names:
        return True, Text("finding", "runners_work", runners=names)
    return not waiting, Text("finding", "runner_needed" if waiting else "no_runner")


def alike() -> Said:
    """Say which process is set up otherwise than this one."""
    try:
        rows = _working()
        if not rows:
            return True, Text("finding", "nobody_works")
        here = as_here(ProcessKind.RUNNER, "", started_at=machine_now())
    except (SQLAlchemyError, OSError):
        return False, Text("finding", "unreadable")
    unlike = tuple(one for row in rows for one in _unlike(row, here))
    return not unlike, Text("finding", "processes_unlike" if unlike else "processes_alike", unlike=unlike)


def _unlike(row: WorkingProcess, here: WorkingProcess) -> Iterator[Text]:
    name = f"{row.kind.value} {row.name}"
    if row.secret != here.secret:
        yield Text("finding", "secret_unlike", process=name)
    if not row.store:
        yield Text("finding", "store_away", process=name)
    elif row.store != here.store:
        yield Text("finding", "store_unlike", process=name, store=settings().store)
    if row.release != here.release:
        yield Text("finding", "release_unlike", process=name, theirs=row.release, ours=here.release)
    url = os.environ.get("PREFECT_API_URL", "")
    if settings().hand_over == "pool" and row.prefect_url != url:
        yield Text("finding", "prefect_unlike", process=name, theirs=row.prefect_url, ours=url)


def pool() -> Iterator[tuple[str, bool, Text]]:
    """Say of each part of the work pool whether it works, where flows go there."""
    if settings().hand_over != "pool" or not os.environ.get("PREFECT_API_URL"):
        return
    # A process of its own: the API's side of the house knows nothing of the flows.
    command = [sys.executable, "-m", "flows", "look-at-pool"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_POOL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        yield "Work pool", False, Text("finding", "check_too_long", seconds=_POOL_SECONDS)
        return
    if done.returncode:
        yield "Work pool", False, Text("finding", "check_said", said=done.stderr.strip())
        return
    for one in json.loads(done.stdout):
        yield one["what"], one["ok"], Text("finding", "check_said", said=one["said"])


def _url_of_a_runner() -> str:
    try:
        return next((row.prefect_url for row in _working() if row.prefect_url), "")
    except (SQLAlchemyError, OSError):
        return ""


def _working() -> Sequence[WorkingProcess]:
    with begin(read_only=True) as session:
        return working(session)
