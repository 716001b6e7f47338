"""A request for a round holds while its move is the newest, and no move slips in between the look and the round."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from sqlmodel import Session, col, select

from states.crossings.review.rounds import still_requested
from states.lifecycle.move import move
from states.outbox.tables import OutboxMessage
from states.rights.access import Role
from states.storage import begin
from tests.factories import World, a_collaboration_at, a_world


def requests(session: Session) -> list[OutboxMessage]:
    query = select(OutboxMessage).where(OutboxMessage.name == "review.requested").order_by(col(OutboxMessage.sequence))
    return list(session.exec(query))


def revise(world: World, collaboration_id: str, session: Session) -> None:
    move(session, collaboration_id, "revise", actor=world.actor(Role.IAG_CHAIR), reason="Sums are open.")


def test_a_request_holds_in_its_stage_and_not_after_it(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "iag_review")
    (request,) = requests(session)

    before = still_requested(session, request)
    revise(world, row.id, session)

    assert (before, still_requested(session, request)) == (True, False)


def test_of_two_requests_of_one_stage_the_newer_holds(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "iag_review")
    revise(world, row.id, session)
    move(session, row.id, "submit_to_iag", actor=world.manager)

    assert [still_requested(session, one) for one in requests(session)] == [False, True]


def test_a_request_that_no_move_made_holds_never(session: Session) -> None:
    row = a_collaboration_at(a_world(session), "iag_review")
    (request,) = requests(session)
    request.cause_id = None

    assert not still_requested(session, request)
    assert row.stage == "iag_review"


def test_a_move_under_way_is_waited_for(installation: Path) -> None:
    with begin() as session:
        world = a_world(session)
        row = a_collaboration_at(world, "iag_review")
    moved, looked = Event(), Event()

    def make_the_move() -> None:
        with begin() as session:
            revise(world, row.id, session)
            moved.set()
            looked.wait(0.5)  # the look cannot end before this transaction has

    def look() -> bool:
        assert moved.wait(10)
        with begin() as session:
            holds = still_requested(session, requests(session)[0])
            looked.set()
            return holds

    with ThreadPoolExecutor(2) as threads:
        moving, looking = threads.submit(make_the_move), threads.submit(look)

    assert (moving.result(), looking.result()) == (None, False)
