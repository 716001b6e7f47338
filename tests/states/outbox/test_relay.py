"""Leases are exact on both engines, order is kept per collaboration, and poison is set aside."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from errno import ENOSPC
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select, update

from states.clock import machine_now
from states.outbox.conditions import ALL, Lane
from states.outbox.endings import mark_consumed
from states.outbox.leases import Answering, Batch, LeasedMessage, leasable, renew, start, take_over
from states.outbox.leases import lease as lease_batch
from states.outbox.queries import dead_messages, open_messages
from states.outbox.relay import MOST_WORKER_DEATHS, Answered, answer_each
from states.outbox.relay import relay as hand_batch_over
from states.outbox.service import consume, publish, retry
from states.outbox.states import state_of
from states.outbox.tables import ConsumedMessage, OutboxMessage
from states.settings import settings
from states.storage import begin
from tests.states.outbox.outbox import MILL, end_lease, fail, publish_many, publish_one, relay, stored
from tests.waiting import wait_until


def lease(session: Session, *, runner: str, lane: Lane = ALL, answering: Answering = MILL) -> list[str]:
    """Lease a batch and return the messages' ids."""
    batch = lease_batch(session, runner=runner, lane=lane, answering=answering)
    return batch.ids if batch else []


def ends(answered: Answered[object]) -> tuple[int, int, int]:
    """Return how many messages were answered, failed, and were lost to others."""
    return len(answered.results), len(answered.failed), len(answered.lost)


def finish(session: Session, message_id: str, *, runner: str) -> bool:
    """Consume a message and mark it."""
    consume(session, message_id, consumer="mill", flow_run_id=runner)
    return mark_consumed(session, message_id, holder=runner, consumer="mill", answering=MILL)


ONE_BY_ONE = replace(MILL, at_once={"mill": 1})


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
def test_what_follows_in_a_collaboration_waits_for_what_is_leased() -> None:
    first, second = publish_many(2, of=lambda _: "c")

    with begin() as session:
        assert lease(session, runner="one", answering=ONE_BY_ONE) == [first]
    with begin() as session:
        assert (leasable(session), lease(session, runner="two")) == (False, [])
    with begin() as session:
        finish(session, first, runner="one")
        assert leasable(session)
        assert lease(session, runner="two") == [second]


@pytest.mark.parametrize("installation", ["postgresql"], indirect=True)
def test_what_another_writes_in_this_moment_is_left_to_it(installation: Path) -> None:
    ours, others, consumed = publish_many(3)
    with begin() as session:
        consume(session, consumed, consumer="mill", flow_run_id="dead")

    with begin() as busy:
        busy.execute(update(OutboxMessage).where(col(OutboxMessage.id).in_([others, consumed])).values(last_error="x"))
        with begin() as session:
            session.execute(text("SET LOCAL lock_timeout = 1"))  # who waited here would wait for ever
            assert lease(session, runner="one") == [ours]
    with begin() as session:
        assert lease(session, runner="two") == [others]
    assert state_of(stored(consumed)) == "done"


@pytest.mark.usefixtures("installation")
def test_lanes_share_the_events_by_their_names() -> None:
    quick, long = Lane(frozenset({"mill.turned"})), Lane(frozenset({"mill.turned"}), others=False)
    with begin() as session:
        first, second = (publish(session, "mill.turned", partnership_id="p").id for _ in range(2))
        other = publish_one(session)

    with begin() as session:
        taken = [lease(session, runner="one", lane=lane, answering=ONE_BY_ONE) for lane in (quick, long, quick)]
        left = [leasable(session, lane) for lane in (quick, long)]

    assert (taken, left) == ([[other], [first], []], [False, True])
    assert stored(second).leased_until is None


@pytest.mark.usefixtures("installation")
def test_what_takes_long_comes_in_its_turn_and_holds_up_nothing_of_its_collaboration() -> None:
    quick, long = Lane(frozenset({"mill.turned"})), Lane(frozenset({"mill.turned"}), others=False)
    with begin() as session:
        before, turned, after = (
            publish(session, name, partnership_id="p", collaboration_id="c").id
            for name in ("thing.happened", "mill.turned", "thing.happened")
        )

    with begin() as session:
        early = lease(session, runner="one", lane=long)
        first = lease(session, runner="one", lane=quick, answering=ONE_BY_ONE)
        finish(session, before, runner="one")
        turns = [lease(session, runner="one", lane=lane) for lane in (long, quick)]

    assert (early, first, turns) == ([], [before], [[turned], [after]])


@pytest.mark.usefixtures("installation")
def test_a_lost_lease_cannot_be_renewed_nor_marked_done() -> None:
    (message_id,) = publish_many(1)
    with begin() as session:
        lease(session, runner="slow")
    end_lease(message_id)
    with begin() as session:
        taken = lease(session, runner="fast")

    with begin() as session:
        assert not renew(session, holder="slow")
        assert not finish(session, message_id, runner="slow")
        assert renew(session, holder="fast")

    assert (taken, stored(message_id).done_at) == ([message_id], None)


@pytest.mark.usefixtures("installation")
def test_a_lease_lost_within_a_batch_is_left_to_its_new_holder() -> None:
    first, second = publish_many(2)
    handed: list[str] = []

    def lose_the_second(event: LeasedMessage) -> None:
        handed.append(event.id)
        end_lease(second)
        with begin() as session:
            lease(session, runner="fast")

    relayed = ends(relay(lose_the_second, runner="slow"))

    assert (relayed, handed) == ((1, 0, 0), [first])
    assert stored(second).leased_by == "fast"


@pytest.mark.usefixtures("installation")
def test_a_failure_is_tried_again_later_and_set_aside_after_the_last_try() -> None:
    (message_id,) = publish_many(1)
    pauses = []

    for _ in range(5):
        before = machine_now()
        assert ends(relay(fail, runner="one")) == (0, 1, 0)
        assert ends(relay(fail, runner="one")) == (0, 0, 0)  # not before its pause is over
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
    handed: list[str] = []

    def fail_the_first(event: LeasedMessage) -> None:
        handed.append(event.id)
        if event.id == first:
            fail(event)

    for _ in range(6):
        relay(fail_the_first, runner="one")
        end_lease(first)

    assert handed == [first] * 5 + [second]


@pytest.mark.usefixtures("installation")
def test_what_nobody_answers_is_done_at_once_and_holds_nothing_up() -> None:
    with begin() as session:
        for number in range(3):
            publish(session, "for.the.record", partnership_id="p", collaboration_id="c", n=str(number))
    (last,) = publish_many(1, of=lambda _: "c")
    handed: list[str] = []

    relay(lambda event: handed.append(event.id), runner="one")

    assert handed == [last]
    with begin(read_only=True) as session:
        assert open_messages(session) == 0


@pytest.mark.usefixtures("installation")
def test_what_another_runner_took_over_during_the_hand_over_counts_as_lost() -> None:
    (message_id,) = publish_many(1)

    def lose_it(event: LeasedMessage) -> None:
        end_lease(event.id)
        assert ends(relay(lambda _: None, runner="fast")) == (1, 0, 0)

    def lose_it_and_fail(event: LeasedMessage) -> None:
        lose_it(event)
        fail(event)

    first = ends(relay(lose_it, runner="slow"))
    (other,) = publish_many(1)
    second = ends(relay(lose_it_and_fail, runner="slow"))

    assert (first, second) == ((0, 0, 1), (0, 0, 1))
    assert [(stored(key).leased_by, stored(key).last_error) for key in (message_id, other)] == [("fast", "")] * 2


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_lease_is_renewed_while_its_hand_over_lasts(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKABLE_RELAY_LEASE_SECONDS", "5")
    settings.cache_clear()
    (message_id,) = publish_many(1)
    until: list[datetime | None] = []

    def take_long(_: LeasedMessage) -> None:
        until.append(stored(message_id).leased_until)
        time.sleep(2.2)  # a renewal is due after a third of the lease
        until.append(stored(message_id).leased_until)

    assert ends(relay(take_long, runner="one")) == (1, 0, 0)
    began, later = until
    assert began is not None
    assert later is not None
    assert timedelta(seconds=1) < later - began < timedelta(seconds=3)


@pytest.mark.usefixtures("installation")
def test_what_ends_its_runner_again_and_again_is_set_aside_and_its_neighbours_are_not() -> None:
    poison, neighbour = publish_many(2)
    for _ in range(MOST_WORKER_DEATHS):
        with begin() as session:  # a flow run that has both and does not live to end the first
            assert len(take_over(session, lease(session, runner="one"), flow_run_id="run")) == 2
            start(session, poison, holder="run")
        end_lease(poison)
        end_lease(neighbour)

    relayed = ends(relay(lambda _: None, runner="two"))

    assert relayed == (1, 1, 0)
    assert (stored(poison).tries_started, stored(poison).last_error) == (
        20,
        "in 20 tries the process ended in the middle",
    )
    assert (stored(neighbour).tries_started, stored(neighbour).done_at is not None) == (1, True)


@pytest.mark.usefixtures("installation")
def test_who_is_asked_to_stop_gives_the_rest_of_the_batch_back() -> None:
    first, second = publish_many(2)
    handed: list[str] = []

    relayed = ends(relay(lambda event: handed.append(event.id), runner="one", going=lambda: not handed))

    event = stored(second)
    assert (relayed, handed) == ((1, 0, 0), [first])
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


@pytest.mark.usefixtures("installation")
def test_messages_of_one_collaboration_are_answered_together_and_in_order_until_one_fails() -> None:
    keys = publish_many(4, of=lambda _: "c")
    (other,) = publish_many(1)
    handed: list[str] = []

    def fail_at_the_second(event: LeasedMessage) -> None:
        handed.append(event.id)
        if event.id == keys[1]:
            fail(event)

    first = relay(fail_at_the_second, runner="one")
    end_lease(keys[1])
    again, rest = (relay(lambda event: handed.append(event.id), runner="one") for _ in range(2))

    assert (list(first.results), list(first.failed)) == ([keys[0], other], [keys[1]])
    assert (list(again.results), list(rest.results)) == ([keys[1]], keys[2:])
    assert handed == [*keys[:2], other, *keys[1:]]


@pytest.mark.usefixtures("installation")
def test_what_goes_to_another_consumer_comes_between_those_of_its_collaboration() -> None:
    with begin() as session:
        keys = [
            publish(session, name, partnership_id="p", collaboration_id=of).id
            for name, of in (("a", "c"), ("b", "c"), ("a", "c"), ("a", "d"))
        ]
    answering = Answering({"a": ["mill"], "b": ["baker"]})

    taken = [list(relay(lambda _: None, runner="one", answering=answering).results) for _ in range(4)]

    assert taken == [[keys[0], keys[3]], [keys[1]], [keys[2]], []]


@pytest.mark.usefixtures("installation")
def test_a_message_is_done_when_every_consumer_has_consumed_it_and_one_that_fails_keeps_it_from_no_other() -> None:
    (message_id,) = publish_many(1)
    answering = Answering({"thing.happened": ["mill", "baker"]})
    tried: list[str] = []

    def fail_at_the_mill(event: LeasedMessage) -> None:
        with begin(read_only=True) as session:
            tried.append("baker" if session.get(ConsumedMessage, (event.id, "baker")) is None and tried else "mill")
        if tried[-1] == "mill":
            fail(event)

    ended = []
    for _ in range(7):
        relay(fail_at_the_mill, runner="one", answering=answering)
        ended.append(stored(message_id).dead_at is not None)
        end_lease(message_id)

    assert tried == ["mill", "baker", *["mill"] * 5]
    assert ended == [False] * 6 + [True]
    with begin() as session:
        retry(session, message_id)
    assert list(relay(lambda _: None, runner="one", answering=answering).results) == [message_id]
    assert stored(message_id).done_at is not None


@pytest.mark.usefixtures("installation")
def test_what_was_consumed_by_a_process_that_died_before_it_said_so_is_done_without_another_try() -> None:
    (message_id,) = publish_many(1)
    with begin() as session:
        take_over(session, lease(session, runner="one"), flow_run_id="run")
        start(session, message_id, holder="run")
        consume(session, message_id, consumer="mill", flow_run_id="run")
    end_lease(message_id)

    assert ends(relay(fail, runner="two")) == (0, 0, 0)
    assert stored(message_id).done_at is not None


@pytest.mark.usefixtures("installation")
def test_an_answer_without_a_note_that_it_was_consumed_is_a_failure() -> None:
    (message_id,) = publish_many(1)

    answered = answer_each([message_id], lambda _: None, holder="run", consumer="mill", answering=MILL, longest=60)

    assert list(answered.failed) == [message_id]
    assert stored(message_id).last_error.startswith("NotConsumed: mill ended well and left no note")


@pytest.mark.usefixtures("installation")
def test_a_flow_run_takes_over_what_waits_and_leaves_alone_what_another_one_answers() -> None:
    done, answered, handed_over, paused = publish_many(4)
    relay(lambda _: None, runner="one", answering=ONE_BY_ONE)
    with begin() as session:
        take_over(session, [answered], flow_run_id="other")
        lease(session, runner="one", answering=ONE_BY_ONE)

    with begin() as session:
        taken = take_over(session, [done, answered, handed_over, paused], flow_run_id="late")

    assert [event.id for event in taken] == [handed_over, paused]


@pytest.mark.usefixtures("installation")
def test_what_waits_for_a_worker_is_handed_over_again_after_the_time_of_the_pool() -> None:
    (message_id,) = publish_many(1)
    scheduled = iter(["run-1", "run-2"])

    def hand_over(_: Batch) -> str:
        return next(scheduled)

    before = machine_now()
    assert hand_batch_over(hand_over, runner="one", answering=MILL) == 1
    waiting = stored(message_id)
    assert hand_batch_over(hand_over, runner="two", answering=MILL) == 0
    end_lease(message_id)
    assert hand_batch_over(hand_over, runner="two", answering=MILL) == 1

    assert waiting.leased_until is not None
    assert waiting.leased_until - before > timedelta(seconds=settings().pool_lease_seconds - 1)
    assert (waiting.flow_run_id, state_of(waiting), waiting.done_at) == ("run-1", "handed_over", None)
    assert (stored(message_id).flow_run_id, stored(message_id).tries_started) == ("run-2", 0)


@pytest.mark.usefixtures("installation")
def test_what_an_outage_keeps_from_being_handed_over_is_put_off_and_never_set_aside() -> None:
    (message_id,) = publish_many(1)
    pauses = []

    def fail(_: Batch) -> None:
        raise ConnectionRefusedError("nobody listens")

    for _ in range(8):
        before = machine_now()
        with pytest.raises(ConnectionRefusedError):
            hand_batch_over(fail, runner="one", answering=MILL)
        until = stored(message_id).leased_until
        assert until is not None
        pauses.append(round((until - before).total_seconds()))
        end_lease(message_id)

    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]
    event = stored(message_id)
    assert (event.tries_failed, event.dead_at, event.last_error) == (
        0,
        None,
        "ConnectionRefusedError: nobody listens",
    )
    assert list(relay(lambda _: None, runner="one").results) == [message_id]


@pytest.mark.usefixtures("installation")
def test_what_cannot_be_handed_over_keeps_none_of_its_batch_back() -> None:
    poison, *others = publish_many(3)

    def fail_with_the_poison(batch: Batch) -> str:
        return "run" if poison not in batch.ids else fail(batch)

    for _ in range(5):
        for key in (poison, *others):
            end_lease(key)
        for _ in range(3):
            with suppress(RuntimeError):
                hand_batch_over(fail_with_the_poison, runner="one", answering=MILL)

    assert [state_of(stored(key)) for key in (poison, *others)] == ["dead", "handed_over", "handed_over"]


@pytest.mark.parametrize(
    "outage",
    [OSError(ENOSPC, "No space left on device"), ConnectionRefusedError()],
    ids=["disk", "connection"],
)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_an_outage_uses_up_no_try_however_long_it_lasts(installation: Path, outage: Exception) -> None:
    (message_id,) = publish_many(1)

    def break_off(_: LeasedMessage) -> None:
        raise LookupError("the document cannot be kept") from outage

    for _ in range(10):
        assert ends(relay(break_off, runner="one")) == (0, 1, 0)
        end_lease(message_id)

    event = stored(message_id)
    assert (event.tries_failed, event.tries_broken_off, event.dead_at) == (0, 10, None)
    assert event.last_error == "LookupError: the document cannot be kept"
    assert list(relay(lambda _: None, runner="one").results) == [message_id]


@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_what_hangs_is_left_to_others(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKABLE_RELAY_LEASE_SECONDS", "5")
    settings.cache_clear()
    (message_id,) = publish_many(1)

    def hang(_: LeasedMessage) -> None:
        wait_until(lambda: list(relay(lambda _: None, runner="two").results) == [message_id])

    answered: Answered[object] = answer_each(
        [message_id], hang, holder="run", consumer="mill", answering=MILL, longest=0
    )

    assert (ends(answered), stored(message_id).leased_by) == ((0, 0, 1), "two")
