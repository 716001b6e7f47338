"""The work pool of Prefect's server: set up with the deployments of `prefect.yaml`, and worked on by this machine."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from prefect.cli import app as prefect_command
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import WorkPoolFilter, WorkPoolFilterName
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import IntervalSchedule
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL, PREFECT_WORKER_QUERY_SECONDS, temporary_settings

from flows.deployments import PREFECT_YAML, WORK_POOL, Deployment, Pool, written
from flows.keeper import kept
from states.errors import BankableError
from states.processes.presence import present, process_name
from states.processes.tables import ProcessKind
from states.schema import need_newest
from states.storage import begin

_LINES = 15
# Prefect's own 10 are most of the time from a commit to the start of its flow.
_LOOK_EVERY_SECONDS = 2


class PoolUnusable(BankableError):
    """Prefect's server is not named, does not answer, or does not take the deployments."""

    code = "pool_unusable"


def set_up() -> Iterator[str]:
    """Make the pool and every deployment of `prefect.yaml`, take away what is no longer there, and say each in a line.

    Done again it changes nothing. A pool that is there stays as it is: it may be of another type than `process`.
    """
    with server() as client:
        yield _made_pool(client)
        before = deployed(client)
        _deploy()
        after = deployed(client)
        for name in written():
            yield f"{name}: " + (
                "made" if name not in before else "as it was" if before[name] == after[name] else "changed"
            )
        for gone in [one for one in of_pool(client) if one.name not in written()]:
            client.delete_deployment(gone.id)
            yield f"{gone.name}: taken away, prefect.yaml has no such deployment"


def work(*, name: str = "", limit: int | None = None) -> None:
    """Be a worker of the pool, which takes runs from it until one SIGTERM or Ctrl-C.

    Raise `SchemaUnfit` where the database of the settings has another schema, as an empty one that SQLite makes.
    """
    url, name = _need_server(), name or process_name()
    with begin(read_only=True) as session:
        need_newest(session)
    # Prefect's worker ends by SIGINT alone, which a shell lets those ignore that it puts into the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # The `python` that prefect.yaml names is this one, whether or not somebody activated its environment.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    sys.argv = ["prefect", "worker", "start", "--pool", WORK_POOL, "--type", "process", "--name", name]
    sys.argv += ["--limit", str(limit)] if limit else []
    often = temporary_settings(set_defaults={PREFECT_WORKER_QUERY_SECONDS: _LOOK_EVERY_SECONDS})
    with often, kept(), present(ProcessKind.WORKER, name, prefect_url=url):
        prefect_command()


def deployed(client: SyncPrefectClient) -> dict[str, Deployment]:
    """Return the deployments that the pool has, by their names, as `prefect.yaml` would write them."""
    return {one.name: _as_written(one) for one in of_pool(client)}


def _as_written(one: DeploymentResponse) -> Deployment:
    return Deployment(
        name=one.name,
        entrypoint=one.entrypoint or "",
        tags=one.tags,
        schedules=[
            {"interval": kept.schedule.interval.total_seconds()}
            if isinstance(kept.schedule, IntervalSchedule)
            else kept.schedule.model_dump(exclude_defaults=True)
            for kept in one.schedules
            if kept.active and not one.paused
        ],
        work_pool=Pool(name=one.work_pool_name or "", job_variables=one.job_variables),
    )


def of_pool(client: SyncPrefectClient) -> list[DeploymentResponse]:
    """Return the deployments of the pool."""
    return client.read_deployments(work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[WORK_POOL])))


def _made_pool(client: SyncPrefectClient) -> str:
    try:
        found = client.read_work_pool(WORK_POOL)
    except ObjectNotFound:
        client.create_work_pool(WorkPoolCreate(name=WORK_POOL, type="process"))
        return f"The work pool {WORK_POOL} was made."
    return f"The work pool {WORK_POOL} is there, of type {found.type}."


def _deploy() -> None:
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    done = subprocess.run(command, cwd=PREFECT_YAML.parent, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stdout + done.stderr).splitlines()
        raise PoolUnusable("deployment_failed", said="\n".join(lines[-_LINES:]))


@contextmanager
def server() -> Iterator[SyncPrefectClient]:
    """Yield a client of Prefect's server; raise `PoolUnusable` where none is named, or it does not answer."""
    url = _need_server()
    try:
        with get_client(sync_client=True) as client:
            yield client
    except httpx.TransportError as error:
        raise PoolUnusable("prefect_does_not_answer", url=url, error=str(error)) from error


def _need_server() -> str:
    """Return the address of Prefect's server; without one Prefect would start another for this process alone."""
    url = PREFECT_API_URL.value()
    if not url:
        raise PoolUnusable("prefect_not_named")
    return str(url)
