"""Reads of review rounds, evaluations, positions and decisions."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from states.errors import Missing
from states.partners.tables import Person, Region
from states.review.tables import Decision, Evaluation, Position, ReviewRound, RoundState, Seat


def round_by_id(session: Session, key: str) -> ReviewRound:
    """Return the round, or raise `Missing`."""
    found = session.get(ReviewRound, key)
    if found is None:
        raise Missing("review round", key)
    return found


def rounds_of(session: Session, collaboration_ids: Sequence[str]) -> list[ReviewRound]:
    """Return the rounds of these collaborations, oldest first."""
    query = select(ReviewRound).where(col(ReviewRound.collaboration_id).in_(collaboration_ids))
    return list(session.exec(query.order_by(col(ReviewRound.opened_at), col(ReviewRound.number))))


def open_rounds(session: Session) -> list[ReviewRound]:
    """Return every round that is still open, the most urgent first."""
    query = select(ReviewRound).where(ReviewRound.state == RoundState.OPEN)
    return list(session.exec(query.order_by(col(ReviewRound.due_on))))


def seats_of(session: Session, round_id: str) -> list[tuple[Seat, Person]]:
    """Return the seats of a round with the people on them, by label."""
    query = select(Seat, Person).join(Person, col(Person.id) == col(Seat.person_id)).where(Seat.round_id == round_id)
    return list(session.exec(query.order_by(col(Person.label))))


def evaluations_of(session: Session, round_id: str) -> list[Evaluation]:
    """Return the evaluations of a round in the order of submission."""
    query = select(Evaluation).where(Evaluation.round_id == round_id)
    return list(session.exec(query.order_by(col(Evaluation.submitted_at), col(Evaluation.id))))


def positions_of(session: Session, round_id: str) -> list[tuple[Position, Region]]:
    """Return the positions of a round with their regions, by region name."""
    query = (
        select(Position, Region)
        .join(Region, col(Region.id) == col(Position.region_id))
        .where(Position.round_id == round_id)
    )
    return list(session.exec(query.order_by(col(Region.name))))


def positions_of_rounds(session: Session, round_ids: Sequence[str]) -> dict[str, list[Position]]:
    """Return the positions by round."""
    found: dict[str, list[Position]] = {key: [] for key in round_ids}
    for row in session.exec(select(Position).where(col(Position.round_id).in_(round_ids))):
        found[row.round_id].append(row)
    return found


def decision_of(session: Session, round_id: str) -> Decision | None:
    """Return the round's decision, confirmed or not."""
    return session.exec(select(Decision).where(Decision.round_id == round_id)).one_or_none()


def confirmed_decisions(session: Session, round_ids: Sequence[str]) -> dict[str, Decision]:
    """Return the confirmed decisions by round."""
    query = select(Decision).where(col(Decision.round_id).in_(round_ids), col(Decision.confirmed_at).is_not(None))
    return {row.round_id: row for row in session.exec(query)}
