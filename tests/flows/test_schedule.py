"""What is due by the clock: all at the start, each after its interval, once after a leap, and soon after a failure."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from flows.catalogue import flow_named
from flows.schedule import RETRY_SECONDS, Schedule
from tests.flows.conftest import START

SECOND, RETRY = timedelta(seconds=1), timedelta(seconds=RETRY_SECONDS)
ALL = [
    "close_review_round",
    "remind",
    "digest",
    "heal_documents",
    "progress_report",
    "expire_unanswered",
    "review_scenarios",
    "escalate",
    "deliver",
]


def due(schedule: Schedule, after: timedelta) -> list[str]:
    return [spec.name for spec in schedule.due(START + after)]


def test_at_the_start_everything_is_due_once() -> None:
    schedule = Schedule()

    assert due(schedule, timedelta()) == ALL
    assert due(schedule, timedelta()) == []


def test_each_flow_comes_after_its_interval() -> None:
    schedule = Schedule()
    due(schedule, timedelta())

    assert due(schedule, timedelta(seconds=59)) == []
    assert due(schedule, timedelta(minutes=1)) == ["deliver"]
    assert due(schedule, timedelta(minutes=5)) == ["remind", "deliver"]
    assert due(schedule, timedelta(hours=1)) == [
        "close_review_round",
        "remind",
        "digest",
        "expire_unanswered",
        "review_scenarios",
        "escalate",
        "deliver",
    ]


def test_a_leap_of_the_clock_runs_each_flow_once() -> None:
    schedule = Schedule()
    due(schedule, timedelta())

    assert due(schedule, timedelta(days=30)) == ALL
    assert due(schedule, timedelta(days=30)) == []


def test_a_clock_that_is_set_back_begins_anew() -> None:
    schedule = Schedule()
    due(schedule, timedelta())

    assert due(schedule, timedelta(days=-1)) == ALL


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Set the machine's own clock so much later than the start; the installation's stands."""

    def set_later(after: timedelta) -> None:
        monkeypatch.setattr("flows.schedule.machine_now", lambda: START + after)

    set_later(timedelta())
    return set_later


def test_a_flow_that_is_wanted_comes_at_once_but_not_again_right_after_a_failure(
    machine: Callable[[timedelta], None],
) -> None:
    schedule = Schedule()
    due(schedule, timedelta())

    first = schedule.due(START, wanted=["deliver"])
    again = schedule.due(START, wanted=["deliver"])
    schedule.failed(again[0])
    machine(RETRY - SECOND)
    after_the_failure = schedule.due(START, wanted=["deliver"])
    machine(RETRY)
    in_time = schedule.due(START, wanted=["deliver"])

    assert [spec.name for spec in first] == [spec.name for spec in again] == ["deliver"]
    assert (after_the_failure, [spec.name for spec in in_time]) == ([], ["deliver"])


def test_a_flow_that_failed_comes_again_soon_though_the_simulated_clock_stands(
    machine: Callable[[timedelta], None],
) -> None:
    schedule = Schedule()
    due(schedule, timedelta())

    schedule.failed(flow_named("progress_report"))

    machine(RETRY - SECOND)
    assert due(schedule, timedelta()) == []
    machine(RETRY)
    assert due(schedule, timedelta()) == ["progress_report"]
    assert due(schedule, timedelta()) == []
