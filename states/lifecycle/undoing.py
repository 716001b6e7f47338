"""Whether the last move may be taken back: by whoever may make it, for a few days, while nobody has built on it."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from states.changes.recording import write_records
from states.changes.tables import ChangeRecord
from states.clock import today
from states.collaborations.queries import history_of
from states.collaborations.tables import Collaboration, HistoryLine
from states.errors import Refusal, Refused
from states.lifecycle.available_moves import role_refusal
from states.places.working_days import shift
from states.playbooks.definition import Playbook
from states.rights.access import Actor
from states.rights.authors import Via

_MANAGER = ("project_manager",)


class NothingToUndo(Refused):
    """There is no move that could be taken back."""

    code = "nothing_to_undo"


@dataclass(frozen=True, slots=True)
class Undoing:
    """The last move, until when it may be taken back, and every reason against it."""

    line: HistoryLine
    title: str
    until: date
    refusals: tuple[Refusal, ...]

    @property
    def open(self) -> bool:
        return not self.refusals


def undoing_of(session: Session, row: Collaboration, playbook: Playbook, *, actor: Actor) -> Undoing:
    """Tell whether this actor may take the last move back now; raise `NothingToUndo` where there is none."""
    lines = history_of(session, [row.id])[row.id]
    made = playbook.move(lines[-1].move, stage=lines[-1].from_stage) if lines else None
    if made is None:  # nobody has moved it, or the last line took a move back already
        raise NothingToUndo([Refusal("nothing_to_undo", where="history")])
    line, until = lines[-1], shift(lines[-1].at.date(), playbook.undo_within, nuts="")
    not_theirs = role_refusal(session, row, made, actor)
    refusals = [] if not_theirs is None else [not_theirs]
    if made.hands_over:
        refusals.append(Refusal("undo_handed_over", move=made.title, where="members"))
    if today() > until:
        refusals.append(Refusal("undo_too_late", move=made.title, until=until, where="moves"))
    if followed := _followed(session, line):
        refusals.append(Refusal("undo_built_on", move=made.title, missing=followed, mend_by=_MANAGER, where="moves"))
    return Undoing(line, made.title, until, tuple(refusals))


def _followed(session: Session, line: HistoryLine) -> tuple[str, ...]:
    """Return what people have written of the collaboration since a move was made, by the nouns of the rows.

    What flows do by themselves does not count: a round that was opened is closed again, deadlines are cancelled.
    """
    write_records(session)
    of_case = col(ChangeRecord.collaboration_id) == line.collaboration_id
    entry = select(ChangeRecord).where(of_case, ChangeRecord.noun == "collaboration", ChangeRecord.field == "stage")
    stage = session.exec(entry.order_by(col(ChangeRecord.number).desc())).first()
    if stage is None or stage.number is None:
        return ()
    later = select(ChangeRecord.noun).where(
        of_case,
        col(ChangeRecord.number) > stage.number,
        ChangeRecord.act != stage.act,
        col(ChangeRecord.via) != Via.FLOW,
    )
    return tuple(sorted(set(session.exec(later))))
