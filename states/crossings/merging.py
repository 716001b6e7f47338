"""One collaboration merges into another, which it names before; what stands behind it goes over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from states.archive.tables import IssuedDocument
from states.collaborations.queries import MemberEntry, collaboration_by_id, members_of
from states.collaborations.service import Joining, add_member, change_member
from states.collaborations.tables import Collaboration, HistoryLine
from states.crossings.deadlines.followers import followed
from states.deadlines.tables import Deadline, DeadlineState
from states.errors import Invalid
from states.funding.inputs.tables import CostLine
from states.funding.scenario_triggers import ask_for_review
from states.funding.tables import Scenario
from states.matchmaking.service import carry_contacts
from states.matchmaking.tables import Contact
from states.playbooks.definition import StageKind
from states.playbooks.editions import every_playbook, playbook_of
from states.protocol.tables import ProtocolVersion
from states.review.tables import ReviewRound
from states.storage import bump_version


class TargetUnfit(Invalid):
    """The collaboration cannot merge into that one."""

    code = "merge_target_unfit"


def name_target(
    session: Session, row: Collaboration, target: Collaboration | None, *, expected_version: int | None = None
) -> None:
    """Name the collaboration into which this one is to merge, or none any more; the move `merge` asks for it."""
    if target is not None:
        _need_fit(session, row, target)
    bump_version(session, row, expected=expected_version)
    row.merges_into_id = None if target is None else target.id
    session.flush()


def _need_fit(session: Session, row: Collaboration, target: Collaboration) -> None:
    kind = playbook_of(session, target).stages[target.stage].kind
    if row.id in (target.id, target.merges_into_id):
        raise TargetUnfit("merges_into_itself", field="merges_into", remedy="name_another_collaboration")
    if kind in (StageKind.CLOSED, StageKind.FINAL):
        raise TargetUnfit(
            "target_is_over", field="merges_into", remedy="name_another_collaboration", collaboration=target.slug
        )


def merged_into(session: Session, key: str) -> list[str]:
    """Return the ids of the collaborations that went over into this one, directly or by way of another."""
    moves = {one.name for playbook in every_playbook(session).values() for one in playbook.moves if one.hands_over}
    found, targets = list[str](), [key]
    while targets:
        query = (
            select(Collaboration.id)
            .join(HistoryLine, col(HistoryLine.collaboration_id) == col(Collaboration.id))
            .where(col(Collaboration.merges_into_id).in_(targets), col(HistoryLine.move).in_(moves))
        )
        targets = [one for one in session.exec(query.distinct()).all() if one not in found]
        found += targets
    return found


@dataclass(frozen=True, slots=True)
class HandingOver:
    """What becomes of what stands behind a collaboration that merges; organisations by short name.

    Contacts stand behind the target, members join it (`joining`) unless they are there already, with what they bring in
    where the target does not say it. What was written, counted and issued stays with the collaboration (`staying`, how
    many of each); its open deadlines end. Who was to merge into it merges into the target (`following`).
    """

    target: str
    contacts: int
    joining: tuple[str, ...]
    there_already: tuple[str, ...]
    following: tuple[str, ...]
    deadlines: int
    staying: Mapping[str, int]


_STAYING: Mapping[str, Any] = {
    "protocol_versions": ProtocolVersion,
    "cost_lines": CostLine,
    "scenarios": Scenario,
    "rounds": ReviewRound,
    "documents": IssuedDocument,
}


def handing_over(session: Session, row: Collaboration) -> HandingOver:
    """Return what a merge does now; raise `TargetUnfit` where the target can take nothing over."""
    target = collaboration_by_id(session, row.merges_into_id or "")
    _need_fit(session, row, target)
    joining, there = _members(session, row, target)
    due = select(Deadline).where(Deadline.collaboration_id == row.id, Deadline.state == DeadlineState.OPEN)
    return HandingOver(
        target=target.slug,
        contacts=_count(session, select(Contact).where(Contact.collaboration_id == row.id)),
        joining=tuple(one.organisation.slug for one in joining),
        there_already=tuple(one.organisation.slug for one, _ in there),
        following=tuple(one.slug for one in _naming(session, row) if one.id != target.id),
        deadlines=_count(session, due),
        staying={
            name: number
            for name, table in _STAYING.items()
            if (number := _count(session, select(table).where(col(table.collaboration_id) == row.id)))
        },
    )


def hand_over_to_target(session: Session, row: Collaboration) -> None:
    """Let the contacts behind a collaboration stand behind its target, and its members that are not there join it.

    What it wrote stays with it; the documents that were issued of it stand among those of the target too. Raises
    `TargetUnfit` where the target is over.
    """
    target = collaboration_by_id(session, row.merges_into_id or "")
    _need_fit(session, row, target)
    with followed(session, target):
        carry_contacts(session, row.id, collaboration_id=target.id)
        joining, there = _members(session, row, target)
        for entry in joining:
            add_member(session, target, Joining(entry.organisation, contribution=entry.member.contribution))
        for entry, present in there:
            if entry.member.contribution and not present.member.contribution:
                brings = entry.member.contribution
                change_member(session, target, entry.organisation.id, part=None, contribution=brings)
        ask_for_review(session, target)
    for other in _naming(session, row):
        bump_version(session, other)
        other.merges_into_id = None if other.id == target.id else target.id
    session.flush()


def free_those_naming(session: Session, row: Collaboration) -> None:
    """Let who was to merge into a collaboration that is over now name another one."""
    for other in _naming(session, row):
        bump_version(session, other)
        other.merges_into_id = None
    session.flush()


def _naming(session: Session, row: Collaboration) -> list[Collaboration]:
    """Return the collaborations that are to merge into this one, and have not."""
    found = session.exec(
        select(Collaboration).where(Collaboration.merges_into_id == row.id).order_by(col(Collaboration.slug))
    ).all()
    merged = set(merged_into(session, row.id)) if found else set()
    return [one for one in found if one.id not in merged]


def _members(
    session: Session, row: Collaboration, target: Collaboration
) -> tuple[list[MemberEntry], list[tuple[MemberEntry, MemberEntry]]]:
    """Return who is to join the target, and who is there already, with its part there."""
    entries = members_of(session, [row.id, target.id])
    there = {entry.organisation.id: entry for entry in entries[target.id]}
    joining = [entry for entry in entries[row.id] if entry.organisation.id not in there]
    return joining, [(one, there[one.organisation.id]) for one in entries[row.id] if one.organisation.id in there]


def _count(session: Session, query: SelectOfScalar[Any]) -> int:
    return session.exec(select(func.count()).select_from(query.subquery())).one()
