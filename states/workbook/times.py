"""Times in cells: by the clock of the event, or with an offset; sessions, one on each line; spans of slots."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from states.matchmaking.event_day.programme import EventSession, EventSlot, Span
from states.workbook.cells import Unreadable, need_in_reach

SESSION_FORM = "Morning | 2026-05-04 09:00 - 12:30 | 10 tables | breaks 10:30-10:45, 11:30-11:45"
SPAN_FORM = "2026-05-04 09:00 - 10:30"
_STAMP = r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?"
_END = rf"(?:{_STAMP}|\d\d:\d\d(?::\d\d)?)"
_SPAN = re.compile(rf"\s*({_STAMP})\s*[-–]\s*({_END})\s*")
_BREAK = re.compile(rf"\s*({_END})\s*[-–]\s*({_END})\s*")
_SESSION = re.compile(
    rf"(?P<title>.*?)\|\s*(?P<starts>{_STAMP})\s*[-–]\s*(?P<ends>{_END})\s*\|\s*(?P<tables>\d{{1,6}})\s*tables?\s*"
    r"(?:\|\s*breaks?:?\s*(?P<breaks>.+))?"
)


def moment(text: str, zone: ZoneInfo) -> datetime:
    """Return the instant that a text means by the clock of a zone, or by its own offset."""
    try:
        written = datetime.fromisoformat(text.strip())
        need_in_reach(written)
        if written.tzinfo is not None:
            return written.astimezone(UTC)
        readings = {written.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
        real = {one for one in readings if one.astimezone(zone).replace(tzinfo=None, fold=0) == written}
    except (ValueError, OverflowError):
        raise Unreadable("no_time", remedy="write_as_2026_05_04_09_00") from None
    if len(real) != 1:
        code = "twice_by_clock" if real else "never_by_clock"
        raise Unreadable(code, remedy="write_as_with_offset", zone=zone.key)
    return real.pop()


def clock_time(instant: datetime, zone: ZoneInfo) -> str:
    """Return how an instant is written: by the clock of the zone, with an offset where that is not plain."""
    local = instant.astimezone(zone)
    text = local.replace(tzinfo=None).isoformat(" ", "seconds").removesuffix(":00")
    try:
        plain = moment(text, zone) == instant
    except Unreadable:
        plain = False
    return text if plain else local.isoformat("T", "microseconds" if local.microsecond else "seconds")


def read_sessions(text: str, zone: ZoneInfo) -> list[EventSession]:
    return [_session(line, zone) for line in text.splitlines() if line.strip()]


def _session(line: str, zone: ZoneInfo) -> EventSession:
    found = _SESSION.fullmatch(line.strip())
    if found is None:
        raise Unreadable("no_session", remedy="form", text=line.strip()[:60], form=SESSION_FORM)
    starts = moment(found["starts"], zone)
    breaks = [_break(part, starts, zone) for part in (found["breaks"] or "").split(",") if part.strip()]
    title = found["title"].strip()
    return EventSession(title, starts, _end(found["ends"], starts, zone), int(found["tables"]), tuple(breaks))


def _break(text: str, starts: datetime, zone: ZoneInfo) -> Span:
    found = _BREAK.fullmatch(text)
    if found is None:
        raise Unreadable("no_break", remedy="form", text=text.strip()[:60], form=SESSION_FORM)
    begins = _end(found[1], starts, zone)
    return Span(begins, _end(found[2], begins, zone))


def _end(text: str, starts: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant of a time without a day: that of the beginning."""
    if "-" in text:
        return moment(text, zone)
    return moment(f"{starts.astimezone(zone).date().isoformat()} {text}", zone)


def write_sessions(sessions: Sequence[EventSession], zone: ZoneInfo) -> str:
    lines = []
    for one in sessions:
        breaks = ", ".join(_span(pause.starts_at, pause.ends_at, one.starts_at, zone) for pause in one.breaks)
        title = " ".join(one.title.split())
        span = _span(one.starts_at, one.ends_at, None, zone)
        lines.append(f"{title} | {span} | {one.tables} tables" + (f" | breaks {breaks}" if breaks else ""))
    return "\n".join(lines)


def _span(starts: datetime, ends: datetime, within: datetime | None, zone: ZoneInfo) -> str:
    begins = clock_time(starts, zone)
    shown = _short(begins, within, zone) if within else begins
    return f"{shown} - {_short(clock_time(ends, zone), starts, zone)}"


def _short(text: str, after: datetime, zone: ZoneInfo) -> str:
    """Leave out the day where it is that of the beginning."""
    return text.removeprefix(f"{after.astimezone(zone).date().isoformat()} ")


def read_slots(spans: Sequence[str], slots: Sequence[EventSlot], zone: ZoneInfo) -> list[int]:
    """Return the slots that lie in these spans of time, wholly or in part."""
    taken: set[int] = set()
    for text in spans:
        found = _SPAN.fullmatch(text)
        if found is None:
            raise Unreadable("no_span_of_time", remedy="form", text=text[:60], form=SPAN_FORM)
        starts = moment(found[1], zone)
        ends = _end(found[2], starts, zone)
        inside = [one.number for one in slots if one.starts_at < ends and starts < one.ends_at]
        if not inside:
            raise Unreadable("in_no_slot", remedy="span_within_sessions", text=text[:60])
        taken.update(inside)
    return sorted(taken)


def write_slots(numbers: Sequence[int], slots: Sequence[EventSlot], zone: ZoneInfo) -> tuple[str, ...]:
    """Return the spans of time that these slots fill, neighbours in one."""
    known = {one.number: one for one in slots}
    runs = groupby(enumerate(sorted(set(numbers) & set(known))), key=lambda pair: pair[1] - pair[0])
    spans = []
    for _, run in runs:
        inside = [known[number] for _, number in run]
        spans.append(_span(inside[0].starts_at, inside[-1].ends_at, None, zone))
    return tuple(spans)
