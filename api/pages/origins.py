"""From a contact, a meeting or an interest to the case that came of it."""

from sqlmodel import Session, col

from states.collaborations.queries import find_collaborations
from states.collaborations.tables import Collaboration
from states.matchmaking.tables import Contact
from states.rights.access import Action, Actor
from states.rights.conditions import permitted_where


def case_of(session: Session, actor: Actor, contact_id: str | None) -> str | None:
    """Return the id of the case that was opened from a contact, if the actor may open its page."""
    contact = session.get(Contact, contact_id or "")
    if contact is None or contact.collaboration_id is None:
        return None
    readable = permitted_where(session, actor, Collaboration, Action.READ_COLLABORATION)
    case = col(Collaboration.id) == contact.collaboration_id
    found = session.exec(find_collaborations(contact.partnership_id, readable, case)).first()
    return found.id if found else None
