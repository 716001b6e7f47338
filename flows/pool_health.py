"""Whether the work pool works: server, deployments, workers, runs; what `bankable doctor` says of it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import prefect
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import StateType
from prefect.exceptions import ObjectNotFound

from flows.deployments import PREFECT_YAML, WORK_POOL, compare, written
from flows.pool import PoolUnusable, deployed, of_pool, server
from states.clock import machine_now
from states.processes.presence import working
from states.processes.tables import ProcessKind
from states.storage import begin
from states.texts import Text

LATE = timedelta(minutes=5)
LATELY = timedelta(hours=1)
_MOST = 200  # of runs, which Prefect's server gives at once


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was looked at, and what is to be done where it is not well."""

    what: str
    ok: bool
    said: Text


def look() -> Iterator[Found]:
    """Look at the pool; nothing is changed."""
    try:
        with server() as client:
            yield _of_server(client)
            yield from _of_pool(client)
    except PoolUnusable as error:
        yield Found("Prefect's server", False, Text("finding", "pool_unusable", error=error.message))


def _of_server(client: SyncPrefectClient) -> Found:
    theirs, ours = client.api_version(), prefect.__version__
    code = "prefect_version_fits" if theirs == ours else "prefect_version_unlike"
    return Found(
        "Prefect's server", theirs == ours, Text("finding", code, url=str(client.api_url), theirs=theirs, ours=ours)
    )


def _of_pool(client: SyncPrefectClient) -> Iterator[Found]:
    try:
        pool = client.read_work_pool(WORK_POOL)
    except ObjectNotFound:
        yield Found("Work pool", False, Text("finding", "pool_missing", pool=WORK_POOL))
        return
    yield Found(
        "Work pool",
        not pool.is_paused,
        Text("finding", "pool_paused" if pool.is_paused else "pool_there", pool=WORK_POOL),
    )
    unlike = compare(deployed(client), written(), place="Prefect", model=PREFECT_YAML.name)
    code = "deployments_unlike" if unlike else "deployments_fit"
    yield Found("Deployments", not unlike, Text("finding", code, unlike=tuple(unlike), count=len(written())))
    yield from _of_workers(client)
    yield from _of_runs(client)


def _of_workers(client: SyncPrefectClient) -> Iterator[Found]:
    online = {one.name for one in client.read_workers_for_work_pool(WORK_POOL) if one.status == "ONLINE"}
    with begin(read_only=True) as session:
        ours = {row.name for row in working(session) if row.kind is ProcessKind.WORKER}
    code = "workers_online" if online else "no_worker"
    yield Found("Workers", bool(online), Text("finding", code, workers=tuple(sorted(online))))
    if strange := sorted(online - ours):
        yield Found("Workers elsewhere", False, Text("finding", "workers_elsewhere", workers=tuple(strange)))


def _of_runs(client: SyncPrefectClient) -> Iterator[Found]:
    now = machine_now()
    late = _runs(client, StateType.SCHEDULED, expected_start_time={"before_": now - LATE})
    crashed = _runs(client, StateType.CRASHED, end_time={"after_": now - LATELY})
    code = "runs_late" if late else "runs_in_time"
    yield Found("Runs that wait", not late, Text("finding", code, runs=late, minutes=LATE.seconds // 60))
    told = "runs_crashed" if crashed else "no_run_crashed"
    yield Found("Runs that crashed", not crashed, Text("finding", told, runs=crashed))


def _runs(client: SyncPrefectClient, state: StateType, **times: object) -> tuple[str, ...]:
    """Return how many runs of each deployment are in a state."""
    where = FlowRunFilter.model_validate({"state": {"type": {"any_": [state]}}, **times})
    names = {one.id: one.name for one in of_pool(client)}
    counted = Counter(
        names[run.deployment_id]
        for run in client.read_flow_runs(flow_run_filter=where, limit=_MOST)
        if run.deployment_id in names
    )
    return tuple(f"{count} {name}" for name, count in sorted(counted.items()))
