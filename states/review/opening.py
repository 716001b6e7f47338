"""Open a review round: on which version, who is seated, until when."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from states.clock import now, today
from states.collaborations.tables import Collaboration
from states.deadlines.calendar import shift
from states.deadlines.definition import Rung
from states.deadlines.service import open_deadline
from states.partners.queries import Holder, holders
from states.review.definition import Panel, PanelKind
from states.review.queries import rounds_of
from states.review.service import SEAT_DEADLINE, close_round
from states.review.tables import ReviewRound, RoundState, Seat


@dataclass(frozen=True, slots=True)
class Opening:
    """What a round is opened on: the frozen version, the consortium's regions and organisations."""

    protocol_version_id: str
    region_ids: Sequence[str]
    organisation_ids: frozenset[str] = field(default=frozenset())


def open_round(
    session: Session,
    collaboration: Collaboration,
    *,
    panel_key: str,
    panel: Panel,
    opening: Opening,
    ladder: Sequence[Rung],
) -> ReviewRound:
    """Open the panel's next round on a frozen version, seat its members, and give each a deadline.

    A member whose organisation is a partner is not seated to score; a region's member is seated
    for its own region only. An open round of the same panel and version is returned as it is.
    """
    past = [row for row in rounds_of(session, [collaboration.id]) if row.panel == panel_key]
    for row in past:
        if row.state is RoundState.OPEN and row.protocol_version_id == opening.protocol_version_id:
            return row
        if row.state is RoundState.OPEN:
            close_round(session, row, missing=["a newer version of the protocol took its place"])
    row = ReviewRound(
        collaboration_id=collaboration.id,
        protocol_version_id=opening.protocol_version_id,
        panel=panel_key,
        number=len(past) + 1,
        opened_at=now(),
        due_on=shift(today(), panel.due, nuts=""),
        asked_regions=list(opening.region_ids) if panel.kind is PanelKind.POSITIONS else [],
    )
    session.add(row)
    session.flush()
    for holder in _seated(session, collaboration, row, panel=panel, opening=opening):
        person, region_id = holder.person.id, holder.grant.region_id
        session.add(Seat(round_id=row.id, person_id=person, region_id=region_id, invited_at=now()))
        open_deadline(
            session,
            kind=SEAT_DEADLINE,
            subject_id=row.id,
            title=f"{collaboration.title}: {panel.title}",
            partnership_id=collaboration.partnership_id,
            collaboration_id=collaboration.id,
            owner_role=panel.members,
            owner_person_id=person,
            start=today(),
            working_days=panel.due,
            ladder=ladder,
        )
    session.flush()
    return row


def _seated(
    session: Session, collaboration: Collaboration, row: ReviewRound, *, panel: Panel, opening: Opening
) -> list[Holder]:
    members = holders(session, collaboration.partnership_id, panel.members)
    if panel.kind is PanelKind.SCORES:
        return [one for one in members if one.grant.organisation_id not in opening.organisation_ids]
    return [one for one in members if one.grant.region_id in row.asked_regions]
