"""One collaboration merges into another, which it names before; what stands behind it goes over."""

from sqlmodel import Session

from states.collaborations.queries import collaboration_by_id, members_of
from states.collaborations.service import Joining, add_member
from states.collaborations.tables import Collaboration
from states.crossings.deadlines.followers import followed
from states.errors import Invalid
from states.funding.scenario_triggers import ask_for_review
from states.matchmaking.service import carry_contacts
from states.playbooks.definition import StageKind
from states.playbooks.editions import playbook_of
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


def hand_over_to_target(session: Session, row: Collaboration) -> None:
    """Let the contacts behind a collaboration stand behind its target, and its members that are not there join it.

    What it wrote, and the documents that were issued of it, stay with it and are read as before.
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
