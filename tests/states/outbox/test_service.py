"""What is stuck is tried again by hand, wherever it is; a consumer may note why it did nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from states.clock import machine_now
from states.errors import Missing
from states.outbox.endings import give_back, mark_consumed, mark_failed, set_aside
from states.outbox.leases import lease, take_over
from states.outbox.queries import MessageLine, in_state, message_by_id, message_lines
from states.outbox.service import consume, retry, retry_after_upgrade, retry_dead, retry_stuck
from states.outbox.states import MessageState, NotStuck, state_of
from states.storage import begin
from tests.states.outbox.outbox import MILL, end_lease, fail, publish_many, relay, stored

pytestmark = pytest.mark.usefixtures("installation")

ONE_BY_ONE = replace(MILL, at_once={"mill": 1})


def set_aside_by_tries(message_id: str) -> None:
    for _ in range(5):
        relay(fail, runner="one")
        end_lease(message_id)


def lines(state: MessageState) -> list[MessageLine]:
    with begin(read_only=True) as session:
        return message_lines(session, in_state(state), limit=10)


def test_a_dead_event_gets_all_its_tries_again() -> None:
    (message_id,) = publish_many(1)
    set_aside_by_tries(message_id)

    with begin() as session:
        retry(session, message_id)
    again = relay(fail, runner="two")
    end_lease(message_id)

    assert (list(again.failed), stored(message_id).tries_failed, stored(message_id).dead_at) == ([message_id], 1, None)
    assert list(relay(lambda _: None, runner="two").results) == [message_id]


def test_all_dead_messages_are_tried_again_at_once() -> None:
    keys = publish_many(3)
    for key in keys[:2]:
        set_aside_by_tries(key)
        with begin() as session:  # the third waits for another runner
            lease(session, runner="other", answering=MILL)

    with begin() as session:
        assert (retry_dead(session), retry_dead(session)) == (3 - 1, 0)


def test_whatever_is_stuck_is_tried_again_wherever_it_is_but_for_what_is_done() -> None:
    done, dead, put_off, answered, handed_over, waits = publish_many(6)
    with begin() as session:
        for key in (done, dead, put_off, answered, handed_over):
            batch = lease(session, runner="one", answering=ONE_BY_ONE)
            assert batch is not None
            assert batch.ids == [key]
            if key == handed_over:
                break
            (message,) = take_over(session, [key], flow_run_id="run")
            if key == dead:
                set_aside(session, key, holder="run", error="for a test", tries_failed=5)
            if key == put_off:
                mark_failed(session, message, holder="run", error=RuntimeError("for a test"))
            if key == done:
                consume(session, key, consumer="mill", flow_run_id="run")
                mark_consumed(session, key, holder="run", consumer="mill", answering=MILL)

    with begin() as session:
        before = [state_of(message_by_id(session, key)) for key in (done, dead, put_off, answered, handed_over, waits)]
        stuck = retry_stuck(session)
        retry(session, answered)
        with pytest.raises(NotStuck, match="This message is done"):
            retry(session, done)
        with pytest.raises(Missing):
            retry(session, "nothing")
    handed: list[str] = []
    relay(lambda message: handed.append(message.id), runner="two")

    assert before == ["done", "dead", "open", "leased", "handed_over", "open"]
    assert (stuck, handed) == (3, [dead, put_off, answered, handed_over, waits])


def test_what_another_version_set_aside_is_tried_again_by_this_one() -> None:
    mine, older = publish_many(2)
    for key in (mine, older):
        set_aside_by_tries(key)
    with begin() as session:
        message_by_id(session, older).release = "0.1.0"

    with begin() as session:
        assert retry_after_upgrade(session) == 1

    assert [stored(key).dead_at is None for key in (mine, older)] == [False, True]


def test_each_line_says_what_holds_its_event_up_and_what_went_past_it() -> None:
    first, second, third = publish_many(3, of=lambda _: "c")
    relay(fail, runner="one")
    paused, behind = reversed(lines(MessageState.OPEN)[1:])
    assert paused.again_at is not None
    assert paused.again_at > machine_now() - timedelta(seconds=1)
    assert (paused.message.id, paused.behind, paused.message.last_error) == (
        first,
        None,
        "RuntimeError: the mill is broken",
    )
    assert (behind.message.id, behind.behind, behind.again_at) == (second, paused.message.sequence, None)

    end_lease(first)
    for _ in range(4):
        relay(fail, runner="one", answering=ONE_BY_ONE)
        end_lease(first)
    with begin() as session:
        consume(session, second, consumer="mill", flow_run_id="run-1", note="nothing to grind")
        lease(session, runner="one", answering=ONE_BY_ONE)
        give_back(session, holder="one")

    assert [(line.message.id, line.overtaken) for line in lines(MessageState.DEAD)] == [(first, 1)]
    assert [(line.message.id, line.notes) for line in lines(MessageState.DONE)] == [
        (second, ("mill: nothing to grind",))
    ]
    with begin() as session:
        lease(session, runner="two", answering=MILL)
    assert [(line.message.id, line.message.leased_by) for line in lines(MessageState.HANDED_OVER)] == [(third, "two")]
    with begin() as session:
        take_over(session, [third], flow_run_id="run-2")
    assert [(line.message.id, line.message.flow_run_id) for line in lines(MessageState.LEASED)] == [(third, "run-2")]
    assert lines(MessageState.OPEN) == []
