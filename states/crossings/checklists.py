"""Where checklists meet the playbook, the stage, rights, and what waits until they are signed off."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from states.checklists.definition import ChecklistSpec
from states.checklists.facts import READS, Standing, facts_of
from states.checklists.guards import missing_of
from states.checklists.queries import answers_in, latest_round, rounds_of
from states.checklists.service import (
    Given,
    Hand,
    answer_items,
    begin_round,
    confirm_items,
    reopen,
    sign_off,
)
from states.checklists.states import ChecklistClosed
from states.checklists.tables import Checklist, ChecklistAnswer
from states.collaborations.tables import Collaboration
from states.crossings.deadlines.followers import followed
from states.crossings.deadlines.obligations import checklist_subject
from states.crossings.rights.collaborations import belongings
from states.deadlines.kinds import Waiting
from states.deadlines.service import close_deadlines
from states.errors import Missing, Refusal
from states.playbooks.editions import playbook_of
from states.rights.access import Action, Actor, may
from states.storage import Readings


@dataclass(frozen=True, slots=True)
class Shown:
    """A list of a case as it stands: its round that counts, if one was begun, and the answers given in it."""

    standing: Standing
    row: Checklist | None
    answers: dict[str, ChecklistAnswer]
    in_stage: bool


def checklists_for(session: Session, row: Collaboration, actor: Actor | None) -> list[Shown]:
    """Return the lists of a case that the actor may read, in the order of the playbook; the operator reads all."""
    playbook = playbook_of(session, row)
    every = actor is None or may(actor, Action.READ_CHECKLISTS, belongings(session, actor, [row.id])[row.id].scope)
    specs = [spec for spec in playbook.checklists if every or spec.shared]
    read = Readings(session)
    read.load({reading: [row.id] for reading in READS})
    facts = facts_of(read, row, specs)
    rounds = {one.key: one for one in rounds_of(session, row.id)}
    answers = answers_in(session, [one.id for one in rounds.values()])
    return [
        Shown(
            facts[spec.key],
            rounds.get(spec.key),
            answers[rounds[spec.key].id] if spec.key in rounds else {},
            row.stage in spec.stage,
        )
        for spec in specs
    ]


def checklist_for(session: Session, row: Collaboration, key: str, actor: Actor | None) -> Shown:
    """Return one list of a case that the actor may read, or raise `Missing`."""
    found = next((one for one in checklists_for(session, row, actor) if one.standing.spec.key == key), None)
    if found is None:
        raise Missing("checklist", key)
    return found


def answer(
    session: Session,
    row: Collaboration,
    key: str,
    given: Sequence[Given],
    *,
    actor: Actor,
    read_version: int | None = None,
) -> Checklist:
    """Answer items of a list; the first answer begins its first round."""
    spec, hand = _open(session, row, key), _hand(actor)
    with followed(session, row):
        checklist = latest_round(session, row.id, key) or begin_round(session, row, spec, hand=hand)
        answer_items(session, checklist, spec, given, hand=hand, read_version=read_version)
    return checklist


def confirm(session: Session, row: Collaboration, key: str, items: Sequence[str], *, actor: Actor) -> Checklist:
    """Confirm answers of somebody else."""
    spec = _open(session, row, key)
    checklist = _begun(session, row, key)
    confirm_items(session, checklist, spec, items, hand=_hand(actor))
    return checklist


def sign(
    session: Session, row: Collaboration, key: str, *, actor: Actor, expected_version: int | None = None
) -> Checklist:
    """Sign a complete list off: nothing waits for it any more."""
    spec = _open(session, row, key)
    with followed(session, row):
        checklist = _begun(session, row, key)
        _need_complete(session, row, key)
        sign_off(session, checklist, spec, hand=_hand(actor), expected_version=expected_version)
        subject = checklist_subject(row.id, key, checklist.number, checklist.reopened)
        close_deadlines(session, Waiting.CHECKLIST.value, subject_id=subject)
    return checklist


def reopen_list(
    session: Session, row: Collaboration, key: str, *, reason: str, actor: Actor, expected_version: int | None = None
) -> Checklist:
    """Reopen a list that was signed off: it is to be signed again."""
    spec = _open(session, row, key)
    with followed(session, row):
        checklist = _begun(session, row, key)
        reopen(session, checklist, spec, hand=_hand(actor), reason=reason, expected_version=expected_version)
    return checklist


def begin_anew(session: Session, row: Collaboration, key: str, *, reason: str, actor: Actor) -> Checklist:
    """Begin another round of a list; the former one stays as it was."""
    spec = _open(session, row, key)
    with followed(session, row):
        return begin_round(session, row, spec, hand=_hand(actor), reason=reason)


def _open(session: Session, row: Collaboration, key: str) -> ChecklistSpec:
    """Return the list that is filled in the present stage, or raise `Missing` or `ChecklistClosed`."""
    playbook = playbook_of(session, row)
    spec = next((one for one in playbook.checklists if one.key == key), None)
    if spec is None:
        raise Missing("checklist", key)
    if row.stage not in spec.stage:
        titles = tuple(playbook.stages[name].title for name in spec.stage)
        raise ChecklistClosed(
            [Refusal("checklist_of_other_stage", checklist=spec.title, stages=titles, where=f"checklists/{key}")]
        )
    return spec


def _begun(session: Session, row: Collaboration, key: str) -> Checklist:
    found = latest_round(session, row.id, key)
    if found is None:
        raise ChecklistClosed([Refusal("checklist_not_begun", where=f"checklists/{key}")])
    return found


def _need_complete(session: Session, row: Collaboration, key: str) -> None:
    """Raise `ChecklistClosed` with every item that is not answered, not confirmed, or rests on no file."""
    standing = checklist_for(session, row, key, None).standing
    if items := standing.unfinished:
        reason = Refusal(
            "checklist_incomplete",
            checklist=standing.spec.title,
            count=len(items),
            where=f"checklists/{key}",
            missing=missing_of(standing, items),
        )
        raise ChecklistClosed([reason])


def _hand(actor: Actor) -> Hand:
    return Hand(actor.role, actor.person_id)
