"""The timetable that is asked for is computed once, watched and cancelled; what nobody answered in time ends."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import combinations
from random import Random
from typing import Any

import pytest

from flows import stopping
from flows.catalogue import LONG_LANE, QUICK_LANE, flow_named
from flows.host import FlowFailed, run_here
from flows.relay import relay_batch
from states import clock
from states.computations.queries import progress_of
from states.computations.service import cancel_computation, computation_by_id
from states.computations.tables import Computation, ComputationState
from states.matchmaking.event_day.queries import meeting_by_id
from states.matchmaking.event_day.tables import (
    Attendance,
    BrokerageEvent,
    Meeting,
    MeetingParty,
    MeetingState,
    Participant,
    ParticipantState,
    PartyAnswer,
    Scheduling,
)
from states.matchmaking.timetable.service import KIND, publish_timetable, request_timetable, timetable_of
from states.outbox.service import publish
from states.storage import begin
from tests.factories import a_world
from tests.flows.conftest import consumers, delivered, hand_over_silently
from tests.meeting_factories import BEFORE, a_brokerage_event, a_meeting, a_participant, a_request, a_session

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.usefixtures("prefect_server", "simulated_clock"),
    pytest.mark.parametrize("installation", ["sqlite"], indirect=True),
]

SCHEDULE = flow_named("schedule_event")


def asked(*, slots: int = 6) -> tuple[str, str, str]:
    """Let three participants agree to meet one another; they have so many slots. Return ids of run, event, fair."""
    with begin() as session:
        world = a_world(session)
        event = a_brokerage_event(world, scheduling=Scheduling.ORGANISER)
        closed = tuple(range(slots, 6))
        people = [a_participant(world, event, who, unavailable=closed) for who in ("gliwice", "katowice", "marseille")]
        for one, other in ((0, 1), (0, 2), (1, 2)):
            a_meeting(world, event, people[one], people[other])
        manager = world.people["project_manager"].id
        row = request_timetable(session, event, person_id=manager, seconds=20)
        return row.id, hand_over_silently(session, but="timetable.requested"), event.id


MANY = 240  # meetings of sixty people in twenty slots: the best timetable takes longer to prove than a test may


def asked_much() -> tuple[str, str]:
    """Ask for a timetable of an event so large that it takes a while. Return ids of run and event."""
    draw = Random(1)
    with begin() as session:
        world = a_world(session)
        event = a_brokerage_event(
            world, scheduling=Scheduling.ORGANISER, sessions=[a_session(hour, slots=10, tables=60) for hour in (8, 13)]
        )
        known: dict[str, Any] = {"event_id": event.id, "partnership_id": world.partnership.id}
        people = [
            Participant(
                **known,
                organisation_id=world.organisations["gliwice"].id,
                label=str(number),
                attendance=Attendance.ON_SITE,
                unavailable=draw.sample(range(20), 2),
                state=ParticipantState.VALIDATED,
                registered_at=BEFORE,
            )
            for number in range(60)
        ]
        session.add_all(people)
        instants: dict[str, Any] = dict.fromkeys(("changed_at", "accepted_at", "expires_at", "requested_at"), BEFORE)
        for pair in draw.sample(list(combinations(people, 2)), MANY):
            row = Meeting(**known, subject="Coating", priority=3, state=MeetingState.ACCEPTED, **instants)
            session.add(row)
            session.flush()
            session.add_all(
                MeetingParty(
                    meeting_id=row.id,
                    participant_id=one.id,
                    organisation_id=one.organisation_id,
                    asked=one is pair[0],
                    answer=PartyAnswer.ACCEPTED,
                )
                for one in pair
            )
        manager = world.people["project_manager"].id
        run = request_timetable(session, event, person_id=manager, seconds=60)
        return run.id, hand_over_silently(session, but="timetable.requested")


def the_run(key: str) -> Computation:
    with begin(read_only=True) as session:
        return computation_by_id(session, KIND, key)


def test_a_timetable_is_computed_and_a_second_delivery_changes_nothing(installation: object) -> None:
    run_id, message_id, _ = asked()

    first, second = (delivered(SCHEDULE, message_id) for _ in range(2))

    row = the_run(run_id)
    made = timetable_of(row)
    assert first == {"computation": run_id, "state": "done"}
    assert second == {"computation": run_id, "because": "computed before"}
    assert (row.state, made.breaks, made.bound, made.proven, made.unplaced) == (ComputationState.DONE, 1, 1, True, [])
    assert len({slot for slot, _ in made.placements.values()}) == 3
    assert list(consumers(message_id)) == ["schedule_event"]
    with begin(read_only=True) as session:
        lines = progress_of(session, run_id)
    assert (lines[-1].progress["breaks"], lines[-1].progress["unplaced"]) == (1, 0)


def test_what_is_computed_for_long_holds_no_other_event_up(installation: object) -> None:
    run_id, _, fair_id = asked()
    with begin() as session:
        event = session.get_one(BrokerageEvent, fair_id)
        publish(session, "document.requested", partnership_id=event.partnership_id, kind="no-such-document")

    quick = relay_batch(QUICK_LANE)
    meanwhile = the_run(run_id).state
    long = relay_batch(LONG_LANE)

    assert (quick, meanwhile) == (1, ComputationState.WAITING)
    assert (long, the_run(run_id).state) == (1, ComputationState.DONE)


def test_what_cannot_be_is_explained_by_name(installation: object) -> None:
    run_id, message_id, _ = asked(slots=1)

    delivered(SCHEDULE, message_id)

    row = the_run(run_id)
    told = {str(reason["message"]) for reason in timetable_of(row).explanation}
    assert row.state is ComputationState.INFEASIBLE
    assert len(timetable_of(row).unplaced) == 2
    assert any("gliwice, head of research has 2 meetings for 1 slots" in one for one in told)


def test_a_timetable_that_was_cancelled_before_is_not_computed(installation: object) -> None:
    run_id, message_id, _ = asked()
    with begin() as session:
        cancel_computation(session, KIND, computation_by_id(session, KIND, run_id))

    result = delivered(SCHEDULE, message_id)

    assert result == {"computation": run_id, "state": "cancelled"}
    assert timetable_of(the_run(run_id)).placements == {}


def test_a_computation_cancelled_on_its_way_ends_soon_and_keeps_what_it_has(installation: object) -> None:
    run_id, message_id = asked_much()

    def cancel_once_something_is_found() -> None:
        while True:
            time.sleep(0.05)
            with begin() as session:
                if progress_of(session, run_id):
                    cancel_computation(session, KIND, computation_by_id(session, KIND, run_id))
                    return

    with ThreadPoolExecutor(1) as pool:
        cancelled = pool.submit(cancel_once_something_is_found)
        result = delivered(SCHEDULE, message_id)
        cancelled.result()

    row = the_run(run_id)
    assert result == {"computation": run_id, "state": "cancelled"}
    made = timetable_of(row)
    assert (row.state, made.proven, len(made.placements) + len(made.unplaced)) == (
        ComputationState.CANCELLED,
        False,
        MANY,
    )
    assert row.ended_at is not None


def test_a_runner_that_stops_leaves_the_computation_to_another(
    installation: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id, message_id, _ = asked()
    monkeypatch.setattr(stopping, "going", lambda: False)
    with pytest.raises(FlowFailed, match="was broken off: the runner stops"):
        delivered(SCHEDULE, message_id)
    left = the_run(run_id).state
    monkeypatch.undo()

    result = delivered(SCHEDULE, message_id)

    assert (left, result) == (ComputationState.RUNNING, {"computation": run_id, "state": "done"})


def test_keeping_what_is_published_moves_nothing_that_still_fits(installation: object) -> None:
    run_id, message_id, fair_id = asked()
    delivered(SCHEDULE, message_id)
    with begin() as session:
        publish_timetable(session, computation_by_id(session, KIND, run_id))
        event = session.get_one(BrokerageEvent, fair_id)
        asker = computation_by_id(session, KIND, run_id).asked_by or ""
        again = request_timetable(session, event, person_id=asker, seconds=5, keep=True)
        second = hand_over_silently(session, but="timetable.requested")

    delivered(SCHEDULE, second)

    kept = the_run(again.id)
    made = timetable_of(kept)
    assert (kept.state, made.moved, made.proven, made.breaks) == (ComputationState.DONE, 0, True, 1)
    assert made.placements == timetable_of(the_run(run_id)).placements


def test_requests_that_nobody_answered_expire(installation: object) -> None:
    with begin() as session:
        world = a_world(session)
        event = a_brokerage_event(world)
        people = [a_participant(world, event, who) for who in ("gliwice", "marseille")]
        key = a_request(world, event, *people).id
    clock.set_simulated(BEFORE + timedelta(days=4))

    result = run_here(flow_named("expire_unanswered"), {}).result

    assert result == {"meetings": 1, "interests": 0, "profiles": 0}
    with begin(read_only=True) as session:
        assert meeting_by_id(session, key).state is MeetingState.EXPIRED
