"""What is known of a collaboration's origin."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from states.collaborations.tables import Collaboration
from states.matchmaking.tables import Contact, ContactStatus

FRUITFUL = (ContactStatus.ACCEPTED, ContactStatus.HELD)


@dataclass(frozen=True, slots=True)
class MatchmakingFacts:
    """How many meetings held or expressions of interest accepted stand behind it."""

    contacts: int


def gather(session: Session, rows: Sequence[Collaboration]) -> dict[str, MatchmakingFacts]:
    """Collect the facts of many collaborations, by their ids."""
    keys = [row.id for row in rows]
    query = select(Contact.collaboration_id).where(
        col(Contact.collaboration_id).in_(keys), col(Contact.status).in_(FRUITFUL)
    )
    found = list(session.exec(query))
    return {key: MatchmakingFacts(found.count(key)) for key in keys}
