"""What the documents of a brokerage event share: the event itself, and where and when its meetings are."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from pydantic import Field
from sqlmodel import Session

from documents.meta import Confidentiality, DocumentMeta, Line, Plain, funding_disclaimer
from documents.words import word
from states.archive.tables import DocumentKind
from states.errors import Missing
from states.mail.addresses import page_address
from states.matchmaking.event_day.programme import EventSlot
from states.matchmaking.event_day.queries import OCCUPYING, brokerage_by_id, meetings_of, tells_places
from states.matchmaking.event_day.setup import event_slots
from states.matchmaking.event_day.tables import BrokerageEvent, Meeting
from states.partners.tables import Partnership, PartnershipEvent


class EventFacts(Plain):
    """The event as its documents name it; all times are by its clock."""

    name: Line
    place: str = ""
    first_day: date
    last_day: date
    time_zone: Line
    mode: Line
    slot_minutes: int = Field(ge=1)
    url: str = ""
    information: str = ""
    organiser: str = ""
    contact: str = Field(default="", description="address at which the partnership is reached")


class Guest(Plain):
    """A participant, called by organisation and function."""

    organisation: Line
    label: Line
    country: str = ""


@dataclass(frozen=True, slots=True)
class EventSubject:
    """An event with its slots and the meetings that have a place, in the order of their requests."""

    row: BrokerageEvent
    event: PartnershipEvent
    partnership: Partnership
    slots: Sequence[EventSlot]
    placed: Sequence[Meeting]

    def starts(self, slot: int) -> datetime:
        """Return when a slot begins, by the clock of the event."""
        return self.slots[slot].starts_at.astimezone(ZoneInfo(self.row.time_zone))

    def ends(self, slot: int) -> datetime:
        return self.slots[slot].ends_at.astimezone(ZoneInfo(self.row.time_zone))

    @property
    def facts(self) -> EventFacts:
        return EventFacts(
            name=self.event.name,
            place=self.event.place,
            first_day=self.starts(0).date(),
            last_day=self.ends(-1).date(),
            time_zone=self.row.time_zone,
            mode=word(self.row.mode),
            slot_minutes=self.row.slot_minutes,
            url=self.event.url,
            information=self.event.information,
            organiser=self.partnership.name,
            contact=page_address(""),
        )


def told_event(session: Session, event_id: str) -> EventSubject:
    """Return the event once participants may see its places; raise `Missing` before."""
    found = event_subject(session, event_id)
    if not tells_places(found.row):
        raise Missing("published_timetable_of_event", event_id)
    return found


def event_subject(session: Session, event_id: str) -> EventSubject:
    """Return the event, whether or not its places are told; raise `Missing`."""
    row = brokerage_by_id(session, event_id)
    return EventSubject(
        row=row,
        event=session.get_one(PartnershipEvent, event_id),
        partnership=session.get_one(Partnership, row.partnership_id),
        slots=event_slots(row),
        placed=[one for one in meetings_of(session, event_id, OCCUPYING) if one.slot is not None],
    )


def event_meta(
    about: EventSubject,
    kind: DocumentKind,
    *,
    subtitle: str,
    shown: Sequence[Plain],
    changes: Iterable[datetime],
    illustrative: bool,
) -> DocumentMeta:
    """Return the metadata of a document on an event as it stood after the last of these changes."""
    issued_at = max([about.row.published_at or about.row.requests_from, *changes])
    content = json.dumps([one.model_dump(mode="json") for one in shown])
    return DocumentMeta(
        kind=kind,
        title=about.event.name,
        subtitle=subtitle,
        partnership=about.partnership.name,
        version=f"{issued_at:%Y-%m-%d %H:%M} UTC",
        content_sha256=sha256(content.encode()).hexdigest(),
        issued_at=issued_at,
        confidentiality=Confidentiality.PARTNERSHIP,
        illustrative=about.event.illustrative or illustrative,
        programme=about.partnership.programme,
        disclaimer=funding_disclaimer(about.partnership.programme, about.partnership.acknowledges),
    )
