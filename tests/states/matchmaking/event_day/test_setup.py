"""The arrangement of an event's meetings: its faults, and what rests on its slots."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from states.calendars.event_announcements import announce_event
from states.errors import Missing, Stale
from states.matchmaking.event_day.queries import brokerage_by_id
from states.matchmaking.event_day.setup import BrokerageInvalid, ProgrammeInUse, event_slots, set_up_event
from states.matchmaking.event_day.tables import BrokerageEvent, EventMode
from states.partners.event_plans import EventPlan
from states.partners.tables import EventKind, PartnershipEvent
from tests.expect import codes, places
from tests.factories import World, a_world
from tests.meeting_factories import (
    DAY,
    a_brokerage_event,
    a_meeting,
    a_participant,
    a_session,
    a_setup,
)

on_sqlite = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def _event(world: World, kind: EventKind = EventKind.CLUSTER_TO_CLUSTER) -> PartnershipEvent:
    return announce_event(world.session, world.partnership, EventPlan("Days", kind, held_on="2026-05-04"))


def test_an_event_is_set_up_and_read_back(world: World) -> None:
    row = set_up_event(world.session, _event(world), a_setup())
    world.session.expire_all()

    kept = brokerage_by_id(world.session, row.id)

    assert [slot.starts_at for slot in event_slots(kept)] == [
        DAY + timedelta(hours=hour, minutes=minute) for hour in (8, 12) for minute in (0, 20, 40)
    ]
    assert (kept.mode, kept.requests_from, kept.version, kept.demand) == (
        EventMode.HYBRID,
        DAY - timedelta(days=20),
        1,
        1,
    )


@on_sqlite
@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"sessions": []}, "sessions"),
        ({"time_zone": "Europe/Nowhere"}, "time_zone"),
        ({"requests_until": DAY - timedelta(days=20)}, "requests_until"),
        ({"requests_until": datetime(2026, 5, 1)}, "requests_until"),  # noqa: DTZ001 - the fault
        ({"answer_hours": 0}, "answer_hours"),
        ({"most_meetings": 0}, "most_meetings"),
        ({"most_requests": 0}, "most_requests"),
        ({"most_per_session": 0}, "most_per_session"),
        ({"fairness": -1}, "fairness"),
        ({"link_base": "http://meet.example.org"}, "link_base"),
        ({"sessions": [a_session(8, tables=0)]}, "sessions"),
    ],
)
def test_what_does_not_fit_is_named(world: World, change: dict[str, object], where: str) -> None:
    event = _event(world)

    with pytest.raises(BrokerageInvalid) as caught:
        set_up_event(world.session, event, a_setup(**change))

    assert places(caught.value) == [where]
    with pytest.raises(Missing):
        brokerage_by_id(world.session, event.id)


@on_sqlite
def test_only_events_for_meetings_are_set_up(world: World) -> None:
    with pytest.raises(BrokerageInvalid) as caught:
        set_up_event(world.session, _event(world, EventKind.PLENARY), a_setup())

    assert places(caught.value) == ["event"]


@on_sqlite
def test_an_online_event_needs_no_table(world: World) -> None:
    setup = a_setup(mode=EventMode.ONLINE, sessions=[a_session(8, tables=0)])

    assert len(event_slots(set_up_event(world.session, _event(world), setup))) == 3


def _again(world: World, row: BrokerageEvent, **changes: object) -> BrokerageEvent:
    return set_up_event(world.session, world.session.get_one(PartnershipEvent, row.id), a_setup(**changes))


@on_sqlite
def test_slots_stay_while_somebody_relies_on_them(world: World) -> None:
    row = a_brokerage_event(world)
    demand = row.demand
    guest = a_participant(world, row, "marseille")
    shorter = _again(world, row, slot_minutes=30).demand
    _again(world, row)
    meeting = a_meeting(world, row, a_participant(world, row, "gliwice"), guest)

    with pytest.raises(ProgrammeInUse) as caught:
        _again(world, row, slot_minutes=30)
    other = _again(world, row, most_meetings=3)

    assert shorter == demand + 1
    assert (codes(caught.value), other.most_meetings, other.slot_minutes) == (["slots_in_use"], 3, 20)
    assert meeting.slot == 0


@on_sqlite
def test_slots_stay_while_an_availability_names_them(world: World) -> None:
    row = a_brokerage_event(world)
    a_participant(world, row, "marseille", unavailable=(2,))

    with pytest.raises(ProgrammeInUse):
        _again(world, row, slot_minutes=30)


@on_sqlite
def test_a_change_needs_the_version_that_was_read(world: World) -> None:
    row = a_brokerage_event(world)
    event = world.session.get_one(PartnershipEvent, row.id)

    with pytest.raises(Stale):
        set_up_event(world.session, event, a_setup(), expected_version=4)
