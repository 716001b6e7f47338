"""Give sections, hand them in, return them, hand them over, and take them back."""

from datetime import date

from sqlmodel import Session

from states.clock import now
from states.machines.definition import Move
from states.machines.stepping import begin, need, step
from states.protocol.assignments.states import (
    ASK_ANEW,
    GIVE,
    HAND_IN,
    HAND_OVER,
    RETURN,
    SECTION_ASSIGNMENT,
)
from states.protocol.assignments.tables import AssignmentState, SectionAssignment
from states.storage import bump_version


def give(session: Session, row: SectionAssignment) -> SectionAssignment:
    """Record that a section was given."""
    row.state = begin(SECTION_ASSIGNMENT, GIVE)
    session.add(row)
    session.flush()
    return row


def ask_anew(
    session: Session,
    row: SectionAssignment,
    *,
    due_on: date | None = None,
    note: str | None = None,
    expected_version: int | None = None,
) -> None:
    """Give it another day, which begins its reminders anew, or another note."""
    need(SECTION_ASSIGNMENT, row.state, ASK_ANEW)
    bump_version(session, row, expected=expected_version)
    if due_on is not None and due_on != row.due_on:
        row.due_on, row.turn = due_on, row.turn + 1
    row.note = row.note if note is None else note.strip()
    session.flush()


def hand_in(session: Session, row: SectionAssignment, *, sha256: str, expected_version: int | None = None) -> None:
    """Record that the section is done, and what stood in it."""
    _step(session, row, HAND_IN, expected_version)
    row.handed_in_at, row.sha256, row.remark = now(), sha256, ""
    session.flush()


def return_section(
    session: Session, row: SectionAssignment, *, question: str, due_on: date, expected_version: int | None = None
) -> None:
    """Give a section back that was handed in: its writer answers the question until another day."""
    _step(session, row, RETURN, expected_version)
    row.remark, row.due_on, row.turn = question.strip(), due_on, row.turn + 1
    session.flush()


def hand_over(
    session: Session,
    row: SectionAssignment,
    *,
    person_id: str,
    organisation_id: str | None,
    due_on: date,
    note: str,
    expected_version: int | None = None,
) -> None:
    """Let another person write it."""
    _step(session, row, HAND_OVER, expected_version)
    row.person_id, row.organisation_id = person_id, organisation_id
    row.due_on, row.note, row.remark, row.turn = due_on, note.strip(), "", row.turn + 1
    session.flush()


def end(
    session: Session,
    row: SectionAssignment,
    move: Move[AssignmentState],
    *,
    reason: str,
    expected_version: int | None = None,
) -> None:
    """Take it back, or let it lapse; what was written stays."""
    _step(session, row, move, expected_version)
    row.remark = reason.strip()
    session.flush()


def _step(session: Session, row: SectionAssignment, move: Move[AssignmentState], expected: int | None) -> None:
    need(SECTION_ASSIGNMENT, row.state, move)
    bump_version(session, row, expected=expected)
    row.state = step(SECTION_ASSIGNMENT, row.state, move)
