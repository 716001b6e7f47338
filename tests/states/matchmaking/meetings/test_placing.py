"""Places of meetings: the first that suits all, or where the organiser wants them."""

import pytest
from sqlmodel import Session

from states.errors import Stale
from states.matchmaking.event_day.participants import seat_participant
from states.matchmaking.event_day.tables import Attendance, MeetingState, Scheduling
from states.matchmaking.meetings.placing import PlaceInvalid, bind_meeting, cancel_meeting, place_meeting
from states.matchmaking.meetings.states import MeetingRefused
from tests.expect import codes, places
from tests.factories import World, a_world
from tests.meeting_factories import (
    a_brokerage_event,
    a_meeting,
    a_participant,
    a_request,
    a_session,
)

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def test_the_first_slot_is_free_for_all_and_within_their_limits(world: World) -> None:
    event = a_brokerage_event(world, most_per_session=1)
    asker = a_participant(world, event, "gliwice", unavailable=(0,))
    first, second = a_participant(world, event, "marseille"), a_participant(world, event, "katowice")

    rows = [a_meeting(world, event, asker, first), a_meeting(world, event, asker, second)]

    assert [(row.slot, row.table_number) for row in rows] == [(1, 1), (3, 1)]  # slot 2 would be a second of the session


def test_tables_are_shared_but_for_booths(world: World) -> None:
    event = a_brokerage_event(world, sessions=[a_session(8, slots=2, tables=2)])
    host = a_participant(world, event, "gliwice")
    seat_participant(world.session, event, host, booth=1, most_meetings=None)
    others = [
        a_participant(world, event, who, label=label) for label in ("a", "b") for who in ("marseille", "katowice")
    ]

    rows = [
        a_meeting(world, event, others[0], host),
        a_meeting(world, event, others[1], others[2]),
        a_meeting(world, event, others[0], others[3]),
    ]

    # the booth is its owner's even when it stands empty: the third meeting finds table 2 taken in slot 0
    assert [(row.slot, row.table_number) for row in rows] == [(0, 1), (0, 2), (1, 2)]


def test_who_is_online_gets_a_link_and_only_the_others_a_table(world: World) -> None:
    event = a_brokerage_event(world)
    here = a_participant(world, event, "gliwice")
    there, far = (a_participant(world, event, who, attendance=Attendance.ONLINE) for who in ("marseille", "katowice"))

    mixed, online = a_meeting(world, event, here, there), a_meeting(world, event, there, far)

    assert (mixed.table_number, mixed.link) == (1, f"https://meet.example.org/b/{mixed.id}")
    assert (online.table_number, online.link) == (None, f"https://meet.example.org/b/{online.id}")


def test_what_participants_were_told_is_moved_and_what_they_were_not_is_placed_anew(world: World) -> None:
    told, hidden = a_brokerage_event(world), a_brokerage_event(world, name="x", scheduling=Scheduling.ORGANISER)
    states = {}
    for event in (told, hidden):
        row = a_meeting(world, event, a_participant(world, event, "gliwice"), a_participant(world, event, "marseille"))
        place_meeting(world.session, event, row, slot=4)
        place_meeting(world.session, event, row, slot=5, table=2)
        states[event.id] = (row.state, row.slot, row.table_number, row.locked)

    assert states == {
        told.id: (MeetingState.MOVED, 5, 2, True),
        hidden.id: (MeetingState.SCHEDULED, 5, 2, True),
    }


def test_a_place_that_is_not_there_or_taken_is_refused(world: World) -> None:
    event = a_brokerage_event(world, sessions=[a_session(8, tables=1)])
    one, two = a_participant(world, event, "gliwice"), a_participant(world, event, "marseille", unavailable=(2,))
    three = a_participant(world, event, "katowice")
    a_meeting(world, event, one, two)
    row = a_meeting(world, event, two, three)
    fourth = a_meeting(world, event, a_participant(world, event, "gliwice", label="b"), three)

    found = {}
    for name, place in {
        "no slot": {"slot": 3},
        "no table": {"slot": 1, "table": 2},
        "busy": {"slot": 0},
        "away": {"slot": 2},
    }.items():
        with pytest.raises((PlaceInvalid, MeetingRefused)) as caught:
            place_meeting(world.session, event, row, **place)  # type: ignore[arg-type]
        error = caught.value
        found[name] = codes(error) if isinstance(error, MeetingRefused) else places(error)  # type: ignore[arg-type]
    for name, table in (("full", None), ("taken", 1)):
        with pytest.raises(MeetingRefused) as refused:
            place_meeting(world.session, event, fourth, slot=0, table=table)
        found[name] = codes(refused.value)

    assert found == {
        "no slot": ["slot"],
        "no table": ["table"],
        "busy": ["not_free"],
        "away": ["not_free", "not_free"],
        "full": ["no_table"],
        "taken": ["table_taken"],
    }
    assert (row.slot, fourth.slot) == (1, 2)


def test_only_what_is_agreed_is_placed(world: World) -> None:
    event = a_brokerage_event(world)
    row = a_request(world, event, a_participant(world, event, "gliwice"), a_participant(world, event, "marseille"))

    with pytest.raises(MeetingRefused) as caught:
        place_meeting(world.session, event, row, slot=0)

    assert codes(caught.value) == ["wrong_state"]


def test_a_cancelled_meeting_gives_its_place_back_and_says_by_whom(world: World) -> None:
    event = a_brokerage_event(world, sessions=[a_session(8, slots=1, tables=1)])
    one, two = a_participant(world, event, "gliwice"), a_participant(world, event, "marseille")
    row = a_meeting(world, event, one, two)
    demand = event.demand

    with pytest.raises(PlaceInvalid):
        cancel_meeting(world.session, event, row, by=two.organisation_id, reason=" ")
    with pytest.raises(Stale):
        cancel_meeting(world.session, event, row, by=None, reason="Ill.", expected_version=99)
    cancel_meeting(world.session, event, row, by=two.organisation_id, reason="Ill.")
    again = a_meeting(world, event, two, one)

    assert (row.state, row.slot, row.table_number, row.changed_by, row.reason) == (
        MeetingState.CANCELLED,
        None,
        None,
        two.organisation_id,
        "Ill.",
    )
    assert (again.slot, again.table_number) == (0, 1)
    assert event.demand > demand


def test_what_a_timetable_must_keep_is_bound(world: World) -> None:
    event = a_brokerage_event(world, scheduling=Scheduling.ORGANISER)
    people = [a_participant(world, event, who) for who in ("gliwice", "marseille", "katowice")]
    first, second = a_meeting(world, event, people[0], people[1]), a_meeting(world, event, people[0], people[2])

    with pytest.raises(PlaceInvalid) as caught:
        bind_meeting(world.session, event, first, locked=True, only_session=2, after=first)
    bind_meeting(world.session, event, second, locked=False, only_session=1, after=first)

    assert places(caught.value) == ["session", "after", "locked"]
    assert (second.session, second.after_id, second.locked) == (1, first.id, False)
