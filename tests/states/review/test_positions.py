"""Positions: each region speaks of its own money, through a member who is cleared; a conflict takes it back."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from states.crossings.review.rounds import open_requested_round
from states.errors import Refused
from states.lifecycle.available_moves import lifecycle_view
from states.lifecycle.move import move
from states.outbox.tables import OutboxMessage
from states.partners.people import grant_role, person_by_email
from states.review.conflicts.states import FirewallClosed
from states.review.positions import PositionInvalid, Stance, state_position
from states.review.queries import positions_of
from states.review.service import outstanding
from states.review.states import NotSeated
from states.review.tables import Position, PriorityMatch, Willingness
from states.rights.access import Role
from tests.expect import by_name, codes, places
from tests.factories import a_collaboration_at, a_world
from tests.states.review.room import DISQUALIFYING, Room

SILESIA, PACA = "upper-silesia", "paca"
YES = Stance(Willingness.YES, PriorityMatch.FULL)


def _room(session: Session, *, second_of_paca: bool = False) -> Room:
    world = a_world(session)
    if second_of_paca:
        person = person_by_email(session, email="second@medtech.example.org", label="second of paca")
        world.people["second"] = person
        grant_role(session, world.partnership, person, Role.WGRA_MEMBER, region=world.regions[PACA])
    row = a_collaboration_at(world, "wgra_review")
    return Room(world, row, open_requested_round(session, row.id, "wgra"))


def _state(room: Room, name: str, *, region: str = "", stance: Stance = YES) -> Position:
    return state_position(
        room.session,
        room.round,
        person_id=room.id_of(name),
        region=room.world.regions[region or name],
        stance=stance,
    )


def _stated(room: Room) -> list[str]:
    return [region.slug for _, region in positions_of(room.session, room.round.id)]


def _all_in(room: Room) -> int:
    told = room.session.exec(select(OutboxMessage).where(OutboxMessage.name == "review.answers_in")).all()
    return [event.payload["round_id"] for event in told].count(room.round.id)


def test_the_members_of_the_consortiums_regions_are_seated(session: Session) -> None:
    room = _room(session)
    assert sorted(outstanding(session, room.round)) == [PACA, SILESIA]
    assert sorted(room.round.asked_regions) == sorted(room.world.regions[name].id for name in (PACA, SILESIA))


def test_a_region_speaks_after_agreement_and_declaration_only(session: Session) -> None:
    room = _room(session)
    with pytest.raises(FirewallClosed) as caught:
        _state(room, PACA)
    assert codes(caught.value) == ["no_agreement", "not_declared"]
    room.clear(PACA)
    _state(room, PACA)
    assert _stated(room) == [PACA]


def test_nobody_speaks_for_another_region(session: Session) -> None:
    room = _room(session)
    room.clear(PACA)
    for name in (PACA, "iag_chair"):
        with pytest.raises(NotSeated) as caught:
            _state(room, name, region=SILESIA)
        assert codes(caught.value) == ["not_seated"]
    assert _stated(room) == []


def test_all_are_in_with_the_last_region_and_a_restatement_does_not_tell_again(session: Session) -> None:
    room = _room(session)
    room.clear(PACA, SILESIA)
    told = []
    for name in (PACA, SILESIA, PACA):
        _state(room, name)
        told.append(_all_in(room))
    assert told == [0, 1, 1]
    assert outstanding(session, room.round) == []


def test_a_restatement_replaces_the_position_while_the_round_is_open(session: Session) -> None:
    room = _room(session)
    room.clear(PACA)
    _state(room, PACA)
    _state(room, PACA, stance=Stance(Willingness.IF, PriorityMatch.PARTIAL, condition="A clinic joins."))
    kept = session.exec(select(Position)).one()
    assert (kept.willingness, kept.priority_match, kept.condition) == (
        Willingness.IF,
        PriorityMatch.PARTIAL,
        "A clinic joins.",
    )
    room.close()
    with pytest.raises(Refused) as caught:
        _state(room, PACA)
    assert codes(caught.value) == ["round_closed"]


def test_a_conflict_found_late_takes_the_position_back_and_a_colleague_states_it_anew(session: Session) -> None:
    room = _room(session, second_of_paca=True)
    room.clear(PACA, "second", SILESIA)
    _state(room, PACA)
    _state(room, SILESIA)
    assert (_stated(room), _all_in(room)) == ([PACA, SILESIA], 1)
    room.declare(PACA, DISQUALIFYING, "The applicant is my sister's.")
    assert (_stated(room), outstanding(session, room.round)) == ([SILESIA], ["second of paca"])
    _state(room, "second", region=PACA)
    assert (_stated(room), outstanding(session, room.round), _all_in(room)) == ([PACA, SILESIA], [], 2)


def test_a_region_without_anybody_left_is_named_and_holds_the_gate(session: Session) -> None:
    room = _room(session)
    room.clear(PACA, SILESIA)
    _state(room, PACA)
    _state(room, SILESIA)
    room.declare(PACA, DISQUALIFYING, "The applicant is my sister's.")
    assert outstanding(session, room.round) == ["paca: nobody is appointed"]
    room.close()
    offers = by_name(lifecycle_view(session, room.row, actor=room.world.actor(Role.WGRA_CHAIR)))
    refusals = {refusal.code: refusal.missing for refusal in offers["endorse"].refusals}
    assert refusals["positions_missing"] == (room.world.regions[PACA].id,)


@pytest.mark.parametrize(
    ("stance", "place"),
    [
        (Stance(Willingness.IF, PriorityMatch.FULL, condition=" "), "condition"),
        (Stance(Willingness.YES, PriorityMatch.FULL, maximum_rate=Decimal("100.01")), "maximum_rate"),
        (Stance(Willingness.YES, PriorityMatch.FULL, maximum_rate=Decimal("33.333")), "maximum_rate"),
        (Stance(Willingness.YES, PriorityMatch.FULL, maximum_rate=Decimal("NaN")), "maximum_rate"),
        (Stance(Willingness.YES, PriorityMatch.FULL, maximum_amount=Decimal("-0.01")), "maximum_amount"),
        (Stance(Willingness.YES, PriorityMatch.FULL, maximum_amount=Decimal("0.001")), "maximum_amount"),
        (
            Stance(Willingness.YES, PriorityMatch.FULL, window_opens=date(2020, 5, 2), window_closes=date(2020, 5, 1)),
            "window_closes",
        ),
    ],
)
def test_a_stance_that_does_not_fit(session: Session, stance: Stance, place: str) -> None:
    room = _room(session)
    room.clear(PACA)
    with pytest.raises(PositionInvalid) as caught:
        _state(room, PACA, stance=stance)
    assert places(caught.value) == [place]
    assert session.exec(select(Position)).all() == []


def test_an_open_round_is_abandoned_when_the_collaboration_moves_on(session: Session) -> None:
    room = _room(session)
    move(session, room.row.id, "revise", actor=room.world.actor(Role.WGRA_CHAIR), reason="The plan changed.")
    assert room.round.missing == ["the collaboration moved on to Investment protocol"]
    assert not room.close()
