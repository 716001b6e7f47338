"""Whom an event's mails go to, when, and what they hold; each carries the event as a calendar entry."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypedDict

from sqlmodel import Session, col, select

from states.calendars.entries import Entry, event_entry
from states.calendars.words import marked
from states.clock import now
from states.deadlines.ladder import Reader
from states.deadlines.readers import readers_of
from states.mail.addresses import address
from states.mail.ledger import enter_mail, withdraw_mails
from states.mail.tables import Mail, MailKind, MailState
from states.mail.windows import opening
from states.partners.event_plans import EventPlan, is_over, plan_of
from states.partners.tables import Partnership, PartnershipEvent

ATTACHED = "event:"
"""How a mail's attachment names an event, before its id."""
_SOON = timedelta(days=1)
"""Of what begins within this time people are told at once, by night too."""
_MOVED = "moved"
_UNDER_WAY = (MailState.WAITING, MailState.OFFERED, MailState.SENT, MailState.UNCERTAIN)
_PARTS = {"title": ("name",), "time": ("held_on", "starts_at", "ends_at", "time_zone"), "place": ("place", "url")}


class _Hours(TypedDict):
    not_before: datetime
    site: str | None


class EventChange(StrEnum):
    """What a mail says of an event."""

    ANNOUNCED = "announced"
    CHANGED = "changed"
    CANCELLED = "cancelled"


def tell(session: Session, row: PartnershipEvent, change: EventChange, *, before: EventPlan | None = None) -> None:
    """Enter the mails of a change, one for each who holds a role of the audience now; `before` is the plan until now.

    Where the plan is another one, what still waits of earlier changes is withdrawn. Whoever heard nothing yet gets an
    announcement, and of a cancellation nothing. What is over, or has no day yet, is not told.
    """
    entry = event_entry(row)
    anew = before is None or before != plan_of(row)
    reached = _reached(session, row, withdraw=anew)
    if entry is None or is_over(row):
        return
    for reader in _audience(session, row):
        told = reader.person.id in reached
        if (told and not anew) or (change is EventChange.CANCELLED and not told):
            continue
        said = change if told else EventChange.ANNOUNCED
        enter_mail(
            session,
            MailKind.EVENT,
            key=f"{_prefix(row)}{reader.person.id}:{row.sequence}",
            person_id=reader.person.id,
            partnership_id=row.partnership_id,
            values=_values(session, row, entry, language=reader.person.language)
            | {"change": said.value, "changed": _changed(before, plan_of(row)) if said is EventChange.CHANGED else []},
            **_hours(reader, entry.starts),
            optional=True,
            topic=row.kind.value,
            attachment=f"{ATTACHED}{row.id}",
        )


def _prefix(row: PartnershipEvent) -> str:
    return f"event:{row.id}:"


def _reached(session: Session, row: PartnershipEvent, *, withdraw: bool) -> set[str]:
    """Return who has a mail about the event that was sent or may be; what waits is withdrawn first where asked."""
    query = select(Mail).where(col(Mail.key).startswith(_prefix(row)), col(Mail.state).in_(_UNDER_WAY))
    found = session.exec(query).all()
    gone = withdraw_mails(session, [mail.key for mail in found], why=_MOVED) if withdraw else set()
    return {mail.person_id for mail in found if mail.key not in gone}


def _audience(session: Session, row: PartnershipEvent) -> Collection[Reader]:
    readers = readers_of(session, [row.partnership_id])[row.partnership_id]
    return {one.person.id: one for one in readers if not row.audience or one.grant.role in row.audience}.values()


def _values(session: Session, row: PartnershipEvent, entry: Entry, *, language: str) -> dict[str, object]:
    slug = session.get_one(Partnership, row.partnership_id).slug
    return {
        "title": marked(row.name, illustrative=row.illustrative, language=language),
        "starts_at": entry.starts.isoformat(),
        "ends_at": entry.ends.isoformat() if entry.ends else None,
        "time_zone": row.time_zone or None,
        "place": row.place or row.url,
        "reason": row.cancel_reason,
        "link": address(f"partnerships/{slug}/events/{row.id}"),
    }


def _changed(before: EventPlan | None, after: EventPlan) -> list[str]:
    return [part for part, names in _PARTS.items() if any(getattr(before, one) != getattr(after, one) for one in names)]


def _hours(reader: Reader, starts: date | datetime) -> _Hours:
    """Return from when on a mail goes out, and where its reader's hours are kept: nowhere, of what begins soon."""
    begins = starts if isinstance(starts, datetime) else datetime.combine(starts, time(), reader.zone)
    opens = opening(now(), preference=reader.preference, time_zone=reader.person.time_zone, nuts=reader.nuts)
    if opens > begins - _SOON:
        return _Hours(not_before=now(), site=None)
    return _Hours(not_before=opens, site=reader.nuts)
