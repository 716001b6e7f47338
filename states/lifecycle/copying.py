"""Copy a collaboration: a new one with the same partners, and of its protocol and costs what is wanted."""

from sqlmodel import Session

from states.collaborations.queries import members_of
from states.collaborations.service import Joining, edit_collaboration
from states.collaborations.tables import Collaboration
from states.crossings.copying import Copied, Wanted, copy_protocol
from states.lifecycle.opening import open_collaboration
from states.matchmaking.tables import Contact
from states.partners.tables import Partnership, WorkingArea


def copy_collaboration(
    session: Session,
    source: Collaboration,
    *,
    contact: Contact,
    slug: str,
    title: str,
    summary: str = "",
    wanted: Wanted,
) -> tuple[Collaboration, Copied]:
    """Open a collaboration of those who take part in `source`, with a contact of its own, and copy what is wanted.

    It begins at the first stage of the newest edition; what was decided, signed, scored, filed or had stays behind.
    """
    entries = members_of(session, [source.id])[source.id]
    made = open_collaboration(
        session,
        session.get_one(Partnership, source.partnership_id),
        contact=contact,
        slug=slug,
        title=title,
        members=[Joining(one.organisation, one.member.part, one.member.contribution) for one in entries],
        summary=summary or source.summary,
        illustrative=source.illustrative,
    )
    area = session.get(WorkingArea, source.working_area_id) if source.working_area_id else None
    if area is not None and area.ended_at is None:
        edit_collaboration(session, made, working_area=area)
    return made, copy_protocol(session, source, made, wanted)
