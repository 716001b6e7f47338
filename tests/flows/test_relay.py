"""The relay with real flows: each run is visible in Prefect, has its effect once, and may fail."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from sqlmodel import select

from flows import consuming, reviews
from flows.catalogue import flow_named
from flows.host import PrefectAway
from flows.relay import relay_batch
from states.clock import machine_now
from states.outbox.queries import dead_messages
from states.outbox.tables import OutboxMessage
from states.review.queries import rounds_of
from states.storage import begin
from tests.flows.conftest import (
    World,
    announce,
    ask_for_iag,
    consumers,
    delivered,
    event_state,
    flow_run_in_prefect,
    free_port,
)
from tests.waiting import HANG_SECONDS

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]


def test_an_event_becomes_a_flow_run_with_name_tags_and_effect(world: World) -> None:
    message_id = ask_for_iag(world)

    assert relay_batch() == 1

    run = flow_run_in_prefect(consumers(message_id)["open_review_round"])
    assert (run.name, run.state_name) == ("open-review-round/test-bed/iag", "Completed")
    assert set(run.tags) == {"review", "review.requested", "optics", "test-bed"}
    assert run.parameters == {"message_ids": [message_id]}
    with begin(read_only=True) as session:
        opened = rounds_of(session, [world.collaboration_id])
    assert [(row.panel, row.number, row.protocol_version_id) for row in opened] == [("iag", 1, world.version_id)]


def test_a_second_delivery_changes_nothing(world: World) -> None:
    message_id = ask_for_iag(world)
    relay_batch()
    first = consumers(message_id)

    again = delivered(flow_named("open_review_round"), message_id)

    assert again == {"round": "", "because": "answered before"}
    assert (consumers(message_id), event_state(message_id).done_at is not None) == (first, True)
    with begin(read_only=True) as session:
        assert len(rounds_of(session, [world.collaboration_id])) == 1
        query = select(OutboxMessage.payload).where(OutboxMessage.name == "document.requested")
        asked = [payload["kind"] for payload in session.exec(query)]
    assert asked.count("review-dossier") == 1


def test_an_event_that_nobody_answers_is_done(world: World) -> None:
    message_id = announce(world, "collaboration.moved")

    assert relay_batch() == 1

    assert event_state(message_id).done_at is not None
    assert consumers(message_id) == {}


def test_a_failing_consumer_is_tried_again_then_set_aside_with_its_error(world: World) -> None:
    message_id = announce(world, "review.requested", panel="no-such-panel")

    for attempt in range(1, 6):
        relay_batch()
        assert event_state(message_id).tries_failed == attempt
        _end_pause(message_id)

    event = event_state(message_id)
    assert (event.done_at, event.dead_at is not None) == (None, True)
    assert "There is no panel 'no-such-panel' here." in event.last_error
    assert consumers(message_id) == {}
    with begin(read_only=True) as session:
        assert dead_messages(session) == 1
    assert relay_batch() == 0


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_what_takes_longer_than_its_flow_may_is_broken_off_and_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = ask_for_iag(world)
    spec = replace(flow_named("open_review_round"), longest=1)
    monkeypatch.setattr(consuming, "flow_named", lambda _: spec)
    monkeypatch.setattr(reviews, "_open", lambda _: time.sleep(HANG_SECONDS))

    assert relay_batch() == 1

    event = event_state(message_id)
    assert (event.tries_failed, event.done_at) == (1, None)
    assert event.last_error == "TookTooLong: open-review-round took more than 1 s."


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_without_prefect_messages_wait_and_use_up_no_try(world: World) -> None:
    message_id = ask_for_iag(world)
    nobody = f"http://127.0.0.1:{free_port()}/api"

    with temporary_settings({PREFECT_API_URL: nobody}), pytest.raises(PrefectAway):
        relay_batch()
    away = event_state(message_id)
    _end_pause(message_id)
    relay_batch()

    assert (away.tries_failed, away.tries_broken_off, away.done_at) == (0, 1, None)
    assert list(consumers(message_id)) == ["open_review_round"]


def _end_pause(message_id: str) -> None:
    with begin() as session:
        event = session.exec(select(OutboxMessage).where(OutboxMessage.id == message_id)).one()
        event.leased_until = machine_now() - timedelta(seconds=1)
