"""What may be done now, and why not: every move from the present stage with all that speaks against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from states.collaborations.queries import history_of, members_of
from states.collaborations.tables import Collaboration, HistoryLine
from states.errors import Refusal
from states.playbooks.definition import CAME_FROM, Move, Playbook
from states.playbooks.editions import playbooks_of
from states.playbooks.guards import GUARDS, Facts, gather
from states.rights.access import Action, Actor, Scope, may


@dataclass(frozen=True, slots=True)
class Offer:
    """A move from here: where it leads, whether a reason must be given, and every reason against it."""

    move: Move
    to: str
    refusals: tuple[Refusal, ...]

    @property
    def open(self) -> bool:
        """Tell whether nothing speaks against it."""
        return not self.refusals


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a collaboration stands under its playbook, and what is offered from there."""

    collaboration: Collaboration
    playbook: Playbook
    offers: tuple[Offer, ...]


def standings(session: Session, rows: Sequence[Collaboration], *, actor: Actor | None) -> list[Standing]:
    """Tell of many collaborations what is offered to `actor`, in a fixed number of queries.

    Without an actor the roles are left out: what speaks against a move, whoever makes it.
    """
    playbooks = playbooks_of(session, rows)
    facts = gather(session, rows, playbooks=playbooks)
    keys = [row.id for row in rows]
    history, members = history_of(session, keys), members_of(session, keys)
    found = []
    for row in rows:
        organisations = frozenset(entry.organisation.id for entry in members[row.id])
        scope = Scope(row.partnership_id, organisation_ids=organisations)
        offers = tuple(
            Offer(move, target(move, history[row.id], playbook=playbooks[row.id]), refusals)
            for move in playbooks[row.id].moves_from(row.stage)
            for refusals in [_refusals(move, facts[row.id], actor, scope)]
        )
        found.append(Standing(row, playbooks[row.id], offers))
    return found


def standing(session: Session, row: Collaboration, *, actor: Actor | None) -> Standing:
    """Tell of one collaboration what is offered to `actor`."""
    return standings(session, [row], actor=actor)[0]


def target(move: Move, history: Sequence[HistoryLine], *, playbook: Playbook) -> str:
    """Return the stage to which a move leads.

    `came_from` is where the last move into the present stage began that was no return itself:
    parked, dropped and reopened, a collaboration resumes where it was before it was parked.
    """
    if move.to != CAME_FROM:
        return move.to
    here = history[-1].to_stage
    return next(
        line.from_stage for line in reversed(history) if line.to_stage == here and not _returned(line, playbook)
    )


def _returned(line: HistoryLine, playbook: Playbook) -> bool:
    made = playbook.move(line.move, stage=line.from_stage)
    return made is not None and made.to == CAME_FROM


def _refusals(move: Move, facts: Facts, actor: Actor | None, scope: Scope) -> tuple[Refusal, ...]:
    found = [] if actor is None else _role_refusals(move, actor, scope)
    answers = (GUARDS[use.name](facts, use.with_) for use in move.guards)
    return (*found, *(answer for answer in answers if answer is not None))


def _role_refusals(move: Move, actor: Actor, scope: Scope) -> list[Refusal]:
    if may(actor, Action.MOVE_COLLABORATION, scope) and actor.role in move.by:
        return []
    roles = tuple(role.value for role in move.by)
    return [Refusal("role", roles=roles, mend_by=roles)]


def by_name(offers: Sequence[Offer]) -> Mapping[str, Offer]:
    """Index offers by the name of their move."""
    return {offer.move.name: offer for offer in offers}
