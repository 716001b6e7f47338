"""Calendar feeds: made once, their address shown once, kept as a digest, ended at any time."""

import secrets
from datetime import timedelta

from sqlmodel import Session, col, select

from states.calendars.tables import CalendarFeed
from states.clock import machine_now
from states.credentials.tokens import digest
from states.errors import Missing
from states.settings import settings

_NOTED_EVERY = timedelta(hours=1)


def make_feed(
    session: Session, partnership_id: str, *, person_id: str | None = None, label: str = ""
) -> tuple[CalendarFeed, str]:
    """Make a feed of what a person reads, or of the whole partnership; return it with its secret, seen only now."""
    secret = secrets.token_urlsafe(32)
    row = CalendarFeed(
        partnership_id=partnership_id,
        person_id=person_id,
        digest=digest(secret),
        label=label.strip(),
        created_at=machine_now(),
    )
    session.add(row)
    session.flush()
    return row, secret


def open_feed(session: Session, secret: str) -> CalendarFeed:
    """Return the feed, or raise `Missing`: for a revoked one in the words of one that never was."""
    query = select(CalendarFeed).where(CalendarFeed.digest == digest(secret), col(CalendarFeed.revoked_at).is_(None))
    found = session.exec(query).one_or_none()
    if found is None:
        raise Missing("calendar", secret)
    return found


def feed_address(secret: str) -> str:
    return f"{settings().public_url.rstrip('/')}/calendars/{secret}.ics"


def revoke_feed(session: Session, row: CalendarFeed) -> None:
    """End a feed at once, and for good."""
    if row.revoked_at is None:
        row.revoked_at = machine_now()
        session.add(row)
        session.flush()


def feeds_of(session: Session, partnership_id: str, *, person_id: str | None = None) -> list[CalendarFeed]:
    """Return the feeds of a person, or of the whole partnership, that are not revoked, oldest first."""
    query = select(CalendarFeed).where(
        CalendarFeed.partnership_id == partnership_id,
        CalendarFeed.person_id == person_id,
        col(CalendarFeed.revoked_at).is_(None),
    )
    return list(session.exec(query.order_by(col(CalendarFeed.created_at), col(CalendarFeed.id))))


def feed_of(session: Session, key: str, partnership_id: str, *, person_id: str | None = None) -> CalendarFeed:
    """Return one of these feeds by its id, or raise `Missing`."""
    found = next((row for row in feeds_of(session, partnership_id, person_id=person_id) if row.id == key), None)
    if found is None:
        raise Missing("calendar_feed", key)
    return found


def is_to_note(row: CalendarFeed) -> bool:
    """Tell whether a reading is to be noted: once an hour is enough to see a feed that nobody reads."""
    return row.last_read_at is None or row.last_read_at + _NOTED_EVERY <= machine_now()


def note_reading(session: Session, feed_id: str) -> None:
    """Note that a feed was read just now."""
    row = session.get_one(CalendarFeed, feed_id)
    row.last_read_at = machine_now()
    session.add(row)
    session.flush()
