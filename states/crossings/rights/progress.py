"""What rights to a partner's progress depend on: whose it is, and who leads."""

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session

from states.collaborations.queries import members_of
from states.collaborations.tables import MemberPart
from states.crossings.rights.collaborations import belongings
from states.implementation.tables import PartnerProgress
from states.rights.access import Actor, Scope


def of_progress(session: Session, actor: Actor, rows: Sequence[PartnerProgress]) -> list[Scope]:
    """Answer for progress: the partner's own and the lead's; in one statement more than the collaborations need."""
    keys = list(dict.fromkeys(row.collaboration_id for row in rows))
    found, members = belongings(session, actor, keys), members_of(session, keys)
    leads = {key: {one.organisation.id for one in members[key] if one.member.part is MemberPart.LEAD} for key in keys}
    return [
        replace(
            found[row.collaboration_id].scope,
            owner_ids=frozenset({row.organisation_id, *leads[row.collaboration_id]}),
        )
        for row in rows
    ]
