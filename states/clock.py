"""The one place that knows what time it is.

With `BANKABLE_CLOCK_FILE` set, every process of an installation reads the instant from that file:
a demonstration or a chaos test can then live through a month in a minute, with all processes agreeing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from pathlib import Path

from states.errors import Invalid
from states.settings import settings

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""No day lies beyond them but by a slip of the pen, or for an open end: time zones have no rules there."""

_recorded: ContextVar[datetime | None] = ContextVar("recorded", default=None)


def now() -> datetime:
    """Return the present instant, aware, in UTC, to the microsecond."""
    recorded = _recorded.get()
    return entered() if recorded is None else recorded


def entered() -> datetime:
    """Return the instant at which something is written, whatever date is recorded with it (see `at`)."""
    clock_file = settings().clock_file
    return machine_now() if clock_file is None else _read(clock_file)


def machine_now() -> datetime:
    """Return the machine's own instant even where time is simulated: for leases, never for facts."""
    return datetime.now(UTC)


def today() -> date:
    """Return the present date in UTC."""
    return now().date()


def is_in_reach(day: date) -> bool:
    """Tell whether a day, or an instant, lies in the years that people mean, and that can be reckoned with."""
    return FIRST_DAY.year <= day.year <= LAST_DAY.year


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Let `now` return this instant within the block: facts of the past are recorded with their own date."""
    token = _recorded.set(_in_utc(instant))
    try:
        yield
    finally:
        _recorded.reset(token)


def set_simulated(instant: datetime) -> None:
    """Set the shared simulated clock; it needs `BANKABLE_CLOCK_FILE` and an aware instant."""
    clock_file = settings().clock_file
    if clock_file is None:
        raise Invalid("clock_is_real", field="BANKABLE_CLOCK_FILE", remedy="name_file_simulate_time")
    draft = clock_file.with_suffix(".next")
    draft.write_text(_in_utc(instant).isoformat(), encoding="ascii")
    draft.replace(clock_file)


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:  # Python would take it for the machine's own zone, without a word
        raise ValueError(f"{instant.isoformat()} has no offset")
    return instant.astimezone(UTC)


def _read(clock_file: Path) -> datetime:
    try:
        return _in_utc(datetime.fromisoformat(clock_file.read_text(encoding="ascii").strip()))
    except (OSError, ValueError) as error:
        raise Invalid(
            "instant_unreadable",
            field="BANKABLE_CLOCK_FILE",
            remedy="write_one_iso_8601_instant_with_offset",
            file=clock_file.name,
            error=str(error),
        ) from error
