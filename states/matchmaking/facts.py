"""What is known of a collaboration's origin."""

from dataclasses import dataclass

from sqlalchemy import func, select

from states.collaborations.tables import Collaboration
from states.matchmaking.tables import Contact, ContactStatus
from states.storage import Keys, PlainSelect, Reading, Readings, columns_of

FRUITFUL = (ContactStatus.ACCEPTED, ContactStatus.HELD)


@dataclass(frozen=True, slots=True)
class MatchmakingFacts:
    """How many meetings held or expressions of interest accepted stand behind it."""

    contacts: int


def _fruitful(keys: Keys) -> PlainSelect:
    contact = columns_of(Contact)
    fruitful = (contact.collaboration_id.in_(keys), contact.status.in_(FRUITFUL))
    return select(contact.collaboration_id, func.count()).where(*fruitful).group_by(contact.collaboration_id)


CONTACTS = Reading(int, _fruitful)
READS = (CONTACTS,)


def facts_of(read: Readings, row: Collaboration) -> MatchmakingFacts:
    """Derive the facts of a collaboration from what was read."""
    return MatchmakingFacts(sum(read.of(CONTACTS, row.id)))
