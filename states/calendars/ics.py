"""Calendars as bytes of iCalendar (RFC 5545, 7986): equal entries give equal bytes.

Time zones are told by every change of the clock in some years, as the tz database has it: the package's own reckoning
puts the beginning of summer time an hour late (RFC 5545, section 3.6.5: an onset is told by the clock as it ran
before), so that a reader that trusts it is wrong for that hour.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parseaddr
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vText
from sqlmodel import Session

from states.calendars.entries import Entry, event_entry
from states.errors import Missing
from states.partners.tables import PartnershipEvent
from states.settings import settings

ENGLISH = "en"

_NAME = {
    "en": "Deadlines and events: {}",
    "de": "Fristen und Termine: {}",
    "fr": "Échéances et événements : {}",
    "it": "Scadenze ed eventi: {}",
    "pl": "Terminy i wydarzenia: {}",
    "es": "Plazos y eventos: {}",
}
_ILLUSTRATIVE = {
    "en": "{} (illustrative)",
    "de": "{} (Beispiel)",
    "fr": "{} (exemple)",
    "it": "{} (esempio)",
    "pl": "{} (przykład)",
    "es": "{} (ejemplo)",
}


def known_language(language: str) -> str:
    return language if language in _NAME else ENGLISH


def calendar_name(partnership: str, *, language: str) -> str:
    """Return what a partnership's calendar is called."""
    return _NAME[known_language(language)].format(partnership)


def marked(title: str, *, illustrative: bool, language: str) -> str:
    """Return a title, with a mark where what it names is made up."""
    return _ILLUSTRATIVE[known_language(language)].format(title) if illustrative else title


_DAY = timedelta(days=1)
_TICK = timedelta(seconds=1)  # offsets change on whole seconds
_YEARS = timedelta(days=3 * 366)  # a zone is told from the year before to the year after, and where that ends


def on_the_clock(instant: datetime) -> datetime:
    """Return the same instant as a local time that every reader understands; in UTC where the local time comes twice.

    A time that the clock skips is the one that it shows instead.
    """
    local = instant.astimezone(UTC).astimezone(instant.tzinfo)
    return local.astimezone(UTC) if local.fold else local


@lru_cache(maxsize=256)
def clock(name: str, *, first: int, last: int) -> Timezone:
    """Return a zone with its changes from the beginning of the year `first` to the end of `last`; not to be changed."""
    zone = ZoneInfo(name)
    begins = datetime(first, 1, 1, tzinfo=zone).astimezone(UTC)
    ends = datetime(last + 1, 1, 1, tzinfo=zone).astimezone(UTC)
    found = Timezone()
    found.add("TZID", name)
    for instant in (begins, *_changes(zone, begins, ends)):
        after = instant.astimezone(zone)
        before = after if instant == begins else (instant - _TICK).astimezone(zone)
        # One part for each onset: some readers keep only the first date of a part that lists several (RDATE).
        part = TimezoneDaylight() if after.dst() else TimezoneStandard()
        part.add("DTSTART", (instant + _offset(before)).replace(tzinfo=None))
        part.add("TZOFFSETFROM", _offset(before))
        part.add("TZOFFSETTO", _offset(after))
        part.add("TZNAME", after.tzname() or name)
        found.add_component(part)
    return found


def _changes(zone: ZoneInfo, begins: datetime, ends: datetime) -> Iterator[datetime]:
    """Yield the instants from which another offset is in force."""
    day = begins
    while day < ends:
        old, after = _offset(day.astimezone(zone)), day + _DAY
        if _offset(after.astimezone(zone)) != old:
            before = day
            while after - before > _TICK:
                middle = before + (after - before) // 2 // _TICK * _TICK
                if _offset(middle.astimezone(zone)) == old:
                    before = middle
                else:
                    after = middle
            yield after
        day += _DAY


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta()


PRODUCER = "-//Bankable//Calendar//EN"
REFRESH = timedelta(hours=1)
MEDIA_TYPE = "text/calendar"

_BYTE_ORDER_MARK = "\ufeff"
_SPACES = re.compile(r"[^\S\n]+")


@dataclass(frozen=True, slots=True)
class Invitation:
    """By whom and to whom (addresses) an entry is sent, to be put into a calendar or taken out of it (RFC 5546)."""

    organizer: str
    attendee: str


class _Text(vText):
    """A text whose every character is read back: the package's own escape takes a backslash and N for a line's end."""

    def to_ical(self) -> bytes:
        """Return the text with backslash, semicolon, comma and line's end escaped."""
        escaped = re.sub(r"[\\;,]", r"\\\g<0>", str(self)).replace("\n", r"\n")
        return escaped.encode("utf-8")


def feed(entries: Iterable[Entry], *, name: str, language: str) -> bytes:
    """Return a calendar that is read again and again, in the order of dates."""
    calendar = _calendar(sorted(entries, key=_order), language)
    for place in ("NAME", "X-WR-CALNAME"):
        calendar.add(place, _text(name, language))
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "PT1H")
    return bytes(calendar.to_ical())


def invitation(entry: Entry, sent: Invitation, *, language: str) -> tuple[bytes, str]:
    """Return one entry for a mail, and its METHOD: REQUEST, or CANCEL where it is cancelled."""
    calendar = _calendar([entry], language)
    method = "CANCEL" if entry.cancelled else "REQUEST"
    calendar.add("METHOD", method)
    shown = calendar.events[0]
    shown.add("ORGANIZER", vCalAddress(f"mailto:{sent.organizer}"))
    shown.add("ATTENDEE", vCalAddress(f"mailto:{sent.attendee}"), parameters={"RSVP": "FALSE"})
    return bytes(calendar.to_ical()), method


def published(entries: Iterable[Entry], *, language: str) -> tuple[bytes, str]:
    """Return entries for a mail, to be added as they stand (cancelled ones as such), and the METHOD: PUBLISH."""
    calendar = _calendar(sorted(entries, key=_order), language)
    calendar.add("METHOD", "PUBLISH")
    return bytes(calendar.to_ical()), "PUBLISH"


def tidy(text: str) -> str:
    """Return a text as a calendar keeps it: no control characters, no runs of blanks, lines ended by a line feed.

    A reader that unfolds lines takes one that holds blanks alone for the end of its property.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = ("".join(one for one in line if _is_kept(one)) for line in lines)
    return "\n".join(_SPACES.sub(" ", line).strip() for line in kept).strip()


def _is_kept(character: str) -> bool:
    return character != _BYTE_ORDER_MARK and (character.isspace() or unicodedata.category(character) != "Cc")


def need_showable(entry: Entry) -> None:
    """Raise whatever keeps an entry out of a calendar: a day after which there is none, a year without a calendar."""
    starts = entry.starts
    day = starts.date() if isinstance(starts, datetime) else starts
    if not date.min + _YEARS < day < date.max - _YEARS:
        raise OverflowError(f"{day.isoformat()} lies beyond what calendars show")
    if isinstance(starts, datetime):
        on_the_clock(starts)


def _text(text: str, language: str) -> _Text:
    return _Text(tidy(text), params={"LANGUAGE": known_language(language)})


def _order(entry: Entry) -> tuple[date, str]:
    return (entry.starts.date() if isinstance(entry.starts, datetime) else entry.starts, entry.uid)


def _calendar(entries: Sequence[Entry], language: str) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCER)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    for zone in sorted({entry.zone for entry in entries} - {"", "UTC"}):
        years = [entry.starts.year for entry in entries if entry.zone == zone]
        calendar.add_component(clock(zone, first=min(years) - 1, last=max(years) + 1))
    for entry in entries:
        calendar.add_component(_event(entry, language))
    return calendar


def _event(entry: Entry, language: str) -> Event:
    event = Event()
    event.add("UID", entry.uid)
    event.add("DTSTAMP", entry.changed_at)
    event.add("LAST-MODIFIED", entry.changed_at)
    event.add("SEQUENCE", entry.sequence)
    event.add("SUMMARY", _Text(tidy(marked(entry.title, illustrative=entry.illustrative, language=language))))
    if isinstance(entry.starts, datetime):
        event.add("DTSTART", on_the_clock(entry.starts))
        if entry.ends is not None:
            event.add("DTEND", on_the_clock(entry.ends))
    else:
        event.add("DTSTART", entry.starts)
        event.add("DTEND", entry.starts + timedelta(days=1))  # some readers take no end for no length
    event.add("STATUS", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("TRANSP", "OPAQUE" if entry.busy else "TRANSPARENT")
    for place, text in (("LOCATION", entry.place), ("DESCRIPTION", entry.text)):
        if tidy(text):
            event.add(place, _Text(tidy(text)))
    if entry.url:
        event.add("URL", entry.url)
    return event


def event_attachment(session: Session, event_id: str, *, attendee: str, language: str = "en") -> tuple[bytes, str]:
    """Return the event as it stands for the address `attendee`, and its METHOD: REQUEST or CANCEL; or raise `Missing`.

    Each is addressed to its recipient alone: nobody learns from it who else was told.
    """
    row = session.get(PartnershipEvent, event_id)
    entry = event_entry(row) if row else None
    if entry is None:
        raise Missing("event_with_a_day", event_id)
    _, organizer = parseaddr(settings().mail_from)
    return invitation(entry, Invitation(organizer, attendee), language=language)
