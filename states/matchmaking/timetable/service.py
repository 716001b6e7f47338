"""Timetables: asked for, computed by a runner, kept if nothing has changed since, published as a step of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import BaseModel, Field
from sqlmodel import Session

from states.clock import now
from states.computations.service import Computing, Kind, Watch, claim_answer, end_computation, request_computation
from states.computations.states import EXCLUDE, FINISH, OUTDATE
from states.computations.tables import Computation
from states.errors import Invalid, Refused
from states.matchmaking.event_day.setup import lock_event
from states.matchmaking.event_day.tables import BrokerageEvent, Meeting
from states.matchmaking.meetings.agendas import tell_agendas
from states.matchmaking.meetings.placing import placing_move, write_place
from states.matchmaking.meetings.states import UNPLACE, write_transition
from states.matchmaking.timetable.checker import check
from states.matchmaking.timetable.event_problem import EventProblem, event_problem
from states.matchmaking.timetable.explain import Reason, explain
from states.matchmaking.timetable.problem import Place, Schedule
from states.matchmaking.timetable.replan import Replanned, replan
from states.matchmaking.timetable.solver import Outcome, Progress, solve
from states.matchmaking.timetable.worth import least_breaks
from states.outbox.service import publish
from states.storage import bump_version

_OUTDATED = "outdated"
_CHANGED = "Requests, availabilities, tables or the clock went on since it was computed."
_ANEW = "compute it anew"


class TimetableInvalid(Invalid):
    """The timetable cannot be asked for, or kept, so."""

    code = "timetable_invalid"


class TimetableRefused(Refused):
    """The computation of the timetable is not where this is done."""

    code = "timetable_refused"


KIND = Kind("timetable", "timetable", "timetable", "timetables", 3600, TimetableInvalid, TimetableRefused)


class Task(BaseModel):
    """What a timetable was asked for; `demand` is that of the event when its problem was read."""

    keep: bool = Field(description="move as few placed meetings as possible")
    demand: int


class Timetable(BaseModel):
    """What came of a computation; nothing of it shows before it is published."""

    took: float | None = Field(default=None, description="seconds of the clock")
    breaks: int | None = None
    bound: int | None = Field(default=None, description="no schedule has fewer breaks")
    unfair: int = Field(default=0, description="by so many breaks the fairness asked for is missed")
    proven: bool = False
    moved: int | None = Field(default=None, description="placed meetings that change their slot")
    placements: dict[str, tuple[int, int | None]] = Field(default={}, description="meeting id -> slot, table")
    unplaced: list[str] = Field(default=[], description="meeting ids")
    explanation: list[dict[str, object]] = Field(
        default=[], description="why not all have a place, or what does not fit, and what mends"
    )
    published_at: datetime | None = None


def task_of(row: Computation) -> Task:
    """Return what a timetable was asked for."""
    return Task.model_validate(row.task)


def timetable_of(row: Computation) -> Timetable:
    """Return what came of a computation so far."""
    return Timetable.model_validate(row.answer)


def request_timetable(
    session: Session, event: BrokerageEvent, *, person_id: str, seconds: int, keep: bool = False
) -> Computation:
    """Ask for a timetable with so many seconds of work; `keep` moves as few placed meetings as possible."""
    lock_event(session, event)
    return request_computation(
        session,
        KIND,
        subject_id=event.id,
        partnership_id=event.partnership_id,
        person_id=person_id,
        seconds=seconds,
        task=Task(keep=keep, demand=event.demand).model_dump(),
    )


def read_problem(session: Session, row: Computation) -> EventProblem:
    """Return the problem of the event as it is now."""
    event = session.get_one(BrokerageEvent, row.subject_id)
    lock_event(session, event)
    row.task = Task(keep=task_of(row).keep, demand=event.demand).model_dump()
    session.flush()
    return event_problem(session, event)


def compute_timetable(found: EventProblem, row: Computation, watch: Watch) -> Outcome:
    """Return the best timetable of an event, with the explanation where not all have a place.

    Where it is to keep what stands, it moves as few meetings as possible; `proven` then says that none moves fewer,
    and only counting explains what has no place.
    """
    if task_of(row).keep and any(place is not None for place in found.standing.places):
        return _kept(found, replan(found.problem, found.standing, seconds=row.seconds, cancelled=watch.over))

    def note(progress: Progress) -> None:
        watch.note(breaks=progress.breaks, unplaced=progress.unplaced, bound=progress.bound)

    return solve(
        found.problem,
        seconds=row.seconds,
        before=found.standing,
        names=found.names,
        on_progress=note,
        cancelled=watch.over,
    )


def _kept(found: EventProblem, changed: Replanned) -> Outcome:
    reasons = explain(found.problem, found.names) if changed.unplaced else ()
    return Outcome(
        schedule=changed.schedule,
        breaks=changed.breaks,
        unplaced=changed.unplaced,
        unfair=changed.unfair,
        bound=sum(least_breaks(found.problem)),
        proven=changed.proven,
        impossible=bool(reasons),
        cancelled=changed.cancelled,
        seconds=changed.seconds,
        explanation=reasons,
        failures=changed.failures,
    )


def record_schedule(session: Session, row: Computation, outcome: Outcome) -> Computation:
    """Keep what a computation found, the best so far where it was cancelled.

    It is outdated, and keeps no places, where a request, an answer, an availability or a table has changed since the
    problem was read, or a slot that it uses has begun.
    """
    event = session.get_one(BrokerageEvent, row.subject_id)
    lock_event(session, event)
    if not claim_answer(session, row):
        return row
    found = event_problem(session, event)
    made = Timetable(
        took=outcome.seconds,
        breaks=outcome.breaks,
        bound=outcome.bound,
        proven=outcome.proven,
        unfair=outcome.unfair,
    )
    faults = [_CHANGED] if event.demand != task_of(row).demand else _faults(found, outcome)
    if faults:
        made.explanation = [{"cause": _OUTDATED, "message": fault, "mends": [_ANEW]} for fault in faults]
        move = OUTDATE
    else:
        made.explanation = [_told(found, reason) for reason in outcome.explanation]
        _place_all(made, found, outcome.schedule)
        move = EXCLUDE if outcome.impossible else FINISH
    row.answer = made.model_dump(mode="json")
    session.flush()
    if move.leaves(row.state):  # what was cancelled stays so, unless its answer does not fit any more
        end_computation(session, KIND, row, move, *outcome.failures)
    return row


COMPUTING = Computing(KIND, read_problem, compute_timetable, record_schedule)


def publish_timetable(session: Session, row: Computation, *, expected_version: int | None = None) -> BrokerageEvent:
    """Put every meeting where the timetable has it and let participants see it; who has no place waits.

    Refused if the event has changed since: the timetable would not fit.
    """
    event = session.get_one(BrokerageEvent, row.subject_id)
    lock_event(session, event)
    made = timetable_of(row)
    if not made.placements:
        raise KIND.nothing_to_take()
    bump_version(session, row, expected=expected_version)
    found = event_problem(session, event)
    if event.demand != task_of(row).demand or _overtaken(found, made.placements):
        raise KIND.refusal("timetable_outdated")
    changed = [
        one for one in found.meetings if one.id not in found.fixed and _place(one) != made.placements.get(one.id)
    ]
    _rearrange(session, event, found, changed, made.placements)
    event.published_at = made.published_at = now()
    row.answer = made.model_dump(mode="json")
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


def _place_all(made: Timetable, found: EventProblem, schedule: Schedule) -> None:
    places = _with_settled_tables(found, schedule)
    made.placements = {key: (place.slot, place.table) for key, place in places.items()}
    made.unplaced = [one.id for one in found.meetings if one.id not in places]
    made.moved = sum(
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


def _overtaken(found: EventProblem, placements: Mapping[str, tuple[int, int | None]]) -> bool:
    """Tell whether a slot has begun since that takes a meeting, or from which one was to move away."""
    for one in found.meetings:
        slot = placements.get(one.id, (None, None))[0]
        if slot != found.fixed[one.id] if one.id in found.fixed else slot in found.begun:
            return True
    return False


def _place(row: Meeting) -> tuple[int, int | None] | None:
    return None if row.slot is None else (row.slot, row.table_number)


def _rearrange(
    session: Session,
    event: BrokerageEvent,
    found: EventProblem,
    rows: Sequence[Meeting],
    placements: Mapping[str, tuple[int, int | None]],
) -> None:
    """Give meetings their new places, thousands in two batches; the event's lock stands for the versions."""
    for one in rows:
        one.slot = one.table_number = None
    session.flush()  # every old place is free before the first new one is taken: two may change places
    for one in rows:
        one.version += 1
        match placements.get(one.id):
            case (slot, table):
                write_transition(one, placing_move(event, one))
                write_place(event, one, slot, table, entries=found.entries[one.id])
            case None:
                write_transition(one, UNPLACE)
    session.flush()
