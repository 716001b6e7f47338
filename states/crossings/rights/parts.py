"""Whose part of a collaboration somebody writes: the lead and the office all of it, another partner its own."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration, Member, MemberPart
from states.errors import Denied
from states.playbooks.definition import StageKind
from states.playbooks.editions import playbook_of
from states.protocol.assignments.queries import live_assignments
from states.protocol.assignments.tables import SectionAssignment
from states.protocol.ownership import Writer
from states.rights.access import Action, Actor, Scope, may


def writer_of(session: Session, actor: Actor, row: Collaboration) -> Writer | None:
    """Return as whom the actor writes the protocol; None for who writes all of it."""
    if actor.organisation_id is None or writes_every_part(session, actor, row):
        return None
    return Writer(actor.organisation_id, given=sections_given(session, row, actor))


def sections_given(session: Session, row: Collaboration, actor: Actor) -> frozenset[str]:
    """Return which sections the actor was given and writes now: none while the collaboration is not at work."""
    if actor.person_id is None or playbook_of(session, row).stages[row.stage].kind is not StageKind.ACTIVE:
        return frozenset()
    mine = live_assignments(session, collaboration_id=row.id, person_id=actor.person_id)
    return frozenset(one.section for one in mine if one.organisation_id == actor.organisation_id)


def writes_every_part(session: Session, actor: Actor, row: Collaboration) -> bool:
    """Tell whether the actor is of the lead or the office."""
    return may(actor, Action.EDIT_EVERY_PART, _part(session, row))


def need_every_part(session: Session, actor: Actor, row: Collaboration) -> None:
    """Raise `Denied` unless the actor is of the lead or the office: they give sections."""
    if not writes_every_part(session, actor, row):
        raise Denied("sections_are_given_by_lead")


def need_part(session: Session, actor: Actor, row: Collaboration, organisation_id: str) -> None:
    """Raise `Denied` unless the actor writes costs of this organisation in the collaboration."""
    if not may(actor, Action.EDIT_COSTS, _part(session, row, organisation_id)):
        names = {one.organisation.id: one.organisation.name for one in members_of(session, [row.id])[row.id]}
        raise Denied("costs_of_another", owner=names.get(organisation_id, organisation_id))


def of_assignments(session: Session, _: Actor, rows: Sequence[SectionAssignment]) -> list[Scope]:
    """Answer for sections that were given: each is between the lead and whose people write it."""
    members = members_of(session, sorted({row.collaboration_id for row in rows}))
    leads = {
        key: {entry.organisation.id for entry in entries if entry.member.part is MemberPart.LEAD}
        for key, entries in members.items()
    }
    present = {key: {entry.organisation.id for entry in entries} for key, entries in members.items()}
    return [
        Scope(
            row.partnership_id,
            organisation_ids=frozenset(
                leads[row.collaboration_id] | (present[row.collaboration_id] & {row.organisation_id})
            ),
        )
        for row in rows
    ]


def _part(session: Session, row: Collaboration, *organisation_ids: str) -> Scope:
    """Return what belongs to these organisations, and to the lead as all does."""
    here = (Member.collaboration_id == row.id, Member.part == MemberPart.LEAD, col(Member.left_on).is_(None))
    lead = session.exec(select(Member.organisation_id).where(*here))
    return Scope(row.partnership_id, organisation_ids=frozenset({*lead, *organisation_ids}))
