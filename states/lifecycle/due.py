"""What a stage waits for, by the playbook: deadlines opened and closed in the transaction of the move."""

from sqlmodel import Session

from states.access import Role
from states.clock import today
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.deadlines.service import After, Owner, close_deadlines, open_deadline
from states.lifecycle.definition import Playbook

STAGE_DEADLINE = "stage"


def renew_stage_deadline(session: Session, row: Collaboration, *, playbook: Playbook) -> None:
    """Close the deadline of the stage that was left, and open that of the present one if it has any."""
    close_deadlines(session, kind=STAGE_DEADLINE, subject_id=row.id)
    stage = playbook.stages[row.stage]
    if stage.due is None:
        return
    members = members_of(session, [row.id])[row.id]
    lead = members[0].organisation if members else None
    open_deadline(
        session,
        kind=STAGE_DEADLINE,
        subject_id=row.id,
        title=f"{row.title}: {stage.title}",
        partnership_id=row.partnership_id,
        collaboration_id=row.id,
        owner=Owner(
            stage.owner,
            organisation_id=lead.id if lead is not None and stage.owner is Role.PARTNER else None,
            chair_role=playbook.panels[stage.panel].chair if stage.panel is not None else None,
        ),
        due=After(today(), stage.due),
        ladder=playbook.ladders[stage.ladder],
        nuts=lead.nuts if lead is not None else "",
    )
