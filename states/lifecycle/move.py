"""The one door: only here does a collaboration's stage change."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from states.clock import now
from states.collaborations.queries import STEPS, UNDO, standing_of, steps_of
from states.collaborations.tables import Collaboration, HistoryLine
from states.crossings.deadlines.sync import sync_deadlines, sync_reads
from states.crossings.dossier import Dossier, dossiers_of, locked_dossier
from states.crossings.merging import free_those_naming, hand_over_to_target
from states.crossings.receipts import acknowledge_submission
from states.crossings.review.rounds import abandon_rounds
from states.crossings.scenarios.revalidation import record_validity
from states.errors import Refusal, Refused, Stale
from states.funding.facts import chosen_of
from states.funding.tables import Scenario
from states.lifecycle.available_moves import AvailableMove, check, left_by, offered
from states.lifecycle.machine import step_stage
from states.lifecycle.undoing import undoing_of
from states.outbox.service import publish, publish_all
from states.playbooks.definition import CAME_FROM, Move, StageKind
from states.playbooks.guards import GUARDS
from states.review.queries import ROUNDS, rounds_read
from states.rights.access import Actor
from states.seals import seal_next
from states.seals.sealing import TIPS, expect_tip
from states.storage import Reading, new_id
from states.texts import Text

log = logging.getLogger(__name__)


def move(
    session: Session,
    collaboration_id: str,
    name: str,
    *,
    actor: Actor,
    reason: str = "",
    expected_version: int | None = None,
) -> HistoryLine:
    """Make a move: stage, history line, deadlines and messages in the present transaction.

    Raises `Missing`, `NotOffered`, `Refused` with every reason against it, or `Stale` where
    the collaboration is no longer at `expected_version`.
    """
    dossier = locked_dossier(session, collaboration_id)
    row = dossier.row
    need_version(row, expected_version)
    besides = _reads_of(dossier, offered(dossier, name))
    made = check(session, dossier, name, actor=actor, reason=reason, besides=besides)
    left = _left_at(dossier, made.move)
    _note_validity(session, dossier, made.move)
    line = _line(dossier, made.move.name, made.to, actor=actor, reason=reason.strip())
    row.stage = step_stage(dossier.edition.text, row.stage, move=name, end=made.to)
    row.stage_since = line.at
    row.version += 1
    session.add_all([line, row])
    for tip in dossier.read.of(TIPS, row.id):
        expect_tip(session, tip)
    abandoned: Sequence[str] = ()
    if dossier.playbook.stages[line.from_stage].panel is not None:
        abandoned = abandon_rounds(session, dossier, because=f"the collaboration moved on to {dossier.stage.title}")
    sync_deadlines(session, dossier, entered=True, abandoned=abandoned, returned=left)
    if made.move.hands_over:
        hand_over_to_target(session, row)
    elif dossier.stage.kind in (StageKind.CLOSED, StageKind.FINAL):
        free_those_naming(session, row)
    _tell(session, dossier, line)
    if dossier.stage.panel is not None and dossier.version is not None:
        acknowledge_submission(session, row, dossier.version, move_id=line.id)
    log.info("moved collaboration=%s move=%s from=%s to=%s", row.id, name, line.from_stage, line.to_stage)
    return line


def undo(
    session: Session, collaboration_id: str, *, actor: Actor, reason: str, expected_version: int | None = None
) -> HistoryLine:
    """Take the last move back: stage, since when it stands there, and deadlines are what they were before it.

    The history keeps both lines. Raises `NothingToUndo`, `Refused` with every reason against it, or `Stale`.
    """
    dossier = locked_dossier(session, collaboration_id)
    row = dossier.row
    need_version(row, expected_version)
    found = undoing_of(session, row, dossier.playbook, actor=actor)
    refusals = found.refusals
    if not reason.strip():
        refusals += (Refusal("reason_missing", move=found.title, missing=(Text("missing", "reason"),)),)
    if refusals:
        raise Refused(refusals)
    dossier.read.load({STEPS: [row.id], ROUNDS: [row.id]})
    before = standing_of(steps_of(dossier.read, row.id))[:-1]
    line = _line(dossier, UNDO, found.line.from_stage, actor=actor, reason=reason.strip())
    row.stage = found.line.from_stage
    row.stage_since = before[-1].at if before else row.opened_at
    row.version += 1
    session.add_all([line, row])
    abandoned: Sequence[str] = ()
    if dossier.playbook.stages[line.from_stage].panel is not None:
        abandoned = abandon_rounds(session, dossier, because=f"the collaboration moved back to {dossier.stage.title}")
    sync_deadlines(session, dossier, entered=True, abandoned=abandoned, returned=found.line.at, undone=True)
    _tell_undone(session, dossier, line, found.line)
    log.info("undone collaboration=%s move=%s", row.id, found.line.move)
    return line


def dry_run(
    session: Session,
    row: Collaboration,
    name: str,
    *,
    actor: Actor,
    reason: str = "",
    expected_version: int | None = None,
) -> AvailableMove:
    """Return the move if it is open, or raise what `move` would raise; nothing is changed."""
    need_version(row, expected_version)
    (dossier,) = dossiers_of(session, [row])
    return check(session, dossier, name, actor=actor, reason=reason)


def need_version(row: Collaboration, expected: int | None) -> None:
    """Raise `Stale` where somebody expects another version of a collaboration."""
    if expected not in (None, row.version):
        raise Stale("collaboration", expected=expected, actual=row.version)


def begin_with(session: Session, row: Collaboration) -> None:
    """Give a new collaboration its first deadlines and tell of it; the aggregate has put it at the initial stage."""
    publish(session, "collaboration.opened", partnership_id=row.partnership_id, collaboration_id=row.id)
    sync_deadlines(session, locked_dossier(session, row.id), entered=True)


def _reads_of(dossier: Dossier, made: Move) -> Mapping[Reading[object], Sequence[str]]:
    """Return what a move writes from, beside what its guards ask; where it returns to is not known before."""
    keys = [dossier.row.id]
    reads: dict[Reading[object], Sequence[str]] = {STEPS: keys, TIPS: keys}
    if dossier.stage.panel is not None:
        reads[ROUNDS] = keys
    return reads if made.to == CAME_FROM else {**reads, **sync_reads(dossier, made.to)}


def _note_validity(session: Session, dossier: Dossier, made: Move) -> None:
    """Write down what was found of the chosen scenario, where a guard asked and it is not what was known."""
    chosen = chosen_of(dossier.read, dossier.row) if _asks_validity(made) else None
    if chosen is not None and (chosen.breaches, chosen.stale) != (
        list(dossier.validity.breaches),
        list(dossier.validity.stale),
    ):
        record_validity(session, session.get_one(Scenario, chosen.id), dossier.validity)


def _asks_validity(made: Move) -> bool:
    return any("validity" in GUARDS[use.name].parts for use in made.guards)


def _left_at(dossier: Dossier, made: Move) -> datetime | None:
    """Return when the stage was left to which a move returns."""
    if made.to != CAME_FROM:
        return None
    return left_by(steps_of(dossier.read, dossier.row.id), playbook=dossier.playbook).at


def _line(dossier: Dossier, name: str, to: str, *, actor: Actor, reason: str) -> HistoryLine:
    past = steps_of(dossier.read, dossier.row.id)
    line = HistoryLine(
        id=new_id(),
        collaboration_id=dossier.row.id,
        number=len(past) + 1,
        at=now(),
        move=name,
        from_stage=dossier.row.stage,
        to_stage=to,
        actor_role=actor.role,
        actor_person_id=actor.person_id,
        reason=reason,
    )
    seal_next(line, previous=past[-1].seal if past else "")
    return line


def _tell(session: Session, dossier: Dossier, line: HistoryLine) -> None:
    """Publish what follows from a move; the collaboration stands at its new stage already."""
    told: list[tuple[str, dict[str, str]]] = [
        ("collaboration.moved", {"move": line.move, "from_stage": line.from_stage, "to_stage": line.to_stage})
    ]
    if dossier.stage.panel is not None:
        told.append(("review.requested", {"panel": dossier.stage.panel}))
    told += [("document.requested", {"kind": kind.value}) for kind in dossier.stage.issues]
    row = dossier.row
    publish_all(session, told, partnership_id=row.partnership_id, collaboration_id=row.id, cause_id=line.id)


def _tell_undone(session: Session, dossier: Dossier, line: HistoryLine, undone: HistoryLine) -> None:
    """Publish that a move was taken back; a panel whose round that move closed is asked anew."""
    row, panel = dossier.row, dossier.stage.panel
    told: list[tuple[str, dict[str, str]]] = [
        ("collaboration.moved", {"move": line.move, "from_stage": line.from_stage, "to_stage": line.to_stage})
    ]
    rounds = [one for one in rounds_read(dossier.read, row.id) if one.panel == panel]
    if rounds and rounds[-1].closed_at is not None and rounds[-1].closed_at >= undone.at:
        told.append(("review.requested", {"panel": rounds[-1].panel}))
    publish_all(session, told, partnership_id=row.partnership_id, collaboration_id=row.id, cause_id=line.id)
