"""Reads of checklists."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select as plain
from sqlmodel import Session, col, select

from states.archive.evidence.states import REMOVED
from states.archive.evidence.tables import Evidence
from states.checklists.tables import Checklist, ChecklistAnswer, ChecklistState
from states.storage import Keys, PlainSelect, Reading, columns_of


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a list, as far as moves and deadlines depend on it."""

    id: str
    key: str
    number: int
    state: ChecklistState
    reopened: int


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, as far as moves depend on it."""

    checklist_id: str
    item: str
    value: str
    evidence_ids: list[str]
    seconded_by: str | None


@dataclass(frozen=True, slots=True)
class Filed:
    """A file whose bytes are there, and its kind."""

    id: str
    kind: str


def _rounds(keys: Keys) -> PlainSelect:
    row = columns_of(Checklist)
    read = [row[name] for name in Round.__slots__]
    present = (row.collaboration_id.in_(keys), row.state != ChecklistState.SUPERSEDED)
    return plain(row.collaboration_id, *read).where(*present)


def _answers(keys: Keys) -> PlainSelect:
    row, answer = columns_of(Checklist), columns_of(ChecklistAnswer)
    read = [answer[name] for name in Answered.__slots__]
    present = (row.collaboration_id.in_(keys), row.state != ChecklistState.SUPERSEDED, answer.checklist_id == row.id)
    return plain(row.collaboration_id, *read).where(*present)


def _filed(keys: Keys) -> PlainSelect:
    row = columns_of(Evidence)
    return plain(row.collaboration_id, row.id, row.kind).where(
        row.collaboration_id.in_(keys), row.state.not_in(REMOVED)
    )


ROUNDS = Reading(Round, _rounds)
ANSWERS = Reading(Answered, _answers)
FILED = Reading(Filed, _filed)


def rounds_of(session: Session, collaboration_id: str, key: str | None = None) -> list[Checklist]:
    """Return the rounds of a case's checklists, or of one, by key and from the first one on."""
    query = select(Checklist).where(Checklist.collaboration_id == collaboration_id)
    query = query if key is None else query.where(Checklist.key == key)
    return list(session.exec(query.order_by(col(Checklist.key), col(Checklist.number))))


def latest_round(session: Session, collaboration_id: str, key: str) -> Checklist | None:
    """Return the round of a list that counts, if one was begun."""
    return next(reversed(rounds_of(session, collaboration_id, key)), None)


def answers_in(session: Session, checklist_ids: list[str]) -> dict[str, dict[str, ChecklistAnswer]]:
    """Return the answers of rounds, by round and item."""
    found: dict[str, dict[str, ChecklistAnswer]] = {key: {} for key in checklist_ids}
    for row in session.exec(select(ChecklistAnswer).where(col(ChecklistAnswer.checklist_id).in_(checklist_ids))):
        found[row.checklist_id][row.item] = row
    return found


def answered_lists(session: Session, collaboration_ids: Collection[str]) -> dict[str, dict[str, list[str]]]:
    """Return which items of which lists were ever answered, by the case's id and the list's key."""
    query = (
        select(Checklist.collaboration_id, Checklist.key, ChecklistAnswer.item)
        .join(ChecklistAnswer, col(ChecklistAnswer.checklist_id) == col(Checklist.id))
        .where(col(Checklist.collaboration_id).in_(collaboration_ids))
        .distinct()
    )
    found: dict[str, dict[str, list[str]]] = {key: {} for key in collaboration_ids}
    for collaboration_id, key, item in sorted(session.exec(query)):
        found[collaboration_id].setdefault(key, []).append(item)
    return found
