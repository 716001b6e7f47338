"""Open a round on a frozen version of the protocol: its seats are taken, everybody has a deadline."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from states.clock import now, today
from states.collaborations.tables import Collaboration
from states.deadlines.definition import Rung
from states.places.working_days import shift
from states.review.definition import Panel, PanelKind
from states.review.queries import rounds_of
from states.review.seats import Place, take_seat
from states.review.service import close_round
from states.review.states import CLOSE
from states.review.tables import ReviewRound


@dataclass(frozen=True, slots=True)
class Opening:
    """What a round is opened on: the frozen version, the consortium's regions, and who is to sit."""

    protocol_version_id: str
    region_ids: Sequence[str]
    places: Sequence[Place]


def open_round(
    session: Session,
    collaboration: Collaboration,
    *,
    panel_key: str,
    panel: Panel,
    opening: Opening,
    ladder: Sequence[Rung],
) -> ReviewRound:
    """Open the panel's next round on a frozen version.

    An open round of the same panel and version is returned as it is; one of an older version is closed, stays
    readable, and its approvals are void.
    """
    past = [row for row in rounds_of(session, [collaboration.id]) if row.panel == panel_key]
    for row in past:
        if CLOSE.leaves(row.phase) and row.protocol_version_id == opening.protocol_version_id:
            return row
        if CLOSE.leaves(row.phase):
            close_round(session, row, panel=panel, missing=["a newer version of the protocol took its place"])
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
    for place in opening.places:
        take_seat(session, row, place, collaboration=collaboration, panel=panel, ladder=ladder)
    return row
