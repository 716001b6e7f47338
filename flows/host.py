"""The two ways to run a flow behind one interface: in this process, or as a deployment on a work pool."""

import inspect
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TypeVar, cast
from uuid import UUID

from prefect import Flow, State, tags
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun as PrefectFlowRun
from prefect.context import SyncClientContext
from prefect.deployments import run_deployment
from prefect.exceptions import ParameterBindError
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.states import Cancelled, Cancelling, Crashed

from flows.catalogue import FlowSpec
from states.errors import BankableError, Invalid, Outage
from states.settings import settings

log = logging.getLogger(__name__)

Result = TypeVar("Result")

# Prefect's heartbeat thread sleeps in whole seconds and each run waits for it to wake: 1.1 s per run instead
# of 0.1 s. Its only reader is an automation of Prefect's that we do not have; our own leases notice a dead runner.
_NO_HEARTBEAT = {PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}


@dataclass(frozen=True, slots=True)
class FlowRun:
    """A flow run that ended well here, or that waits on the work pool (then there is no result yet)."""

    id: str
    result: Mapping[str, object] | None = None


class FlowFailed(BankableError):
    """The flow run did not end well."""

    code = "flow_failed"

    def __init__(self, spec: FlowSpec, run_id: str, reason: str) -> None:
        super().__init__(flow=spec.label, run=run_id, reason=reason)
        self.run_id = run_id


class PrefectAway(Outage):
    """Prefect's server does not answer, or knows no such deployment."""

    code = "prefect_away"


class ParametersInvalid(Invalid):
    """The flow takes other parameters."""

    code = "flow_parameters_invalid"


def hand_over(
    spec: FlowSpec, parameters: Mapping[str, Sequence[str]], *, labels: Sequence[str] = (), key: str | None = None
) -> FlowRun:
    """Run a flow by the way in the settings; on a pool a second call with the same key starts nothing new."""
    try:
        if settings().hand_over == "local":
            return run_here(spec, parameters, labels=labels)
        scheduled = run_deployment(
            f"{spec.label}/{spec.label}",
            parameters=dict(parameters),
            tags=[*spec.tags, *labels],
            idempotency_key=key,
            timeout=0,
            as_subflow=False,
        )
    except BankableError:
        raise
    except Exception as error:  # Prefect raises what it likes where its server is away, even a bare RuntimeError
        raise PrefectAway(reason=str(error)) from error
    run = cast(PrefectFlowRun, scheduled)  # a coroutine only where an event loop runs
    log.info("scheduled flow=%s run=%s", spec.label, run.id)
    return FlowRun(str(run.id))


def run_here(spec: FlowSpec, parameters: Mapping[str, Sequence[str]], *, labels: Sequence[str] = ()) -> FlowRun:
    """Run a flow in this process and return its result; raise `ParametersInvalid`, or `FlowFailed` where it fails."""
    with connected(), tags(*spec.tags, *labels):
        try:
            state = cast(State[Mapping[str, object]], load(spec)(**parameters, return_state=True))
        except ParameterBindError as error:
            takes = tuple(inspect.signature(load(spec).fn).parameters) or ("none",)
            raise ParametersInvalid("parameters_unfit", field="parameters", flow=spec.label, takes=takes) from error
    run_id = str(state.state_details.flow_run_id)
    if not state.is_completed():
        raise FlowFailed(spec, run_id, state.message or state.name or "")
    log.info("finished flow=%s run=%s", spec.label, run_id)
    return FlowRun(run_id, state.result())


@contextmanager
def connected() -> Iterator[None]:
    """Keep one client of Prefect, and its settings, for all runs of the block: made anew they are a third of a run."""
    with ExitStack() as kept:
        if PREFECT_FLOWS_HEARTBEAT_FREQUENCY.value() is not None:
            kept.enter_context(temporary_settings(_NO_HEARTBEAT))
        kept.enter_context(SyncClientContext.get_or_create())
        yield


def end_run(run_id: str) -> None:
    """End a flow run that has not ended its messages, which are handed over again.

    One that never began is cancelled. One that no longer renews its leases is cancelled too where a worker may end its
    process; in a runner it has crashed.
    """
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(UUID(run_id))
        if run.state is None or run.state.is_final():
            return
        if run.state.is_scheduled():
            state: State[object] = Cancelled(message="It did not begin in time.")
        elif settings().hand_over == "pool":
            state = Cancelling(message="It no longer renews its leases.")
        else:
            state = Crashed(message="It no longer renews its leases.")
        client.set_flow_run_state(run.id, state, force=True)
    log.warning("ended run=%s state=%s", run_id, state.name)


def survive(step: Callable[[], Result]) -> Result | None:
    """Take a step of the runner; an error of any kind is logged and gives None, so that the runner lives on."""
    try:
        return step()
    except Exception:
        log.exception("a step of the runner failed")
        return None


def load(spec: FlowSpec) -> Flow[..., Mapping[str, object]]:
    """Import the flow of a catalogue entry."""
    found: Flow[..., Mapping[str, object]] = getattr(import_module(spec.module), spec.name)
    return found
