"""What a calendar shows: one entry for each deadline and each event, the same in every feed and every invitation."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from states.deadlines.tables import Deadline, DeadlineState
from states.partners.event_plans import day_of
from states.partners.tables import PartnershipEvent

KEPT = timedelta(days=30)
"""How long what is done, waived or cancelled stays as cancelled: a calendar that only adds learns of it so."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing with a time (aware, by its own clock) or a day; `sequence` grows whenever a calendar must look again.

    A day is a whole day; a time without `ends` is a moment.
    """

    uid: str
    title: str
    starts: date | datetime
    changed_at: datetime
    sequence: int
    ends: datetime | None = None
    place: str = ""
    text: str = ""
    url: str = ""
    cancelled: bool = False
    busy: bool = False
    illustrative: bool = False

    @property
    def zone(self) -> str:
        """The IANA name of its clock; empty for a day."""
        clock = self.starts.tzinfo if isinstance(self.starts, datetime) else None
        return clock.key if isinstance(clock, ZoneInfo) else ""


def deadline_entry(row: Deadline) -> Entry:
    """Return the entry of a deadline: its title alone, for a calendar is read by more than its owner.

    What is no longer open is cancelled, also where it was done: calendars strike that out or take it away, while the
    completion of a task (VTODO) is not shown at all by those that most people use.
    """
    starts: date | datetime = row.due_on
    if row.due_time is not None and row.time_zone:
        starts = datetime.combine(row.due_on, row.due_time, ZoneInfo(row.time_zone))
    return Entry(
        uid=f"deadline-{row.id}@bankable",
        title=row.title,
        starts=starts,
        changed_at=row.changed_at,
        sequence=row.sequence,
        cancelled=row.state is not DeadlineState.OPEN,
    )


def event_entry(row: PartnershipEvent) -> Entry | None:
    """Return the entry of an event; None where its date is not known to the day."""
    day = day_of(row)
    if day is None:
        return None
    zone = ZoneInfo(row.time_zone or "UTC")
    return Entry(
        uid=f"event-{row.id}@bankable",
        title=row.name,
        starts=row.starts_at.astimezone(zone) if row.starts_at else day,
        ends=row.ends_at.astimezone(zone) if row.ends_at else None,
        changed_at=row.changed_at,
        sequence=row.sequence,
        place=row.place,
        text="\n".join(part for part in (row.information, row.cancel_reason) if part),
        url=row.url,
        cancelled=row.cancelled_at is not None,
        busy=row.starts_at is not None,
        illustrative=row.illustrative,
    )
