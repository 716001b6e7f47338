"""The one door: only here does a collaboration's stage change."""

import json
import logging
from collections.abc import Sequence
from hashlib import sha256

from sqlmodel import Session, select

from states.clock import now
from states.collaborations.queries import collaboration_by_id, history_of
from states.collaborations.tables import Collaboration, HistoryLine
from states.crossings.deadlines.sync import renew_deadlines, renew_stage_deadline
from states.crossings.review.rounds import abandon_rounds
from states.crossings.scenarios.validity import reconsider
from states.errors import Refusal, Refused
from states.lifecycle.available_moves import Offer, Standing, by_name, standing
from states.lifecycle.machine import step_stage
from states.outbox.service import publish
from states.playbooks.definition import Playbook
from states.playbooks.editions import texts
from states.rights.access import Actor
from states.storage import bump_version, new_id
from states.texts import Text

log = logging.getLogger(__name__)

_NO_SEAL = "0" * 64


class NotOffered(Refused):
    """The playbook has no such move from the present stage."""

    code = "move_not_offered"


def move(
    session: Session,
    collaboration_id: str,
    name: str,
    *,
    actor: Actor,
    reason: str = "",
    expected_version: int | None = None,
) -> HistoryLine:
    """Make a move: stage, history line, deadline and events in the present transaction.

    Raises `Missing`, `NotOffered`, `Refused` with every reason against it, or `Stale` where
    the collaboration is no longer at `expected_version`.
    """
    row = collaboration_by_id(session, collaboration_id)
    bump_version(session, row, expected=expected_version)
    reconsider(session, row.id)  # no event that is under way yet lets a scenario pass that holds no longer
    where = standing(session, row, actor=actor)
    offer = check(where, name, reason=reason)
    text = texts(session, [row.playbook])[row.playbook]
    line = _write_line(session, row, offer, actor=actor, reason=reason.strip())
    row.stage = step_stage(text, row.stage, move=name, end=offer.to)
    row.stage_since = line.at
    session.flush()
    _follow_up(session, row, line, playbook=where.playbook)
    log.info("moved collaboration=%s move=%s from=%s to=%s", row.id, name, line.from_stage, line.to_stage)
    return line


def check(where: Standing, name: str, *, reason: str) -> Offer:
    """Return the offer of that name if it is open, or raise what `move` would raise: a dry run."""
    offers = by_name(where.offers)
    if name not in offers:
        stage, known = where.collaboration.stage, tuple(offers) or (Text("word", "none"),)
        raise NotOffered([Refusal("move_not_offered", stage=stage, move=name, moves=known)])
    offer = offers[name]
    refusals = offer.refusals
    if offer.move.needs_reason and not reason.strip():
        refusals += (Refusal("reason_missing", move=offer.move.title, missing=(Text("missing", "reason"),)),)
    if refusals:
        raise Refused(refusals)
    return offer


def begin_with(session: Session, row: Collaboration, *, playbook: Playbook) -> None:
    """Give a new collaboration its first deadline and tell of it; the aggregate has put it at the initial stage."""
    publish(session, "collaboration.opened", partnership_id=row.partnership_id, collaboration_id=row.id)
    renew_stage_deadline(session, row, playbook=playbook)


def _write_line(session: Session, row: Collaboration, offer: Offer, *, actor: Actor, reason: str) -> HistoryLine:
    past = history_of(session, [row.id])[row.id]
    line = HistoryLine(
        id=new_id(),
        collaboration_id=row.id,
        number=len(past) + 1,
        at=now(),
        move=offer.move.name,
        from_stage=row.stage,
        to_stage=offer.to,
        actor_role=actor.role,
        actor_person_id=actor.person_id,
        reason=reason,
        seal="",
    )
    line.seal = seal(line, previous=past[-1].seal if past else _NO_SEAL)
    session.add(line)
    session.flush()
    return line


def seal(line: HistoryLine, *, previous: str) -> str:
    """Return the SHA-256 over a history line and the seal before it: a changed or lost line breaks the chain."""
    facts = [
        previous,
        line.collaboration_id,
        line.number,
        line.at.isoformat(),
        line.move,
        line.from_stage,
        line.to_stage,
        line.actor_role.value,
        line.actor_person_id,
        line.reason,
    ]
    return sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def broken_seals(session: Session, collaboration_id: str) -> list[int]:
    """Return the numbers of the history lines of one collaboration whose seal does not fit."""
    return _broken(history_of(session, [collaboration_id])[collaboration_id])


def collaborations_with_broken_seals(session: Session) -> list[str]:
    """Return the short names of all collaborations whose history was changed behind the one door."""
    slugs = dict(session.exec(select(Collaboration.id, Collaboration.slug)).all())
    return sorted(slugs[key] for key, lines in history_of(session, list(slugs)).items() if _broken(lines))


def _broken(lines: Sequence[HistoryLine]) -> list[int]:
    previous, broken = _NO_SEAL, []
    for line in lines:
        if line.seal != seal(line, previous=previous):
            broken.append(line.number)
        previous = line.seal
    return broken


def _follow_up(session: Session, row: Collaboration, line: HistoryLine, *, playbook: Playbook) -> None:
    renew_stage_deadline(session, row, playbook=playbook)
    stage, left = playbook.stages[row.stage], playbook.stages[line.from_stage]
    if left.panel is not None:
        abandon_rounds(session, row.id, because=f"the collaboration moved on to {stage.title}")
    renew_deadlines(session, row, playbook=playbook)

    def tell(name: str, **payload: str) -> None:
        publish(
            session,
            name,
            partnership_id=row.partnership_id,
            collaboration_id=row.id,
            cause_id=line.id,
            **payload,
        )

    tell("collaboration.moved", move=line.move, from_stage=line.from_stage, to_stage=line.to_stage)
    if stage.panel is not None:
        tell("review.requested", panel=stage.panel)
    for kind in stage.issues:
        tell("document.requested", kind=kind.value)
