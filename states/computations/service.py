"""Computations: asked for, begun by a runner, watched, cancelled, and what comes of them kept once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from sqlmodel import Session, col, select

from states.clock import now
from states.computations.states import BEGIN, CANCEL, COMPUTATION, KEEP, RECORD
from states.computations.tables import Computation, ComputationLine, ComputationState
from states.errors import Fault, Invalid, Missing, Refusal, Refused
from states.machines.definition import Move
from states.machines.stepping import begin, step, why_not
from states.outbox.service import publish
from states.storage import bump_version
from states.texts import Text, Value

Problem = TypeVar("Problem")
Outcome = TypeVar("Outcome")


class Watch(Protocol):
    """Whoever lets a computation run: it writes down how far it is, and knows whether it is to stop."""

    def note(self, **progress: object) -> None: ...

    def over(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """What is computed: how it is called, and how it is refused.

    `name` stands in its rows and begins its messages, in which `key` holds its id; `where` is the resource of its
    computations, `longest` the most seconds of work.
    """

    name: str
    noun: str
    key: str
    where: str
    longest: int
    invalid: type[Invalid]
    refused: type[Refused]

    def refusal(self, code: str, *, text: str = "", **parameters: Value) -> Refused:
        """Return the refusal with one reason that a project manager can mend."""
        mend = ("project_manager",)
        return self.refused([Refusal(code, text=text, mend_by=mend, where=self.where, missing=(), **parameters)])

    def need(self, row: Computation, move: Move[ComputationState]) -> None:
        """Raise the refusal of the kind unless this may be done with a computation in its present state."""
        reason = why_not(COMPUTATION, row.state, move, what=Text("word", "the_noun", noun=self.noun), where=self.where)
        if reason is not None:
            raise self.refused([reason])

    def nothing_to_take(self) -> Refused:
        """Return the refusal of what needs an answer that is not there."""
        return self.refusal("wrong_state", text="nothing_to_take", noun=self.noun)


@dataclass(frozen=True, slots=True)
class Computing(Generic[Problem, Outcome]):
    """The steps of whoever lets a kind be computed.

    `read` returns the problem in the transaction that begins it, `compute` solves it outside any transaction, and
    `keep` records the outcome in a transaction of its own.
    """

    kind: Kind
    read: Callable[[Session, Computation], Problem]
    compute: Callable[[Problem, Computation, Watch], Outcome]
    keep: Callable[[Session, Computation, Outcome], object]


def computation_by_id(session: Session, kind: Kind, key: str) -> Computation:
    """Return a computation of that kind, or raise `Missing`."""
    found = session.get(Computation, key)
    if found is None or found.kind != kind.name:
        raise Missing(kind.noun, key)
    return found


def request_computation(
    session: Session,
    kind: Kind,
    *,
    subject_id: str,
    partnership_id: str,
    person_id: str | None,
    seconds: int,
    task: dict[str, object],
    collaboration_id: str | None = None,
    before_id: str | None = None,
) -> Computation:
    """Ask for a computation with so many seconds of work; one at a time for a subject, which the caller has locked.

    A runner answers the message `<kind>.requested`.
    """
    if not 1 <= seconds <= kind.longest:
        raise kind.invalid(
            faults=[Fault("seconds", "seconds_out_of_range", remedy="one_to", seconds=seconds, most=kind.longest)]
        )
    open_ones = select(Computation.id).where(Computation.kind == kind.name, Computation.subject_id == subject_id)
    if session.exec(open_ones.where(col(Computation.state).in_(COMPUTATION.live))).first() is not None:
        raise kind.refusal(f"{kind.key}_open", text="computation_open", noun=kind.noun)
    row = Computation(
        kind=kind.name,
        subject_id=subject_id,
        partnership_id=partnership_id,
        collaboration_id=collaboration_id,
        asked_by=person_id,
        asked_at=now(),
        seconds=seconds,
        before_id=before_id,
        task=task,
    )
    session.add(row)
    session.flush()
    _publish(session, kind, row, "requested")
    return row


def begin_computation(session: Session, computing: Computing[Problem, Outcome], row: Computation) -> Problem | None:
    """Note that a computation begins and return its problem; None if it has ended before.

    One that was broken off begins anew.
    """
    if not BEGIN.leaves(row.state):
        return None
    bump_version(session, row)
    row.state = step(COMPUTATION, row.state, BEGIN)
    row.started_at = now()
    session.flush()
    return computing.read(session, row)


def note_progress(session: Session, row: Computation, **progress: object) -> ComputationLine:
    """Add a line on how far a computation is."""
    line = ComputationLine(computation_id=row.id, at=now(), progress=progress)
    session.add(line)
    session.flush()
    return line


def cancel_computation(
    session: Session, kind: Kind, row: Computation, *, expected_version: int | None = None
) -> Computation:
    """Cancel a computation; whoever lets it run looks at the row and stops."""
    kind.need(row, CANCEL)
    bump_version(session, row, expected=expected_version)
    end_computation(session, kind, row, CANCEL)
    return row


def claim_answer(session: Session, row: Computation) -> bool:
    """Tell whether an answer is still to be kept, and keep others from it; one that was cancelled has one too."""
    session.refresh(row, with_for_update=True)
    if row.answer or not KEEP.leaves(row.state):
        return False
    bump_version(session, row)
    return True


def end_computation(session: Session, kind: Kind, row: Computation, move: Move[ComputationState], *faults: str) -> None:
    """End a computation by this move, and publish it."""
    kind.need(row, move)
    row.state = step(COMPUTATION, row.state, move)
    row.ended_at, row.faults = now(), list(faults)
    session.flush()
    _publish(session, kind, row, row.state.value)


def record_computation(
    session: Session,
    kind: str,
    *,
    subject_id: str,
    partnership_id: str,
    collaboration_id: str | None,
    person_id: str | None,
    seconds: int,
    task: dict[str, object],
    answer: dict[str, object],
) -> Computation:
    """Keep a computation that is done already: it takes seconds, and whoever needs its answer waits for it."""
    row = Computation(
        kind=kind,
        subject_id=subject_id,
        partnership_id=partnership_id,
        collaboration_id=collaboration_id,
        asked_by=person_id,
        asked_at=now(),
        seconds=seconds,
        task=task,
        state=begin(COMPUTATION, RECORD),
        started_at=now(),
        ended_at=now(),
        answer=answer,
    )
    session.add(row)
    session.flush()
    return row


def _publish(session: Session, kind: Kind, row: Computation, what: str) -> None:
    publish(
        session,
        f"{kind.name}.{what}",
        partnership_id=row.partnership_id,
        collaboration_id=row.collaboration_id,
        **{kind.key: row.id},
    )
