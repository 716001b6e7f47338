"""What may be done now, and why not: every move from the present stage with all that speaks against it.

Preview, dry run, pipeline and move are all answered by `_judged`, over a dossier that is read once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from states.collaborations.queries import PARTNERS, STEPS, Step, standing_of, steps_of
from states.collaborations.tables import Collaboration
from states.crossings.dossier import Dossier, dossiers_of, gather
from states.errors import Refusal, Refused
from states.playbooks.definition import CAME_FROM, Move, Playbook
from states.playbooks.guards import GUARDS
from states.review.access import reviewer_access
from states.rights.access import Action, Actor, Role, Scope, may
from states.storage import Reading
from states.texts import Text

RoleCheck = Callable[[Move], Refusal | None]

_OFFICE = frozenset({Role.IAG_SECRETARY, Role.IAG_CHAIR, Role.WGRA_CHAIR})


class NotOffered(Refused):
    """The playbook has no such move from the present stage."""

    code = "move_not_offered"


@dataclass(frozen=True, slots=True)
class AvailableMove:
    """A move from here: where it leads, whether a reason must be given, and every reason against it."""

    move: Move
    to: str
    refusals: tuple[Refusal, ...]

    @property
    def open(self) -> bool:
        """Tell whether nothing speaks against it."""
        return not self.refusals


@dataclass(frozen=True, slots=True)
class LifecycleView:
    """Where a collaboration stands under its playbook, and every move from there."""

    collaboration: Collaboration
    playbook: Playbook
    moves: tuple[AvailableMove, ...]


def lifecycle_views(session: Session, rows: Iterable[Collaboration], *, actor: Actor | None) -> list[LifecycleView]:
    """Tell of many collaborations what `actor` may do, in a fixed number of statements.

    Without an actor the roles are left out: what speaks against a move, whoever makes it.
    """
    dossiers = dossiers_of(session, rows)
    moves = {one.row.id: one.playbook.moves_from(one.row.stage) for one in dossiers}
    _gather(dossiers, moves)
    refused = _role_checks(session, dossiers, actor)
    return [
        LifecycleView(
            one.row, one.playbook, tuple(_judged(one, move, refused[one.row.id]) for move in moves[one.row.id])
        )
        for one in dossiers
    ]


def lifecycle_view(session: Session, row: Collaboration, *, actor: Actor | None) -> LifecycleView:
    """Tell of one collaboration what `actor` may do."""
    return lifecycle_views(session, [row], actor=actor)[0]


def check(
    session: Session,
    dossier: Dossier,
    name: str,
    *,
    actor: Actor,
    reason: str,
    besides: Mapping[Reading[object], Sequence[str]] | None = None,
) -> AvailableMove:
    """Return the move of that name if it is open, or raise what `move` would raise: a dry run.

    `besides` is what the caller reads of the dossier afterwards; it comes in the same statement.
    """
    made = offered(dossier, name)
    _gather([dossier], {dossier.row.id: [made]}, besides)
    judged = _judged(dossier, made, _role_checks(session, [dossier], actor)[dossier.row.id])
    refusals = judged.refusals
    if made.needs_reason and not reason.strip():
        refusals += (Refusal("reason_missing", move=made.title, missing=(Text("missing", "reason"),)),)
    if refusals:
        raise Refused(refusals)
    return judged


def offered(dossier: Dossier, name: str) -> Move:
    """Return the playbook's move of that name from the present stage, or raise `NotOffered`."""
    moves = dossier.playbook.moves_from(dossier.row.stage)
    found = next((move for move in moves if move.name == name), None)
    if found is None:
        there = tuple(move.name for move in moves) or (Text("word", "none"),)
        raise NotOffered([Refusal("move_not_offered", stage=dossier.row.stage, move=name, moves=there)])
    return found


def _gather(
    dossiers: Sequence[Dossier],
    moves: Mapping[str, Sequence[Move]],
    besides: Mapping[Reading[object], Sequence[str]] | None = None,
) -> None:
    """Read what the guards of these moves ask, who takes part, and where those that return came from."""
    distinct = {id(found): found for found in moves.values()}  # at one stage all have the same
    asked = {
        key: tuple(part for move in found for use in move.guards for part in GUARDS[use.name].parts)
        for key, found in distinct.items()
    }
    parts = {key: asked[id(found)] for key, found in moves.items()}
    returning = [key for key, found in moves.items() if any(move.to == CAME_FROM for move in found)]
    also: dict[Reading[object], Sequence[str]] = {PARTNERS: list(moves), STEPS: returning}
    for reading, keys in (besides or {}).items():
        also[reading] = [*also.get(reading, ()), *keys]
    gather(dossiers, parts, besides=also)


def _judged(dossier: Dossier, move: Move, refused: RoleCheck) -> AvailableMove:
    answers = [refused(move), *[GUARDS[use.name](dossier, use.with_) for use in move.guards]]
    steps = steps_of(dossier.read, dossier.row.id) if move.to == CAME_FROM else []
    to = target(move, steps, playbook=dossier.playbook)
    return AvailableMove(move, to, tuple([answer for answer in answers if answer is not None]))


def target(move: Move, steps: Sequence[Step], *, playbook: Playbook) -> str:
    """Return the stage to which a move leads.

    `came_from` is where the last move into the present stage began that was no return itself:
    parked, dropped and reopened, a collaboration resumes where it was before it was parked.
    """
    return move.to if move.to != CAME_FROM else left_by(steps, playbook=playbook).from_stage


def left_by(steps: Sequence[Step], *, playbook: Playbook) -> Step:
    """Return the step by which a collaboration left the stage to which it would return."""
    made = standing_of(steps)
    here = made[-1].to_stage
    return next(step for step in reversed(made) if step.to_stage == here and not _returned(step, playbook))


def _returned(step: Step, playbook: Playbook) -> bool:
    made = playbook.move(step.move, stage=step.from_stage)
    return made is not None and made.to == CAME_FROM


def _role_checks(session: Session, dossiers: Sequence[Dossier], actor: Actor | None) -> dict[str, RoleCheck]:
    """Return, by collaboration, what says of a move whether it is this actor's; the table of rights is asked once."""
    if actor is None:
        return {one.row.id: lambda _: None for one in dossiers}
    conflicted: frozenset[str] = frozenset()
    if actor.role in _OFFICE:
        access = reviewer_access(session, actor, [one.row.id for one in dossiers])
        conflicted = frozenset(key for key, found in access.items() if found.conflicted)
    checks: dict[tuple[str, frozenset[str], bool], RoleCheck] = {}  # few differ in a list
    found: dict[str, RoleCheck] = {}
    for one in dossiers:
        key = (one.row.partnership_id, _own_part(one, actor), one.row.id in conflicted)
        if key not in checks:
            scope = Scope(key[0], organisation_ids=key[1], conflicted=key[2])
            permitted = may(actor, Action.MOVE_COLLABORATION, scope)
            checks[key] = partial(_role_refusal, role=actor.role if permitted else None)
        found[one.row.id] = checks[key]
    return found


def _own_part(dossier: Dossier, actor: Actor) -> frozenset[str]:
    """Return the actor's organisation where it takes part; of whoever acts for none, no rule asks for partners."""
    if actor.organisation_id is None:
        return frozenset()
    return frozenset(partner.id for partner in dossier.partners if partner.id == actor.organisation_id)


def _role_refusal(move: Move, role: Role | None) -> Refusal | None:
    return None if role in move.by else move.of_others


def role_refusal(session: Session, row: Collaboration, move: Move, actor: Actor) -> Refusal | None:
    """Return why this actor may not make a move of this collaboration, whatever else speaks against it."""
    dossiers = dossiers_of(session, [row])
    gather(dossiers, {}, besides={PARTNERS: [row.id]})
    return _role_checks(session, dossiers, actor)[row.id](move)
