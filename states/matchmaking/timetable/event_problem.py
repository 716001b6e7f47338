"""An event as a scheduling problem: what the solver is given, and where everything stands now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlmodel import Session

from states.clock import now
from states.matchmaking.event_day.programme import EventSlot
from states.matchmaking.event_day.queries import (
    OCCUPYING,
    PLACED,
    PartyEntry,
    coming,
    meetings_of,
    parties_of,
)
from states.matchmaking.event_day.setup import event_slots
from states.matchmaking.event_day.tables import BrokerageEvent, Meeting, MeetingState, Participant
from states.matchmaking.meetings.occupancy import all_online
from states.matchmaking.timetable import problem as timetable
from states.matchmaking.timetable.explain import Names


@dataclass(frozen=True, slots=True)
class EventProblem:
    """A problem, the meeting and participant behind each of its numbers, who comes, and the present places.

    `fixed` holds the slot of each meeting (by its id) that stays where it is; `begun` the slots that have begun.
    `names` says what to call them all where something has to be explained.
    """

    problem: timetable.Problem
    names: Names
    meetings: Sequence[Meeting]
    people: Sequence[Participant]
    entries: Mapping[str, Sequence[PartyEntry]]
    standing: timetable.Schedule
    fixed: Mapping[str, int]
    begun: frozenset[int]


def event_problem(session: Session, event: BrokerageEvent) -> EventProblem:
    """Read all meetings that are agreed upon, with who comes to them.

    What is locked, or in a slot that has begun, stays; slots that have begun take nothing more.
    """
    slots = event_slots(event)
    begun = frozenset(slot.number for slot in slots if slot.starts_at <= now())
    rows = meetings_of(session, event.id, (MeetingState.ACCEPTED, *OCCUPYING))
    entries = {key: coming(found) for key, found in parties_of(session, [row.id for row in rows]).items()}
    fixed = {row.id: row.slot for row in rows if row.slot is not None and _stays(row, begun)}
    past: dict[str, set[int]] = {}
    for key, slot in fixed.items():
        for entry in entries[key] if slot in begun else ():
            past.setdefault(entry.participant.id, set()).add(slot)
    # Who meets nobody has no breaks: counted in, fairness would forbid them to all.
    people = {entry.participant.id: entry for row in rows for entry in entries[row.id]}
    numbers = {key: number for number, key in enumerate(people)}
    places = {row.id: number for number, row in enumerate(rows)}
    problem = timetable.Problem(
        slots=tuple(timetable.Slot(slot.session, tuple(range(1, slot.tables + 1))) for slot in slots),
        participants=tuple(
            _participant(event, entry.participant, begun, past.get(key, set())) for key, entry in people.items()
        ),
        meetings=tuple(
            timetable.Meeting(
                participants=tuple(numbers[entry.participant.id] for entry in entries[row.id]),
                session=None if row.id in fixed else row.session,
                slot=fixed.get(row.id),
                online=all_online(entries[row.id]),
            )
            for row in rows
        ),
        precedences=tuple((places[row.after_id], places[row.id]) for row in rows if row.after_id in places),
        fairness=event.fairness,
    )
    standing = tuple(timetable.Place(row.slot, row.table_number) if row.slot is not None else None for row in rows)
    return EventProblem(
        problem=problem,
        names=_names(event, slots, rows, entries, people.values()),
        meetings=rows,
        people=[entry.participant for entry in people.values()],
        entries=entries,
        standing=timetable.Schedule(standing),
        fixed=fixed,
        begun=begun,
    )


def _names(
    event: BrokerageEvent,
    slots: Sequence[EventSlot],
    rows: Sequence[Meeting],
    entries: Mapping[str, Sequence[PartyEntry]],
    people: Iterable[PartyEntry],
) -> Names:
    """Call participants by organisation and function, slots by their time at the event, meetings by who comes."""
    zone = ZoneInfo(event.time_zone)
    return Names(
        participants=[f"{entry.organisation.name}, {entry.participant.label}" for entry in people],
        slots=[f"{slot.starts_at.astimezone(zone):%Y-%m-%d %H:%M}" for slot in slots],
        meetings=[f"{' / '.join(one.organisation.name for one in entries[row.id])} ({row.subject})" for row in rows],
    )


def _stays(row: Meeting, begun: frozenset[int]) -> bool:
    return row.state not in (MeetingState.ACCEPTED, *PLACED) or row.locked or row.slot in begun


def _participant(
    event: BrokerageEvent, row: Participant, begun: frozenset[int], past: set[int]
) -> timetable.Participant:
    return timetable.Participant(
        # Where somebody was in a past meeting is not forbidden to that meeting, whatever was said of it later.
        forbidden=(frozenset(row.unavailable) | begun) - past,
        most=event.most_meetings if row.most_meetings is None else row.most_meetings,
        most_per_session=event.most_per_session,
        booth=row.booth,
    )
