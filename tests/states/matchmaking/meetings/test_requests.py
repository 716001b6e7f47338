"""Requests for meetings: within their window and limits, answered by each guest, withdrawn, expired."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from states.clock import at
from states.errors import BankableError, Stale
from states.matchmaking.event_day.participants import Delegate, register, seat_participant
from states.matchmaking.event_day.queries import brokerage_by_id, meeting_by_id, parties_of
from states.matchmaking.event_day.states import ParticipantRefused
from states.matchmaking.event_day.tables import (
    Attendance,
    BrokerageEvent,
    Meeting,
    MeetingParty,
    MeetingState,
    Participant,
    PartyAnswer,
    Scheduling,
)
from states.matchmaking.meetings.requests import (
    MeetingInvalid,
    Wish,
    answer_request,
    expire_requests,
    request_meeting,
    withdraw_request,
)
from states.matchmaking.meetings.states import MeetingRefused
from states.storage import begin
from tests.expect import codes, overlap, places
from tests.factories import World, a_world
from tests.meeting_factories import (
    BEFORE,
    DAY,
    a_brokerage_event,
    a_meeting,
    a_participant,
    a_published_profile,
    a_request,
    a_session,
    accept,
    party,
)

on_sqlite = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
WISH = Wish(subject="Coating of implants", priority=3)


@dataclass
class Fair:
    """An event with three participants, of whom one asks another."""

    world: World
    event: BrokerageEvent
    asker: Participant
    guest: Participant
    third: Participant


def a_fair(world: World, **changes: object) -> Fair:
    event = a_brokerage_event(world, **changes)  # type: ignore[arg-type]
    sites = ("gliwice", "marseille", "katowice")
    return Fair(world, event, *(a_participant(world, event, who) for who in sites))


@pytest.fixture
def fair(session: Session) -> Fair:
    return a_fair(a_world(session))


def _answer(fair: Fair, row: Meeting, who: Participant, *, accepted: bool, reason: str = "") -> Meeting:
    return answer_request(
        fair.world.session, fair.event, row, party(fair.world, row, who), accepted=accepted, reason=reason
    )


def test_an_accepted_request_takes_the_first_common_slot_at_the_first_table(fair: Fair) -> None:
    row = a_request(fair.world, fair.event, fair.asker, fair.guest, priority=5)
    asked = {
        entry.organisation.name: (entry.party.asked, entry.party.answer)
        for entry in parties_of(fair.world.session, [row.id])[row.id]
    }
    demand = fair.event.demand

    accept(fair.world, fair.event, row, fair.guest)

    assert asked == {"gliwice": (True, PartyAnswer.ACCEPTED), "marseille": (False, PartyAnswer.WAITING)}
    assert (row.state, row.slot, row.table_number, row.link) == (MeetingState.SCHEDULED, 0, 1, "")
    assert (row.accepted_at, fair.event.demand, row.priority) == (BEFORE, demand + 1, 5)


@on_sqlite
def test_where_the_organiser_schedules_an_accepted_meeting_waits(session: Session) -> None:
    fair = a_fair(a_world(session), scheduling=Scheduling.ORGANISER)

    row = a_meeting(fair.world, fair.event, fair.asker, fair.guest)

    assert (row.state, row.slot, row.accepted_at) == (MeetingState.ACCEPTED, None, BEFORE)


@on_sqlite
def test_a_meeting_waits_where_no_slot_is_common(session: Session) -> None:
    world = a_world(session)
    event = a_brokerage_event(world)
    asker = a_participant(world, event, "gliwice", unavailable=(0, 1, 2))
    guest = a_participant(world, event, "marseille", unavailable=(3, 4, 5))

    assert a_meeting(world, event, asker, guest).state is MeetingState.ACCEPTED


@on_sqlite
def test_of_two_guests_one_is_enough_and_the_other_may_join_later(fair: Fair) -> None:
    row = a_request(fair.world, fair.event, fair.asker, fair.guest, fair.third)

    with at(BEFORE):
        _answer(fair, row, fair.guest, accepted=True)
        first = row.state
        _answer(fair, row, fair.third, accepted=True)

    assert (first, row.state, row.slot) == (MeetingState.SCHEDULED, MeetingState.SCHEDULED, 0)
    answers = {entry.party.answer for entry in parties_of(fair.world.session, [row.id])[row.id]}
    assert answers == {PartyAnswer.ACCEPTED}


@on_sqlite
def test_who_is_busy_then_cannot_join_later(fair: Fair) -> None:
    row = a_request(fair.world, fair.event, fair.asker, fair.guest, fair.third)
    accept(fair.world, fair.event, row, fair.guest)
    other = a_participant(fair.world, fair.event, "gliwice", label="buyer")
    a_meeting(fair.world, fair.event, fair.third, other)  # in the first slot too

    with pytest.raises(MeetingRefused) as caught, at(BEFORE):
        _answer(fair, row, fair.third, accepted=True)

    assert codes(caught.value) == ["not_free"]
    assert party(fair.world, row, fair.third).answer is PartyAnswer.WAITING


@on_sqlite
def test_it_is_declined_once_all_have_declined(fair: Fair) -> None:
    row = a_request(fair.world, fair.event, fair.asker, fair.guest, fair.third)

    with at(BEFORE):
        _answer(fair, row, fair.guest, accepted=False, reason="No time.")
        first = row.state
        _answer(fair, row, fair.third, accepted=False, reason="No interest.")

    assert (first, row.state, row.reason) == (MeetingState.REQUESTED, MeetingState.DECLINED, "No interest.")
    assert row.changed_by == fair.third.organisation_id


@on_sqlite
def test_to_decline_wants_a_reason_and_an_answer_is_given_once(fair: Fair) -> None:
    row = a_request(fair.world, fair.event, fair.asker, fair.guest, fair.third)

    with at(BEFORE):
        with pytest.raises(MeetingInvalid) as caught:
            _answer(fair, row, fair.guest, accepted=False)
        _answer(fair, row, fair.guest, accepted=False, reason="No time.")
        with pytest.raises(MeetingRefused) as again:
            _answer(fair, row, fair.guest, accepted=True)

    assert (places(caught.value), codes(again.value)) == (["reason"], ["answered"])


@on_sqlite
def test_an_unanswered_request_expires_and_is_not_accepted_after(fair: Fair) -> None:
    row = a_request(fair.world, fair.event, fair.asker, fair.guest)
    with at(BEFORE + timedelta(hours=71)):
        early = expire_requests(fair.world.session)
    with at(BEFORE + timedelta(hours=72)):
        with pytest.raises(MeetingRefused) as late:
            _answer(fair, row, fair.guest, accepted=True)
        expired = expire_requests(fair.world.session)

    assert (early, codes(late.value), expired) == ([], ["request_expired"], [row])
    assert row.state is MeetingState.EXPIRED


@on_sqlite
def test_a_request_is_withdrawn_until_it_is_accepted(fair: Fair) -> None:
    waiting = a_request(fair.world, fair.event, fair.asker, fair.guest)
    withdraw_request(fair.world.session, waiting, by=fair.asker.organisation_id, reason="Found another.")
    accepted = a_meeting(fair.world, fair.event, fair.asker, fair.guest)

    with pytest.raises(MeetingRefused) as caught:
        withdraw_request(fair.world.session, accepted, by=fair.asker.organisation_id)

    assert (waiting.state, waiting.reason) == (MeetingState.WITHDRAWN, "Found another.")
    assert codes(caught.value) == ["wrong_state"]


@on_sqlite
@pytest.mark.parametrize(("days", "late", "expected"), [(-21, False, 1), (-2, False, 1), (-2, True, 0), (-3, False, 0)])
def test_requests_have_their_time(fair: Fair, days: int, late: bool, expected: int) -> None:
    refused: list[str] = []
    with at(DAY + timedelta(days=days)):
        try:
            request_meeting(fair.world.session, fair.event, WISH, asker=fair.asker, guests=[fair.guest], late=late)
        except MeetingRefused as error:
            refused = codes(error)

    assert refused == ["requests_closed"] * expected


@on_sqlite
def test_limits_of_requests_and_of_meetings(session: Session) -> None:
    fair = a_fair(a_world(session), most_requests=1, most_meetings=1)
    first = a_request(fair.world, fair.event, fair.asker, fair.guest)

    with pytest.raises(MeetingRefused) as sent:
        a_request(fair.world, fair.event, fair.asker, fair.third)
    accept(fair.world, fair.event, first, fair.guest)
    second = a_request(fair.world, fair.event, fair.asker, fair.third)
    with pytest.raises(MeetingRefused) as full:
        accept(fair.world, fair.event, second, fair.third)
    seat_participant(session, fair.event, fair.asker, booth=None, most_meetings=2)
    accept(fair.world, fair.event, second, fair.third)

    assert (codes(sent.value), codes(full.value)) == (["too_many_requests"], ["too_many_meetings"])
    assert second.state is MeetingState.SCHEDULED


@on_sqlite
def test_one_open_meeting_of_the_same_two(fair: Fair) -> None:
    a_request(fair.world, fair.event, fair.asker, fair.guest)

    with pytest.raises(MeetingRefused) as caught:
        a_request(fair.world, fair.event, fair.guest, fair.asker)

    assert codes(caught.value) == ["meeting_known"]


@on_sqlite
def test_every_fault_of_a_request_is_named(fair: Fair) -> None:
    world = fair.world
    colleague = a_participant(world, fair.event, "gliwice", label="buyer")
    elsewhere = a_participant(world, a_brokerage_event(world, name="Other days"), "katowice")
    profile = a_published_profile(world, "katowice")
    wish = Wish(subject=" ", priority=6, message="x" * 2001, profile=profile)

    with pytest.raises(MeetingInvalid) as caught:
        request_meeting(
            world.session, fair.event, wish, asker=fair.asker, guests=[colleague, fair.guest, fair.guest, elsewhere]
        )
    with pytest.raises(MeetingInvalid) as alone:
        request_meeting(world.session, fair.event, WISH, asker=fair.asker, guests=[])

    assert places(caught.value) == ["subject", "message", "priority", "guests[1]", "guests[3]", "guests[4]"]
    assert places(alone.value) == ["guests"]


@on_sqlite
def test_who_is_not_validated_does_not_meet(fair: Fair) -> None:
    delegate = Delegate(label="buyer", attendance=Attendance.ON_SITE)
    waiting = register(fair.world.session, fair.event, fair.world.organisations["katowice"], delegate)

    with pytest.raises(ParticipantRefused):
        a_request(fair.world, fair.event, fair.asker, waiting)


@on_sqlite
def test_an_answer_to_what_was_changed_since_is_stale(fair: Fair) -> None:
    row = a_request(fair.world, fair.event, fair.asker, fair.guest)

    with pytest.raises(Stale), at(BEFORE):
        answer_request(
            fair.world.session,
            fair.event,
            row,
            party(fair.world, row, fair.guest),
            accepted=True,
            expected_version=9,
        )


def test_two_who_accept_at_once_do_not_get_one_table(installation: Path) -> None:
    """One table and one slot: the second finds the first there, and waits instead of sharing."""
    with begin() as session:
        world = a_world(session)
        fair = a_fair(world, sessions=[a_session(8, tables=1)])
        other = a_participant(world, fair.event, "gliwice", label="buyer", unavailable=(1, 2))
        fair.asker.unavailable = [1, 2]
        rows = [
            a_request(world, fair.event, fair.asker, fair.guest),
            a_request(world, fair.event, other, fair.third),
        ]
        keys = [(row.id, party(world, row, who).id) for row, who in zip(rows, (fair.guest, fair.third), strict=True)]
        event_id = fair.event.id

    def accept_in(session: Session, keys: tuple[str, str]) -> MeetingState:
        event = brokerage_by_id(session, event_id)
        row = meeting_by_id(session, keys[0])
        with at(BEFORE):
            answer_request(session, event, row, session.get_one(MeetingParty, keys[1]), accepted=True)
        return row.state

    def accept_second() -> MeetingState:
        with begin() as session:
            return accept_in(session, keys[1])

    second = overlap(lambda session: accept_in(session, keys[0]), accept_second)
    with begin() as session:
        first = meeting_by_id(session, keys[0][0])

    assert not isinstance(second, BankableError)
    assert (first.state, first.slot, second) == (MeetingState.SCHEDULED, 0, MeetingState.ACCEPTED)
