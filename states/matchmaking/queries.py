"""Reads of contacts."""

from sqlmodel import Session, col, select

from states.errors import Missing
from states.matchmaking.tables import Contact


def contact_by_id(session: Session, key: str) -> Contact:
    """Return the contact, or raise `Missing`."""
    found = session.get(Contact, key)
    if found is None:
        raise Missing("contact", key)
    return found


def contacts_of(session: Session, partnership_id: str) -> list[Contact]:
    """Return the contacts of a partnership in the order in which they were recorded."""
    query = select(Contact).where(Contact.partnership_id == partnership_id)
    return list(session.exec(query.order_by(col(Contact.recorded_at), col(Contact.id))))
