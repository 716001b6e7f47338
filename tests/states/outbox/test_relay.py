"""Leases are exact on both engines, order is kept per collaboration, and poison is set aside."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from states.clock import machine_now
from states.outbox.leases import Lane, LeasedMessage, leasable, lease, mark_done, renew, start
from states.outbox.queries import dead_messages, open_messages
from states.outbox.relay import MOST_WORKER_DEATHS, Relayed, relay
from states.outbox.service import consume, publish
from states.outbox.tables import ConsumedMessage
from states.settings import settings
from states.storage import begin
from tests.states.outbox.outbox import end_lease, fail, publish_many, publish_one, stored


def drain(hand_over: Callable[[LeasedMessage], None], *, runner: str) -> None:
    while True:
        with begin(read_only=True) as session:
            if not open_messages(session):
                return
        relay(hand_over, runner=runner)


@pytest.mark.usefixtures("installation")
def test_two_runners_hand_over_each_event_once() -> None:
    published = publish_many(200)
    handed: list[str] = []

    with ThreadPoolExecutor(2) as threads:
        runs = [threads.submit(drain, lambda event: handed.append(event.id), runner=name) for name in ("one", "two")]
        for run in runs:
            run.result()

    assert Counter(handed) == Counter(published)


@pytest.mark.usefixtures("installation")
def test_two_runners_keep_the_order_of_each_collaboration() -> None:
    publish_many(40, of=lambda number: f"c{number % 4}")
    handed: list[tuple[str | None, int]] = []

    def note(event: LeasedMessage) -> None:
        handed.append((event.collaboration_id, int(event.payload["n"])))

    with ThreadPoolExecutor(2) as threads:
        for run in [threads.submit(drain, note, runner=name) for name in ("one", "two")]:
            run.result()

    for key in range(4):
        assert [n for one, n in handed if one == f"c{key}"] == list(range(key, 40, 4))


@pytest.mark.usefixtures("installation")
def test_of_a_collaboration_only_the_oldest_open_event_is_leased() -> None:
    first, second = publish_many(2, of=lambda _: "c")

    with begin() as session:
        assert [event.id for event in lease(session, runner="one")] == [first]
    with begin() as session:
        assert (leasable(session), lease(session, runner="two")) == (False, [])
    with begin() as session:
        mark_done(session, first, runner="one")
        assert leasable(session)
        assert [event.id for event in lease(session, runner="two")] == [second]


@pytest.mark.usefixtures("installation")
def test_lanes_share_the_events_by_their_names() -> None:
    quick, long = Lane(frozenset({"mill.turned"})), Lane(frozenset({"mill.turned"}), others=False, at_once=1)
    with begin() as session:
        first, second = (publish(session, "mill.turned", partnership_id="p").id for _ in range(2))
        other = publish_one(session)

    with begin() as session:
        taken = [[event.id for event in lease(session, runner="one", lane=lane)] for lane in (quick, long, quick)]
        left = [leasable(session, lane) for lane in (quick, long)]

    assert (taken, left) == ([[other], [first], []], [False, True])
    assert stored(second).leased_until is None


@pytest.mark.usefixtures("installation")
def test_what_takes_long_comes_in_its_turn_and_holds_up_nothing_of_its_collaboration() -> None:
    quick, long = Lane(frozenset({"mill.turned"})), Lane(frozenset({"mill.turned"}), others=False, at_once=1)
    with begin() as session:
        before, turned, after = (
            publish(session, name, partnership_id="p", collaboration_id="c").id
            for name in ("thing.happened", "mill.turned", "thing.happened")
        )

    with begin() as session:
        early = [event.id for event in lease(session, runner="one", lane=long)]
        first = [event.id for event in lease(session, runner="one", lane=quick)]
        mark_done(session, before, runner="one")
        turns = [[event.id for event in lease(session, runner="one", lane=lane)] for lane in (long, quick)]

    assert (early, first, turns) == ([], [before], [[turned], [after]])


@pytest.mark.usefixtures("installation")
def test_a_lost_lease_cannot_be_renewed_nor_marked_done() -> None:
    (message_id,) = publish_many(1)
    with begin() as session:
        lease(session, runner="slow")
    end_lease(message_id)
    with begin() as session:
        (taken,) = lease(session, runner="fast")

    with begin() as session:
        assert not renew(session, message_id, runner="slow")
        assert not mark_done(session, message_id, runner="slow")
        assert renew(session, message_id, runner="fast")

    assert (taken.id, stored(message_id).done_at) == (message_id, None)


@pytest.mark.usefixtures("installation")
def test_a_lease_lost_within_a_batch_is_left_to_its_new_holder() -> None:
    first, second = publish_many(2)
    handed: list[str] = []

    def lose_the_second(event: LeasedMessage) -> None:
        handed.append(event.id)
        end_lease(second)
        with begin() as session:
            lease(session, runner="fast")

    relayed = relay(lose_the_second, runner="slow")

    assert (relayed, handed) == (Relayed(done=1), [first])
    assert stored(second).leased_by == "fast"


@pytest.mark.usefixtures("installation")
def test_a_failure_is_tried_again_later_and_set_aside_after_the_last_try() -> None:
    (message_id,) = publish_many(1)
    pauses = []

    for _ in range(5):
        before = machine_now()
        assert relay(fail, runner="one") == Relayed(failed=1)
        assert relay(fail, runner="one") == Relayed()  # not before its pause is over
        until = stored(message_id).leased_until
        pauses.append(until and round((until - before).total_seconds()))
        end_lease(message_id)

    event = stored(message_id)
    assert (pauses, event.tries_failed) == ([2, 4, 8, 16, None], 5)
    assert (event.done_at, event.last_error) == (None, "RuntimeError: the mill is broken")
    with begin(read_only=True) as session:
        assert (dead_messages(session), open_messages(session)) == (1, 0)


@pytest.mark.usefixtures("installation")
def test_what_follows_a_dead_event_goes_on() -> None:
    first, second = publish_many(2, of=lambda _: "c")
    for _ in range(5):
        relay(fail, runner="one")
        end_lease(first)

    handed: list[str] = []
    relay(lambda event: handed.append(event.id), runner="one")

    assert handed == [second]


@pytest.mark.usefixtures("installation")
def test_what_nobody_answers_is_done_at_once_and_holds_nothing_up() -> None:
    with begin() as session:
        for number in range(3):
            publish(session, "for.the.record", partnership_id="p", collaboration_id="c", n=str(number))
    (last,) = publish_many(1, of=lambda _: "c")
    handed: list[str] = []

    relayed = relay(lambda event: handed.append(event.id), runner="one", answered={"thing.happened"})

    assert (relayed, handed) == (Relayed(done=4), [last])
    with begin(read_only=True) as session:
        assert open_messages(session) == 0


@pytest.mark.usefixtures("installation")
def test_what_another_runner_took_over_during_the_hand_over_counts_as_lost() -> None:
    (message_id,) = publish_many(1)

    def lose_it(event: LeasedMessage) -> None:
        end_lease(event.id)
        assert relay(lambda _: None, runner="fast") == Relayed(done=1)

    def lose_it_and_fail(event: LeasedMessage) -> None:
        lose_it(event)
        fail(event)

    first = relay(lose_it, runner="slow")
    (other,) = publish_many(1)
    second = relay(lose_it_and_fail, runner="slow")

    assert (first, second) == (Relayed(lost=1), Relayed(lost=1))
    assert [(stored(key).leased_by, stored(key).last_error) for key in (message_id, other)] == [("fast", "")] * 2


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_lease_is_renewed_while_its_hand_over_lasts(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKABLE_RELAY_LEASE_SECONDS", "5")
    settings.cache_clear()
    (message_id,) = publish_many(1)
    ends: list[datetime | None] = []

    def take_long(_: LeasedMessage) -> None:
        ends.append(stored(message_id).leased_until)
        time.sleep(2.2)  # a renewal is due after a third of the lease
        ends.append(stored(message_id).leased_until)

    assert relay(take_long, runner="one") == Relayed(done=1)
    began, later = ends
    assert began is not None
    assert later is not None
    assert timedelta(seconds=1) < later - began < timedelta(seconds=3)


@pytest.mark.usefixtures("installation")
def test_what_ends_its_runner_again_and_again_is_set_aside_and_its_neighbours_are_not() -> None:
    poison, neighbour = publish_many(2)
    for _ in range(MOST_WORKER_DEATHS):
        with begin() as session:  # a runner that leases both and does not live to end the first
            assert len(lease(session, runner="one")) == 2
            start(session, poison, runner="one")
        end_lease(poison)
        end_lease(neighbour)

    relayed = relay(lambda _: None, runner="two")

    assert relayed == Relayed(done=1, failed=1)
    assert (stored(poison).tries_started, stored(poison).last_error) == (
        20,
        "in 20 tries the runner ended in the middle",
    )
    assert (stored(neighbour).tries_started, stored(neighbour).done_at is not None) == (1, True)


@pytest.mark.usefixtures("installation")
def test_who_is_asked_to_stop_gives_the_rest_of_the_batch_back() -> None:
    first, second = publish_many(2)
    handed: list[str] = []

    relayed = relay(lambda event: handed.append(event.id), runner="one", going=lambda: not handed)

    event = stored(second)
    assert (relayed, handed) == (Relayed(done=1), [first])
    assert (event.tries_failed, event.leased_until, event.done_at) == (0, None, None)


@pytest.mark.usefixtures("installation")
def test_an_effect_and_its_note_come_together_or_not_at_all() -> None:
    (message_id,) = publish_many(1)

    with pytest.raises(RuntimeError, match="broken"), begin() as session:
        fail(consume(session, message_id, consumer="mill", flow_run_id="run-1"))
    with begin() as session:
        assert consume(session, message_id, consumer="mill", flow_run_id="run-2")
    with begin() as session:
        assert not consume(session, message_id, consumer="mill", flow_run_id="run-3")
        assert consume(session, message_id, consumer="baker", flow_run_id="run-4")

    with begin(read_only=True) as session:
        noted = {row.consumer: row.flow_run_id for row in session.exec(select(ConsumedMessage))}
    assert noted == {"mill": "run-2", "baker": "run-4"}


def test_an_event_of_a_transaction_that_fails_was_never_there(installation: Path) -> None:
    with pytest.raises(RuntimeError, match="broken"), begin() as session:
        fail(publish_one(session))

    with begin(read_only=True) as session:
        assert (open_messages(session), leasable(session)) == (0, False)
