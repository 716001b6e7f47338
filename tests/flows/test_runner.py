"""The runner as a process: it answers events and the clock, survives errors, and stops when it is told to."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from flows.__main__ import main
from states import clock
from states.deadlines.definition import Rung
from states.deadlines.service import On, Owner, open_deadline
from states.mail.tables import Mail, MailKind, MailState
from states.outbox.service import publish
from states.review.queries import rounds_of
from states.rights.access import Role
from states.storage import begin
from tests.flows.conftest import START, World, announce, ask_for_iag, consumers, event_state, flow_run_in_prefect
from tests.waiting import HANG_SECONDS, wait_until

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

ROOT = Path(__file__).parents[2]


def invited() -> int:
    with begin(read_only=True) as session:
        query = select(Mail).where(Mail.kind == MailKind.INVITATION, Mail.state == MailState.SENT)
        return len(session.exec(query).all())


@pytest.fixture
def runner(world: World, prefect_server: dict[str, str], tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A runner on the world, just started; what it says is in runner.log."""
    with (tmp_path / "runner.log").open("w") as log:
        command = [sys.executable, "-m", "flows", "run"]
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | prefect_server, stdout=log, stderr=log)
        yield process
        process.kill()
        process.wait()


def test_it_answers_events_and_sends_what_they_entered_until_it_is_told_to_stop(
    world: World, runner: "subprocess.Popen[bytes]"
) -> None:
    message_id = ask_for_iag(world)
    wait_until(lambda: consumers(message_id), of=runner)
    wait_until(lambda: invited() == 5, of=runner)  # the clock stands: no interval passes

    runner.send_signal(signal.SIGTERM)

    assert runner.wait(HANG_SECONDS) == 0
    with begin(read_only=True) as session:
        assert [row.panel for row in rounds_of(session, [world.collaboration_id])] == ["iag"]
    run = flow_run_in_prefect(consumers(message_id)["open_review_round"])
    assert (run.name, run.state_name) == ("open-review-round/test-bed/iag", "Completed")


@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_it_lives_on_after_a_failure_and_follows_the_simulated_clock(
    world: World, runner: "subprocess.Popen[bytes]", installation: Path
) -> None:
    poison = announce(world, "review.requested", panel="no-such-panel")
    wait_until(lambda: event_state(poison).tries_failed, of=runner)
    with begin() as session:
        long = publish(session, "timetable.requested", partnership_id=world.partnership_id, timetable="none").id
    wait_until(lambda: event_state(long).tries_failed, of=runner)
    with begin() as session:
        open_deadline(
            session,
            kind="call",
            subject_id="call",
            title="Call closes",
            partnership_id=world.partnership_id,
            owner=Owner(Role.PROJECT_MANAGER),
            due=On(START.date() + timedelta(days=7)),
            ladder=[Rung(days=0)],
        )

    clock.set_simulated(START + timedelta(days=7))

    wait_until(lambda: list(installation.glob("mail/*.eml")), of=runner)
    runner.send_signal(signal.SIGINT)
    assert runner.wait(HANG_SECONDS) == 0


@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_it_finishes_the_flow_that_runs_when_it_is_told_to_stop(
    world: World, runner: "subprocess.Popen[bytes]"
) -> None:
    first = announce(world, "document.requested", kind="investment-protocol")
    second = announce(world, "document.requested", kind="investment-protocol")
    wait_until(lambda: event_state(first).tries_started, of=runner)

    runner.send_signal(signal.SIGTERM)

    assert runner.wait(HANG_SECONDS) == 0
    done = event_state(first)
    assert (done.done_at is not None, list(consumers(first))) == (True, ["issue_document"])
    assert flow_run_in_prefect(consumers(first)["issue_document"]).state_name == "Completed"
    left = event_state(second)
    assert (left.done_at, left.tries_failed, left.leased_until) == (None, 0, None)


@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_one_flow_can_be_run_once_by_name(world: World, prefect_server: dict[str, str]) -> None:
    message_id = ask_for_iag(world)
    command = [sys.executable, "-m", "flows", "once", "open_review_round", "--message", message_id]

    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | prefect_server, capture_output=True, text=True, check=True
    )

    assert done.stdout == f"{consumers(message_id)['open_review_round']}\n"


def test_an_unknown_flow_is_an_error_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["once", "dream"])

    assert (code, capsys.readouterr().err) == (2, "There is no flow 'dream' here.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["remind", "--message", "1"], "remind takes: none\n"),
        (["issue-document"], "issue-document takes: message_ids\n"),
    ],
)
def test_parameters_that_a_flow_does_not_take_are_an_error_in_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], prefect_server: dict[str, str]
) -> None:
    code = main(["once", *arguments])

    assert (code, capsys.readouterr().err) == (2, said)
