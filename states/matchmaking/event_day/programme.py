"""The programme of a brokerage event: sessions with their breaks and tables, and the slots that follow from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from states.errors import Fault

LONGEST_DAYS = 14  # from the first session's beginning to the last one's end
MOST_TABLES = 2000
SLOT_MINUTES = range(5, 241)
PAUSE_MINUTES = range(61)


@dataclass(frozen=True, slots=True)
class Span:
    """From an aware instant to another."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class EventSession:
    """A part of an event without an interruption but its breaks; `tables` are numbered from 1."""

    title: str
    starts_at: datetime
    ends_at: datetime
    tables: int
    breaks: tuple[Span, ...] = ()

    def dump(self) -> dict[str, object]:
        """Return it as JSON keeps it: instants in UTC."""
        return {
            "title": self.title,
            "starts_at": _utc(self.starts_at),
            "ends_at": _utc(self.ends_at),
            "tables": self.tables,
            "breaks": [[_utc(one.starts_at), _utc(one.ends_at)] for one in self.breaks],
        }


@dataclass(frozen=True, slots=True)
class EventSlot:
    """A span in which a participant has one meeting; numbered from 0 through all sessions."""

    number: int
    session: int
    starts_at: datetime
    ends_at: datetime
    tables: int


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()


def load_session(raw: dict[str, object]) -> EventSession:
    """Return what `dump` gave."""
    match raw:
        case {
            "title": str(title), "starts_at": str(starts), "ends_at": str(ends), "tables": int(tables),
            "breaks": list(breaks),
        }:  # fmt: skip
            spans = tuple(Span(*map(datetime.fromisoformat, pair)) for pair in breaks)
            return EventSession(title, datetime.fromisoformat(starts), datetime.fromisoformat(ends), tables, spans)
    raise TypeError(f"no session: {raw!r}")


def slots_of(sessions: Sequence[EventSession], *, slot_minutes: int, pause_minutes: int = 0) -> list[EventSlot]:
    """Cut sessions into slots of that length, one after another with a pause; none lies in a break."""
    found: list[EventSlot] = []
    for number, session in enumerate(sessions):
        for span in _cut(session, timedelta(minutes=slot_minutes), timedelta(minutes=pause_minutes)):
            found.append(EventSlot(len(found), number, span.starts_at, span.ends_at, session.tables))
    return found


def _cut(session: EventSession, length: timedelta, pause: timedelta) -> Iterator[Span]:
    begins = session.starts_at
    while begins + length <= session.ends_at:
        ends = begins + length
        interrupted = [one.ends_at for one in session.breaks if one.starts_at < ends and begins < one.ends_at]
        if interrupted:
            begins = max(interrupted)
        else:
            yield Span(begins, ends)
            begins = ends + pause


def programme_faults(sessions: Sequence[EventSession], *, slot_minutes: int, pause_minutes: int) -> list[Fault]:
    """Return every session that does not fit: its times, breaks and tables, and those that overlap."""
    faults = []
    if not sessions:
        faults.append(Fault("sessions", "none_given", remedy="give_at_least_one"))
    if slot_minutes not in SLOT_MINUTES:
        faults.append(Fault("slot_minutes", "minutes_out_of_range", remedy="five_to_240", minutes=slot_minutes))
    if pause_minutes not in PAUSE_MINUTES:
        faults.append(Fault("pause_minutes", "minutes_out_of_range", remedy="zero_to_sixty", minutes=pause_minutes))
    for number, session in enumerate(sessions, start=1):
        faults += _session_faults(session, f"sessions[{number}]")
    if faults:
        return faults
    for number, (first, second) in enumerate(pairwise(sessions), start=2):
        if second.starts_at < first.ends_at:
            faults.append(Fault(f"sessions[{number}].starts_at", "before_session_ahead_has_ended", remedy="in_order"))
    if sessions[-1].ends_at - sessions[0].starts_at > timedelta(days=LONGEST_DAYS):
        faults.append(Fault("sessions", "last_longer_than_days", remedy="make_two_events", most=LONGEST_DAYS))
    if not faults and not slots_of(sessions, slot_minutes=slot_minutes, pause_minutes=pause_minutes):
        faults.append(Fault("sessions", "hold_no_slot", remedy="shorter_slots_or_breaks_or_longer_sessions"))
    return faults


def _session_faults(session: EventSession, place: str) -> Iterator[Fault]:
    if not session.title.strip():
        yield Fault(f"{place}.title", "blank", remedy="give_it")
    if not 0 <= session.tables <= MOST_TABLES:
        yield Fault(f"{place}.tables", "tables_out_of_range", remedy="zero_to", tables=session.tables, most=MOST_TABLES)
    spans = {place: Span(session.starts_at, session.ends_at)}
    spans |= {f"{place}.breaks[{number}]": one for number, one in enumerate(session.breaks, start=1)}
    for where, span in spans.items():
        if span.starts_at.tzinfo is None or span.ends_at.tzinfo is None:
            yield Fault(where, "time_without_offset", remedy="write_instant_as")
        elif span.ends_at <= span.starts_at:
            yield Fault(f"{where}.ends_at", "not_after_beginning", remedy="mend_one_of_them")
