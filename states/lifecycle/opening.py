"""Open a collaboration from a contact that bore fruit."""

from collections.abc import Sequence

from sqlmodel import Session

from states.collaborations.service import Joining, add_collaboration
from states.collaborations.tables import Collaboration
from states.errors import Missing
from states.lifecycle.definition import Playbook
from states.lifecycle.editions import find, publish_edition
from states.lifecycle.move import begin_with
from states.matchmaking.service import attach_contact
from states.matchmaking.tables import Contact
from states.partners.tables import Partnership


def open_collaboration(
    session: Session,
    partnership: Partnership,
    *,
    contact: Contact,
    slug: str,
    title: str,
    members: Sequence[Joining],
    summary: str = "",
    illustrative: bool = False,
) -> Collaboration:
    """Open a collaboration at the first stage of the partnership's playbook, with a contact of its own behind it."""
    if contact.partnership_id != partnership.id:
        raise Missing("contact", contact.id)
    playbook = current_playbook(session, partnership)
    row = add_collaboration(
        session,
        partnership_id=partnership.id,
        slug=slug,
        title=title,
        playbook=playbook.key,
        stage=playbook.initial,
        members=members,
        summary=summary,
        illustrative=illustrative,
    )
    attach_contact(session, contact, collaboration_id=row.id)
    begin_with(session, row, playbook=playbook)
    return row


def current_playbook(session: Session, partnership: Partnership) -> Playbook:
    """Return the edition with which the partnership's new collaborations begin, published if it is new."""
    return publish_edition(session, find(partnership.playbook), source=f"{partnership.playbook}.yaml")
