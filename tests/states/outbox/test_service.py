"""What was set aside is tried again by hand, and only that; a consumer may note why it did nothing."""

from datetime import timedelta

import pytest

from states.clock import machine_now
from states.errors import Missing
from states.outbox.leases import lease
from states.outbox.queries import MessageLine, in_state, message_lines
from states.outbox.relay import Relayed, relay
from states.outbox.service import consume, retry, retry_dead
from states.outbox.states import MessageState, NotSetAside
from states.storage import begin
from tests.states.outbox.outbox import end_lease, fail, publish_many, stored

pytestmark = pytest.mark.usefixtures("installation")


def set_aside(message_id: str) -> None:
    for _ in range(5):
        relay(fail, runner="one")
        end_lease(message_id)


def lines(state: MessageState) -> list[MessageLine]:
    with begin(read_only=True) as session:
        return message_lines(session, in_state(state), limit=10)


def test_a_dead_event_gets_all_its_tries_again() -> None:
    (message_id,) = publish_many(1)
    set_aside(message_id)

    with begin() as session:
        retry(session, message_id)
    again = relay(fail, runner="two")
    end_lease(message_id)

    assert (again, stored(message_id).tries_failed, stored(message_id).dead_at) == (Relayed(failed=1), 1, None)
    assert relay(lambda _: None, runner="two") == Relayed(done=1)


def test_all_dead_messages_are_tried_again_at_once() -> None:
    keys = publish_many(3)
    for key in keys[:2]:
        set_aside(key)
        with begin() as session:  # the third waits for another runner
            lease(session, runner="other")

    with begin() as session:
        assert (retry_dead(session), retry_dead(session)) == (3 - 1, 0)


def test_an_event_that_is_not_dead_is_not_tried_again_and_why() -> None:
    waits, held, done = publish_many(3)
    with begin() as session:
        lease(session, runner="one")
    end_lease(waits)
    end_lease(done)
    relay(lambda event: fail(event) if event.id == waits else None, runner="one")

    said = {}
    for key in (waits, held, done):
        with pytest.raises(NotSetAside) as raised, begin() as session:
            retry(session, key)
        said[key] = raised.value.message.partition(";")[0]
    with pytest.raises(Missing), begin() as session:
        retry(session, "nothing")

    assert said == {
        waits: "This message waits and is handed over by itself",
        held: "This message is being handed over at this moment",
        done: "This message was handed over",
    }


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
        relay(fail, runner="one")
        end_lease(first)
    with begin() as session:
        consume(session, second, consumer="mill", flow_run_id="run-1", note="nothing to grind")
    relay(lambda _: None, runner="one")

    assert [(line.message.id, line.overtaken) for line in lines(MessageState.DEAD)] == [(first, 1)]
    assert [(line.message.id, line.notes) for line in lines(MessageState.DONE)] == [
        (second, ("mill: nothing to grind",))
    ]
    with begin() as session:
        lease(session, runner="two")
    assert [(line.message.id, line.message.leased_by) for line in lines(MessageState.LEASED)] == [(third, "two")]
    assert lines(MessageState.OPEN) == []
