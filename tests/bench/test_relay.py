"""What the outbox costs beside bare updates of its rows, and how soon a flow starts after the commit before it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, sleep

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags
from prefect.settings import PREFECT_API_URL, PREFECT_SERVER_ALLOW_EPHEMERAL_MODE, temporary_settings
from sqlalchemy import update
from sqlmodel import col, select

from api.operations.supervisor import free_port, household, prefect_environment, prefect_server
from api.operations.supervisor import runner as runner_process
from flows.host import connected
from states.clock import machine_now, now
from states.lifecycle.move import move
from states.outbox.queries import dead_messages, open_messages
from states.outbox.service import publish
from states.outbox.tables import OutboxMessage
from states.protocol.service import freeze_version
from states.storage import begin, engine
from tests.factories import a_collaboration, a_collaboration_at, a_world, fill_protocol, open_iag
from tests.states.outbox.outbox import relay

pytestmark = [pytest.mark.bench, pytest.mark.usefixtures("installation")]

EVENTS = 1000
COLLABORATIONS = 200
MOVES = 20
PATIENCE = 600
PAGE = 200


def publish_events(count: int, *, done_at: datetime | None = None) -> list[int]:
    with begin() as session:
        rows = [
            OutboxMessage(
                name="thing.happened",
                partnership_id="p",
                collaboration_id=f"c{number % COLLABORATIONS}",
                created_at=now(),
                done_at=done_at,
            )
            for number in range(count)
        ]
        session.add_all(rows)
        session.flush()
        return [row.sequence or 0 for row in rows]


def bare_per_second(keys: list[int]) -> float:
    """Update each row in a transaction of its own, as the simplest of all outboxes would; return events a second."""
    began = perf_counter()
    for key in keys:
        with begin() as session:
            statement = update(OutboxMessage).where(col(OutboxMessage.sequence) == key).values(done_at=now())
            session.execute(statement.returning(col(OutboxMessage.id))).one()
    return len(keys) / (perf_counter() - began)


def relayed_per_second(count: int) -> float:
    """Relay so many events to a consumer that does nothing; return events a second."""
    publish_events(count)
    began = perf_counter()
    while relay(lambda _: None, runner="one").results:
        pass
    return count / (perf_counter() - began)


def test_handing_over_beside_bare_updates_of_the_same_table() -> None:
    bare = bare_per_second(publish_events(EVENTS))
    ours = relayed_per_second(EVENTS)
    publish_events(100_000, done_at=now())
    old = relayed_per_second(EVENTS)
    print(
        f"\n{EVENTS} events ({engine().dialect.name}): {ours:,.0f} a second leased, begun and marked, in order;"
        f" {old:,.0f} with 100,000 old ones in the table; {bare:,.0f} bare UPDATE .. RETURNING; ratio {ours / bare:.2g}"
    )


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run a Prefect server and the runner as `bankable serve` does; yield the address of Prefect's API."""
    port = free_port()
    with household(folder, prefect_environment(folder / "prefect", port=port, pages=False)) as house:
        house.start(prefect_server(port))
        house.wait_ready()
        house.start(runner_process())
        url = f"http://127.0.0.1:{port}/api"
        with temporary_settings({PREFECT_API_URL: url, PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False}):
            yield url


def drain() -> None:
    until = perf_counter() + PATIENCE
    while True:
        with begin(read_only=True) as session:
            if not open_messages(session):
                assert not dead_messages(session)
                return
        assert perf_counter() < until
        sleep(0.05)


def starts(event_name: str) -> dict[str, datetime]:
    """Return when the flow run of each event of that name began to run, by event."""
    found: dict[str, datetime] = {}
    wanted = FlowRunFilter(tags=FlowRunFilterTags(all_=[event_name]))
    with get_client(sync_client=True) as client:
        while page := client.read_flow_runs(flow_run_filter=wanted, limit=PAGE, offset=len(found)):
            found |= {run.parameters["event_id"]: run.start_time for run in page if run.start_time}
    return found


def say(what: str, delays: list[float], empty: float) -> None:
    p95 = quantiles(delays, n=20)[-1]
    print(
        f"\n{what} ({engine().dialect.name}): p50 {median(delays):.3f} s, p95 {p95:.3f} s from commit to start of the"
        f" flow; p50 is {median(delays) / empty:.2g} times an empty flow run ({empty:.3f} s)"
    )


def empty_run() -> float:
    """Return the seconds that Prefect needs for a flow that does nothing, measured in this very run."""

    @flow(name="nothing")
    def nothing() -> None:
        """Do nothing."""

    with connected():
        nothing()
        began = perf_counter()
        for _ in range(MOVES):
            nothing()
        return (perf_counter() - began) / MOVES


def test_delay_from_the_commit_of_a_move_to_the_start_of_its_flow(tmp_path: Path) -> None:
    with begin() as session:
        world = a_world(session)
        ready = [a_collaboration_at(world, "investment_protocol", slug=f"c{number}") for number in range(MOVES)]
        for row in ready:
            fill_protocol(world, row)
            freeze_version(session, row)
    commits: dict[str, datetime] = {}
    with running(tmp_path):
        drain()
        empty = empty_run()
        for row in ready:
            with begin() as session:
                move(session, row.id, "submit_to_iag", actor=world.manager)
            commits[row.id] = machine_now()
            drain()
        began = starts("review.requested")
    with begin(read_only=True) as session:
        asked = session.exec(select(OutboxMessage).where(OutboxMessage.name == "review.requested")).all()
    delays = [(began[event.id] - commits[event.collaboration_id or ""]).total_seconds() for event in asked]
    say(f"{MOVES} moves, one at a time", delays, empty)


def test_delay_in_a_burst(tmp_path: Path) -> None:
    with begin() as session:
        world = a_world(session)
        opened = open_iag(world, a_collaboration_at(world, "iag_review"))
        rows = [a_collaboration(world, slug=f"c{number}") for number in range(COLLABORATIONS)]
        session.execute(update(OutboxMessage).values(done_at=now()))
    with running(tmp_path):
        sleep(10)  # the runner is up and has run what is due at its start
        empty = empty_run()
        with begin() as session:
            for number in range(EVENTS):
                publish(
                    session,
                    "review.answers_in",
                    partnership_id=world.partnership.id,
                    collaboration_id=rows[number % COLLABORATIONS].id,
                    round_id=opened.id,
                )
        commit = machine_now()
        drain()
        began = starts("review.answers_in")
    delays = [(one - commit).total_seconds() for one in began.values()]
    assert len(delays) == EVENTS
    say(f"a burst of {EVENTS} events", delays, empty)
    print(f"{EVENTS / max(delays):,.1f} flow runs a second")
