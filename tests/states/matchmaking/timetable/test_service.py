"""Timetables: asked for one at a time, kept if nothing has changed, hidden until published; what is locked stays."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from states.clock import at
from states.computations.queries import computations_of, progress_of
from states.computations.service import begin_computation, cancel_computation, note_progress
from states.computations.tables import Computation, ComputationState
from states.matchmaking.event_day.participants import Delegate, edit_participant, seat_participant
from states.matchmaking.event_day.queries import tells_places
from states.matchmaking.event_day.tables import (
    Attendance,
    BrokerageEvent,
    Meeting,
    MeetingState,
    Participant,
    Scheduling,
)
from states.matchmaking.meetings.placing import bind_meeting, cancel_meeting, place_meeting
from states.matchmaking.meetings.requests import Wish, request_meeting
from states.matchmaking.timetable import problem as timetable
from states.matchmaking.timetable.event_problem import event_problem
from states.matchmaking.timetable.explain import Cause, Reason, explain
from states.matchmaking.timetable.problem import Place
from states.matchmaking.timetable.service import (
    COMPUTING,
    KIND,
    TimetableInvalid,
    TimetableRefused,
    publish_timetable,
    record_schedule,
    request_timetable,
    timetable_of,
)
from states.matchmaking.timetable.solver import Outcome, Progress, solve
from states.outbox.tables import OutboxMessage
from tests.expect import codes, places
from tests.factories import World, a_world
from tests.meeting_factories import BEFORE, DAY, a_brokerage_event, a_meeting, a_participant, accept, an_outcome

on_sqlite = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@dataclass
class Fair:
    """An event whose organiser schedules: three participants, and each has agreed to meet the others."""

    world: World
    event: BrokerageEvent
    people: list[Participant]
    meetings: list[Meeting]

    def ask(self, *, keep: bool = False) -> Computation:
        person_id = self.world.people["project_manager"].id
        return request_timetable(self.world.session, self.event, person_id=person_id, seconds=30, keep=keep)

    def run(self, *slots: int | None) -> Computation:
        """Let a timetable be computed that has the meetings in these slots, each at table 1."""
        row = self.ask()
        begin_computation(self.world.session, COMPUTING, row)
        return record_schedule(self.world.session, row, computed(*slots))

    def places(self) -> list[tuple[MeetingState, int | None, int | None]]:
        return [(row.state, row.slot, row.table_number) for row in self.meetings]


def computed(*slots: int | None, **changes: object) -> Outcome:
    """Return these slots as found, each at table 1, with as many breaks as the three pairs of people have then."""
    own = [(slots[one], slots[other]) for one, other in ((0, 1), (0, 2), (1, 2)) if other < len(slots)]
    count = sum(a is not None and b is not None and abs(a - b) > 1 for a, b in own)
    places = [None if slot is None else Place(slot, 1) for slot in slots]
    return an_outcome(*places, **{"breaks": count} | changes)


@pytest.fixture(autouse=True)
def before_the_event() -> Iterator[None]:
    with at(BEFORE):
        yield


@pytest.fixture
def fair(session: Session) -> Fair:
    world = a_world(session)
    event = a_brokerage_event(world, scheduling=Scheduling.ORGANISER, most_per_session=2, fairness=1)
    people = [a_participant(world, event, who) for who in ("gliwice", "katowice", "marseille")]
    meetings = []
    for number, (one, other) in enumerate(((0, 1), (0, 2), (1, 2))):
        with at(BEFORE + timedelta(minutes=number)):
            wish = Wish(subject="Coating", priority=3)
            row = request_meeting(session, event, wish, asker=people[one], guests=[people[other]])
        meetings.append(accept(world, event, row, people[other]))
    return Fair(world, event, people, meetings)


@on_sqlite
def test_an_event_becomes_a_problem(fair: Fair) -> None:
    session, event = fair.world.session, fair.event
    online = a_participant(fair.world, event, "gliwice", label="online", attendance=Attendance.ONLINE)
    far = a_participant(fair.world, event, "marseille", label="far", attendance=Attendance.ONLINE, unavailable=(5,))
    seat_participant(session, event, fair.people[0], booth=9, most_meetings=4)
    a_meeting(fair.world, event, online, far)
    place_meeting(session, event, fair.meetings[0], slot=2)
    bind_meeting(session, event, fair.meetings[1], locked=False, only_session=1, after=fair.meetings[0])

    found = event_problem(session, event)

    number = {row.id: place for place, row in enumerate(found.meetings)}
    first, second = number[fair.meetings[0].id], number[fair.meetings[1].id]
    assert found.problem.slots == tuple(timetable.Slot(one, (1, 2)) for one in (0, 0, 0, 1, 1, 1))
    told = {
        row.id: (one.booth, one.most, one.forbidden)
        for row, one in zip(found.people, found.problem.participants, strict=True)
    }
    assert told == {
        fair.people[0].id: (9, 4, frozenset()),
        far.id: (None, 20, frozenset({5})),
        **dict.fromkeys((fair.people[1].id, fair.people[2].id, online.id), (None, 20, frozenset())),
    }
    assert {one.most_per_session for one in found.problem.participants} == {2}
    assert [meeting.online for meeting in found.problem.meetings].count(True) == 1
    assert (found.problem.meetings[first].slot, found.problem.meetings[second].slot) == (2, None)
    assert found.problem.meetings[second].session == 1
    assert found.problem.precedences == ((first, second),)
    assert (found.problem.fairness, found.standing.places[first]) == (1, Place(2, 9))


def test_a_timetable_is_hidden_until_it_is_published(fair: Fair) -> None:
    row = fair.run(0, 1, 2)
    hidden, told_before = fair.places(), tells_places(fair.event)

    publish_timetable(fair.world.session, row)

    made = timetable_of(row)
    assert (row.state, made.breaks, made.bound, made.proven) == (ComputationState.DONE, 1, 0, True)
    assert (made.took, made.moved) == (0.5, 0)
    assert hidden == [(MeetingState.ACCEPTED, None, None)] * 3
    assert fair.places() == [(MeetingState.SCHEDULED, slot, 1) for slot in (0, 1, 2)]
    assert (told_before, tells_places(fair.event)) == (False, True)


def test_meetings_change_places_and_who_has_none_waits_again(fair: Fair) -> None:
    publish_timetable(fair.world.session, fair.run(0, 1, 2))
    row = fair.run(1, 0, None)

    publish_timetable(fair.world.session, row)

    assert (timetable_of(row).moved, timetable_of(row).unplaced) == (3, [fair.meetings[2].id])
    assert fair.places() == [
        (MeetingState.MOVED, 1, 1),
        (MeetingState.MOVED, 0, 1),
        (MeetingState.ACCEPTED, None, None),
    ]


@on_sqlite
def test_what_changed_since_outdates_a_timetable(fair: Fair) -> None:
    session, event = fair.world.session, fair.event
    running = fair.ask()
    begin_computation(session, COMPUTING, running)
    cancel_meeting(session, event, fair.meetings[2], by=None, reason="Ill.")
    record_schedule(session, running, computed(0, 1, 2))
    done = fair.run(0, 1)
    place_meeting(session, event, fair.meetings[0], slot=5)

    with pytest.raises(TimetableRefused) as caught:
        publish_timetable(session, done)

    assert (running.state, timetable_of(running).placements) == (ComputationState.OUTDATED, {})
    assert (done.state, codes(caught.value)) == (ComputationState.DONE, ["timetable_outdated"])
    assert fair.places()[1] == (MeetingState.ACCEPTED, None, None)


@on_sqlite
@pytest.mark.parametrize(("unfair", "state"), [(0, ComputationState.OUTDATED), (1, ComputationState.DONE)])
def test_a_timetable_is_as_unfair_as_it_says(fair: Fair, unfair: int, state: ComputationState) -> None:
    fair.event.fairness = 0
    fair.world.session.flush()
    row = fair.ask()
    begin_computation(fair.world.session, COMPUTING, row)

    record_schedule(fair.world.session, row, computed(0, 1, 3, unfair=unfair))

    assert row.state is state


@on_sqlite
def test_a_slot_that_has_begun_outdates_a_timetable_that_uses_it(fair: Fair) -> None:
    row = fair.run(0, 3, 4)

    with at(DAY.replace(hour=8)), pytest.raises(TimetableRefused) as caught:
        publish_timetable(fair.world.session, row)

    assert codes(caught.value) == ["timetable_outdated"]


@on_sqlite
def test_on_the_day_what_has_begun_stays_and_takes_nothing_more(fair: Fair) -> None:
    publish_timetable(fair.world.session, fair.run(0, 1, 3))
    with at(DAY.replace(hour=8, minute=25)):  # slots 0 and 1 have begun
        found = event_problem(fair.world.session, fair.event)

    assert [meeting.slot for meeting in found.problem.meetings] == [0, 1, None]
    assert (found.begun, found.fixed) == (frozenset({0, 1}), {fair.meetings[0].id: 0, fair.meetings[1].id: 1})
    assert [set(one.forbidden) for one in found.problem.participants] == [set(), {1}, {0}]
    assert found.problem.domains == ((0,), (1,), (2, 3, 4, 5))


@on_sqlite
def test_what_cannot_be_is_told_by_name(fair: Fair) -> None:
    a_participant(fair.world, fair.event, "gliwice", label="meets nobody")
    busy = Delegate(label="chemist", attendance=Attendance.ON_SITE, unavailable=range(1, 6))
    edit_participant(fair.world.session, fair.event, fair.people[0], busy)
    found = event_problem(fair.world.session, fair.event)

    [reason] = explain(found.problem, found.names)

    assert len(found.people) == 3
    assert "gliwice, chemist" in reason.message
    assert found.names.slots[0] == "2026-05-04 10:00"
    assert found.names.meetings[0] == "gliwice / katowice (Coating)"


@on_sqlite
def test_a_timetable_is_really_computed(fair: Fair) -> None:
    session, event = fair.world.session, fair.event
    seat_participant(session, event, fair.people[2], booth=9, most_meetings=None)
    place_meeting(session, event, fair.meetings[1], slot=4)
    row = fair.ask()
    found = begin_computation(session, COMPUTING, row)
    assert found is not None

    def tell(progress: Progress) -> None:
        note_progress(session, row, breaks=progress.breaks, unplaced=progress.unplaced, bound=progress.bound)

    outcome = solve(found.problem, seconds=20, before=found.standing, on_progress=tell)
    record_schedule(session, row, outcome)
    publish_timetable(session, row)

    made = timetable_of(row)
    assert (row.state, made.proven, made.breaks, made.moved) == (ComputationState.DONE, True, 1, 0)
    assert made.explanation == []
    assert [line.progress["unplaced"] for line in progress_of(session, row.id)][-1] == 0
    assert len({slot for _, slot, _ in fair.places()} - {None}) == 3  # each meets the others, one after the other
    assert [(one.slot, one.table_number) for one in fair.meetings[1:2]] == [(4, 9)]
    assert fair.meetings[2].table_number == 9


@on_sqlite
def test_what_is_locked_keeps_its_table_too(fair: Fair) -> None:
    session, event = fair.world.session, fair.event
    people = [a_participant(fair.world, event, who, label="b") for who in ("gliwice", "marseille")]
    other = a_meeting(fair.world, event, people[0], people[1])
    place_meeting(session, event, fair.meetings[0], slot=0, table=2)
    row = fair.ask()
    found = begin_computation(session, COMPUTING, row)
    assert found is not None
    where = {fair.meetings[0].id: Place(0, 1), other.id: Place(0, 2)}
    spare = iter((Place(1, 1), Place(2, 1)))
    record_schedule(session, row, an_outcome(*(where.get(one.id) or next(spare) for one in found.meetings), breaks=1))

    publish_timetable(session, row)

    assert [(one.slot, one.table_number) for one in (fair.meetings[0], other)] == [(0, 2), (0, 1)]


@on_sqlite
def test_one_timetable_is_computed_at_a_time(fair: Fair) -> None:
    row = fair.ask()

    with pytest.raises(TimetableRefused) as second:
        fair.ask()
    cancel_computation(fair.world.session, KIND, row)
    with pytest.raises(TimetableRefused) as again:
        cancel_computation(fair.world.session, KIND, row)
    other = fair.ask(keep=True)

    assert (codes(second.value), codes(again.value)) == (["timetable_open"], ["wrong_state"])
    assert {one.id: one.state for one in computations_of(fair.world.session, KIND, fair.event.id)} == {
        row.id: ComputationState.CANCELLED,
        other.id: ComputationState.WAITING,
    }
    asked = fair.world.session.exec(select(OutboxMessage.payload).where(OutboxMessage.name == "timetable.requested"))
    assert list(asked) == [{"timetable": row.id}, {"timetable": other.id}]


@on_sqlite
def test_what_was_cancelled_before_it_began_does_not_begin(fair: Fair) -> None:
    session = fair.world.session
    waiting = fair.ask()
    cancel_computation(session, KIND, waiting)
    nothing = begin_computation(session, COMPUTING, waiting)
    running = fair.ask()
    begin_computation(session, COMPUTING, running)
    note_progress(session, running, breaks=4, unplaced=1, bound=None)

    with pytest.raises(TimetableRefused) as caught:
        publish_timetable(session, running)

    assert (nothing, waiting.state, codes(caught.value)) == (None, ComputationState.CANCELLED, ["wrong_state"])
    assert [line.progress for line in progress_of(session, running.id)] == [{"breaks": 4, "unplaced": 1, "bound": None}]


@on_sqlite
def test_what_cannot_all_be_is_explained_and_the_rest_can_be_published(fair: Fair) -> None:
    row = fair.ask()
    begin_computation(fair.world.session, COMPUTING, row)
    why = Reason(Cause.PARTICIPANT, "Three meetings, two slots.", ("free slot 4",), (2, 0), (1,), (4,))
    record_schedule(fair.world.session, row, computed(0, 1, None, explanation=(why,)))

    publish_timetable(fair.world.session, row)

    assert (row.state, timetable_of(row).unplaced) == (ComputationState.INFEASIBLE, [fair.meetings[2].id])
    assert timetable_of(row).explanation == [
        {
            "cause": "participant",
            "message": "Three meetings, two slots.",
            "mends": ["free slot 4"],
            "meetings": [fair.meetings[2].id, fair.meetings[0].id],
            "participants": [fair.people[1].id],
            "slots": [4],
        }
    ]
    assert [state for state, _, _ in fair.places()] == [
        MeetingState.SCHEDULED,
        MeetingState.SCHEDULED,
        MeetingState.ACCEPTED,
    ]


@on_sqlite
@pytest.mark.parametrize(
    ("slots", "changes", "fault"),
    [
        ((0, 0, 1), {}, "participant 0: 2 meetings in slot 0"),
        ((0, 1, 2), {"breaks": 0}, "breaks: 1, not 0"),
        ((0, 1, 2), {"unfair": 1}, ""),  # as fair as could be
        ((0, 1), {}, "2 places for 3 meetings"),
    ],
)
def test_what_does_not_fit_is_not_kept(
    fair: Fair, slots: tuple[int, ...], changes: dict[str, object], fault: str
) -> None:
    fair.event.fairness = 0 if "unfair" in changes else 1
    row = fair.ask()
    begin_computation(fair.world.session, COMPUTING, row)
    record_schedule(fair.world.session, row, computed(*slots, **changes))

    kept = (
        row.state,
        timetable_of(row).placements != {},
        [reason["message"] for reason in timetable_of(row).explanation[:1]],
    )
    assert kept == ((ComputationState.OUTDATED, False, [fault]) if fault else (ComputationState.DONE, True, []))


@on_sqlite
def test_the_best_so_far_of_a_cancelled_computation_can_be_published(fair: Fair) -> None:
    row = fair.ask()
    begin_computation(fair.world.session, COMPUTING, row)
    cancel_computation(fair.world.session, KIND, row)
    record_schedule(fair.world.session, row, computed(0, 1, 2, cancelled=True))

    publish_timetable(fair.world.session, row)

    assert row.state is ComputationState.CANCELLED
    assert [slot for _, slot, _ in fair.places()] == [0, 1, 2]


@on_sqlite
@pytest.mark.parametrize("seconds", [0, 3601])
def test_a_computation_has_its_time(fair: Fair, seconds: int) -> None:
    with pytest.raises(TimetableInvalid) as caught:
        request_timetable(fair.world.session, fair.event, person_id=fair.world.people["partner"].id, seconds=seconds)

    assert places(caught.value) == ["seconds"]
