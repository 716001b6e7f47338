"""Whose part of a collaboration somebody writes: the lead and the office all of it, another partner its own."""

from sqlmodel import Session

from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration, MemberPart
from states.errors import Denied
from states.protocol.ownership import Writer
from states.rights.access import Action, Actor, Scope, may


def writer_of(session: Session, actor: Actor, row: Collaboration) -> Writer | None:
    """Return as whom the actor writes the protocol; None for who writes all of it."""
    if actor.organisation_id is None or may(actor, Action.EDIT_EVERY_PART, _part(session, row)):
        return None
    return Writer(actor.organisation_id)


def need_part(session: Session, actor: Actor, row: Collaboration, organisation_id: str) -> None:
    """Raise `Denied` unless the actor writes costs of this organisation in the collaboration."""
    if not may(actor, Action.EDIT_COSTS, _part(session, row, organisation_id)):
        names = {one.organisation.id: one.organisation.name for one in members_of(session, [row.id])[row.id]}
        raise Denied("costs_of_another", owner=names.get(organisation_id, organisation_id))


def _part(session: Session, row: Collaboration, *organisation_ids: str) -> Scope:
    """Return what belongs to these organisations, and to the lead as all does."""
    lead = {
        entry.organisation.id for entry in members_of(session, [row.id])[row.id] if entry.member.part is MemberPart.LEAD
    }
    return Scope(row.partnership_id, organisation_ids=frozenset({*lead, *organisation_ids}))
