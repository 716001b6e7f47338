"""Two readers of calendars that know nothing of each other, and what they read."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import vobject
from icalendar import Calendar
from vobject.icalendar import registerTzid


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry as a reader sees it; times are instants."""

    title: str
    starts: date | datetime
    ends: date | datetime | None
    sequence: int
    status: str
    place: str = ""
    text: str = ""


def by_icalendar(body: bytes) -> dict[str, Seen]:
    """Read with the package `icalendar`, which takes the rules of a zone from the tz database."""
    return {
        str(one["UID"]): Seen(
            title=str(one["SUMMARY"]),
            starts=_instant(one.decoded("DTSTART")),
            ends=_instant(one.decoded("DTEND")) if "DTEND" in one else None,
            sequence=one.decoded("SEQUENCE"),
            status=str(one["STATUS"]),
            place=str(one.get("LOCATION", "")),
            text=str(one.get("DESCRIPTION", "")),
        )
        for one in Calendar.from_ical(body).events
    }


def by_vobject(body: bytes) -> dict[str, Seen]:
    """Read with the package `vobject`, which takes the rules of a zone from the calendar itself."""
    for zone in Calendar.from_ical(body).timezones:
        registerTzid(zone.tz_name, None)  # it keeps the rules of the last calendar that it read
    return {
        one.uid.value: Seen(
            title=one.summary.value,
            starts=_instant(one.dtstart.value),
            ends=_instant(one.dtend.value) if hasattr(one, "dtend") else None,
            sequence=int(one.sequence.value),
            status=one.status.value,
            place=one.location.value if hasattr(one, "location") else "",
            text=one.description.value if hasattr(one, "description") else "",
        )
        for one in vobject.readOne(body.decode()).contents.get("vevent", [])
    }


READERS = (by_icalendar, by_vobject)


def _instant(value: date | datetime) -> date | datetime:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
