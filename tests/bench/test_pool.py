"""A work pool with two workers beside a runner on the same machine: a burst of messages, and one document."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import httpx
import pytest
from sqlalchemy import update

from api.operations.supervisor import Spec, free_port, household, prefect_environment, prefect_server
from api.operations.supervisor import runner as runner_process
from states.archive.queries import documents_of
from states.clock import now
from states.outbox.queries import dead_messages, open_messages
from states.outbox.service import publish
from states.outbox.tables import OutboxMessage
from states.protocol.service import freeze_version
from states.storage import begin, engine
from tests.bench.size import sized
from tests.factories import World, a_collaboration, a_collaboration_at, a_world, fill_protocol, open_iag

pytestmark = [pytest.mark.bench, pytest.mark.parametrize("installation", ["postgresql"], indirect=True)]

MESSAGES, COLLABORATIONS = sized(1000, least=20), sized(200, least=4)
DOCUMENTS = 3
PATIENCE = 900


@contextmanager
def at_work(folder: Path, *, workers: int) -> Iterator[None]:
    """Run Prefect's server and a runner that hands over to so many workers, or with none runs the flows itself."""
    port = free_port()
    environment = prefect_environment(folder / "prefect", port=port, pages=False)
    environment["BANKABLE_HAND_OVER"] = "pool" if workers else "local"
    with household(folder, environment) as house:
        house.start(prefect_server(port))
        house.wait_ready()
        if workers:
            flows = [sys.executable, "-m", "flows"]
            subprocess.run([*flows, "set-up-pool"], env=os.environ | environment, capture_output=True, check=True)
            for number in range(workers):
                house.start(Spec(f"worker-{number}", [*flows, "work-on-pool", "--limit", "2"]))
            pool = f"{environment['PREFECT_API_URL']}/work_pools/bankable/workers/filter"
            wait(lambda: len(httpx.post(pool, json={}).json()) == workers)
        house.start(runner_process())
        with begin() as session:
            publish(session, "nobody.answers", partnership_id="p")
        wait(answered)  # the runner is up
        yield


def wait(reached: Callable[[], bool]) -> float:
    """Return the seconds until it is reached."""
    began = perf_counter()
    while not reached():
        assert perf_counter() < began + PATIENCE
        sleep(0.05)
    return perf_counter() - began


def answered() -> bool:
    with begin(read_only=True) as session:
        assert not dead_messages(session)
        return open_messages(session) == 0


def a_burst(world: World, keys: list[str], round_id: str) -> float:
    """Publish so many messages at once; return the seconds until all are answered."""
    with begin() as session:
        for number in range(MESSAGES):
            about = {"collaboration_id": keys[number % COLLABORATIONS], "round_id": round_id}
            publish(session, "review.answers_in", partnership_id=world.partnership.id, **about)
    return wait(answered)


def a_document(world: World, key: str) -> float:
    """Ask for the investment protocol; return the seconds until it is issued."""
    before = _issued(world)
    with begin() as session:
        wanted = {"collaboration_id": key, "kind": "investment-protocol"}
        publish(session, "document.requested", partnership_id=world.partnership.id, **wanted)
    return wait(lambda: _issued(world) > before)


def _issued(world: World) -> int:
    with begin(read_only=True) as session:
        return len(documents_of(session, partnership_id=world.partnership.id))


def test_a_burst_and_a_document_on_a_pool_beside_the_runner(installation: Path, tmp_path: Path) -> None:
    with begin() as session:
        world = a_world(session)
        round_id = open_iag(world, a_collaboration_at(world, "iag_review")).id
        keys = [a_collaboration(world, slug=f"c{number}").id for number in range(COLLABORATIONS)]
        printed = [a_collaboration_at(world, "investment_protocol", slug=f"p{one}") for one in range(2 * DOCUMENTS)]
        for row in printed:
            fill_protocol(world, row)
            freeze_version(session, row)
        session.execute(update(OutboxMessage).values(done_at=now()))
    took: dict[int, tuple[float, list[float]]] = {}
    for workers in (0, 2):
        with at_work(tmp_path / str(workers), workers=workers):
            papers = [a_document(world, printed.pop().id) for _ in range(DOCUMENTS)]
            took[workers] = a_burst(world, keys, round_id), papers
    (runner, of_runner), (pool, of_pool) = took[0], took[2]
    print(
        f"\n{MESSAGES} messages ({engine().dialect.name}): runner {runner:.1f} s, pool of two workers {pool:.1f} s,"
        f" ratio {pool / runner:.2g}; from request to document: runner {median(of_runner):.1f} s,"
        f" pool {median(of_pool):.1f} s, ratio {median(of_pool) / median(of_runner):.2g}"
    )
