"""A whole story: a withdrawal, a conflict found late, a revision, and a second round on a new version."""

import pytest
from sqlmodel import Session, select

from states.crossings.review.reviewer_assignment import fill_seats
from states.crossings.review.rounds import open_requested_round
from states.errors import Refused
from states.lifecycle.move import move
from states.outbox.tables import OutboxMessage
from states.partners.people import grant_role, person_by_email
from states.protocol.service import freeze_version, write_section
from states.review.queries import (
    consensus_of,
    decision_of,
    declarations_of,
    evaluations_of,
    minute_of,
    rounds_of,
    seats_of,
    submissions_of,
)
from states.review.seats import Place
from states.review.states import DecisionRefused
from states.review.tables import Outcome, RoundState, SeatState
from states.rights.access import Role
from tests.expect import codes
from tests.factories import REVIEWERS, a_collaboration_at, a_world, decide, open_iag, s3
from tests.states.review.room import DISQUALIFYING, FIRST, POTENTIAL, SECOND, THIRD, Room

FIVE = (*REVIEWERS, "iag_member 4", "iag_member 5")


def _room(session: Session) -> Room:
    """Return a round with three of five reviewers on its seats."""
    world = a_world(session)
    for name in FIVE[3:]:
        email = f"{name.replace(' ', '-')}@medtech.example.org"
        world.people[name] = person_by_email(session, email=email, label=name)
        grant_role(session, world.partnership, world.people[name], Role.IAG_MEMBER)
    row = a_collaboration_at(world, "iag_review")
    return Room(world, row, open_iag(world, row))


def _photograph(session: Session, round_id: str) -> list[object]:
    """Return everything of a round, as plain values."""
    single = [consensus_of(session, round_id), minute_of(session, round_id), decision_of(session, round_id)]
    many = [*seats_of(session, round_id, every=True)]
    rows = [seat for seat, _ in many] + submissions_of(session, round_id) + declarations_of(session, round_id)
    return [one.model_dump() for one in [*single, *rows] if one is not None]


def _revise(room: Room) -> None:
    """Send the collaboration back, change its protocol, and submit the new version."""
    session, manager = room.session, room.world.manager
    move(session, room.row.id, "revise", actor=room.world.actor(Role.IAG_CHAIR), reason="The market is unproven.")
    write_section(session, room.row, "identity", _identity(), sections=s3().protocol)
    freeze_version(session, room.row)
    move(session, room.row.id, "submit_to_iag", actor=manager)


def _identity() -> dict[str, object]:
    return {"acronym": "CB2", "abstract": "With a second site.", "contact": "project manager"}


def test_from_a_withdrawal_to_the_endorsement_of_a_second_version(session: Session) -> None:
    room = _room(session)
    fourth, fifth = FIVE[3:]

    # One withdraws, another is found in conflict after evaluating; both are replaced.
    room.clear(FIRST, SECOND, THIRD)
    room.withdraw(FIRST)
    fill_seats(session, room.round.id, places=[Place(room.id_of(fourth))])
    room.evaluate(SECOND)
    room.evaluate(THIRD, "3", market="2")
    room.declare(SECOND, DISQUALIFYING, "They bought my company.")
    fill_seats(session, room.round.id, places=[Place(room.id_of(fifth))])
    room.agree(fourth)
    room.declare(fourth, POTENTIAL, "A contract two years ago.")
    room.rule(fourth, cleared=True)
    room.clear(fifth)
    room.evaluate(fourth, "4", market="4.5")
    assert room.counted() == [THIRD, fourth]
    room.evaluate(fifth, "3.5", market="2.5")
    assert room.counted() == [THIRD, fourth, fifth]
    told = session.exec(select(OutboxMessage).where(OutboxMessage.name == "review.answers_in")).all()
    assert [event.payload["round_id"] for event in told] == [room.round.id]

    # Consensus after a discussion, with a minority view; the decision is to revise.
    room.close()
    assert room.round.missing == []
    room.discuss("market")
    room.consent(score="3", minority_views=("One reviewer holds the market for proven.",))
    room.minute()
    decide(room.world, room.row, room.round, outcome=Outcome.REVISE)
    first, then = room.round, _photograph(session, room.round.id)
    states = {person.label: seat.state for seat, person in seats_of(session, first.id, every=True)}
    assert states == {
        FIRST: SeatState.WITHDRAWN,
        SECOND: SeatState.DISQUALIFIED,
        THIRD: SeatState.ACTIVE,
        fourth: SeatState.ACTIVE,
        fifth: SeatState.ACTIVE,
    }

    # A new version is a new round; the old one stays as it was.
    _revise(room)
    room.round = open_iag(room.world, room.row, reviewers=(THIRD, fourth, fifth))
    assert (room.round.number, room.round.state, first.state) == (2, RoundState.OPEN, RoundState.CLOSED)
    assert room.closed_by(THIRD) == ["not_declared"]  # a declaration is for one version; the agreement for the year
    for name in (THIRD, fourth, fifth):
        room.declare(name)
        room.evaluate(name)
    room.close()
    room.consent()
    room.minute()
    decide(room.world, room.row, room.round)
    move(session, room.row.id, "pass_to_wgra", actor=room.world.actor(Role.IAG_CHAIR))
    assert room.row.stage == "wgra_review"
    assert _photograph(session, first.id) == then
    assert len(evaluations_of(session, first.id)) == 3


def test_the_approval_of_an_old_version_opens_nothing_for_the_new_one(session: Session) -> None:
    room = _room(session)
    room.to_decision(FIRST, SECOND, THIRD)
    decide(room.world, room.row, room.round)
    _revise(room)
    with pytest.raises(Refused) as caught:
        move(session, room.row.id, "pass_to_wgra", actor=room.world.actor(Role.IAG_CHAIR))
    assert codes(caught.value) == ["review_outdated"]
    open_requested_round(session, room.row.id, "iag", places=[Place(room.id_of(FIRST))])
    with pytest.raises(Refused) as caught:
        move(session, room.row.id, "pass_to_wgra", actor=room.world.actor(Role.IAG_CHAIR))
    assert codes(caught.value) == ["round_not_closed", "not_decided"]


def test_a_round_on_an_older_version_is_closed_when_the_next_opens(session: Session) -> None:
    room = _room(session)
    room.clear(FIRST)
    room.evaluate(FIRST)
    write_section(session, room.row, "identity", _identity(), sections=s3().protocol)
    freeze_version(session, room.row)
    second = open_iag(room.world, room.row)
    rounds = [(one.number, one.state, one.missing) for one in rounds_of(session, [room.row.id])]
    assert rounds == [
        (1, RoundState.CLOSED, ["a newer version of the protocol took its place"]),
        (2, RoundState.OPEN, []),
    ]
    assert (room.counted(), evaluations_of(session, second.id)) == ([FIRST], [])
    assert open_iag(room.world, room.row).id == second.id  # asked twice, opened once


def test_below_quorum_a_new_round_on_the_same_version_is_the_way_on(session: Session) -> None:
    room = _room(session)
    room.to_decision(FIRST, SECOND, THIRD)
    room.prepare()
    room.confirm()
    room.declare(FIRST, DISQUALIFYING, "They bought my company.")
    with pytest.raises(DecisionRefused):
        room.release()
    room.round = open_iag(room.world, room.row, reviewers=(SECOND, THIRD, FIVE[3]))
    room.agree(FIVE[3])
    for name in (SECOND, THIRD, FIVE[3]):
        room.declare(name)
        room.evaluate(name)
    room.close()
    room.consent()
    room.minute()
    decide(room.world, room.row, room.round)  # the same chair confirms: the round before has come to nothing
    assert [one.number for one in rounds_of(session, [room.row.id])] == [1, 2]
    assert decision_of(session, room.round.id) is not None
