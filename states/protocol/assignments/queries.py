"""Reads of sections that were given to people."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select as plain
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from states.clock import today
from states.errors import Missing
from states.protocol.assignments.states import LIVE
from states.protocol.assignments.tables import AssignmentState, SectionAssignment
from states.storage import Keys, PlainSelect, Reading, columns_of


@dataclass(frozen=True, slots=True)
class LiveAssignment:
    """A section that somebody is writing, as far as its deadline depends on it."""

    id: str
    section: str
    person_id: str
    organisation_id: str | None
    due_on: date
    turn: int


def _live(keys: Keys) -> PlainSelect:
    row = columns_of(SectionAssignment)
    read = [row[name] for name in LiveAssignment.__slots__]
    return plain(row.collaboration_id, *read).where(row.collaboration_id.in_(keys), row.state.in_(LIVE))


LIVE_ASSIGNMENTS = Reading(LiveAssignment, _live)


def assignment_by_id(session: Session, key: str) -> SectionAssignment:
    """Return it, or raise `Missing`."""
    found = session.get(SectionAssignment, key)
    if found is None:
        raise Missing("section_assignment", key)
    return found


def find_assignments(
    collaboration_id: str,
    *,
    states: Collection[AssignmentState] | None = None,
    section: str | None = None,
    person_id: str | None = None,
    organisation_id: str | None = None,
    overdue: bool = False,
) -> SelectOfScalar[SectionAssignment]:
    """Return the query of the sections that were given in a collaboration."""
    query = select(SectionAssignment).where(SectionAssignment.collaboration_id == collaboration_id)
    if states is not None:
        query = query.where(col(SectionAssignment.state).in_(states))
    if overdue:
        query = query.where(col(SectionAssignment.state).in_(LIVE), col(SectionAssignment.due_on) < today())
    wanted = {
        SectionAssignment.section: section,
        SectionAssignment.person_id: person_id,
        SectionAssignment.organisation_id: organisation_id,
    }
    return query.where(*(col(column) == value for column, value in wanted.items() if value is not None))


def live_assignments(
    session: Session,
    *,
    collaboration_id: str | None = None,
    person_id: str | None = None,
    organisation_id: str | None = None,
) -> list[SectionAssignment]:
    """Return what is being written: in a collaboration, by a person, for an organisation."""
    wanted = {
        SectionAssignment.collaboration_id: collaboration_id,
        SectionAssignment.person_id: person_id,
        SectionAssignment.organisation_id: organisation_id,
    }
    query = select(SectionAssignment).where(
        col(SectionAssignment.state).in_(LIVE),
        *(col(column) == value for column, value in wanted.items() if value is not None),
    )
    return list(session.exec(query.order_by(col(SectionAssignment.given_at), col(SectionAssignment.id))))
