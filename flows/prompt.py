"""What has work before its time comes by the clock, and how a work pool is asked for it: one run at a time."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName, FlowRunFilter
from prefect.client.schemas.objects import StateType
from sqlmodel import Session

from flows.catalogue import MINUTE, FlowSpec, flow_named
from flows.host import hand_over
from states.clock import machine_now
from states.mail.sending import deliverable
from states.storage import begin

# Each turn of a runner takes a cheap look.
_HAS_WORK: Mapping[str, Callable[[Session], bool]] = {"deliver": deliverable}
# Of two runners that ask at once one has the other's run: a key is of so many seconds.
KEY_SECONDS = 5
_CLOCKS_APART = timedelta(seconds=5)
BEFORE_ANOTHER = timedelta(seconds=MINUTE)


def wanted() -> list[str]:
    """Return the flows by the clock that have work now."""
    with begin(read_only=True) as session:
        return [name for name, has_work in _HAS_WORK.items() if has_work(session)]


def ask_pool_for_wanted() -> bool:
    """Ask the pool for a run of each wanted flow that is not under way; tell whether any is wanted."""
    names = wanted()
    if names:
        with get_client(sync_client=True) as client:
            waiting = [spec for spec in map(flow_named, names) if not _is_under_way(client, spec)]
        for spec in waiting:
            hand_over(spec, {}, key=f"prompt/{int(machine_now().timestamp()) // KEY_SECONDS}")
    return bool(names)


def _is_under_way(client: SyncPrefectClient, spec: FlowSpec) -> bool:
    """Tell whether a run waits for a worker, or one of the last minute has not ended well.

    One that has failed is not followed by another at once: what it waits for would call it without end. One that is at
    it for longer may have been killed.
    """
    soon = machine_now() + _CLOCKS_APART
    return _is_any(client, spec, {"any_": [StateType.SCHEDULED]}, before=soon) or _is_any(
        client, spec, {"not_any_": [StateType.COMPLETED]}, before=soon, after=machine_now() - BEFORE_ANOTHER
    )


def _is_any(
    client: SyncPrefectClient,
    spec: FlowSpec,
    states: Mapping[str, object],
    *,
    before: datetime,
    after: datetime | None = None,
) -> bool:
    where = {"state": {"type": states}, "expected_start_time": {"before_": before, "after_": after}}
    return bool(
        client.read_flow_runs(
            deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[spec.label])),
            flow_run_filter=FlowRunFilter.model_validate(where),
            limit=1,
        )
    )
