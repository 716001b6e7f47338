"""What a person's seats open of a collaboration: rounds, and the protocol versions that they review."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from states.review.conflicts.service import clearance, last_declaration
from states.review.conflicts.tables import Ruling
from states.review.queries import seats_held_by
from states.review.tables import ReviewRound, Seat, SeatState


@dataclass(frozen=True, slots=True)
class Sight:
    """The rounds in which somebody sits and those whose dossier is open; a conflict in one closes all of them."""

    seated: frozenset[str] = frozenset()
    rounds: frozenset[str] = frozenset()
    versions: frozenset[str] = frozenset()
    newest: bool = False
    barred: bool = False


def sights_of(
    session: Session, person_id: str, collaboration_ids: Sequence[str], *, partnership_id: str
) -> dict[str, Sight]:
    """Return what the person's seats open, by collaboration; `newest` tells it of the newest of these rounds.

    A reviewer cleared for an old version reads that one as it was, and needs a new declaration for the next.
    """
    held: dict[str, list[tuple[Seat, ReviewRound]]] = {key: [] for key in collaboration_ids}
    for seat, row in seats_held_by(session, person_id):  # the newest round first
        if row.collaboration_id in held:
            held[row.collaboration_id].append((seat, row))
    return {key: _sight(session, found, partnership_id) for key, found in held.items()}


def _sight(session: Session, held: Sequence[tuple[Seat, ReviewRound]], partnership_id: str) -> Sight:
    seated = frozenset(row.id for seat, row in held if seat.state is not SeatState.REMOVED)
    if any(_excluded(session, seat, row) for seat, row in held):
        return Sight(seated=seated, barred=True)
    cleared = [
        row
        for seat, row in held
        if clearance(session, row, person_id=seat.person_id, partnership_id=partnership_id).open
    ]
    return Sight(
        seated=seated,
        rounds=frozenset(row.id for row in cleared),
        versions=frozenset(row.protocol_version_id for row in cleared),
        newest=bool(held) and held[0][1] in cleared,
    )


def _excluded(session: Session, seat: Seat, row: ReviewRound) -> bool:
    last = last_declaration(session, row.id, seat.person_id)
    return seat.state is SeatState.DISQUALIFIED or (last is not None and last.ruling is Ruling.EXCLUDED)
