"""Reads of deadlines, of whom they wait for, and of their history."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select as plain
from sqlmodel import Session, col, select

from states.deadlines.ladder import StepKey
from states.deadlines.tables import Deadline, DeadlineChange, DeadlineState, Reminder
from states.errors import Missing
from states.rights.access import Actor
from states.storage import Keys, PlainSelect, Reading, columns_of


@dataclass(frozen=True, slots=True)
class DeadlineRead:
    """A deadline of a collaboration, as far as what waits depends on it."""

    id: str
    kind: str
    subject_id: str
    state: DeadlineState


def _deadlines(keys: Keys) -> PlainSelect:
    deadline = columns_of(Deadline)
    read = [deadline[name] for name in DeadlineRead.__slots__]
    return plain(deadline.collaboration_id, *read).where(deadline.collaboration_id.in_(keys))


DEADLINES = Reading(DeadlineRead, _deadlines)


def deadline_by_id(session: Session, key: str) -> Deadline:
    """Return the deadline, or raise `Missing`."""
    found = session.get(Deadline, key)
    if found is None:
        raise Missing("deadline", key)
    return found


def open_deadlines_of(session: Session, *, kind: str, subject_id: str) -> list[Deadline]:
    """Return what is open of this kind on this subject."""
    query = select(Deadline).where(
        Deadline.kind == kind, Deadline.subject_id == subject_id, Deadline.state == DeadlineState.OPEN
    )
    return list(session.exec(query))


def open_deadlines(session: Session, partnership_id: str | None = None) -> list[Deadline]:
    """Return every open deadline (of one partnership, or of all), the most urgent first."""
    query = select(Deadline).where(Deadline.state == DeadlineState.OPEN)
    if partnership_id is not None:
        query = query.where(Deadline.partnership_id == partnership_id)
    return list(session.exec(query.order_by(col(Deadline.due_on), col(Deadline.id))))


def changes_of(session: Session, deadline_ids: Sequence[str]) -> list[DeadlineChange]:
    """Return how these deadlines were changed, each from its first change on."""
    query = select(DeadlineChange).where(col(DeadlineChange.deadline_id).in_(deadline_ids))
    return list(session.exec(query.order_by(col(DeadlineChange.deadline_id), col(DeadlineChange.number))))


def told_of(session: Session, rows: Sequence[Deadline]) -> dict[str, set[StepKey]]:
    """Return which steps of each deadline's present ladder stand in the ledger."""
    editions = {row.id: row.date_revision for row in rows}
    told: dict[str, set[StepKey]] = {row.id: set() for row in rows}
    for line in session.exec(select(Reminder).where(col(Reminder.deadline_id).in_(editions))):
        if line.date_revision == editions[line.deadline_id]:
            told[line.deadline_id].add((line.owner_revision, line.person_id, line.rung))
    return told


def waits_for(row: Deadline, actor: Actor) -> bool:
    """Tell whether a deadline waits for this actor: by person, as the deputy, by role, or by role and organisation."""
    if row.deputy_person_id is not None and row.deputy_person_id == actor.person_id:
        return True
    if row.owner_person_id is not None:
        return row.owner_person_id == actor.person_id
    return row.owner_role is actor.role and row.owner_organisation_id in (None, actor.organisation_id)
