"""Agreement by the year, declarations, rulings, conflicts of interest found late, and what is proposed beforehand."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session, select

from states.clock import at
from states.deadlines.queries import open_deadlines
from states.outbox.tables import OutboxMessage
from states.review.conflicts.service import DeclarationInvalid, agree, agreed, declare_relation, proposed_conflicts
from states.review.conflicts.states import DossierClosed
from states.review.conflicts.tables import ConflictKind, Declaration, Relation, ReviewerAgreement, Ruling, Tie
from states.review.queries import declarations_of, seat_of
from states.review.states import DecisionRefused, NotSeated
from states.review.tables import Evaluation, SeatState
from tests.expect import codes, places
from tests.states.review.room import (
    DISQUALIFYING,
    FIRST,
    IAG,
    NONE,
    POTENTIAL,
    SECOND,
    THIRD,
    Room,
    a_room,
)

NEXT_YEAR = datetime(2100, 1, 1, tzinfo=UTC)


def test_before_anything_the_dossier_is_closed_and_everything_missing_is_said(session: Session) -> None:
    room = a_room(session)
    assert room.closed_by(FIRST) == ["no_agreement", "not_declared"]
    assert not room.clearance(FIRST).open


def test_agreement_and_declaration_open_it_in_either_order(session: Session) -> None:
    room = a_room(session)
    room.agree(FIRST)
    assert room.closed_by(FIRST) == ["not_declared"]
    room.declare(FIRST)
    assert room.clearance(FIRST).open
    room.declare(SECOND)
    assert room.closed_by(SECOND) == ["no_agreement"]
    room.agree(SECOND)
    assert room.clearance(SECOND).open


def test_agreeing_twice_is_agreeing_once(session: Session) -> None:
    room = a_room(session)
    room.agree(FIRST, FIRST)
    assert len(session.exec(select(ReviewerAgreement)).all()) == 1


def test_a_new_year_asks_again_and_closes_until_then(session: Session) -> None:
    room = a_room(session)
    room.clear(FIRST)
    of = {"partnership_id": room.world.partnership.id, "person_id": room.id_of(FIRST)}
    with at(NEXT_YEAR):
        before = (agreed(session, **of), room.closed_by(FIRST), room.clearance(FIRST).refusals[0].message)
        agree(session, **of)
        after = room.clearance(FIRST).open
    assert before == (False, ["no_agreement"], "Agree to the rules of the review for 2100 first.")
    assert after
    assert room.clearance(FIRST).open  # this year's agreement stands as it was


def test_without_a_seat_nothing_opens(session: Session) -> None:
    room = a_room(session, reviewers=(FIRST, SECOND))
    room.agree(THIRD)
    with pytest.raises(DossierClosed) as caught:
        room.declare(THIRD)
    assert codes(caught.value) == ["not_seated"]
    assert room.closed_by(THIRD) == ["not_seated"]


@pytest.mark.parametrize("kind", [POTENTIAL, DISQUALIFYING])
@pytest.mark.parametrize("reason", ["", "  "])
def test_a_conflict_needs_a_reason(session: Session, kind: ConflictKind, reason: str) -> None:
    room = a_room(session)
    with pytest.raises(DeclarationInvalid) as caught:
        room.declare(FIRST, kind, reason)
    assert places(caught.value) == ["reason"]
    assert declarations_of(session, room.round.id) == []


def test_a_disqualifying_conflict_ends_the_seat_at_once_and_asks_for_a_replacement(session: Session) -> None:
    room = a_room(session)
    room.agree(FIRST)
    declaration = room.declare(FIRST, DISQUALIFYING, "My sister leads the applicant.")
    seat = seat_of(session, room.round.id, room.id_of(FIRST))
    told = session.exec(select(OutboxMessage).where(OutboxMessage.name == "review.seat_left")).all()
    assert seat is not None
    assert (seat.state, seat.left_because) == (SeatState.DISQUALIFIED, "My sister leads the applicant.")
    assert declaration.ruling is Ruling.EXCLUDED
    assert [event.payload["seat_id"] for event in told] == [seat.id]
    assert room.closed_by(FIRST) == ["disqualified"]
    assert [one for one in open_deadlines(session) if one.owner_person_id == room.id_of(FIRST)] == []


def test_an_event_about_a_declaration_tells_ids_only(session: Session) -> None:
    room = a_room(session)
    declaration = room.declare(FIRST, POTENTIAL, "My sister works there.")
    event = session.exec(select(OutboxMessage).where(OutboxMessage.name == "review.declared")).one()
    assert event.payload == {"round_id": room.round.id, "declaration_id": declaration.id}


def test_a_potential_conflict_waits_for_a_ruling(session: Session) -> None:
    room = a_room(session)
    room.agree(FIRST)
    room.declare(FIRST, POTENTIAL, "A contract two years ago.")
    assert room.closed_by(FIRST) == ["ruling_pending"]
    ruled = room.rule(FIRST, cleared=True)
    assert room.clearance(FIRST).open
    assert (ruled.ruling, ruled.ruled_by, ruled.ruling_reason) == (
        Ruling.CLEARED,
        room.id_of("iag_chair"),
        "Long ago.",
    )


def test_an_exclusion_ends_the_seat(session: Session) -> None:
    room = a_room(session)
    room.agree(FIRST)
    room.declare(FIRST, POTENTIAL, "A contract two years ago.")
    room.rule(FIRST, cleared=False, reason="Too close.")
    seat = seat_of(session, room.round.id, room.id_of(FIRST))
    assert seat is not None
    assert (seat.state, seat.left_because) == (SeatState.DISQUALIFIED, "Too close.")
    assert room.closed_by(FIRST) == ["disqualified"]


def test_nobody_takes_a_potential_conflict_back_before_the_ruling(session: Session) -> None:
    room = a_room(session)
    room.agree(FIRST)
    room.declare(FIRST, POTENTIAL, "A contract two years ago.")
    with pytest.raises(DossierClosed) as caught:
        room.declare(FIRST, NONE)
    assert codes(caught.value) == ["ruling_pending"]
    assert room.closed_by(FIRST) == ["ruling_pending"]


def test_a_conflict_declared_anew_after_being_cleared_needs_a_new_ruling(session: Session) -> None:
    room = a_room(session)
    room.agree(FIRST)
    room.declare(FIRST, POTENTIAL, "A contract two years ago.")
    room.rule(FIRST, cleared=True)
    room.declare(FIRST, POTENTIAL, "And shares, as I find.")
    assert room.closed_by(FIRST) == ["ruling_pending"]
    assert [one.number for one in declarations_of(session, room.round.id)] == [1, 2]


def test_nobody_rules_on_a_conflict_of_their_own(session: Session) -> None:
    room = a_room(session)
    room.declare(FIRST, POTENTIAL, "A contract two years ago.")
    with pytest.raises(DossierClosed) as caught:
        room.rule(FIRST, cleared=True, by=FIRST)
    assert codes(caught.value) == ["own_conflict"]


@pytest.mark.parametrize("kind", [None, NONE, DISQUALIFYING])
def test_a_clear_case_needs_no_ruling(session: Session, kind: ConflictKind | None) -> None:
    room = a_room(session)
    if kind is not None:
        room.declare(FIRST, kind, "So it is.")
    with pytest.raises(DossierClosed) as caught:
        room.rule(FIRST, cleared=True)
    assert codes(caught.value) == ["nothing_to_rule"]


def test_a_ruling_is_made_once_and_with_a_reason(session: Session) -> None:
    room = a_room(session)
    room.declare(FIRST, POTENTIAL, "A contract two years ago.")
    with pytest.raises(DeclarationInvalid) as caught:
        room.rule(FIRST, cleared=True, reason=" ")
    assert places(caught.value) == ["reason"]
    room.rule(FIRST, cleared=True)
    with pytest.raises(DossierClosed) as refused:
        room.rule(FIRST, cleared=False)
    assert codes(refused.value) == ["nothing_to_rule"]


def test_a_conflict_found_late_takes_the_evaluation_out_and_the_reader_too(session: Session) -> None:
    room = a_room(session)
    room.clear(FIRST, SECOND)
    room.evaluate(FIRST)
    room.evaluate(SECOND)
    assert (room.counted(), room.readable(FIRST)) == ([FIRST, SECOND], [FIRST, SECOND])
    room.declare(FIRST, DISQUALIFYING, "They bought my company.")
    assert (room.counted(), room.readable(FIRST), room.readable(SECOND)) == ([SECOND], [], [SECOND])
    assert len(session.exec(select(Evaluation)).all()) == 2  # kept, and counted no more


def test_a_conflict_found_after_closing_leaves_too_few_for_a_decision(session: Session) -> None:
    room = a_room(session)
    room.to_decision()
    room.declare(THIRD, DISQUALIFYING, "They bought my company.")
    with pytest.raises(DecisionRefused) as caught:
        room.prepare()
    assert codes(caught.value) == ["below_quorum"]
    assert room.decision is None


def test_a_late_potential_conflict_closes_the_dossier_until_the_ruling(session: Session) -> None:
    room = a_room(session)
    room.clear(FIRST)
    room.evaluate(FIRST)
    room.declare(FIRST, POTENTIAL, "They ask me for advice.")
    assert (room.readable(FIRST), room.closed_by(FIRST)) == ([], ["ruling_pending"])
    with pytest.raises(DossierClosed):
        room.correct(FIRST)
    room.rule(FIRST, cleared=True)
    assert room.readable(FIRST) == [FIRST]


def test_who_left_the_seat_declares_nothing_more(session: Session) -> None:
    room = a_room(session)
    room.declare(FIRST, DISQUALIFYING, "My sister leads the applicant.")
    with pytest.raises(DossierClosed) as caught:
        room.declare(FIRST, NONE)
    assert codes(caught.value) == ["not_seated"]
    assert [one.kind for one in session.exec(select(Declaration))] == [DISQUALIFYING]


def test_evaluating_before_declaring_says_what_is_missing(session: Session) -> None:
    room = a_room(session)
    with pytest.raises(DossierClosed) as caught:
        room.evaluate(FIRST)
    assert codes(caught.value) == ["no_agreement", "not_declared"]
    assert session.exec(select(Evaluation)).all() == []


def test_a_stranger_evaluates_nothing(session: Session) -> None:
    room = a_room(session, reviewers=(FIRST, SECOND))
    with pytest.raises(NotSeated) as caught:
        room.evaluate(THIRD)
    assert codes(caught.value) == ["not_seated"]


def _propose(room: Room) -> dict[str, list[str]]:
    found = proposed_conflicts(room.session, room.row, panel=IAG)
    names = {person.id: name for name, person in room.world.people.items()}
    return {names[key]: [conflict.message for conflict in conflicts] for key, conflicts in found.items()}


def test_conflicts_are_proposed_from_organisation_address_and_ties(session: Session) -> None:
    room = a_room(session)
    assert _propose(room) == {FIRST: [], SECOND: [], THIRD: []}
    gliwice, marseille = room.world.organisations["gliwice"], room.world.organisations["marseille"]
    gliwice.domains = ["medtech.example.org"]
    session.add(gliwice)
    tie = Relation(
        person_id=room.id_of(FIRST),
        organisation_id=marseille.id,
        tie=Tie.CONTRACT,
        since=date(2000, 1, 1),
        declared_at=datetime(2020, 1, 1, tzinfo=UTC),
    )
    declare_relation(session, tie)
    address = "has an e-mail address of gliwice, a partner"
    assert _propose(room) == {
        FIRST: [address, "contract with marseille, a partner"],
        SECOND: [address],
        THIRD: [address],
    }


def test_a_tie_that_ends_before_it_begins_is_refused(session: Session) -> None:
    room = a_room(session)
    tie = Relation(
        person_id=room.id_of(FIRST),
        organisation_id=room.world.organisations["gliwice"].id,
        tie=Tie.CONTRACT,
        since=date(2020, 1, 1),
        until=date(2019, 12, 31),
        declared_at=datetime(2020, 1, 1, tzinfo=UTC),
    )
    with pytest.raises(DeclarationInvalid) as caught:
        declare_relation(session, tie)
    assert places(caught.value) == ["until"]
