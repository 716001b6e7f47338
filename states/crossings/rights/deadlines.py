"""What rights to a deadline depend on: whom it waits for, whether it is of a review, and what it tells besides."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import and_, not_, or_
from sqlmodel import Session, col

from states.crossings.deadlines.sync import STAGE_DEADLINE
from states.crossings.rights.collaborations import Circumstances, belonging_facts, belongings
from states.deadlines.kinds import Waiting
from states.deadlines.queries import waiting_for, waits_for
from states.deadlines.tables import Deadline
from states.matchmaking.interests.service import ANSWER_DEADLINE, INFORMATION_DEADLINE
from states.matchmaking.meetings.outcomes import FOLLOW_UPS
from states.matchmaking.profiles.service import CHECK_DEADLINE
from states.review.access import REVIEWERS
from states.review.seats import SEAT_DEADLINES
from states.rights.access import Action, Actor, Closed, Role, Scope
from states.rights.conditions import Case, Cases
from states.storage import is_value

_REVIEW_ROLES = frozenset({Role.IAG_SECRETARY, Role.IAG_CHAIR, Role.IAG_MEMBER, Role.WGRA_CHAIR, Role.WGRA_MEMBER})
# What another's deadline tells: of a seat, to who reads the review; of the matchmaking, to who reads contacts.
_TELLS = {
    **dict.fromkeys((*SEAT_DEADLINES, Waiting.CONSENSUS.value), Action.READ_REVIEW),
    # What somebody was asked for is between the two: the lead reads it where it was asked.
    **dict.fromkeys((Waiting.SECTION.value, Waiting.QUESTION.value), Action.READ_PEOPLE),
    **dict.fromkeys((CHECK_DEADLINE, ANSWER_DEADLINE, INFORMATION_DEADLINE, *FOLLOW_UPS), Action.READ_CONTACTS),
}


def of_deadlines(session: Session, actor: Actor, rows: Sequence[Deadline]) -> list[Scope]:
    """Answer for deadlines."""
    found = belongings(session, actor, [row.collaboration_id for row in rows])
    return [_scope(actor, row, found[row.collaboration_id].scope) for row in rows]


def _scope(actor: Actor, row: Deadline, scope: Scope) -> Scope:
    """Deputies, and all who own it, stand where the owner stands; a reviewer sees the stage and the own seat's."""
    waits = waits_for(row, actor)
    own = actor.person_id is not None and actor.person_id in (row.owner_person_id, row.deputy_person_id)
    shown = own or actor.role not in REVIEWERS or row.kind == STAGE_DEADLINE
    return replace(
        scope,
        partnership_id=row.partnership_id,
        person_id=actor.person_id if waits else row.owner_person_id,
        of_review=row.owner_role in _REVIEW_ROLES or row.kind == Waiting.CONDITION.value,
        also=(Action.READ_DEADLINES, *(() if waits or row.kind not in _TELLS else (_TELLS[row.kind],))),
        closed=None if shown else Closed.ANOTHERS,
    )


def cases_of_deadlines(actor: Actor, known: Circumstances) -> Cases:
    """Say the same in SQL."""
    facts = belonging_facts(actor, known, col(Deadline.collaboration_id))
    waits, stage = waiting_for(actor), col(Deadline.kind) == STAGE_DEADLINE
    own = Scope(actor.partnership_id, person_id=actor.person_id, also=(Action.READ_DEADLINES,))
    others = Scope(actor.partnership_id, also=(Action.READ_DEADLINES,))
    if actor.role in REVIEWERS:
        holders = (col(Deadline.owner_person_id), col(Deadline.deputy_person_id))
        by_name = or_(*(is_value(holder, actor.person_id) for holder in holders))
        named = Case(and_(waits, or_(by_name, stage)), own, facts)
        return Cases([named, Case(and_(not_(waits), stage), others, facts)], whole=False)
    telling = {action: [kind for kind, told in _TELLS.items() if told is action] for action in set(_TELLS.values())}
    telltale = [
        Case(and_(not_(waits), col(Deadline.kind).in_(kinds)), replace(others, also=(*others.also, action)), facts)
        for action, kinds in telling.items()
    ]
    untold = Case(and_(not_(waits), col(Deadline.kind).not_in(_TELLS)), others, facts)
    return Cases([Case(waits, own, facts), untold, *telltale])
