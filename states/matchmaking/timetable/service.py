"""Timetables: asked for, computed elsewhere, kept if nothing has changed since, and published as a step of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NoReturn

from sqlmodel import Session, col, select

from states.clock import now
from states.errors import Fault, Invalid, Refusal, Refused
from states.matchmaking.event_day.setup import lock_event
from states.matchmaking.event_day.tables import (
    BrokerageEvent,
    Meeting,
    MeetingState,
    RunState,
    TimetableLine,
    TimetableRun,
)
from states.matchmaking.meetings.agendas import tell_agendas
from states.matchmaking.meetings.placing import assign, state_in
from states.matchmaking.meetings.states import enter
from states.matchmaking.timetable.checker import check
from states.matchmaking.timetable.event_problem import EventProblem, event_problem
from states.matchmaking.timetable.explain import Reason
from states.matchmaking.timetable.problem import Place, Schedule
from states.matchmaking.timetable.solver import Outcome
from states.outbox.service import publish
from states.storage import bump_version

LONGEST_SECONDS = 3600
_OPEN = (RunState.WAITING, RunState.RUNNING)
_OUTDATED = "outdated"
_CHANGED = "Requests, availabilities, tables or the clock went on since it was computed."
_ANEW = "compute it anew"


class TimetableInvalid(Invalid):
    """The timetable cannot be asked for, or kept, so."""

    code = "timetable_invalid"


class TimetableRefused(Refused):
    """The computation of the timetable is not where this is done."""

    code = "timetable_refused"


def request_timetable(
    session: Session, event: BrokerageEvent, *, person_id: str, seconds: int, keep: bool = False
) -> TimetableRun:
    """Ask for a timetable within so many seconds; `keep` moves as few placed meetings as possible.

    One at a time for an event. The computation itself answers the event `timetable.requested`.
    """
    if not 1 <= seconds <= LONGEST_SECONDS:
        raise TimetableInvalid(faults=[Fault("seconds", f"{seconds} seconds", f"1 to {LONGEST_SECONDS}")])
    lock_event(session, event)
    open_runs = select(TimetableRun.id).where(TimetableRun.event_id == event.id, col(TimetableRun.state).in_(_OPEN))
    if session.exec(open_runs).first() is not None:
        message = "A timetable is being computed for this event: wait for it or cancel it."
        raise TimetableRefused([Refusal("timetable_open", message, ("project_manager",), "timetables")])
    row = TimetableRun(
        event_id=event.id,
        partnership_id=event.partnership_id,
        asked_by=person_id,
        asked_at=now(),
        seconds=seconds,
        keep=keep,
        demand=event.demand,
    )
    session.add(row)
    session.flush()
    publish(session, "timetable.requested", partnership_id=row.partnership_id, timetable=row.id)
    return row


def begin_run(session: Session, row: TimetableRun) -> EventProblem | None:
    """Note that the computation begins and return its problem; None if it was cancelled before.

    A computation that was broken off begins anew.
    """
    if row.state not in _OPEN:
        return None
    event = session.get_one(BrokerageEvent, row.event_id)
    lock_event(session, event)
    bump_version(session, row)
    row.state, row.demand = RunState.RUNNING, event.demand
    session.flush()
    return event_problem(session, event)


def note_progress(
    session: Session, row: TimetableRun, *, breaks: int | None, unplaced: int, bound: int | None
) -> TimetableLine:
    """Add a line on the best schedule so far."""
    line = TimetableLine(run_id=row.id, at=now(), breaks=breaks, unplaced=unplaced, bound=bound)
    session.add(line)
    session.flush()
    return line


def cancel_run(session: Session, row: TimetableRun, *, expected_version: int | None = None) -> TimetableRun:
    """Cancel a computation; whoever computes looks at the row and stops."""
    if row.state not in _OPEN:
        _refuse(row)
    bump_version(session, row, expected=expected_version)
    _end(session, row, RunState.CANCELLED)
    return row


def record_schedule(
    session: Session, row: TimetableRun, outcome: Outcome, *, explanation: Sequence[Reason] = ()
) -> TimetableRun:
    """Keep what a computation found, the best so far where it was cancelled; nothing shows before it is published.

    `explanation` says why not all meetings have a place. The run is outdated, and keeps nothing, where a request, an
    answer, an availability or a table has changed since the problem was read, or a slot that it uses has begun.
    """
    event = session.get_one(BrokerageEvent, row.event_id)
    lock_event(session, event)
    session.refresh(row)
    if row.state not in (RunState.RUNNING, RunState.CANCELLED):
        return row
    bump_version(session, row)
    found = event_problem(session, event)
    row.took, row.breaks, row.bound = outcome.seconds, outcome.breaks, outcome.bound
    row.proven, row.unfair = outcome.proven, outcome.unfair
    faults = [_CHANGED] if event.demand != row.demand else _faults(found, outcome)
    if faults:
        row.explanation = [{"cause": _OUTDATED, "message": fault, "mends": [_ANEW]} for fault in faults]
        _end(session, row, RunState.OUTDATED)
        return row
    row.explanation = [_told(found, reason) for reason in explanation]
    _keep(row, found, outcome.schedule)
    if row.state is RunState.RUNNING:
        _end(session, row, RunState.INFEASIBLE if outcome.impossible else RunState.DONE)
    return row


def publish_timetable(session: Session, row: TimetableRun, *, expected_version: int | None = None) -> BrokerageEvent:
    """Put every meeting where the timetable has it and let participants see it; who has no place waits.

    Refused if the event has changed since: the timetable would not fit.
    """
    event = session.get_one(BrokerageEvent, row.event_id)
    lock_event(session, event)
    if not row.placements:
        _refuse(row)
    bump_version(session, row, expected=expected_version)
    found = event_problem(session, event)
    if event.demand != row.demand or _overtaken(found, row.placements):
        raise TimetableRefused([Refusal("timetable_outdated", _CHANGED, ("project_manager",), "timetables")])
    changed = [one for one in found.meetings if one.id not in found.fixed and _place(one) != row.placements.get(one.id)]
    _rearrange(session, event, found, changed, row.placements)
    event.published_at = row.published_at = now()
    for one in found.meetings:
        one.told_slot = one.told_slot if one.slot is None else one.slot
    session.flush()
    publish(session, "timetable.published", partnership_id=row.partnership_id, timetable=row.id, event=event.id)
    tell_agendas(session, event, timetable_id=row.id)
    return event


def _faults(found: EventProblem, outcome: Outcome) -> list[str]:
    fairness = found.problem.fairness
    problem = replace(found.problem, fairness=None if fairness is None else fairness + outcome.unfair)
    return check(problem, outcome.schedule, breaks=outcome.breaks)


def _told(found: EventProblem, reason: Reason) -> dict[str, object]:
    """Return a reason as JSON, with ids in the place of numbers."""
    return {
        "cause": reason.cause.value,
        "message": reason.message,
        "mends": list(reason.mends),
        "meetings": [found.meetings[number].id for number in reason.meetings],
        "participants": [found.people[number].id for number in reason.participants],
        "slots": list(reason.slots),
    }


def _keep(row: TimetableRun, found: EventProblem, schedule: Schedule) -> None:
    places = _with_settled_tables(found, schedule)
    row.placements = {key: [place.slot, place.table] for key, place in places.items()}
    row.unplaced = [one.id for one in found.meetings if one.id not in places]
    row.moved = sum(
        was is not None and (one.id not in places or places[one.id].slot != was.slot)
        for one, was in zip(found.meetings, found.standing.places, strict=True)
    )


def _with_settled_tables(found: EventProblem, schedule: Schedule) -> dict[str, Place]:
    """Return the places by meeting; what stays keeps its table too, and who was given that one takes the other."""
    places = {one.id: place for one, place in zip(found.meetings, schedule.places, strict=True) if place is not None}
    at = {(place.slot, place.table): key for key, place in places.items()}
    for one in found.meetings:
        if one.id in found.fixed and one.table_number != places[one.id].table:
            slot, table = places[one.id].slot, places[one.id].table
            if other := at.get((slot, one.table_number)):
                places[other] = Place(slot, table)
                at[slot, table] = other
            places[one.id] = Place(slot, one.table_number)
    return places


def _overtaken(found: EventProblem, placements: Mapping[str, list[int | None]]) -> bool:
    """Tell whether a slot has begun since that takes a meeting, or from which one was to move away."""
    for one in found.meetings:
        slot = placements.get(one.id, [None])[0]
        if slot != found.fixed[one.id] if one.id in found.fixed else slot in found.begun:
            return True
    return False


def _place(row: Meeting) -> list[int | None] | None:
    return None if row.slot is None else [row.slot, row.table_number]


def _rearrange(
    session: Session,
    event: BrokerageEvent,
    found: EventProblem,
    rows: Sequence[Meeting],
    placements: Mapping[str, list[int | None]],
) -> None:
    """Give meetings their new places, thousands in two batches; the event's lock stands for the versions."""
    for one in rows:
        one.slot = one.table_number = None
    session.flush()  # every old place is free before the first new one is taken: two may change places
    for one in rows:
        one.version += 1
        match placements.get(one.id):
            case [int(slot), table]:
                enter(one, state_in(event, one))
                assign(event, one, slot, table, entries=found.entries[one.id])
            case None:
                enter(one, MeetingState.ACCEPTED)
    session.flush()


def _end(session: Session, row: TimetableRun, state: RunState) -> None:
    row.state, row.ended_at = state, now()
    session.flush()
    publish(session, f"timetable.{state.value}", partnership_id=row.partnership_id, timetable=row.id)


def _refuse(row: TimetableRun) -> NoReturn:
    message = f"The computation is {row.state.value}, and there is nothing of it to do this with."
    raise TimetableRefused([Refusal("wrong_state", message, ("project_manager",), "timetables")])
