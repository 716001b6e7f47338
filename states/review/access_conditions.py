"""What `access.py` says of evaluations and of blindness, said in SQL: for lists of which only a page is read."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, false, or_, select

from states.collaborations.tables import Collaboration
from states.review.tables import Evaluation, ReviewRound, RoundState, Seat, SeatState
from states.storage import table_of

Ids = Select[tuple[str]]


def own_counting(person_id: str | None) -> Ids:
    """Return the rounds in which an evaluation of this person counts."""
    own = table_of(Evaluation).alias()
    return select(own.c.round_id).where(own.c.person_id == person_id, evaluation_counts(own))


def evaluation_counts(evaluation: FromClause) -> ColumnElement[bool]:
    """Return the condition under which an evaluation counts: its reviewer's seat is active."""
    seat = table_of(Seat).alias()
    return exists().where(
        seat.c.round_id == evaluation.c.round_id,
        seat.c.person_id == evaluation.c.person_id,
        seat.c.state == SeatState.ACTIVE,
    )


def blind_collaborations(person_id: str | None, partnership_id: str, panels: Collection[tuple[str, str]]) -> Ids:
    """Return the collaborations with an open round of a blind panel in which this person has not evaluated.

    `panels` are the blind ones that the person may score in: the playbook's key, and the panel's.
    """
    opened, reviewed = table_of(ReviewRound).alias(), table_of(Collaboration).alias()
    evaluation = table_of(Evaluation).alias()
    own = select(evaluation.c.round_id).where(evaluation.c.person_id == person_id)
    by_panel = [and_(reviewed.c.playbook == key, opened.c.panel == panel) for key, panel in sorted(panels)]
    return select(opened.c.collaboration_id).where(
        opened.c.state == RoundState.OPEN,
        reviewed.c.id == opened.c.collaboration_id,
        reviewed.c.partnership_id == partnership_id,
        or_(false(), *by_panel),
        opened.c.id.not_in(own),
    )
