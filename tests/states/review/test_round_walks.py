"""Any order of valid and invalid actions in a round: conflicts hold, no decision is below quorum, history folds."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine
from sqlmodel import Session

from states.clock import at
from states.crossings.review.reviewer_assignment import fill_seats
from states.errors import Invalid, Missing, Refused, Stale
from states.review.conflicts.tables import ConflictKind, Ruling
from states.review.definition import Phase
from states.review.queries import (
    consensus_of,
    decision_of,
    declarations_of,
    evaluations_of,
    minute_of,
    round_by_id,
    seat_of,
    seats_of,
    submissions_of,
)
from states.review.seats import Place
from states.review.tables import Outcome, ReviewRound, RoundState, SeatState
from states.schema import METADATA
from states.storage import make_engine, session_on
from tests.factories import REVIEWERS
from tests.laws import often
from tests.states.review.room import CRITERIA, DISQUALIFYING, Room, a_room

Rows = dict[str, list[tuple[object, ...]]]
PEOPLE = (*REVIEWERS, "iag_secretary", "iag_chair", "wgra_chair", "partner")
BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)

# Weighted so that blind chance often comes to where something is at stake.
names = st.sampled_from([*PEOPLE, *REVIEWERS])
officers = st.sampled_from(["iag_secretary", "iag_chair", "wgra_chair", REVIEWERS[0]])
reviewers = st.sampled_from(REVIEWERS)
scores = st.sampled_from(["0", "2.5", "3", "4.5", "5", "4.3", "seven"])
words = st.sampled_from(["Because.", "Because.", "Because.", "  "])


def _dump(bind: Engine) -> Rows:
    """Return every row of every table."""
    with session_on(bind, read_only=True) as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(table.select())), key=repr)
            for table in METADATA.sorted_tables
        }


class Walk(RuleBasedStateMachine):
    """One round under random hands; each action is a transaction of its own, rolled back when it is refused."""

    folder: Path
    room: Room

    def __init__(self) -> None:
        super().__init__()
        self.minutes = 0
        self.rows: Rows | None = None
        self.released_with: int | None = None
        self.ever_excluded: set[str] = set()
        self.round_id = self.room.round.id
        path = self.folder / f"{uuid4().hex}.db"
        shutil.copy(self.folder / "opened.db", path)
        self.engine = make_engine(f"sqlite:///{path}")

    def teardown(self) -> None:
        self.engine.dispose()

    def _do(self, act: Callable[[Room], object]) -> None:
        """Act in a transaction; what is refused has changed nothing."""
        self.minutes += 1
        with at(BEGIN + timedelta(minutes=self.minutes)):
            before, self.rows = self.rows or _dump(self.engine), None
            try:
                with session_on(self.engine) as session:
                    act(self._entered(session))
            except (Refused, Stale, Invalid, Missing):
                self.rows = _dump(self.engine)
                assert self.rows == before

    def _entered(self, session: Session) -> Room:
        world = self.room.world
        world.session = session
        row = session.get_one(type(self.room.row), self.room.row.id)
        return Room(world, row, round_by_id(session, self.round_id))

    @rule(name=names)
    def agree(self, name: str) -> None:
        self._do(lambda room: room.agree(name))

    @rule(name=reviewers)
    def find_a_conflict_late(self, name: str) -> None:
        self._do(lambda room: room.declare(name, DISQUALIFYING, "They bought my company."))

    @rule(name=reviewers, kind=st.sampled_from(ConflictKind))
    def waver(self, name: str, kind: ConflictKind) -> None:
        self._do(lambda room: room.declare(name, ConflictKind.POTENTIAL, "A contract two years ago."))
        self._do(lambda room: room.declare(name, kind, "On second thoughts."))

    @rule(name=names, kind=st.sampled_from(ConflictKind), reason=words)
    def declare(self, name: str, kind: ConflictKind, reason: str) -> None:
        self._do(lambda room: room.declare(name, kind, reason))

    @rule(name=reviewers, by=names, cleared=st.booleans(), reason=words)
    def give_a_ruling(self, name: str, by: str, cleared: bool, reason: str) -> None:
        self._do(lambda room: room.rule(name, cleared=cleared, by=by, reason=reason))

    @rule(name=names, score=scores)
    def draft(self, name: str, score: str) -> None:
        self._do(lambda room: room.draft(name, {"market": score}))

    @rule(name=names, score=scores, market=scores)
    def evaluate(self, name: str, score: str, market: str) -> None:
        self._do(lambda room: room.evaluate(name, score, market=market))

    @rule(name=names, score=scores, reason=words)
    def correct(self, name: str, score: str, reason: str) -> None:
        self._do(lambda room: room.correct(name, score, reason=reason))

    @rule(name=names, reason=words)
    def withdraw(self, name: str, reason: str) -> None:
        self._do(lambda room: room.withdraw(name, reason=reason))

    @rule(name=names)
    def replace(self, name: str) -> None:
        self._do(lambda room: fill_seats(room.session, room.round.id, places=[Place(room.id_of(name))]))

    @rule()
    def close(self) -> None:
        self._do(lambda room: room.close())

    @rule(criterion=st.sampled_from(["market", "team", "fame"]), by=names, record=words)
    def discuss(self, criterion: str, by: str, record: str) -> None:
        self._do(lambda room: room.discuss(criterion, by=by, record=record))

    @rule(by=names, score=scores)
    def consent(self, by: str, score: str) -> None:
        self._do(lambda room: room.consent(by=by, score=score))

    @rule(by=names, text=words)
    def minute(self, by: str, text: str) -> None:
        self._do(lambda room: room.minute(by=by, text=text))

    @rule(by=officers, outcome=st.sampled_from(Outcome), conditions=st.sampled_from([(), ("A clinic joins.",)]))
    def prepare(self, by: str, outcome: Outcome, conditions: tuple[str, ...]) -> None:
        self._do(lambda room: room.prepare(by=by, outcome=outcome, conditions=conditions))

    @rule(by=officers)
    def confirm(self, by: str) -> None:
        self._do(lambda room: room.confirm(by=by))

    @rule(by=officers)
    def release(self, by: str) -> None:
        self._release(by)

    def _release(self, by: str) -> None:
        def act(room: Room) -> None:
            room.release(by=by)
            self.released_with = len(evaluations_of(room.session, room.round.id))
            assert self.released_with >= room.panel.quorum

        self._do(act)

    @rule()
    def carry_it_through(self) -> None:
        steps: list[Callable[[Room], object]] = [
            lambda room: room.close(),
            lambda room: room.consent(),
            lambda room: room.minute(),
            lambda room: room.prepare(),
            lambda room: room.confirm(),
        ]
        for step in steps:
            self._do(step)
        self._release("iag_secretary")

    @initialize(depth=st.integers(0, 5))
    def begin_somewhere(self, depth: int) -> None:
        """Begin at the opening, or with reviewers cleared, evaluations in, a minute, a decision, its confirmation."""

        def act(room: Room) -> None:
            steps: list[Callable[[], object]] = [
                lambda: room.clear(*REVIEWERS),
                lambda: [room.evaluate(name) for name in REVIEWERS],
                lambda: [step() for step in (room.close, room.consent, room.minute)],
                room.prepare,
                room.confirm,
            ]
            for step in steps[:depth]:
                step()

        self._do(act)

    @invariant()
    def whoever_is_excluded_reads_nothing_ever_after(self) -> None:
        with session_on(self.engine, read_only=True) as session:
            room = self._entered(session)
            labels = {person.id: name for name, person in room.world.people.items()}
            self.ever_excluded |= {
                labels[one.person_id]
                for one in declarations_of(session, self.round_id)
                if one.kind is DISQUALIFYING or one.ruling is Ruling.EXCLUDED
            }
            for name in self.ever_excluded:
                assert room.closed_by(name) == ["disqualified"]
                assert room.readable(name) == []
                assert name not in room.counted()
                seat = seat_of(session, self.round_id, room.id_of(name))
                assert seat is not None
                assert seat.state is SeatState.DISQUALIFIED

    @invariant()
    def whoever_reads_has_agreed_declared_and_been_cleared(self) -> None:
        with session_on(self.engine, read_only=True) as session:
            room = self._entered(session)
            last = {one.person_id: one.ruling for one in declarations_of(session, self.round_id)}
            counted = room.counted()
            for name in PEOPLE:
                is_open, readable = room.clearance(name).open, room.readable(name)
                assert not is_open or last.get(room.id_of(name)) is Ruling.CLEARED
                assert is_open or readable == []
                assert readable == [] or name in counted or room.round.state is RoundState.CLOSED

    @invariant()
    def a_potential_conflict_is_cleared_by_somebody_else_only(self) -> None:
        with session_on(self.engine, read_only=True) as session:
            rows = declarations_of(session, self.round_id)
        for one in rows:
            if one.kind is ConflictKind.POTENTIAL and one.ruling is Ruling.CLEARED:
                assert one.ruled_by not in (None, one.person_id)
        for before, after in pairwise(rows):
            taken_back = before.ruling is Ruling.PENDING and after.kind is ConflictKind.NONE
            assert not (taken_back and before.person_id == after.person_id)

    @invariant()
    def no_decision_is_released_below_quorum_or_by_one_person(self) -> None:
        with session_on(self.engine, read_only=True) as session:
            decision = decision_of(session, self.round_id)
            room = self._entered(session)
            if decision is None or decision.released_at is None:
                return
            assert self.released_with is not None
            assert self.released_with >= room.panel.quorum
            assert decision.prepared_by != decision.confirmed_by
            seated = {seat.person_id for seat, _ in seats_of(session, self.round_id, every=True)}
            assert not seated & {decision.prepared_by, decision.confirmed_by, decision.released_by}

    @invariant()
    def the_phase_folds_from_the_records(self) -> None:
        with session_on(self.engine, read_only=True) as session:
            row = round_by_id(session, self.round_id)
            assert row.phase is _folded(session, row)
            assert (row.state is RoundState.CLOSED) == (row.closed_at is not None)

    @invariant()
    def corrections_and_declarations_are_numbered_without_gaps(self) -> None:
        with session_on(self.engine, read_only=True) as session:
            for rows in (submissions_of(session, self.round_id), declarations_of(session, self.round_id)):
                for person in {one.person_id for one in rows}:
                    numbers = sorted(one.number for one in rows if one.person_id == person)
                    assert numbers == list(range(1, len(numbers) + 1))
            assert all(set(one.scores) == set(CRITERIA) for one in submissions_of(session, self.round_id))


def _folded(session: Session, row: ReviewRound) -> Phase:
    """Say from the records alone in which phase the round must be."""
    decision = decision_of(session, row.id)
    if decision is not None and decision.confirmed_at is not None:
        return Phase.RELEASE
    if minute_of(session, row.id) is not None:
        return Phase.DECISION
    if consensus_of(session, row.id) is not None:
        return Phase.PANEL
    return Phase.CONSENSUS if row.closed_at is not None else Phase.INDIVIDUAL


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.law
def test_whatever_is_done_in_a_round(migrated_sqlite: Path, tmp_path: Path) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "opened.db")
    made = make_engine(f"sqlite:///{tmp_path / 'opened.db'}")
    with session_on(made) as session, at(BEGIN):
        opened = a_room(session)
    made.dispose()

    class OnThis(Walk):
        folder, room = tmp_path, opened

    run_state_machine_as_test(
        OnThis,
        settings=settings(
            max_examples=often(30),
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
