"""Asking for a portfolio book: which partnership it is of, and who reads it, is its subject."""

from sqlmodel import Session

from states.archive.tables import BETWEEN, DocumentKind
from states.outbox.service import publish
from states.outbox.tables import OutboxMessage


def portfolio_subject(partnership_id: str, organisation_id: str | None = None) -> str:
    """Return the subject of the book for the office, or for an organisation."""
    return partnership_id if organisation_id is None else f"{partnership_id}{BETWEEN}{organisation_id}"


def ask_for_portfolio(session: Session, partnership_id: str, *, organisation_id: str | None = None) -> OutboxMessage:
    """Publish the message that asks for a portfolio book of all cases that its reader may read."""
    return publish(
        session,
        "document.requested",
        partnership_id=partnership_id,
        kind=DocumentKind.PORTFOLIO.value,
        subject_id=portfolio_subject(partnership_id, organisation_id),
    )
