"""What a person's seats open: rounds, and the protocol versions that they review; and who is blind meanwhile."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from states.collaborations.tables import Collaboration
from states.review.conflicts.service import agreed, clearance_of, excluded
from states.review.conflicts.tables import Declaration, Ruling
from states.review.definition import Panel
from states.review.tables import Evaluation, ReviewRound, RoundState, Seat, SeatState
from states.rights.access import Action, Actor, Role, Scope, may
from states.storage import OfTransaction, is_one_of, reads_only

REVIEWERS = frozenset({Role.IAG_MEMBER, Role.WGRA_MEMBER})
"""Who scores or states a position: they know what their seats open, and nothing else of a review."""

# Offices are closed to whoever has a conflict of interest on record.
_ASKED_FOR_SEATS = REVIEWERS | {Role.IAG_SECRETARY, Role.IAG_CHAIR, Role.WGRA_CHAIR}


@dataclass(frozen=True, slots=True)
class RoundAccess:
    """A round that somebody may get at, the collaboration that it reviews, and what rights to it depend on."""

    row: ReviewRound
    collaboration: Collaboration
    scope: Scope


@dataclass(frozen=True, slots=True)
class ReviewerAccess:
    """What somebody's seats open in one collaboration; a conflict of interest in one round closes all of them.

    `newest` tells of the newest of the rounds that somebody was seated in whether its dossier is open: a reviewer
    cleared for an old version reads that one as it was, and needs a new declaration for the next.
    """

    seated: frozenset[str] = frozenset()
    rounds: frozenset[str] = frozenset()
    versions: frozenset[str] = frozenset()
    newest: bool = False
    conflicted: bool = False


@dataclass(frozen=True, slots=True)
class OpenedBySeats:
    """What all of somebody's seats open together, by id: the collaborations that `ReviewerAccess` calls seated,
    conflicted and newest, and the rounds and versions.
    """

    seated: frozenset[str] = frozenset()
    conflicted: frozenset[str] = frozenset()
    newest: frozenset[str] = frozenset()
    rounds: frozenset[str] = frozenset()
    versions: frozenset[str] = frozenset()


_EVERY = OfTransaction(dict[Actor, Mapping[str, ReviewerAccess]])


def reviewer_access(session: Session, actor: Actor, collaboration_ids: Collection[str]) -> Mapping[str, ReviewerAccess]:
    """Return what the actor's seats open, by collaboration; of a role that no rule asks for seats, nothing."""
    found = dict.fromkeys(collaboration_ids, ReviewerAccess())
    if not collaboration_ids:
        return found
    every = _EVERY.of(session).get(actor)
    if every is None:
        return found | _accesses(session, actor, col(ReviewRound.collaboration_id).in_(collaboration_ids))
    return {key: every.get(key, nothing) for key, nothing in found.items()}


def opened_by_seats(session: Session, actor: Actor) -> OpenedBySeats:
    """Return what all of the actor's seats open; a session that only reads asks for them once."""
    every = _EVERY.of(session).get(actor)
    if every is None:
        every = _accesses(session, actor)
        if reads_only(session):
            _EVERY.of(session)[actor] = every
    return OpenedBySeats(
        seated=frozenset(key for key, one in every.items() if one.seated),
        conflicted=frozenset(key for key, one in every.items() if one.conflicted),
        newest=frozenset(key for key, one in every.items() if one.newest),
        rounds=frozenset(key for one in every.values() for key in one.rounds),
        versions=frozenset(key for one in every.values() for key in one.versions),
    )


def _accesses(session: Session, actor: Actor, *where: ColumnElement[bool]) -> dict[str, ReviewerAccess]:
    if actor.person_id is None or actor.role not in _ASKED_FOR_SEATS:
        return {}
    held: dict[str, list[_Held]] = {}
    query = (
        select(
            col(ReviewRound.collaboration_id),
            col(ReviewRound.id),
            col(ReviewRound.protocol_version_id),
            col(Seat.state),
        )
        .join(Seat, col(Seat.round_id) == col(ReviewRound.id))
        .where(Seat.person_id == actor.person_id, *where)
        .order_by(col(ReviewRound.opened_at).desc(), col(ReviewRound.id))
    )
    for key, round_id, version_id, state in session.exec(query):  # the newest round first
        held.setdefault(key, []).append(_Held(round_id, version_id, state))
    if not held:
        return {}
    rounds = [one.round_id for seats in held.values() for one in seats]
    ruled = select(col(Declaration.round_id), col(Declaration.ruling)).where(
        Declaration.person_id == actor.person_id, is_one_of(col(Declaration.round_id), rounds)
    )
    last = {key: _Ruled(ruling) for key, ruling in session.exec(ruled.order_by(col(Declaration.number)))}
    agrees = agreed(session, partnership_id=actor.partnership_id, person_id=actor.person_id)
    return {key: _access(seats, last, agrees=agrees) for key, seats in held.items()}


class _Held(NamedTuple):
    """A seat with its round: of hundreds, all else would be read for nothing."""

    round_id: str
    version_id: str
    state: SeatState


class _Ruled(NamedTuple):
    ruling: Ruling


def _access(held: Sequence[_Held], last: Mapping[str, _Ruled], *, agrees: bool) -> ReviewerAccess:
    seated = frozenset(one.round_id for one in held if one.state is not SeatState.REMOVED)
    if any(excluded(one, last.get(one.round_id)) for one in held):
        return ReviewerAccess(seated=seated, conflicted=True)
    cleared = [one for one in held if clearance_of(one.round_id, one, last.get(one.round_id), agreed=agrees).open]
    return ReviewerAccess(
        seated=seated,
        rounds=frozenset(one.round_id for one in cleared),
        versions=frozenset(one.version_id for one in cleared),
        newest=held[0] in cleared,
    )


def round_scope(actor: Actor, row: ReviewRound, access: ReviewerAccess, scope: Scope) -> Scope:
    """Return what rights to one round depend on: the actor's seat in this one, not in another."""
    return replace(scope, seated=row.id in access.seated, cleared=row.id in access.rounds, person_id=actor.person_id)


def last_declarations(session: Session, round_ids: Sequence[str], *, person_id: str) -> dict[str, Declaration]:
    """Return the declarations of a person that count, by round."""
    of_rounds = is_one_of(col(Declaration.round_id), round_ids)
    query = select(Declaration).where(Declaration.person_id == person_id, of_rounds)
    return {row.round_id: row for row in session.exec(query.order_by(col(Declaration.number)))}


def blind_to(session: Session, actor: Actor, panels: Mapping[str, Mapping[str, Panel]]) -> frozenset[str]:
    """Return to which collaborations the actor is blind; `panels` of their playbooks, by collaboration.

    Whoever may score in an open blind round is blind, invited or not, until the own evaluation is in.
    """
    asked = {
        (key, name)
        for key, known in panels.items()
        for name, panel in known.items()
        if panel.blind and panel.members is actor.role
    }
    if not asked:
        return frozenset()
    query = select(ReviewRound).where(
        col(ReviewRound.collaboration_id).in_({key for key, _ in asked}), ReviewRound.state == RoundState.OPEN
    )
    rounds = [row for row in session.exec(query) if (row.collaboration_id, row.panel) in asked]
    evaluated = select(Evaluation.round_id).where(
        Evaluation.person_id == actor.person_id, col(Evaluation.round_id).in_([row.id for row in rounds])
    )
    own = set(session.exec(evaluated))
    return frozenset(row.collaboration_id for row in rounds if row.id not in own)


@dataclass(frozen=True, slots=True)
class Evaluations:
    """The evaluations of some rounds: every submission, and by round whose counts (the seat is active)."""

    submitted: Mapping[str, Sequence[Evaluation]]
    counting: Mapping[str, frozenset[str]]

    def counted(self, round_id: str) -> list[Evaluation]:
        """Return the evaluations of a round that count: the last of each reviewer whose seat is active."""
        last = {row.person_id: row for row in sorted(self.submitted[round_id], key=lambda row: row.number)}
        found = [row for key, row in last.items() if key in self.counting[round_id]]
        return sorted(found, key=lambda row: (row.submitted_at, row.id))


def evaluations_in(session: Session, round_ids: Collection[str]) -> Evaluations:
    """Return the evaluations of these rounds, in the order of submission."""
    submitted: dict[str, list[Evaluation]] = {key: [] for key in round_ids}
    query = select(Evaluation).where(col(Evaluation.round_id).in_(round_ids))
    for row in session.exec(query.order_by(col(Evaluation.submitted_at), col(Evaluation.id))):
        submitted[row.round_id].append(row)
    active = select(Seat.round_id, Seat.person_id).where(
        col(Seat.round_id).in_(round_ids), Seat.state == SeatState.ACTIVE
    )
    seats = set(session.exec(active).all())
    return Evaluations(
        submitted,
        {
            key: frozenset(row.person_id for row in rows if (key, row.person_id) in seats)
            for key, rows in submitted.items()
        },
    )


def visible_evaluations(
    actor: Actor, row: ReviewRound, scope: Scope, submitted: Iterable[Evaluation], counting: frozenset[str]
) -> list[Evaluation]:
    """Return every evaluation of a round, with its corrections, that the actor may see: each reviewer judges alone.

    A reviewer sees the own ones, and others' once the own one is in or the round is closed; who decides, once it is
    closed; who runs it, always. `scope` is that of the round, `counting` says whose evaluation counts.
    """
    closed, found = row.state is RoundState.CLOSED, list(submitted)
    if actor.role not in REVIEWERS:
        return found if closed or may(actor, Action.READ_OPEN_EVALUATIONS, scope) else []
    if not scope.cleared or scope.conflicted or not (closed or actor.person_id in counting):
        return []
    return [one for one in found if one.person_id in counting]
