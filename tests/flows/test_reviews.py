"""A round is opened with reviewers who were chosen, filled again when a seat is left, and closed when all are in."""

from typing import cast

import pytest
from sqlmodel import col, select

from flows.catalogue import flow_named
from states.computations.tables import Computation, ComputationState
from states.outbox.tables import ConsumedMessage, OutboxMessage
from states.partners.people import grant_role
from states.partners.tables import Partnership, Region
from states.review.queries import round_by_id, seats_of
from states.review.tables import RoundState, Seat
from states.rights.access import Role
from states.storage import begin
from tests.flows.conftest import (
    REVIEWERS,
    World,
    a_person,
    ask_for_iag,
    consumers,
    delivered,
    event_state,
    flow_run_in_prefect,
    hand_over_silently,
    move_on,
    relay_all,
)
from tests.flows.rounds import answer, ask_for_wgra, leave, only_round, seated, sitting

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]

EVERYBODY = [f"reviewer-{number}" for number in range(1, REVIEWERS + 1)]


@pytest.fixture
def round_id(world: World) -> str:
    """The id of an IAG round that the flow has opened; one reviewer of six is left over."""
    ask_for_iag(world)
    relay_all()
    return only_round(world).id


def spare(round_id: str) -> str:
    (name,) = set(EVERYBODY) - set(seated(round_id))
    return name


def events(name: str) -> list[OutboxMessage]:
    with begin(read_only=True) as session:
        return list(
            session.exec(select(OutboxMessage).where(OutboxMessage.name == name).order_by(col(OutboxMessage.sequence)))
        )


def state_of(round_id: str) -> RoundState:
    with begin(read_only=True) as session:
        return round_by_id(session, round_id).state


def test_a_round_opens_with_as_many_reviewers_as_the_playbook_wants_and_why(round_id: str) -> None:
    assert len(sitting(round_id)) == 5
    with begin(read_only=True) as session:
        whys = {tuple(seat.why) for seat, _ in seats_of(session, round_id)}
    assert whys == {
        (f"Knows 1 of 2 fields asked for: {field}.", f"Brings the required expertise: {field}.")
        for field in ("finance", "market")
    }
    assert (len(events("review.invited")), events("review.short_of_reviewers")) == (5, [])


def test_the_ledger_keeps_how_the_seats_were_chosen(round_id: str) -> None:
    with begin(read_only=True) as session:
        (kept,) = session.exec(select(Computation).where(Computation.subject_id == round_id))
        seats = {person.id for _, person in seats_of(session, round_id)}

    chosen = cast(list[dict[str, object]], kept.answer["seats"])
    assert (kept.kind, kept.state, kept.asked_by) == ("seating", ComputationState.DONE, None)
    assert kept.task == {"wanted": 5, "kept": [], "candidates": REVIEWERS}
    assert ({one["person_id"] for one in chosen}, {one["basis"] for one in chosen}) == (seats, {"chosen"})
    assert (kept.answer["proven"], kept.answer["shortfalls"]) == (True, [])


@pytest.mark.long
def test_a_request_that_comes_after_the_stage_was_left_opens_nothing_and_says_why(world: World) -> None:
    first = ask_for_iag(world)
    with begin() as session:
        move_on(session, world, "revise", by=Role.IAG_CHAIR)
    with begin() as session:
        move_on(session, world, "submit_to_iag")

    late = delivered(flow_named("open_review_round"), first)
    relay_all()

    note = "no longer wanted: the collaboration has moved on"
    assert late == {"round": "", "because": note}
    with begin(read_only=True) as session:
        consumed = session.exec(select(ConsumedMessage).where(ConsumedMessage.consumer == "open_review_round")).all()
    assert {row.message_id: row.note for row in consumed} == {
        event.id: note if event.id == first else "" for event in events("review.requested")
    }
    assert len(events("review.invited")) == 5
    assert only_round(world).number == 1


def test_who_leaves_is_replaced_and_a_second_delivery_changes_nothing(round_id: str) -> None:
    newcomer, gone = spare(round_id), sitting(round_id)[0]
    leave(round_id, gone)
    (left,) = events("review.seat_left")

    first = delivered(flow_named("replace_reviewer"), left.id)
    after = seated(round_id)
    again = delivered(flow_named("replace_reviewer"), left.id)

    assert (first, again) == ({"open": []}, {"open": []})
    assert after == {name: "withdrawn" if name == gone else "active" for name in EVERYBODY}
    assert seated(round_id) == after
    invited = [event.payload["seat_id"] for event in events("review.invited")]
    with begin(read_only=True) as session:
        seats = {seat.id: person.email for seat, person in seats_of(session, round_id, every=True)}
    assert sorted(invited) == sorted(seats)
    assert seats[invited[-1]] == f"{newcomer}@example.org"


def test_with_nobody_free_the_round_stays_and_says_what_is_open(round_id: str) -> None:
    first, second = sitting(round_id)[:2]
    leave(round_id, first)
    relay_all()
    leave(round_id, second)
    left = events("review.seat_left")[-1]

    told_open = delivered(flow_named("replace_reviewer"), left.id)

    message = (
        "4 of 5 reviewers found. Of 2 others who could do it, 2 are excluded and 0 are full. "
        "Invite 1 more without a conflict, or raise the bound of somebody who is full."
    )
    assert told_open == {"open": [message]}
    assert [event.payload for event in events("review.short_of_reviewers")] == [
        {"round_id": round_id, "message": message}
    ]
    assert (state_of(round_id), len(sitting(round_id))) == (RoundState.OPEN, 4)


@pytest.mark.long
def test_when_the_last_one_awaited_leaves_and_nobody_is_free_all_are_in(round_id: str) -> None:
    leave(round_id, sitting(round_id)[0])
    relay_all()
    *others, last = sitting(round_id)
    for name in others:
        answer(round_id, name)
    assert events("review.answers_in") == []

    leave(round_id, last)
    relay_all()

    with begin(read_only=True) as session:
        row = round_by_id(session, round_id)
    assert (len(events("review.answers_in")), row.state, row.missing) == (1, RoundState.CLOSED, [])


def test_answers_in_closes_the_round_once(round_id: str) -> None:
    for name in sitting(round_id):
        answer(round_id, name)
    (told,) = events("review.answers_in")
    with begin() as session:
        hand_over_silently(session, but=told.name)

    closed = delivered(flow_named("close_review_round"), told.id)
    again = delivered(flow_named("close_review_round"), told.id)

    assert (closed, again) == ({"closed": [round_id]}, {"closed": []})
    assert flow_run_in_prefect(consumers(told.id)["close_review_round"]).name == "close-review-round/test-bed/iag"


@pytest.mark.long
def test_below_the_quorum_answers_are_never_all_in(round_id: str) -> None:
    first, second, *others = sitting(round_id)
    for name in (first, second):
        answer(round_id, name)
    for name in [*others, spare(round_id)]:
        leave(round_id, name)
        relay_all()

    assert (sitting(round_id), events("review.answers_in"), state_of(round_id)) == (
        [first, second],
        [],
        RoundState.OPEN,
    )


@pytest.mark.long
def test_a_round_waits_for_whoever_was_seated_after_all_were_in(round_id: str) -> None:
    newcomer, (gone, *others) = spare(round_id), sitting(round_id)
    leave(round_id, gone)  # nobody has replaced anybody yet when the last of the others answers
    for name in others:
        answer(round_id, name)

    relay_all()
    waits = state_of(round_id)
    answer(round_id, newcomer)
    relay_all()

    assert (len(events("review.answers_in")), waits, state_of(round_id)) == (2, RoundState.OPEN, RoundState.CLOSED)


@pytest.mark.long
def test_a_region_s_member_who_leaves_is_replaced_by_who_speaks_for_it_now(world: World) -> None:
    ask_for_wgra(world)
    relay_all()
    round_id = only_round(world, panel="wgra").id
    assert sitting(round_id) == ["for-de11", "for-pl22"]

    leave(round_id, "for-de11")
    relay_all()
    (short,) = events("review.short_of_reviewers")
    with begin() as session:
        region = session.exec(select(Region).where(Region.slug == "de11")).one()
        partnership = session.get_one(Partnership, world.partnership_id)
        grant_role(session, partnership, a_person(session, "new-for-de11"), Role.WGRA_MEMBER, region=region)
    leave(round_id, "for-pl22")
    relay_all()

    assert short.payload["message"] == "DE11: nobody is appointed"
    assert sitting(round_id) == ["new-for-de11"]
    with begin(read_only=True) as session:
        seat = session.exec(select(Seat).where(Seat.person_id == a_person(session, "new-for-de11").id)).one()
    assert seat.region_id == region.id


def test_a_seat_left_in_a_closed_round_fills_nothing(world: World, round_id: str) -> None:
    leave(round_id, sitting(round_id)[0])
    (left,) = events("review.seat_left")
    with begin() as session:
        round_by_id(session, round_id).state = RoundState.CLOSED

    relay_all()

    assert (len(sitting(round_id)), len(events("review.invited"))) == (4, 5)
    assert event_state(left.id).done_at is not None
