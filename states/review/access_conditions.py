"""What a person's seats open, as queries of ids: `access.py` said in SQL, for lists of which only a page is read."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, false, not_, or_, select

from states.collaborations.tables import Collaboration
from states.review.conflicts.tables import Declaration, ReviewerAgreement, Ruling
from states.review.tables import Evaluation, ReviewRound, RoundState, Seat, SeatState
from states.storage import table_of

Ids = Select[tuple[str]]
_Condition = ColumnElement[bool]


class SeatQueries:
    """The ids that `ReviewerAccess` tells of, for one person; `year` is that of the agreement that counts.

    Each query has aliases of its own, to stand anywhere.
    """

    def __init__(self, person_id: str, partnership_id: str, *, year: int) -> None:
        self._person_id, self._partnership_id, self._year = person_id, partnership_id, year

    def seated(self) -> Ids:
        """Return the collaborations of which a round has a seat of this person."""
        seat, opened, held = self._held()
        return select(opened.c.collaboration_id).where(held, seat.c.state != SeatState.REMOVED)

    def conflicted(self) -> Ids:
        """Return the collaborations that a conflict of interest closes."""
        seat, opened, held = self._held()
        excluded = or_(seat.c.state == SeatState.DISQUALIFIED, _last_ruled(seat, Ruling.EXCLUDED))
        return select(opened.c.collaboration_id).where(held, excluded)

    def newest(self) -> Ids:
        """Return the collaborations whose newest round of those with a seat is open to this person."""
        seat, opened, held = self._held()
        _, other, others = self._held()
        later = or_(
            other.c.opened_at > opened.c.opened_at,
            and_(other.c.opened_at == opened.c.opened_at, other.c.id < opened.c.id),
        )
        newer = exists().where(others, other.c.collaboration_id == opened.c.collaboration_id, later)
        return select(opened.c.collaboration_id).where(held, self._cleared(seat, opened), not_(newer))

    def rounds(self) -> Ids:
        """Return the rounds that are open to this person."""
        return self._open("id")

    def versions(self) -> Ids:
        """Return the protocol versions that these rounds review."""
        return self._open("protocol_version_id")

    def counting(self) -> Ids:
        """Return the rounds in which an evaluation of this person counts."""
        own = table_of(Evaluation).alias()
        return select(own.c.round_id).where(own.c.person_id == self._person_id, evaluation_counts(own))

    def _open(self, column: str) -> Ids:
        seat, opened, held = self._held()
        return select(opened.c[column]).where(held, self._cleared(seat, opened))

    def _held(self) -> tuple[FromClause, FromClause, _Condition]:
        seat, opened = table_of(Seat).alias(), table_of(ReviewRound).alias()
        return seat, opened, and_(seat.c.person_id == self._person_id, opened.c.id == seat.c.round_id)

    def _cleared(self, seat: FromClause, opened: FromClause) -> _Condition:
        agreement = table_of(ReviewerAgreement).alias()
        agreed = exists().where(
            agreement.c.partnership_id == self._partnership_id,
            agreement.c.person_id == self._person_id,
            agreement.c.year == self._year,
        )
        return and_(
            seat.c.state == SeatState.ACTIVE,
            _last_ruled(seat, Ruling.CLEARED),
            agreed,
            opened.c.collaboration_id.not_in(self.conflicted()),
        )


def evaluation_counts(evaluation: FromClause) -> _Condition:
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


def _last_ruled(seat: FromClause, ruling: Ruling) -> _Condition:
    """Return the condition under which the declaration that counts for a seat was ruled on like this."""
    last = table_of(Declaration).alias()
    of_seat = (last.c.round_id == seat.c.round_id, last.c.person_id == seat.c.person_id)
    counts = select(last.c.ruling).where(*of_seat).order_by(last.c.number.desc()).limit(1)
    return counts.correlate(seat).scalar_subquery() == ruling
