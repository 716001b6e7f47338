"""When what waits falls due: open deadlines, looked up by what they are about."""

from collections.abc import Iterable
from datetime import date

from sqlmodel import Session, col

from states.collaborations.tables import Collaboration
from states.crossings.deadlines.sync import STAGE_DEADLINE
from states.deadlines.kinds import Waiting
from states.deadlines.queries import find_open_deadlines
from states.deadlines.tables import Deadline
from states.review.tables import Condition, ReviewRound
from states.rights.access import Actor


class DeadlineDates:
    """The days on which what waits for these subjects falls due."""

    def __init__(self, session: Session, actor: Actor, subject_ids: Iterable[str]) -> None:
        self._any: dict[tuple[str, str], date] = {}
        self._own: dict[tuple[str, str], date] = {}
        if not (subjects := set(subject_ids)):
            return  # the database would look through every open deadline for none
        query = find_open_deadlines(actor.partnership_id, col(Deadline.subject_id).in_(subjects)).with_only_columns(
            *(col(one) for one in (Deadline.kind, Deadline.subject_id, Deadline.due_on, Deadline.owner_person_id))
        )
        most_urgent_first = query.order_by(col(Deadline.due_on), col(Deadline.id))
        for kind, subject_id, due_on, owner in session.execute(most_urgent_first):
            self._any.setdefault((kind, subject_id), due_on)
            if owner == actor.person_id:
                self._own.setdefault((kind, subject_id), due_on)

    def own(self, kind: str, subject_id: str) -> date | None:
        """Return when this person's deadline of a kind falls due."""
        return self._own.get((kind, subject_id))

    def condition(self, row: Condition) -> date | None:
        """Return when a condition is to be met."""
        return self._any.get((Waiting.CONDITION.value, row.id))

    def closed_round(self, row: ReviewRound, collaboration: Collaboration) -> date | None:
        """Return when a closed round is to be gone on with: by its consensus, else by its stage.

        An office has no seat with a deadline of its own.
        """
        consensus = self._any.get((Waiting.CONSENSUS.value, row.id))
        return consensus or self._any.get((STAGE_DEADLINE, collaboration.id))
