"""Participants: registered, validated, described anew, seated, checked in, gone."""

import pytest
from sqlmodel import Session

from states.clock import at
from states.errors import Missing, Stale
from states.matchmaking.event_day.participants import (
    Delegate,
    ParticipantInvalid,
    check_in,
    edit_participant,
    register,
    seat_participant,
    validate_participant,
    withdraw_participant,
)
from states.matchmaking.event_day.queries import participant_by_id, participants_of
from states.matchmaking.event_day.states import ParticipantRefused
from states.matchmaking.event_day.tables import Attendance, EventMode, ParticipantState
from states.partners.tables import Organisation, OrganisationKind
from tests.expect import codes, places
from tests.factories import World, a_world
from tests.meeting_factories import DAY, a_brokerage_event, a_participant

on_sqlite = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
BUYER = Delegate(label="buyer", attendance=Attendance.ON_SITE)


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def test_who_registers_waits_for_the_organiser(world: World) -> None:
    event = a_brokerage_event(world)
    delegate = Delegate(label=" buyer ", attendance=Attendance.ONLINE, unavailable=(4, 1, 4))
    row = register(world.session, event, world.organisations["gliwice"], delegate)
    waiting = row.state
    validate_participant(world.session, row, accepted=True)

    [(kept, organisation)] = participants_of(world.session, event.id)

    assert (waiting, kept.state, kept.label, kept.unavailable) == (
        ParticipantState.REGISTERED,
        ParticipantState.VALIDATED,
        "buyer",
        [1, 4],
    )
    assert (organisation.name, kept.attendance, kept.checked_in_at) == ("gliwice", Attendance.ONLINE, None)


@on_sqlite
def test_a_rejection_says_why_and_is_final(world: World) -> None:
    row = register(world.session, a_brokerage_event(world), world.organisations["gliwice"], BUYER)

    with pytest.raises(ParticipantInvalid) as silent:
        validate_participant(world.session, row, accepted=False)
    validate_participant(world.session, row, accepted=False, reason="The event is full.")
    with pytest.raises(ParticipantRefused) as again:
        validate_participant(world.session, row, accepted=True)
    with pytest.raises(ParticipantRefused) as there:
        check_in(world.session, row)

    assert [codes(caught.value) for caught in (again, there)] == [["participant_state"]] * 2
    assert (places(silent.value), row.state, row.reason) == (
        ["reason"],
        ParticipantState.REJECTED,
        "The event is full.",
    )


@on_sqlite
def test_every_fault_of_a_registration_is_named(world: World) -> None:
    event = a_brokerage_event(world, mode=EventMode.ON_SITE)
    cluster = world.organisations["marseille"]
    delegate = Delegate(label=" ", attendance=Attendance.ONLINE, unavailable=(0, 6, -1), cluster=cluster)

    with pytest.raises(ParticipantInvalid) as caught:
        register(world.session, event, world.organisations["gliwice"], delegate)

    assert places(caught.value) == ["label", "attendance", "unavailable", "unavailable", "cluster"]


@on_sqlite
def test_a_function_of_an_organisation_registers_once(world: World) -> None:
    event = a_brokerage_event(world)
    own = register(world.session, event, world.organisations["gliwice"], BUYER)
    register(world.session, event, world.organisations["marseille"], BUYER)
    seller = a_participant(world, event, "gliwice", label="seller")

    with pytest.raises(ParticipantInvalid) as again:
        register(world.session, event, world.organisations["gliwice"], BUYER)
    with pytest.raises(ParticipantInvalid) as renamed:
        edit_participant(world.session, event, seller, BUYER)
    edit_participant(world.session, event, own, BUYER)

    assert (places(again.value), places(renamed.value)) == (["label"], ["label"])


@on_sqlite
def test_a_walk_in_is_there_at_once(world: World) -> None:
    event = a_brokerage_event(world)
    with at(DAY):
        row = register(world.session, event, world.organisations["gliwice"], BUYER, walk_in=True)

    assert (row.state, row.walk_in, row.checked_in_at) == (ParticipantState.VALIDATED, True, DAY)


@on_sqlite
def test_a_change_of_availability_outdates_timetables(world: World) -> None:
    event = a_brokerage_event(world)
    row = a_participant(world, event, "gliwice")
    cluster = Organisation(slug="c", name="Cluster", kind=OrganisationKind.CLUSTER, country="PL", nuts="PL22A")
    world.session.add(cluster)
    world.session.flush()
    demand = event.demand
    delegate = Delegate(label="seller", attendance=Attendance.ONLINE, unavailable=(2,), cluster=cluster)

    with pytest.raises(Stale):
        edit_participant(world.session, event, row, delegate, expected_version=9)
    edit_participant(world.session, event, row, delegate, expected_version=row.version)

    assert (row.label, row.unavailable, row.cluster_id) == ("seller", [2], cluster.id)
    assert event.demand == demand + 1


@on_sqlite
def test_a_booth_is_one_participants_own(world: World) -> None:
    event = a_brokerage_event(world)
    first, second = a_participant(world, event, "gliwice"), a_participant(world, event, "marseille")
    seat_participant(world.session, event, first, booth=7, most_meetings=None)
    seat_participant(world.session, event, first, booth=7, most_meetings=0)

    with pytest.raises(ParticipantInvalid) as taken:
        seat_participant(world.session, event, second, booth=7, most_meetings=-1)
    with pytest.raises(ParticipantInvalid) as nowhere:
        seat_participant(world.session, event, second, booth=0, most_meetings=None)

    assert (places(taken.value), places(nowhere.value)) == (["booth", "most_meetings"], ["booth"])
    assert (first.booth, first.most_meetings, second.booth) == (7, 0, None)


@on_sqlite
def test_who_checks_in_twice_came_once(world: World) -> None:
    row = a_participant(world, a_brokerage_event(world), "gliwice")
    with at(DAY):
        check_in(world.session, row)
    check_in(world.session, row)

    assert row.checked_in_at == DAY


@on_sqlite
def test_who_has_left_does_not_leave_again(world: World) -> None:
    row = a_participant(world, a_brokerage_event(world), "gliwice")
    withdraw_participant(world.session, row, reason="Ill.")

    with pytest.raises(ParticipantRefused):
        withdraw_participant(world.session, row, reason="Ill.")
    with pytest.raises(Missing):
        participant_by_id(world.session, "nobody")

    assert (row.state, row.reason) == (ParticipantState.WITHDRAWN, "Ill.")
