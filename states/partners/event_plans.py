"""What is planned or known of a partnership's event, its faults, and how it is kept."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from states.clock import FIRST_DAY, LAST_DAY, is_in_reach, now, today
from states.errors import Fault
from states.partners.partial_dates import InvalidPartialDate, PartialDate
from states.partners.registry_faults import blank, refuse
from states.partners.tables import EventKind, PartnershipEvent
from states.rights.access import Role


@dataclass(frozen=True, slots=True)
class EventPlan:
    """An event at an exact time, or on a date that may be partial where no more is known.

    `starts_at` and `ends_at` without an offset are times by the clock of `time_zone` (an IANA name). `held_on` is any
    form that `PartialDate` reads; it follows from `starts_at` where that is given.
    """

    name: str
    kind: EventKind
    held_on: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    time_zone: str = ""
    place: str = ""
    url: str = ""
    information: str = ""
    illustrative: bool = False


def plan_of(row: PartnershipEvent) -> EventPlan:
    """Return what is planned, to change some of it with `dataclasses.replace`; times are those of the event's clock."""
    zone = ZoneInfo(row.time_zone or "UTC")
    return EventPlan(
        name=row.name,
        kind=row.kind,
        held_on="" if row.starts_at else row.held_on,
        starts_at=row.starts_at.astimezone(zone) if row.starts_at else None,
        ends_at=row.ends_at.astimezone(zone) if row.ends_at else None,
        time_zone=row.time_zone,
        place=row.place,
        url=row.url,
        information=row.information,
        illustrative=row.illustrative,
    )


def checked(plan: EventPlan, *, others: Iterable[PartnershipEvent], keep_day: bool = False) -> EventPlan:
    """Return the plan as it is kept, times in UTC, or raise `RegistryInvalid` with every fault.

    `others` are the partnership's other events. `keep_day`: people have it in their calendars, where it can be moved or
    cancelled, but not left without a day.
    """
    starts_at, start_fault = _instant("starts_at", plan.starts_at, plan.time_zone)
    ends_at, end_fault = _instant("ends_at", plan.ends_at, plan.time_zone)
    held_on, date_fault = _held_on(plan, starts_at)
    name = plan.name.strip()
    refuse(
        blank("name", name),
        *_zone_faults(plan),
        start_fault,
        end_fault,
        Fault("ends_at", "not_after_starts_at", remedy="mend_one_of_them")
        if starts_at and ends_at and ends_at <= starts_at
        else None,
        date_fault,
        Fault("held_on", "day_needed", remedy="give_day_or_cancel_event", held_on=held_on)
        if keep_day and held_on and _day(held_on) is None
        else None,
        _url_fault(plan.url),
        Fault("name", "event_known", remedy="change_name_or_date", name=name)
        if any((name, held_on) == (one.name, one.held_on) for one in others)
        else None,
    )
    return replace(
        plan,
        name=name,
        held_on=held_on,
        starts_at=starts_at,
        ends_at=ends_at,
        place=plan.place.strip(),
        url=plan.url.strip(),
    )


def write_plan(row: PartnershipEvent, plan: EventPlan, *, audience: Collection[Role]) -> None:
    """Put a checked plan into a row; an empty audience is all roles."""
    row.name, row.kind, row.held_on = plan.name, plan.kind, plan.held_on
    row.starts_at, row.ends_at, row.time_zone = plan.starts_at, plan.ends_at, plan.time_zone
    row.place, row.url, row.information = plan.place, plan.url, plan.information
    row.audience = [role.value for role in Role if role in audience]
    row.illustrative, row.changed_at = plan.illustrative, now()


def day_of(row: PartnershipEvent) -> date | None:
    """Return the day on which the event begins, where it is; None where it is not known to the day."""
    return _day(row.held_on)


def is_over(row: PartnershipEvent) -> bool:
    """Tell whether the event has ended; one whose date is known in part, when that part has."""
    end = row.ends_at or row.starts_at
    return end <= now() if end else PartialDate.parse(row.held_on).latest < today()


def _day(held_on: str) -> date | None:
    known = PartialDate.parse(held_on)
    return known.earliest if known.day else None


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # read from the disk, hundreds of files


def _instant(place: str, written: datetime | None, zone: str) -> tuple[datetime | None, Fault | None]:
    if written is None or zone not in _zones():
        return None, None
    if not is_in_reach(written):
        return None, _too_far(place, written.year)
    if written.tzinfo is not None:
        return written.astimezone(UTC), None
    readings = {
        instant
        for fold in (0, 1)
        for instant in [written.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)]
        if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == written.replace(fold=0)
    }
    if len(readings) == 1:
        return readings.pop(), None
    code, remedy = ("comes_twice", "write_with_offset") if readings else ("does_not_exist", "clock_put_forward")
    return None, Fault(place, code, remedy=remedy, written=written.isoformat(" ", "minutes"), zone=zone)


def _too_far(place: str, year: int) -> Fault:
    return Fault(place, "no_year_event", remedy="from_to", year=year, first=FIRST_DAY.year, last=LAST_DAY.year)


def _zone_faults(plan: EventPlan) -> Iterator[Fault]:
    timed = plan.starts_at is not None
    if plan.ends_at is not None and not timed:
        yield Fault("ends_at", "says_nothing_without_starts_at", remedy="give_that_too_or_leave_out")
    if plan.time_zone and not timed:
        yield Fault("time_zone", "says_nothing_without_starts_at", remedy="give_that_too_or_leave_out")
    if timed and plan.time_zone not in _zones():
        yield Fault("time_zone", "time_zone_unknown", remedy="iana_name_such_as_europe_brussels", zone=plan.time_zone)


def _held_on(plan: EventPlan, starts_at: datetime | None) -> tuple[str, Fault | None]:
    begins = starts_at.astimezone(ZoneInfo(plan.time_zone)).date().isoformat() if starts_at else ""
    if not plan.held_on:
        missing = Fault("held_on", "missing", remedy="give_date_or_starts_at")
        return begins, missing if plan.starts_at is None else None
    try:
        read = PartialDate.parse(plan.held_on)
    except InvalidPartialDate as error:
        return "", error.faults[0].at("held_on")
    if not is_in_reach(read.earliest):
        return "", _too_far("held_on", read.year)
    written = str(read)
    if begins and written != begins:
        return "", Fault(
            "held_on",
            "starts_on_another_day",
            remedy="leave_out_follows_from_starts_at",
            written=written,
            begins=begins,
        )
    return written, None


def _url_fault(url: str) -> Fault | None:
    if not url.strip() or re.fullmatch(r'https?://[^\s<>"]+', url.strip()):
        return None
    return Fault("url", "no_address_page", remedy="https_and_no_blanks", address=url)
