"""The work pool: set up with every deployment, scheduled by Prefect's server, handed to once for each message."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import prefect
import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentUpdate, WorkPoolUpdate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName, FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.sorting import FlowRunSort
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Crashed, Scheduled

from documents.mails.values import values_of
from flows import prompt
from flows.catalogue import FLOWS, flow_named
from flows.deployments import WORK_POOL, written
from flows.host import load
from flows.pool import PoolUnusable, deployed, set_up, work
from flows.pool_health import look
from flows.prompt import ask_pool_for_wanted
from flows.relay import relay_batch
from states.clock import machine_now
from states.mail.tables import MailKind
from states.outbox.service import publish
from states.outbox.states import state_of
from states.review.queries import rounds_of
from states.review.tables import Outcome
from states.schema import SchemaUnfit
from states.settings import settings
from states.storage import begin, engine
from tests.flows.conftest import (
    Inbox,
    World,
    announce,
    ask_for_iag,
    consumers,
    event_state,
    flow_run_in_prefect,
    free_port,
)
from tests.states.mail.conftest import a_post
from tests.states.outbox.outbox import end_lease
from tests.waiting import HANG_SECONDS, wait_until

pytestmark = [pytest.mark.prefect, pytest.mark.long]  # to set up the pool alone takes half a minute
on_sqlite = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

SPEC = flow_named("open_review_round")
_DELIVER = DeploymentFilter(name=DeploymentFilterName(any_=["deliver"]))
DECISION = values_of(
    MailKind.DECISION, title="A shared centre", panel="IAG", outcome=Outcome.ENDORSE, link="https://bankable.example/x"
)


@pytest.fixture
def client(prefect_server: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[SyncPrefectClient]:
    """A client of the session's Prefect server, which other processes of this test find too."""
    for name, value in prefect_server.items():
        monkeypatch.setenv(name, value)
    with get_client(sync_client=True) as opened:
        yield opened


@pytest.fixture
def pool(client: SyncPrefectClient, installation: Path, monkeypatch: pytest.MonkeyPatch) -> SyncPrefectClient:
    """The work pool with its deployments, and an installation that hands its flows over to it."""
    if deployed(client).keys() != written().keys():
        list(set_up())
    monkeypatch.setenv("BANKABLE_HAND_OVER", "pool")
    settings.cache_clear()
    return client


@pytest.fixture
def unscheduled(pool: SyncPrefectClient) -> Iterator[SyncPrefectClient]:
    """The pool, with no run of `deliver`, and none that comes by the clock."""
    (deployment,) = pool.read_deployments(deployment_filter=_DELIVER)
    pool.pause_deployment(deployment.id)
    for run_id in asked_for(pool):
        pool.delete_flow_run(UUID(run_id))
    yield pool
    pool.resume_deployment(deployment.id)


def test_the_pool_is_set_up_mended_and_left_alone(client: SyncPrefectClient) -> None:
    first = list(set_up())
    report = client.read_deployment_by_name("progress-report/progress-report")
    client.update_deployment(report.id, DeploymentUpdate(tags=["else"], paused=True))
    client.create_deployment(
        flow_id=client.create_flow(load(SPEC)), name="of-old", entrypoint="flows.old.old", work_pool_name=WORK_POOL
    )
    second = list(set_up())
    third = list(set_up())

    names = [spec.label for spec in FLOWS]
    assert first == ["The work pool bankable was made.", *(f"{name}: made" for name in names)]
    there = "The work pool bankable is there, of type process."
    assert second == [
        there,
        *(f"{name}: changed" if name == "progress-report" else f"{name}: as it was" for name in names),
        "of-old: taken away, prefect.yaml has no such deployment",
    ]
    assert third == [there, *(f"{name}: as it was" for name in names)]
    assert deployed(client) == written()


def test_without_a_server_that_answers_nothing_is_set_up() -> None:
    with temporary_settings({PREFECT_API_URL: None}), pytest.raises(PoolUnusable, match="PREFECT_API_URL is not set"):
        list(set_up())
    nobody = f"http://127.0.0.1:{free_port()}/api"
    with (
        temporary_settings({PREFECT_API_URL: nobody}),
        pytest.raises(PoolUnusable, match=f"{nobody} does not answer: .*Start it, or correct PREFECT_API_URL"),
    ):
        list(set_up())


@on_sqlite
def test_the_server_schedules_whatever_has_an_interval(pool: SyncPrefectClient) -> None:
    by_the_clock = {spec.label for spec in FLOWS if spec.every}

    def scheduled() -> set[str]:
        wanted = DeploymentFilter(name=DeploymentFilterName(any_=list(written())))
        runs = pool.read_flow_runs(deployment_filter=wanted, limit=200)
        names = {one.id: one.name for one in pool.read_deployments(deployment_filter=wanted)}
        return {names[run.deployment_id] for run in runs if run.auto_scheduled and run.deployment_id}

    wait_until(lambda: scheduled() == by_the_clock)


@on_sqlite
def test_a_message_is_scheduled_once_and_run_from_the_pool(
    pool: SyncPrefectClient, world: World, tmp_path: Path
) -> None:
    message_id = ask_for_iag(world)

    assert [relay_batch(), relay_batch()] == [1, 0]

    message = event_state(message_id)
    assert (state_of(message), consumers(message_id)) == ("handed_over", {})
    run_id = message.flow_run_id or ""
    waiting = flow_run_in_prefect(run_id)
    assert (waiting.state_name, waiting.parameters) == ("Scheduled", {"message_ids": [message_id]})
    assert set(waiting.tags) == {"review", "review.requested", "optics", "test-bed"}

    execute(run_id, tmp_path)

    assert consumers(message_id) == {"open_review_round": run_id}
    assert event_state(message_id).done_at is not None
    assert flow_run_in_prefect(run_id).name == "open-review-round/test-bed/iag"
    with begin(read_only=True) as session:
        assert len(rounds_of(session, [world.collaboration_id])) == 1


@on_sqlite
def test_a_run_that_did_not_begin_in_time_is_cancelled_and_another_one_has_its_messages(
    pool: SyncPrefectClient, world: World, tmp_path: Path
) -> None:
    message_id = ask_for_iag(world)
    relay_batch()
    first = event_state(message_id).flow_run_id or ""
    end_lease(message_id)

    assert relay_batch() == 1

    second = event_state(message_id).flow_run_id or ""
    assert [flow_run_in_prefect(key).state_name for key in (first, second)] == ["Cancelled", "Scheduled"]
    assert relay_batch() == 0


@on_sqlite
def test_of_many_messages_on_the_pool_the_poisoned_one_fails_alone(
    pool: SyncPrefectClient, world: World, tmp_path: Path
) -> None:
    with begin() as session:  # of no collaboration, which would wait for it
        payload = {"partnership_id": world.partnership_id, "kind": "no-such-document"}
        poison = publish(session, "document.requested", **payload).id
    good = announce(world, "document.requested", kind="investment-protocol")
    assert relay_batch() == 2
    run_id = event_state(good).flow_run_id or ""

    execute(run_id, tmp_path)

    assert [state_of(event_state(key)) for key in (poison, good)] == ["open", "done"]
    assert (event_state(poison).tries_failed, list(consumers(good))) == (1, ["issue_document"])
    assert flow_run_in_prefect(run_id).state_name == "Failed"
    wait_until(lambda: len(tasks(pool, run_id)) == 2)  # they come as events
    assert sorted(tasks(pool, run_id)) == [
        ("optics/no-such-document", "Failed"),
        ("test-bed/investment-protocol", "Completed"),
    ]


@on_sqlite
def test_a_run_that_is_killed_in_the_middle_has_its_messages_handed_over_again(
    pool: SyncPrefectClient, world: World, tmp_path: Path
) -> None:
    message_id = announce(world, "document.requested", kind="investment-protocol")
    relay_batch()
    first = event_state(message_id).flow_run_id or ""
    command, environment = engine_of(first)
    killed = subprocess.Popen(command, cwd=tmp_path, env=environment)
    wait_until(lambda: event_state(message_id).tries_started, of=killed)
    killed.kill()
    killed.wait(HANG_SECONDS)
    assert (state_of(event_state(message_id)), relay_batch()) == ("leased", 0)
    end_lease(message_id)

    assert relay_batch() == 1
    second = event_state(message_id).flow_run_id or ""
    execute(second, tmp_path)

    assert consumers(message_id) == {"issue_document": second}
    assert (event_state(message_id).done_at is not None, event_state(message_id).tries_started) == (True, 2)
    assert [flow_run_in_prefect(key).state_name for key in (first, second)] == ["Cancelling", "Completed"]


@on_sqlite
def test_mails_that_wait_have_one_run_asked_for_however_many_they_are_and_whoever_asks(
    unscheduled: SyncPrefectClient, inbox: Inbox, tmp_path: Path
) -> None:
    post = a_post()
    nothing = ask_pool_for_wanted()
    with begin() as session:
        for number in range(1000):
            post.put(session, str(number), kind=MailKind.DECISION, values=DECISION)

    asked = [ask_pool_for_wanted() for _ in range(3)]  # of two runners, at each turn

    (run_id,) = asked_for(unscheduled)
    execute(run_id, tmp_path)
    assert (nothing, asked, ask_pool_for_wanted()) == (False, [True, True, True], False)
    assert flow_run_in_prefect(run_id).state_name == "Completed"
    assert len(inbox.messages) == len({message["Message-ID"] for message in inbox.messages}) == 1000

    post.enter("late", kind=MailKind.DECISION, values=DECISION)
    wait_until(lambda: ask_pool_for_wanted() and len(asked_for(unscheduled)) == 2)


@on_sqlite
def test_a_mail_server_that_is_away_is_not_asked_for_at_once_again(
    unscheduled: SyncPrefectClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = a_post()
    monkeypatch.setenv("BANKABLE_SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
    settings.cache_clear()
    post.enter("k", kind=MailKind.DECISION, values=DECISION)
    ask_pool_for_wanted()
    (run_id,) = asked_for(unscheduled)
    execute(run_id, tmp_path)
    failed = flow_run_in_prefect(run_id)
    assert failed.state_name == "Failed"

    ask_pool_for_wanted()
    again = asked_for(unscheduled)
    monkeypatch.setattr(prompt, "BEFORE_ANOTHER", timedelta(0))  # as if a minute had passed
    wait_until(lambda: ask_pool_for_wanted() and len(asked_for(unscheduled)) == 2)

    assert again == [run_id]


def asked_for(client: SyncPrefectClient) -> list[str]:
    """Return the runs of `deliver`, the oldest first."""
    found = client.read_flow_runs(deployment_filter=_DELIVER, sort=FlowRunSort.EXPECTED_START_TIME_ASC)
    return [str(run.id) for run in found]


def tasks(client: SyncPrefectClient, run_id: str) -> list[tuple[str, str | None]]:
    """Return the task runs of a flow run that have ended, each with its state."""
    where = FlowRunFilter(id=FlowRunFilterId(any_=[UUID(run_id)]))
    found = client.read_task_runs(flow_run_filter=where)
    return [(one.name, one.state_name) for one in found if one.state is not None and one.state.is_final()]


def engine_of(run_id: str) -> tuple[list[str], dict[str, str]]:
    """Return what a worker of the pool starts for a flow run, command and environment."""
    return [sys.executable, "-m", "flows.begin"], os.environ | {"PREFECT__FLOW_RUN_ID": run_id}


def execute(run_id: str, folder: Path) -> None:
    """Do what a worker does with a flow run, in a folder of its own."""
    command, environment = engine_of(run_id)
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)


def test_what_is_wrong_with_the_pool_is_found(pool: SyncPrefectClient) -> None:
    def found() -> dict[str, tuple[bool, str]]:
        return {one.what: (one.ok, str(one.said)) for one in look()}

    set_aside = written()[SPEC.label]
    pool.create_flow_run_from_deployment(
        pool.read_deployment_by_name(f"{SPEC.label}/{SPEC.label}").id,
        parameters={"message_ids": []},
        state=Scheduled(scheduled_time=machine_now() - timedelta(minutes=6)),
    )
    begun = pool.create_flow_run_from_deployment(pool.read_deployment_by_name("deliver/deliver").id)
    pool.set_flow_run_state(begun.id, Crashed(), force=True)
    stray = "A Worker From Elsewhere"
    pool.send_worker_heartbeat(WORK_POOL, stray)

    assert found() == {
        "Prefect's server": (True, f"{pool.api_url}, version {prefect.__version__}"),
        "Work pool": (True, "bankable"),
        "Deployments": (True, f"{len(FLOWS)} as in prefect.yaml"),
        "Workers": (True, f"online: {stray}"),
        "Workers elsewhere": (
            False,
            f"{stray} leave no sign in this database: they have another BANKABLE_DATABASE_URL, or were not started by "
            "`bankable pool work`",
        ),
        "Runs that wait": (
            False,
            "for more than 5 minutes: 1 open-review-round; start more workers, or look into the log of those that are "
            "online",
        ),
        "Runs that crashed": (
            False,
            "within the last hour: 1 deliver; what they had to answer is handed over again, their logs say why",
        ),
    }

    pool.update_work_pool(WORK_POOL, WorkPoolUpdate(is_paused=True))
    pool.delete_deployment(pool.read_deployment_by_name(f"{SPEC.label}/{SPEC.label}").id)
    worse = found()
    pool.update_work_pool(WORK_POOL, WorkPoolUpdate(is_paused=False))
    pool.delete_flow_run(begun.id)  # the server goes on to the other database
    list(set_up())
    assert worse["Work pool"] == (False, "the work pool bankable is paused: prefect work-pool resume bankable")
    assert worse["Deployments"] == (
        False,
        f"{set_aside.name}: is in prefect.yaml and not in Prefect: bankable pool setup",
    )


def test_without_a_server_the_pool_cannot_be_looked_at() -> None:
    with temporary_settings({PREFECT_API_URL: None}):
        assert [(one.what, one.ok) for one in look()] == [("Prefect's server", False)]


def test_a_worker_with_another_database_ends_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKABLE_HOME", str(tmp_path))
    monkeypatch.setenv("BANKABLE_DATABASE_URL", "")
    settings.cache_clear()

    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"}), pytest.raises(SchemaUnfit):
        work()

    engine().dispose()
    settings.cache_clear()
