"""Reads of collaborations, their members and their history."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import ColumnElement
from sqlalchemy import select as plain
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from states.collaborations.tables import Collaboration, HistoryLine, Member, MemberPart
from states.errors import Missing
from states.partners.tables import Organisation, OrganisationKind, SizeClass
from states.storage import Keys, PlainSelect, Reading, Readings, columns_of, is_one_of
from states.storage.paging import Order
from states.storage.text_order import by_text


@dataclass(frozen=True, slots=True)
class MemberEntry:
    """A member with its organisation."""

    member: Member
    organisation: Organisation


@dataclass(frozen=True, slots=True)
class Partner:
    """An organisation that takes part now, by its `id`, with its part and what rules ask of its site."""

    id: str
    slug: str
    name: str
    kind: OrganisationKind
    country: str
    nuts: str
    size_class: SizeClass
    part: MemberPart


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the history, as far as the next one depends on it."""

    number: int
    at: datetime
    move: str
    from_stage: str
    to_stage: str
    seal: str


def _partners(keys: Keys) -> PlainSelect:
    member, organisation = columns_of(Member), columns_of(Organisation)
    read = [organisation[name] for name in Partner.__slots__ if name != "part"]
    present = (member.collaboration_id.in_(keys), member.left_on.is_(None), organisation.id == member.organisation_id)
    return plain(member.collaboration_id, *read, member.part).where(*present)


def _steps(keys: Keys) -> PlainSelect:
    line = columns_of(HistoryLine)
    read = [line[name] for name in Step.__slots__]
    return plain(line.collaboration_id, *read).where(line.collaboration_id.in_(keys))


PARTNERS = Reading(Partner, _partners)
STEPS = Reading(Step, _steps)
UNDO = "taken-back"
"""The name of the line that takes the line before it back; no playbook has a move of it."""


def partners_of(read: Readings, key: str) -> list[Partner]:
    """Return who takes part in a collaboration, the lead first, then by name."""
    return sorted(read.of(PARTNERS, key), key=lambda one: (one.part is not MemberPart.LEAD, one.name, one.id))


def steps_of(read: Readings, key: str) -> list[Step]:
    """Return the history of a collaboration, oldest first."""
    return sorted(read.of(STEPS, key), key=lambda step: step.number)


def standing_of(steps: Sequence[Step]) -> list[Step]:
    """Return the steps without those that were taken back, and without those that took them back."""
    kept: list[Step] = []
    for step in steps:
        if step.move == UNDO:
            kept.pop()
        else:
            kept.append(step)
    return kept


def collaboration_by_id(session: Session, key: str) -> Collaboration:
    """Return the collaboration, or raise `Missing`."""
    found = session.get(Collaboration, key)
    if found is None:
        raise Missing("collaboration", key)
    return found


def collaborations_by_id(session: Session, keys: Collection[str]) -> dict[str, Collaboration]:
    """Return those of the collaborations that exist, by id."""
    found = session.exec(select(Collaboration).where(is_one_of(col(Collaboration.id), keys))) if keys else ()
    return {row.id: row for row in found}


def collaborations_of(session: Session, partnership_id: str, *, stage: str | None = None) -> list[Collaboration]:
    """Return a partnership's collaborations in the order of their opening."""
    query = find_collaborations(partnership_id, stage=stage)
    return list(session.exec(query.order_by(col(Collaboration.opened_at), col(Collaboration.id))))


ORDERS: dict[str, Order] = {
    "opened": col(Collaboration.opened_at),
    "title": by_text(Collaboration.title),
    "stage_since": col(Collaboration.stage_since),
}
"""By what a list of collaborations is sorted."""


def find_collaborations(
    partnership_id: str, *conditions: ColumnElement[bool], stage: str | None = None
) -> SelectOfScalar[Collaboration]:
    """Return the query of a partnership's collaborations, to be read in one of the `ORDERS`."""
    query = select(Collaboration).where(Collaboration.partnership_id == partnership_id, *conditions)
    return query if stage is None else query.where(Collaboration.stage == stage)


listed_collaborations = lru_cache(maxsize=128)(find_collaborations)
"""The same for a list: the same query each time, as `permitted_where` gives the same condition each time."""


def members_of(session: Session, collaboration_ids: Sequence[str]) -> dict[str, list[MemberEntry]]:
    """Return the present members by collaboration, the lead first, then by name."""
    query = (
        select(Member, Organisation)
        .join(Organisation, col(Organisation.id) == col(Member.organisation_id))
        .where(col(Member.collaboration_id).in_(collaboration_ids), col(Member.left_on).is_(None))
        .order_by(col(Organisation.name))
    )
    found: dict[str, list[MemberEntry]] = {key: [] for key in collaboration_ids}
    for member, organisation in session.exec(query):
        found[member.collaboration_id].append(MemberEntry(member, organisation))
    for entries in found.values():
        entries.sort(key=lambda entry: entry.member.part is not MemberPart.LEAD)
    return found


def partners_ever_of(session: Session, collaboration_ids: Collection[str]) -> dict[str, list[MemberEntry]]:
    """Return all who are or were members by collaboration."""
    query = (
        select(Member, Organisation)
        .join(Organisation, col(Organisation.id) == col(Member.organisation_id))
        .where(col(Member.collaboration_id).in_(collaboration_ids))
    )
    found: dict[str, list[MemberEntry]] = {key: [] for key in collaboration_ids}
    for member, organisation in session.exec(query):
        found[member.collaboration_id].append(MemberEntry(member, organisation))
    return found


def history_of(session: Session, collaboration_ids: Sequence[str]) -> dict[str, list[HistoryLine]]:
    """Return every move by collaboration, oldest first."""
    query = select(HistoryLine).where(col(HistoryLine.collaboration_id).in_(collaboration_ids))
    found: dict[str, list[HistoryLine]] = {key: [] for key in collaboration_ids}
    for line in session.exec(query.order_by(col(HistoryLine.number))):
        found[line.collaboration_id].append(line)
    return found
