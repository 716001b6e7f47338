"""Open a collaboration from a contact that bore fruit, or in one step from a meeting that was held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from states.collaborations.service import Joining, add_collaboration
from states.collaborations.tables import Collaboration, MemberPart
from states.errors import Invalid, Missing
from states.lifecycle.move import begin_with
from states.matchmaking.event_day.queries import coming, parties_of
from states.matchmaking.event_day.tables import Meeting
from states.matchmaking.meetings.outcomes import contact_from, stop_asking
from states.matchmaking.service import attach_contact, record_contact
from states.matchmaking.tables import Contact, ContactKind, ContactStatus
from states.partners.tables import Organisation, Partnership
from states.playbooks.editions import chosen_playbook


class CollaborationAlone(Invalid):
    """Nobody takes part but the lead."""

    code = "collaboration_alone"


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
    playbook = chosen_playbook(session, partnership.playbook)
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
    begin_with(session, row)
    return row


@dataclass(frozen=True, slots=True)
class Origin:
    """How a collaboration came about: a meeting that was held on a day, or an interest that was accepted."""

    kind: ContactKind
    subject: str
    held_on: date | None = None


_FRUIT = {ContactKind.MEETING: ContactStatus.HELD, ContactKind.EXPRESSION_OF_INTEREST: ContactStatus.ACCEPTED}


def open_with_origin(
    session: Session,
    partnership: Partnership,
    origin: Origin,
    *,
    lead: Organisation,
    partners: Sequence[Organisation],
    slug: str,
    title: str,
    summary: str = "",
    illustrative: bool = False,
) -> Collaboration:
    """Record how a collaboration came about, between the lead and its first partner, and open it in the same step."""
    if not partners:
        raise CollaborationAlone("too_few_partners", field="partners", remedy="give_it")
    contact = record_contact(
        session,
        partnership_id=partnership.id,
        kind=origin.kind,
        requester=lead,
        host=partners[0],
        subject=origin.subject or title,
        status=_FRUIT[origin.kind],
        held_on=origin.held_on,
        illustrative=illustrative,
    )
    return open_collaboration(
        session,
        partnership,
        contact=contact,
        slug=slug,
        title=title,
        members=[Joining(lead, MemberPart.LEAD), *map(Joining, partners)],
        summary=summary,
        illustrative=illustrative,
    )


def open_from_meeting(
    session: Session,
    partnership: Partnership,
    meeting: Meeting,
    *,
    slug: str,
    title: str,
    summary: str = "",
) -> Collaboration:
    """Open a collaboration of all who were at a meeting that was held; who asked for it leads.

    The meeting's contact stands behind it, and nobody is asked any more what came of the meeting.
    """
    if meeting.partnership_id != partnership.id:
        raise Missing("meeting", meeting.id)
    there = [entry for entry in coming(parties_of(session, [meeting.id])[meeting.id]) if not entry.party.missed]
    organisations = {entry.organisation.id: entry.organisation for entry in there}.values()
    row = open_collaboration(
        session,
        partnership,
        contact=contact_from(session, meeting),
        slug=slug,
        title=title,
        members=[
            Joining(one, MemberPart.PARTNER if number else MemberPart.LEAD) for number, one in enumerate(organisations)
        ],
        summary=summary,
        illustrative=meeting.illustrative,
    )
    stop_asking(session, meeting)
    return row
