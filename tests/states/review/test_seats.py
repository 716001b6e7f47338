"""Seats: taken once, given back with a reason, replaced, changed by hand on record."""

import pytest
from sqlmodel import Session, select

from states.crossings.review.reviewer_assignment import fill_seats
from states.deadlines.queries import open_deadlines
from states.deadlines.tables import Deadline, DeadlineState
from states.errors import Invalid, Refused
from states.outbox.tables import OutboxMessage
from states.review.conflicts.states import DossierClosed
from states.review.queries import loads, seat_changes_of, seat_of, seats_of
from states.review.seats import Place, change_by_hand
from states.review.states import AlreadyDone, SeatRefused
from states.review.tables import SeatChange, SeatState
from tests.expect import codes, places
from tests.states.review.room import DISQUALIFYING, FIRST, SECOND, THIRD, Room, a_room


def _told(room: Room, name: str) -> list[object]:
    events = room.session.exec(select(OutboxMessage).where(OutboxMessage.name == name)).all()
    return [event.payload["seat_id"] for event in events]


def _seated(room: Room, *, every: bool = False) -> list[str]:
    return [person.label for _, person in seats_of(room.session, room.round.id, every=every)]


def _of(room: Room, name: str) -> dict[str, DeadlineState]:
    rows = room.session.exec(select(Deadline).where(Deadline.owner_person_id == room.id_of(name))).all()
    return {row.kind: row.state for row in rows}


def test_a_seat_comes_with_an_invitation_and_two_deadlines(session: Session) -> None:
    room = a_room(session)
    seats = [seat.id for seat, _ in seats_of(session, room.round.id)]
    assert _seated(room) == [FIRST, SECOND, THIRD]
    assert sorted(str(one) for one in _told(room, "review.invited")) == sorted(seats)
    assert _of(room, FIRST) == {"declaration": DeadlineState.OPEN, "evaluation": DeadlineState.OPEN}
    assert [seat.why for seat, _ in seats_of(session, room.round.id)] == [["for a test"]] * 3


def test_a_withdrawal_frees_the_seat_and_asks_for_a_replacement(session: Session) -> None:
    room = a_room(session)
    room.clear(FIRST)
    room.evaluate(FIRST)
    seat = room.withdraw(FIRST, reason=" Ill. ")
    assert (seat.state, seat.left_because) == (SeatState.WITHDRAWN, "Ill.")
    assert _told(room, "review.seat_left") == [seat.id]
    assert (_seated(room), _seated(room, every=True)) == ([SECOND, THIRD], [FIRST, SECOND, THIRD])
    assert (room.counted(), room.closed_by(FIRST), room.readable(FIRST)) == ([], ["withdrawn"], [])


def test_a_withdrawal_cancels_the_deadlines_that_are_open(session: Session) -> None:
    room = a_room(session)
    room.withdraw(FIRST)
    assert _of(room, FIRST) == {"declaration": DeadlineState.CANCELLED, "evaluation": DeadlineState.CANCELLED}
    assert _of(room, SECOND) == {"declaration": DeadlineState.OPEN, "evaluation": DeadlineState.OPEN}


@pytest.mark.parametrize("reason", ["", " \n"])
def test_a_withdrawal_needs_a_reason(session: Session, reason: str) -> None:
    room = a_room(session)
    with pytest.raises(Invalid) as caught:
        room.withdraw(FIRST, reason=reason)
    assert places(caught.value) == ["reason"]
    assert _seated(room) == [FIRST, SECOND, THIRD]


def test_nobody_withdraws_twice_from_nowhere_or_after_the_closing(session: Session) -> None:
    room = a_room(session, reviewers=(FIRST, SECOND))
    room.withdraw(FIRST)
    reasons = []
    for name in (FIRST, THIRD):
        with pytest.raises(SeatRefused) as caught:
            room.withdraw(name)
        reasons += codes(caught.value)
    room.close()
    with pytest.raises(SeatRefused) as late:
        room.withdraw(SECOND)
    assert reasons + codes(late.value) == ["not_seated", "not_seated", "round_closed"]
    assert _seated(room) == [SECOND]


def test_who_withdrew_does_nothing_more(session: Session) -> None:
    room = a_room(session)
    room.clear(FIRST)
    room.withdraw(FIRST)
    for act in (lambda: room.evaluate(FIRST), lambda: room.draft(FIRST, {"market": "4"}), lambda: room.declare(FIRST)):
        with pytest.raises(DossierClosed):
            act()


def test_a_replacement_takes_its_own_seat_and_the_other_stays_on_record(session: Session) -> None:
    room = a_room(session, reviewers=(FIRST, SECOND))
    room.withdraw(FIRST)
    fill_seats(session, room.round.id, places=[Place(room.id_of(THIRD), why=("the least loaded",))])
    seat = seat_of(session, room.round.id, room.id_of(THIRD))
    assert _seated(room, every=True) == [FIRST, SECOND, THIRD]
    assert seat is not None
    assert seat.why == ["the least loaded"]
    assert room.closed_by(THIRD) == ["no_agreement", "not_declared"]


def test_filling_twice_invites_nobody_twice(session: Session) -> None:
    room = a_room(session)
    before = len(_told(room, "review.invited"))
    for _ in range(2):
        fill_seats(session, room.round.id, places=[Place(room.id_of(FIRST)), Place(room.id_of("iag_chair"))])
    assert len(_told(room, "review.invited")) == before + 1


def test_who_was_found_in_conflict_is_not_seated_again(session: Session) -> None:
    room = a_room(session)
    room.declare(FIRST, DISQUALIFYING, "My sister leads the applicant.")
    fill_seats(session, room.round.id, places=[Place(room.id_of(FIRST))])
    assert _seated(room) == [SECOND, THIRD]
    assert room.closed_by(FIRST) == ["disqualified"]


def test_a_closed_round_takes_no_replacement(session: Session) -> None:
    room = a_room(session, reviewers=(FIRST, SECOND))
    room.close()
    fill_seats(session, room.round.id, places=[Place(room.id_of(THIRD))])
    assert _seated(room) == [FIRST, SECOND]


def test_a_replacement_who_evaluates_counts(session: Session) -> None:
    room = a_room(session, reviewers=(FIRST, SECOND))
    room.clear(FIRST, SECOND)
    room.evaluate(FIRST)
    room.evaluate(SECOND)
    room.withdraw(FIRST)
    fill_seats(session, room.round.id, places=[Place(room.id_of(THIRD))])
    room.clear(THIRD)
    room.evaluate(THIRD)
    assert room.counted() == [SECOND, THIRD]
    with pytest.raises(AlreadyDone):
        room.evaluate(THIRD)


def test_a_change_by_hand_stays_on_record_with_its_reason(session: Session) -> None:
    room = a_room(session)
    for seated, reason in ((True, " She knows the market. "), (False, "He is abroad.")):
        change_by_hand(
            session,
            room.round,
            person_id=room.id_of(FIRST),
            seated=seated,
            reason=reason,
            changed_by=room.id_of("iag_secretary"),
        )
    changes = [(one.seated, one.reason, one.changed_by) for one in seat_changes_of(session, room.round.id)]
    secretary = room.id_of("iag_secretary")
    assert changes == [(True, "She knows the market.", secretary), (False, "He is abroad.", secretary)]


def test_a_change_by_hand_needs_a_reason(session: Session) -> None:
    room = a_room(session)
    with pytest.raises(Invalid) as caught:
        change_by_hand(
            session,
            room.round,
            person_id=room.id_of(FIRST),
            seated=False,
            reason=" ",
            changed_by=room.id_of("iag_secretary"),
        )
    assert places(caught.value) == ["reason"]
    assert session.exec(select(SeatChange)).all() == []


def test_the_load_counts_active_seats_in_open_rounds(session: Session) -> None:
    room = a_room(session)
    people = [room.id_of(name) for name in (FIRST, SECOND, "iag_chair")]
    assert list(loads(session, people).values()) == [1, 1, 0]
    room.withdraw(FIRST)
    assert list(loads(session, people).values()) == [0, 1, 0]
    room.close()
    assert list(loads(session, people).values()) == [0, 0, 0]


def test_closing_ends_the_deadlines_of_those_who_are_late(session: Session) -> None:
    room = a_room(session)
    room.clear(FIRST)
    room.evaluate(FIRST)
    assert room.close()
    assert not room.close()
    assert room.round.missing == [SECOND, THIRD]
    assert [one for one in open_deadlines(session) if one.subject_id == room.round.id] == []
    assert _of(room, FIRST)["evaluation"] is DeadlineState.DONE
    room.agree(SECOND)
    room.declare(SECOND)  # a conflict may still come to light
    with pytest.raises(Refused) as caught:
        room.evaluate(SECOND)
    assert codes(caught.value) == ["round_closed"]
