"""Reads of collaborations, their members and their history."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from states.collaborations.tables import Collaboration, HistoryLine, Member, MemberPart
from states.errors import Missing
from states.partners.tables import Organisation


@dataclass(frozen=True, slots=True)
class MemberEntry:
    """A member with its organisation."""

    member: Member
    organisation: Organisation


def collaboration_by_id(session: Session, key: str) -> Collaboration:
    """Return the collaboration, or raise `Missing`."""
    found = session.get(Collaboration, key)
    if found is None:
        raise Missing("collaboration", key)
    return found


def collaborations_by_id(session: Session, keys: Collection[str]) -> dict[str, Collaboration]:
    """Return those of the collaborations that exist, by id."""
    return {row.id: row for row in session.exec(select(Collaboration).where(col(Collaboration.id).in_(keys)))}


def collaborations_of(session: Session, partnership_id: str, *, stage: str | None = None) -> list[Collaboration]:
    """Return a partnership's collaborations in the order of their opening."""
    query = select(Collaboration).where(Collaboration.partnership_id == partnership_id)
    if stage is not None:
        query = query.where(Collaboration.stage == stage)
    return list(session.exec(query.order_by(col(Collaboration.opened_at), col(Collaboration.id))))


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
