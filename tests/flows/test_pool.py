"""Hand-over to a work pool: scheduled once for each event, and run by whoever takes it from the pool."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate

from flows.catalogue import flow_named
from flows.deployments import WORK_POOL
from flows.host import load
from flows.relay import relay_batch
from states.outbox.states import state_of
from states.review.queries import rounds_of
from states.settings import settings
from states.storage import begin
from tests.flows.conftest import World, ask_for_iag, consumers, event_state, flow_run_in_prefect

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.parametrize("installation", ["sqlite"], indirect=True)]

ROOT = Path(__file__).parents[2]
SPEC = flow_named("open_review_round")


@pytest.fixture
def pool(prefect_server: dict[str, str], installation: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A work pool with one deployment, and an installation that hands its flows over to it."""
    with get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name=WORK_POOL, type="process"))
        client.create_deployment(
            flow_id=client.create_flow(load(SPEC)),
            name=SPEC.label,
            entrypoint=SPEC.entrypoint,
            path=str(ROOT),
            work_pool_name=WORK_POOL,
        )
    monkeypatch.setenv("BANKABLE_HAND_OVER", "pool")
    settings.cache_clear()
    return prefect_server


def test_an_event_is_scheduled_once_and_run_from_the_pool(pool: dict[str, str], world: World) -> None:
    message_id = ask_for_iag(world)

    assert [relay_batch(), relay_batch()] == [1, 0]

    message = event_state(message_id)
    assert (state_of(message), consumers(message_id)) == ("handed_over", {})
    run_id = message.flow_run_id or ""
    waiting = flow_run_in_prefect(run_id)
    assert (waiting.state_name, waiting.parameters) == ("Scheduled", {"message_ids": [message_id]})
    assert set(waiting.tags) == {"review", "review.requested", "optics", "test-bed"}

    # What a worker of the pool starts for each flow run.
    command = [sys.executable, "-m", "prefect", "flow-run", "execute", run_id]
    subprocess.run(command, cwd=ROOT, env=os.environ | pool, capture_output=True, check=True)

    assert consumers(message_id) == {"open_review_round": run_id}
    assert event_state(message_id).done_at is not None
    assert flow_run_in_prefect(run_id).name == "open-review-round/test-bed/iag"
    with begin(read_only=True) as session:
        assert len(rounds_of(session, [world.collaboration_id])) == 1
