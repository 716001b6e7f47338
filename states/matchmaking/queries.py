"""Reads of contacts."""

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from states.errors import Missing
from states.matchmaking.tables import Contact, ContactKind, ContactStatus
from states.storage.paging import Order


def contact_by_id(session: Session, key: str) -> Contact:
    """Return the contact, or raise `Missing`."""
    found = session.get(Contact, key)
    if found is None:
        raise Missing("contact", key)
    return found


ORDERS: dict[str, Order] = {"recorded": col(Contact.recorded_at)}
"""By what a list of contacts is sorted."""


def find_contacts(
    partnership_id: str, *, kind: ContactKind | None = None, status: ContactStatus | None = None
) -> SelectOfScalar[Contact]:
    """Return the query of a partnership's contacts, to be read in one of the `ORDERS`."""
    query = select(Contact).where(Contact.partnership_id == partnership_id)
    query = query if kind is None else query.where(Contact.kind == kind)
    return query if status is None else query.where(Contact.status == status)
