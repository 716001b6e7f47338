"""What the outbox costs beside bare updates of its rows, and how soon a flow starts after the commit before it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, sleep

import pytest
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterTags,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.settings import PREFECT_API_URL, PREFECT_SERVER_ALLOW_EPHEMERAL_MODE, temporary_settings
from sqlalchemy import update
from sqlmodel import col, select

from api.operations.supervisor import free_port, household, prefect_environment, prefect_server
from api.operations.supervisor import runner as runner_process
from flows.host import connected
from flows.reviews import _close
from states.clock import machine_now, now
from states.lifecycle.move import move
from states.outbox.queries import dead_messages, open_messages
from states.outbox.service import publish
from states.outbox.tables import ConsumedMessage, OutboxMessage
from states.protocol.service import freeze_version
from states.storage import begin, engine
from tests.bench.size import sized
from tests.factories import a_collaboration, a_collaboration_at, a_world, fill_protocol, open_iag
from tests.states.outbox.outbox import relay
from tests.waiting import wait_until

pytestmark = [pytest.mark.bench, pytest.mark.usefixtures("installation")]

EVENTS = sized(1000, least=20)
COLLABORATIONS = sized(200, least=4)
MOVES = sized(20, least=4)
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
def running(folder: Path, *, runners: int = 1) -> Iterator[str]:
    """Run a Prefect server and runners as `bankable serve` does; yield the address of Prefect's API."""
    port = free_port()
    with household(folder, prefect_environment(folder / "prefect", port=port, pages=False)) as house:
        house.start(prefect_server(port))
        house.wait_ready()
        for _ in range(runners):
            house.start(runner_process())
        url = f"http://127.0.0.1:{port}/api"
        with temporary_settings({PREFECT_API_URL: url, PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False}):
            yield url


def drain() -> None:
    """Return when every message is done."""

    def drained() -> bool:
        with begin(read_only=True) as session:
            assert not dead_messages(session)
            return not open_messages(session)

    wait_until(drained)


def starts(name: str) -> dict[str, datetime]:
    """Return when the flow run of each message of that name began to run, by message."""
    found: dict[str, datetime] = {}
    count = 0
    wanted = FlowRunFilter(tags=FlowRunFilterTags(all_=[name]))
    with get_client(sync_client=True) as client:
        while page := client.read_flow_runs(flow_run_filter=wanted, limit=PAGE, offset=count):
            count += len(page)
            for run in page:
                if run.start_time:
                    found |= dict.fromkeys(run.parameters["message_ids"], run.start_time)
    return found


def consumed(name: str) -> dict[str, datetime]:
    """Return when each message of that name was consumed, by message."""
    query = select(ConsumedMessage.message_id, ConsumedMessage.consumed_at).join(
        OutboxMessage, col(OutboxMessage.id) == col(ConsumedMessage.message_id)
    )
    with begin(read_only=True) as session:
        return dict(session.exec(query.where(OutboxMessage.name == name)).all())


def say(what: str, delays: Sequence[float], beside: Mapping[str, float]) -> None:
    p50, p95 = median(delays), quantiles(delays, n=20)[-1]
    ratios = ", ".join(f"{p95 / seconds:.2g} times {name} ({seconds:.3g} s)" for name, seconds in beside.items())
    seconds = f"p50 {p50:.2f} s, p95 {p95:.2f} s, max {max(delays):.2f} s"
    print(f"\n{what} ({engine().dialect.name}): {seconds}; p95 is {ratios}")


def prefect_seconds(tasks: int) -> float:
    """Return the seconds that Prefect needs for a flow with so many tasks that do nothing, measured in this run."""

    @task(cache_policy=NO_CACHE)
    def nothing() -> None:
        """Do nothing."""

    @flow(name="nothing")
    def flow_of_nothing(count: int) -> None:
        for _ in range(count):
            nothing()

    with connected():
        flow_of_nothing(1)
        began = perf_counter()
        flow_of_nothing(tasks)
        seconds = perf_counter() - began
    wait_until(lambda: recorded_tasks("nothing") > tasks)  # the server writes them down long after their flow has ended
    return seconds


def recorded_tasks(name: str) -> int:
    """Return how many tasks of a flow of that name the server knows to be completed."""
    of_flow = FlowFilter(name=FlowFilterName(any_=[name]))
    completed = TaskRunFilter(state=TaskRunFilterState(type=TaskRunFilterStateType(any_=[StateType.COMPLETED])))
    count = 0
    with get_client(sync_client=True) as client:
        while page := client.read_task_runs(flow_filter=of_flow, task_run_filter=completed, limit=PAGE, offset=count):
            count += len(page)
    return count


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
        empty = prefect_seconds(1)
        for row in ready:
            with begin() as session:
                move(session, row.id, "submit_to_iag", actor=world.manager)
            commits[row.id] = machine_now()
            drain()
        began = starts("review.requested")
        documents = consumed("document.requested")
    with begin(read_only=True) as session:
        messages = session.exec(select(OutboxMessage).where(col(OutboxMessage.collaboration_id).in_(commits))).all()
    asked = {row.id: commits[row.collaboration_id or ""] for row in messages if row.name == "review.requested"}
    printed = {row.id: row.created_at for row in messages if row.id in documents}
    say(f"{MOVES} moves, commit to start", between(asked, began), {"an empty flow run": empty})
    say("their documents, request to document", between(printed, documents), {"an empty flow run": empty})


def between(first: Mapping[str, datetime], then: Mapping[str, datetime]) -> list[float]:
    return [(then[key] - at).total_seconds() for key, at in first.items()]


@pytest.mark.parametrize("runners", [1, 2])
@pytest.mark.parametrize("collaborations", [COLLABORATIONS, 1], ids=["many", "one"])
def test_delay_in_a_burst(tmp_path: Path, runners: int, collaborations: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with begin() as session:
        world = a_world(session)
        opened = open_iag(world, a_collaboration_at(world, "iag_review"))
        rows = [a_collaboration(world, slug=f"c{number}") for number in range(collaborations)]
        session.execute(update(OutboxMessage).values(done_at=now()))

    def publish_answers() -> list[str]:
        with begin() as session:
            return [
                publish(
                    session,
                    "review.answers_in",
                    partnership_id=world.partnership.id,
                    collaboration_id=rows[number % collaborations].id,
                    round_id=opened.id,
                ).id
                for number in range(EVENTS)
            ]

    bare = bare_seconds(publish_answers(), monkeypatch)
    with running(tmp_path, runners=runners):
        sleep(15)  # the runners are up and have run what is due at their start
        tasks = prefect_seconds(EVENTS)
        asked = dict.fromkeys(publish_answers(), machine_now())
        drain()
        began, ended = between(asked, starts("review.answers_in")), between(asked, consumed("review.answers_in"))
    beside = {f"{EVENTS} bare calls": bare, f"a bare flow of {EVENTS} tasks": tasks}
    say(f"a burst of {EVENTS} messages, {runners} runners, commit to start", began, beside)
    say(f"a burst of {EVENTS} messages, {runners} runners, commit to effect", ended, beside)


def bare_seconds(keys: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> float:
    """Call the body of the flow that answers these messages, with nothing around it; return the seconds it took."""
    monkeypatch.setenv("PREFECT__RUNTIME__FLOW_RUN__ID", "bare")
    began = perf_counter()
    for key in keys:
        _close(key)
    seconds = perf_counter() - began
    monkeypatch.delenv("PREFECT__RUNTIME__FLOW_RUN__ID")
    with begin() as session:
        session.execute(update(OutboxMessage).values(done_at=now()))
    return seconds
