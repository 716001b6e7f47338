"""Times as forms have them: by the clock of a place, without an offset."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

MOMENTS = frozenset({"starts_at", "ends_at", "requests_from", "requests_until"})


def local(value: datetime | None, zone: str) -> str:
    """Write a moment as a field for day and time wants it, by the clock of a zone; nothing where there is none."""
    return "" if value is None else value.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


def by_clock(typed: Any, zone: str) -> Any:
    """Return what was typed with the offset that each of its `MOMENTS` has by the clock of a zone.

    What is no day and time stays as it is, and so is a fault of its field. An unknown zone is a fault of its own.
    """
    clock = ZoneInfo(zone if zone in available_timezones() else "UTC")
    if isinstance(typed, dict):
        return {
            name: _moment(value, clock) if name in MOMENTS and isinstance(value, str) else by_clock(value, zone)
            for name, value in typed.items()
        }
    return [by_clock(one, zone) for one in typed] if isinstance(typed, list) else typed


def _moment(text: str, clock: ZoneInfo) -> str:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (read if read.tzinfo else read.replace(tzinfo=clock)).isoformat()
