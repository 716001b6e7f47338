"""What is due by the clock: all at the start, each after its interval, once after a leap, and soon after a failure."""

from datetime import timedelta

from flows.catalogue import flow_named
from flows.schedule import RETRY_SECONDS, Schedule
from tests.flows.conftest import START

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


def test_a_flow_that_is_wanted_comes_at_once_but_not_again_right_after_a_failure() -> None:
    schedule = Schedule()
    due(schedule, timedelta())
    soon = START + timedelta(seconds=1)

    first = schedule.due(soon, wanted=["deliver"])
    again = schedule.due(soon, wanted=["deliver"])
    schedule.failed(again[0], soon)
    after_the_failure = schedule.due(soon + timedelta(seconds=RETRY_SECONDS - 1), wanted=["deliver"])
    in_time = schedule.due(soon + timedelta(seconds=RETRY_SECONDS), wanted=["deliver"])

    assert [spec.name for spec in first] == [spec.name for spec in again] == ["deliver"]
    assert (after_the_failure, [spec.name for spec in in_time][-1]) == ([], "deliver")


def test_a_flow_that_failed_comes_again_soon() -> None:
    schedule = Schedule()
    due(schedule, timedelta())

    schedule.failed(flow_named("progress_report"), START)

    assert due(schedule, timedelta(seconds=RETRY_SECONDS - 1)) == []
    assert due(schedule, timedelta(seconds=RETRY_SECONDS)) == ["progress_report", "deliver"]
