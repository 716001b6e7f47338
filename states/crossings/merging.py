"""One collaboration merges into another, which it names before; what stands behind it goes over."""

from sqlmodel import Session, col, select

from states.collaborations.queries import collaboration_by_id, members_of
from states.collaborations.service import Joining, add_member
from states.collaborations.tables import Collaboration, HistoryLine
from states.crossings.deadlines.followers import followed
from states.errors import Invalid
from states.funding.scenario_triggers import ask_for_review
from states.matchmaking.service import carry_contacts
from states.playbooks.definition import StageKind
from states.playbooks.editions import every_playbook, playbook_of
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


def hand_over_to_target(session: Session, row: Collaboration) -> None:
    """Let the contacts behind a collaboration stand behind its target, and its members that are not there join it.

    What it wrote stays with it; the documents that were issued of it stand among those of the target too.
    """
    target = collaboration_by_id(session, row.merges_into_id or "")
    with followed(session, target):
        carry_contacts(session, row.id, collaboration_id=target.id)
        entries = members_of(session, [row.id, target.id])
        there = {entry.organisation.id for entry in entries[target.id]}
        for entry in entries[row.id]:
            if entry.organisation.id not in there:
                add_member(session, target, Joining(entry.organisation, contribution=entry.member.contribution))
        ask_for_review(session, target)
