"""Which deadlines an actor may read and change, and which sign-offs an actor may read and give."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from api.http.dependencies import CurrentActor, Tx
from api.reach import REVIEWERS, collaboration_scope, scopes
from states.collaborations.queries import collaboration_by_id
from states.collaborations.tables import Collaboration
from states.crossings.deadlines.sync import STAGE_DEADLINE
from states.deadlines.kinds import Waiting
from states.deadlines.queries import waits_for
from states.deadlines.tables import Deadline
from states.errors import Denied, Missing
from states.matchmaking.interests.service import ANSWER_DEADLINE, INFORMATION_DEADLINE
from states.matchmaking.meetings.outcomes import FOLLOW_UPS
from states.matchmaking.profiles.service import CHECK_DEADLINE
from states.protocol.queries import sign_off_by_id, version_by_id
from states.protocol.tables import ProtocolVersion, SignOff
from states.review.seats import SEAT_DEADLINES
from states.rights.access import Action, Actor, Role, Scope, may, require

_REVIEW_ROLES = frozenset({Role.IAG_SECRETARY, Role.IAG_CHAIR, Role.IAG_MEMBER, Role.WGRA_CHAIR, Role.WGRA_MEMBER})


@dataclass(frozen=True)
class OfDeadline:
    """A deadline by its id."""

    action: Action

    def __call__(self, deadline_id: str, session: Tx, actor: CurrentActor) -> Deadline:
        """Return the row, or raise `Missing` or `Denied`."""
        row = session.get(Deadline, deadline_id)
        if row is None or row.partnership_id != actor.partnership_id:
            raise Missing("deadline", deadline_id)
        scope = _scope(actor, row, collaboration_scope(session, actor, row.collaboration_id))
        for action in (self.action, *_reading(actor, row)):
            require(actor, action, scope)
        if not _is_shown(actor, row):
            raise Denied("This deadline is another's.")
        if self.action is Action.CHANGE_DEADLINE and not _of_review(row):
            require(actor, Action.EDIT_COLLABORATION, scope)
        return row


def readable_deadlines(session: Session, actor: Actor, rows: Sequence[Deadline]) -> list[Deadline]:
    """Return those of the deadlines that the actor may read."""
    allowed = scopes(session, actor, [row.collaboration_id for row in rows])
    return [
        row
        for row in rows
        for scope in [_scope(actor, row, allowed[row.collaboration_id])]
        if _is_shown(actor, row) and all(may(actor, action, scope) for action in _reading(actor, row))
    ]


def _scope(actor: Actor, row: Deadline, scope: Scope) -> Scope:
    """Return what rights to a deadline depend on: its deputy, and all who own it, stand where its owner stands."""
    return replace(scope, person_id=actor.person_id if waits_for(row, actor) else row.owner_person_id)


def _is_shown(actor: Actor, row: Deadline) -> bool:
    """Tell whether it concerns this actor at all: a reviewer sees the stage and what the own seat asks."""
    own = actor.person_id is not None and actor.person_id in (row.owner_person_id, row.deputy_person_id)
    return own or actor.role not in REVIEWERS or row.kind == STAGE_DEADLINE


_FURTHER = {
    **dict.fromkeys((*SEAT_DEADLINES, Waiting.CONSENSUS.value), Action.READ_REVIEW),
    **dict.fromkeys((CHECK_DEADLINE, ANSWER_DEADLINE, INFORMATION_DEADLINE, *FOLLOW_UPS), Action.READ_CONTACTS),
}


def _reading(actor: Actor, row: Deadline) -> list[Action]:
    """Return what one must be allowed to do to read a deadline.

    Another's seat is for who reads the review; another's matchmaking, for who reads contacts.
    """
    further = None if waits_for(row, actor) else _FURTHER.get(row.kind)
    return [Action.READ_DEADLINES, *([further] if further else [])]


def _of_review(row: Deadline) -> bool:
    return row.owner_role in _REVIEW_ROLES or row.kind == Waiting.CONDITION.value


@dataclass(frozen=True, slots=True)
class SignOffInReach:
    """What an organisation is asked to sign: the frozen version and its collaboration."""

    row: SignOff
    version: ProtocolVersion
    collaboration: Collaboration


@dataclass(frozen=True)
class OfSignOff:
    """A sign-off by its id: of the own organisation alone where it is to be given."""

    action: Action

    def __call__(self, sign_off_id: str, session: Tx, actor: CurrentActor) -> SignOffInReach:
        """Return what is asked, or raise `Missing` or `Denied`."""
        found = sign_off_in_reach(session, sign_off_id)
        if found.collaboration.partnership_id != actor.partnership_id:
            raise Missing("sign-off", sign_off_id)
        require(actor, self.action, Scope(actor.partnership_id, frozenset({found.row.organisation_id})))
        return found


def sign_off_in_reach(session: Session, sign_off_id: str) -> SignOffInReach:
    """Return a sign-off with what it is about, or raise `Missing`."""
    row = sign_off_by_id(session, sign_off_id)
    version = version_by_id(session, row.protocol_version_id)
    return SignOffInReach(row, version, collaboration_by_id(session, version.collaboration_id))
