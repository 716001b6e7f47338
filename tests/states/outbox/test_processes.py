"""Runners as processes, killed and stopped at the worst moment: each event has its effect once, on both engines."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlmodel import col, select, update

from states.clock import machine_now
from states.outbox.queries import dead_messages, open_messages
from states.outbox.tables import ConsumedMessage, OutboxMessage
from states.storage import begin
from tests.states.outbox.outbox import end_lease, publish_many, stored
from tests.waiting import HANG_SECONDS, wait_until

pytestmark = pytest.mark.usefixtures("installation")

ROOT = Path(__file__).parents[3]


def runner(name: str, folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.states.outbox.runner_process", name, str(folder)]
    return subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, text=True)


def said(process: "subprocess.Popen[str]") -> str:
    out, _ = process.communicate(timeout=HANG_SECONDS)
    assert process.returncode == 0
    return out.strip()


def flour() -> Counter[str]:
    with begin(read_only=True) as session:
        made = session.exec(select(OutboxMessage.payload).where(OutboxMessage.name == "flour.made"))
        return Counter(payload["n"] for payload in made)


def effects_of(name: str) -> int:
    with begin(read_only=True) as session:
        return len(session.exec(select(ConsumedMessage).where(ConsumedMessage.flow_run_id == name)).all())


@pytest.mark.long
def test_two_runners_of_which_one_is_killed_have_each_effect_once(tmp_path: Path) -> None:
    count = 120
    publish_many(count, of=lambda number: f"c{number % 30}")
    hold = tmp_path / "hold"
    hold.touch()
    killed = runner("killed", tmp_path)
    wait_until(lambda: list(tmp_path.glob("killed.*")))  # it has leased the first of each collaboration
    left = runner("left", tmp_path)
    hold.unlink()
    wait_until(lambda: effects_of("killed") > 3)
    killed.kill()
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    with begin() as session:
        past = machine_now() - timedelta(seconds=1)
        session.execute(update(OutboxMessage).where(col(OutboxMessage.leased_by) == "killed").values(leased_until=past))

    assert said(left) == "0 0"
    assert flour() == Counter(map(str, range(count)))
    assert effects_of("killed") + effects_of("left") == count
    with begin(read_only=True) as session:
        assert (open_messages(session), dead_messages(session)) == (0, 0)


def test_a_runner_that_sleeps_over_its_lease_has_no_effect_when_it_wakes(tmp_path: Path) -> None:
    (message_id,) = publish_many(1)
    hold = tmp_path / "hold"
    hold.touch()
    slow = runner("slow", tmp_path)
    wait_until((tmp_path / f"slow.{message_id}").exists)
    slow.send_signal(signal.SIGSTOP)
    end_lease(message_id)
    hold.unlink()

    fast = said(runner("fast", tmp_path))
    slow.send_signal(signal.SIGCONT)

    assert (fast, said(slow)) == ("0 0", "0 1")
    assert (flour(), stored(message_id).leased_by) == (Counter({"0": 1}), "fast")


@pytest.mark.long
def test_twenty_kills_in_the_middle_of_the_work_lose_nothing_and_double_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANKABLE_RELAY_LEASE_SECONDS", "5")
    kills, random = 20, Random(20260302)
    count = publish_grist(kills * MOST_BETWEEN_KILLS + 100)
    crew = {f"runner-{number}": runner(f"runner-{number}", tmp_path) for number in range(3)}

    for number in range(kills):
        made = sum(flour().values())
        wait_until(lambda: sum(flour().values()) > made + random.randrange(MOST_BETWEEN_KILLS))  # noqa: B023
        name = at_work()
        crew[name].kill()
        crew.pop(name).communicate()
        crew[f"successor-{number}"] = runner(f"successor-{number}", tmp_path)
    for left in crew.values():
        said(left)

    assert flour() == Counter(map(str, range(count)))
    with begin(read_only=True) as session:
        tries = session.exec(select(OutboxMessage.tries_started).where(OutboxMessage.name == "thing.happened")).all()
        assert (open_messages(session), dead_messages(session)) == (0, 0)
    print(f"\n{count} messages, {kills} kills: {sum(tries)} tries, {sum(number > 1 for number in tries)} in the middle")


MOST_BETWEEN_KILLS = 40


def publish_grist(count: int) -> int:
    """Publish so many messages, two of three in one of thirty collaborations; return how many."""
    return len(publish_many(count, of=lambda number: f"c{number % 30}" if number % 3 else None))


def at_work() -> str:
    """Return which runner has had an effect last."""
    with begin(read_only=True) as session:
        newest = select(ConsumedMessage.flow_run_id).order_by(col(ConsumedMessage.consumed_at).desc())
        return session.exec(newest).first() or ""
