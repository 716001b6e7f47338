"""A round while it collects answers: what is outstanding, when all are in, and its closing."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from states.clock import now
from states.collaborations.tables import Collaboration
from states.deadlines.service import close_deadlines
from states.deadlines.states import CANCEL
from states.outbox.service import publish
from states.partners.tables import Region
from states.review.definition import Panel
from states.review.queries import evaluations_of, positions_of, seats_of
from states.review.seats import SEAT_DEADLINES
from states.review.states import CLOSE, transition_round
from states.review.tables import ReviewRound
from states.storage import bump_version


def wait_for_turn(session: Session, row: ReviewRound) -> None:
    """Read the round anew once whoever is writing in it has finished: two who answer at once are both right."""
    session.refresh(row, with_for_update=True)


def outstanding(session: Session, row: ReviewRound) -> list[str]:
    """Return the labels of the people whose evaluation or position is still awaited, and regions without anybody."""
    answered = {one.person_id for one in evaluations_of(session, row.id)}
    stated = {region.id for _, region in positions_of(session, row.id)}
    seats = seats_of(session, row.id)
    waiting = [
        person.label
        for seat, person in seats
        if person.id not in answered and (seat.region_id is None or seat.region_id not in stated)
    ]
    return waiting + nobody_for(session, row)


def nobody_for(session: Session, row: ReviewRound) -> list[str]:
    """Name each region of a panel of positions for which nobody has a seat."""
    seated = {seat.region_id for seat, _ in seats_of(session, row.id)}
    nobody = [key for key in row.asked_regions if key not in seated]
    names = session.exec(select(Region.name).where(col(Region.id).in_(nobody)).order_by(Region.name)).all()
    return [f"{name}: nobody is appointed" for name in names]


def tell_if_all_in(session: Session, row: ReviewRound) -> None:
    """Publish `review.answers_in` when nothing is outstanding any more."""
    if outstanding(session, row):
        return
    collaboration = session.get_one(Collaboration, row.collaboration_id)
    publish(
        session,
        "review.answers_in",
        partnership_id=collaboration.partnership_id,
        collaboration_id=collaboration.id,
        round_id=row.id,
    )


def close_round(session: Session, row: ReviewRound, *, panel: Panel, missing: Sequence[str] | None = None) -> bool:
    """End the collecting of answers, naming what is missing; the next phase begins. False if it was closed before."""
    closed = end_round(session, row, panel=panel, missing=missing)
    if closed:
        close_deadlines(session, *SEAT_DEADLINES, subject_id=row.id, move=CANCEL)
    return closed


def end_round(session: Session, row: ReviewRound, *, panel: Panel, missing: Sequence[str] | None = None) -> bool:
    """Close a round, as `close_round` does, for whoever sees to the deadlines of its seats."""
    if not CLOSE.leaves(row.phase):
        return False
    bump_version(session, row)
    row.missing = list(outstanding(session, row) if missing is None else missing)
    transition_round(row, CLOSE, panel=panel)
    row.closed_at = now()
    session.add(row)
    session.flush()
    return True
