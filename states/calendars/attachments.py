"""What a mail carries for its recipient's calendar."""

from email.utils import parseaddr

from sqlmodel import Session

from states.calendars.entries import event_entry
from states.calendars.ics import Invitation, invitation
from states.errors import Missing
from states.partners.tables import PartnershipEvent
from states.settings import settings


def event_attachment(session: Session, event_id: str, *, attendee: str, language: str = "en") -> tuple[bytes, str]:
    """Return the event as it stands for the address `attendee`, and its METHOD: REQUEST or CANCEL; or raise `Missing`.

    Each is addressed to its recipient alone: nobody learns from it who else was told.
    """
    row = session.get(PartnershipEvent, event_id)
    entry = event_entry(row) if row else None
    if entry is None:
        raise Missing("event with a day", event_id)
    _, organizer = parseaddr(settings().mail_from)
    return invitation(entry, Invitation(organizer, attendee), language=language)
