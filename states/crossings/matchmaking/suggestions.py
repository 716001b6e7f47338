"""Who should meet whom in a partnership or at an event, with the funding instruments that each pair would open."""

from sqlmodel import Session

from states.clock import today
from states.crossings.matchmaking.minimums import minimums_of
from states.funding.rules.queries import shelf_for
from states.matchmaking.event_day.tables import BrokerageEvent
from states.matchmaking.suggestions.gather import cards
from states.matchmaking.suggestions.suggest import Suggestions, fitted


def suggestions_in(session: Session, partnership_id: str) -> Suggestions:
    """Return the suggestions for every public profile of a partnership."""
    return _found(session, partnership_id, None)


def suggestions_at(session: Session, event: BrokerageEvent) -> Suggestions:
    """Return the suggestions among the profiles of those who have a free slot at an event."""
    return _found(session, event.partnership_id, event.id)


def _found(session: Session, partnership_id: str, event_id: str | None) -> Suggestions:
    pool = cards(session, partnership_id, event_id=event_id)
    instruments = minimums_of(session, partnership_id, on=today())
    own = shelf_for(session, partnership_id).categories
    return fitted(event_id or partnership_id, pool, on=today(), instruments=instruments, own=own)
