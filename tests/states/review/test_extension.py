"""A round that is extended takes the deadlines of its seats along, each with the reason on record."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from states import clock
from states.crossings.review.reviewer_assignment import fill_seats
from states.crossings.review.rounds import open_requested_round
from states.deadlines.queries import changes_of
from states.deadlines.tables import ChangeKind, Deadline, DeadlineState
from states.errors import Invalid, Stale
from states.review.extension import extend_round
from states.review.seats import Place
from states.review.service import close_round
from states.review.states import RoundClosed
from states.review.tables import ReviewRound
from states.rights.access import Role
from tests.expect import places
from tests.factories import World, a_collaboration_at, a_world, clear, evaluate, open_iag, s3

NOON = datetime(2020, 3, 2, 12, tzinfo=UTC)
LAST_DAY, DECLARED_BY = date(2020, 3, 30), date(2020, 3, 9)
SQLITE = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def _opened(world: World) -> ReviewRound:
    with clock.at(NOON):
        row = a_collaboration_at(world, "iag_review")
        opened = open_iag(world, row)
        for name in ("iag_member 1", "iag_member 2"):
            clear(world, row, opened, name)
        evaluate(world, row, opened, "iag_member 1")
    return opened


def _open_deadlines(world: World, opened: ReviewRound) -> Sequence[Deadline]:
    query = select(Deadline).where(Deadline.subject_id == opened.id, Deadline.state == DeadlineState.OPEN)
    return world.session.exec(query.order_by(col(Deadline.kind), col(Deadline.due_on))).all()


def _extend(world: World, opened: ReviewRound, due_on: date, **options: object) -> None:
    actor = world.actor(Role.IAG_SECRETARY)
    with clock.at(NOON):
        extend_round(world.session, opened, **{"due_on": due_on, "reason": "Spring.", "actor": actor} | options)  # type: ignore[arg-type]


def test_seats_have_the_rounds_new_day_and_declarations_move_with_it(world: World) -> None:
    opened = _opened(world)
    before = [(one.kind, one.due_on) for one in _open_deadlines(world, opened)]

    _extend(world, opened, LAST_DAY + timedelta(days=7))

    after = _open_deadlines(world, opened)
    assert before == [("declaration", DECLARED_BY), ("evaluation", LAST_DAY), ("evaluation", LAST_DAY)]
    assert opened.due_on == LAST_DAY + timedelta(days=7)
    assert [(one.kind, one.due_on, one.date_revision) for one in after] == [
        ("declaration", DECLARED_BY + timedelta(days=7), 2),
        ("evaluation", opened.due_on, 2),
        ("evaluation", opened.due_on, 2),
    ]
    history = changes_of(world.session, [one.id for one in after])
    assert {(one.kind, one.reason, one.actor_role) for one in history} == {
        (ChangeKind.EXTENDED, "Spring.", Role.IAG_SECRETARY)
    }
    assert len(history) == 3


@SQLITE
def test_a_round_made_shorter_leaves_no_declaration_behind_it(world: World) -> None:
    opened = _opened(world)

    _extend(world, opened, date(2020, 3, 4))

    assert {one.due_on for one in _open_deadlines(world, opened)} == {date(2020, 3, 4), NOON.date()}


@SQLITE
def test_who_sits_down_late_has_the_rounds_last_day(world: World) -> None:
    with clock.at(NOON):
        row = a_collaboration_at(world, "iag_review")
        opened = open_iag(world, row, reviewers=("iag_member 1",))
    with clock.at(NOON + timedelta(days=25)):
        fill_seats(world.session, opened.id, places=[Place(world.people["iag_member 2"].id)])

    assert {one.due_on for one in _open_deadlines(world, opened)} == {LAST_DAY, DECLARED_BY}


@SQLITE
def test_what_keeps_a_round_as_it_is(world: World) -> None:
    opened = _opened(world)
    for options, place in (
        ({"due_on": NOON.date() - timedelta(days=1)}, "due_on"),
        ({"due_on": date(2200, 1, 1)}, "due_on"),
        ({"due_on": LAST_DAY}, "due_on"),
        ({"due_on": date(2020, 4, 1), "reason": " "}, "reason"),
    ):
        with pytest.raises(Invalid) as caught:
            _extend(world, opened, **options)
        assert places(caught.value) == [place]
    with pytest.raises(Stale):
        _extend(world, opened, date(2020, 4, 1), expected_version=opened.version + 1)
    close_round(world.session, opened, panel=s3().panels["iag"])
    with pytest.raises(RoundClosed):
        _extend(world, opened, date(2020, 4, 1))


@SQLITE
def test_positions_move_too(world: World) -> None:
    with clock.at(NOON):
        row = a_collaboration_at(world, "wgra_review")
        opened = open_requested_round(world.session, row.id, "wgra")

    _extend(world, opened, date(2020, 4, 20))

    answers = [one for one in _open_deadlines(world, opened) if one.kind == "position"]
    assert {one.due_on for one in answers} == {date(2020, 4, 20)}
