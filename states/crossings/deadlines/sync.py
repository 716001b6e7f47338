"""What waits has a deadline, by the playbook: opened and closed in the transaction of the move or the fact."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from states.clock import now, today
from states.collaborations.officers import CHARGES, owner_in
from states.collaborations.queries import PARTNERS
from states.collaborations.tables import Collaboration
from states.credentials.links import LinkPurpose, revoke_links
from states.crossings.deadlines.obligations import (
    Obligation,
    Present,
    call_anchors,
    event_anchors,
    obligations_of,
    reads_of,
)
from states.crossings.deadlines.sign_off_requests import ask_to_sign
from states.crossings.dossier import Dossier, locked_dossier
from states.deadlines.kinds import AFTER_THE_YES, Waiting
from states.deadlines.queries import DEADLINES, DeadlineRead, open_deadlines_of
from states.deadlines.service import (
    After,
    Columns,
    Due,
    FromAnchor,
    On,
    Owner,
    end_deadlines,
    new_deadline,
    open_deadlines,
)
from states.deadlines.states import CANCEL, FINISH
from states.deadlines.tables import Anchor, ChangeKind, Deadline, DeadlineChange, DeadlineState
from states.errors import Refusal
from states.funding.queries import COUNTED_ON, counted_on
from states.machines.definition import Move
from states.places.working_days import shift
from states.playbooks.deadline_terms import AnchorKind, Term
from states.playbooks.definition import StageKind
from states.protocol.queries import ASKED, Asked, latest_of
from states.protocol.signing import need_answerable, withdraw_requests
from states.protocol.states import SignOffRefused
from states.protocol.tables import SignOff
from states.review.seats import SEAT_DEADLINES
from states.rights.access import Role
from states.storage import Reading, new_id

STAGE_DEADLINE = "stage"
_ASKED_AGAIN = "asked_again"
_OVER = (StageKind.CLOSED, StageKind.FINAL)


def sync_reads(dossier: Dossier, stage: str) -> dict[Reading[object], Sequence[str]]:
    """Return what the deadlines of a collaboration in a stage depend on, by what it is read with."""
    return {reading: [dossier.row.id] for reading in (PARTNERS, CHARGES, *reads_of(dossier.playbook, stage))}


def sync_deadlines(
    session: Session,
    dossier: Dossier,
    *,
    entered: bool = False,
    abandoned: Collection[str] = (),
    returned: datetime | None = None,
    undone: bool = False,
) -> None:
    """Open a deadline for whatever waits, and close that of whatever waits no more.

    What was done or waived is not asked for again. The collaboration is locked: of two facts at once, one comes second.
    Where its stage was `entered` just now, the deadline of the stage is another one; those of the seats in rounds that
    were `abandoned` are cancelled. Where it `returned` to a stage that was left then, what was given another date by
    hand keeps it unless that is past; where a move was `undone`, everything has the date that it had.
    """
    row, read = dossier.row, dossier.read
    present = _present(session, dossier)
    wanted = {(one.kind.value, one.subject_id): one for one in obligations_of(present)}
    ended: dict[DeadlineRead, Move[DeadlineState]] = {}
    settled = set()
    for one in read.of(DEADLINES, row.id):
        key = (one.kind, one.subject_id)
        if one.state is DeadlineState.OPEN and entered and one.kind == STAGE_DEADLINE:
            ended[one] = FINISH
        elif (one.state is DeadlineState.OPEN and one.kind in SEAT_DEADLINES and one.subject_id in abandoned) or (
            one.state is DeadlineState.OPEN and one.kind in AFTER_THE_YES and dossier.stage.kind in _OVER
        ):
            ended[one] = CANCEL
        elif one.state is DeadlineState.OPEN and one.kind in set(Waiting) and key not in wanted:
            done = row.stage in dossier.playbook.terms[Waiting(one.kind)].done_in
            ended[one] = FINISH if done else CANCEL
        elif one.state is not DeadlineState.CANCELLED:
            settled.add(key)
    kept = {} if returned is None else _kept(session, row, returned, undone=undone)
    fresh = [_deadline(session, present, one, due=kept.get(key)) for key, one in wanted.items() if key not in settled]
    opened = [one for one in fresh if one is not None]
    of_stage = _stage_deadline(dossier, kept.get((STAGE_DEADLINE, row.id))) if entered else ()
    open_deadlines(session, [*opened, *of_stage])
    _end(session, ended)
    _ask(session, dossier, [Deadline(**one) for one in opened if one["kind"] == Waiting.SIGN_OFF.value])


def renew_deadlines(session: Session, row: Collaboration) -> None:
    """Sync the deadlines of a collaboration with what is known of it now."""
    sync_deadlines(session, locked_dossier(session, row.id))


def ask_again(session: Session, collaboration: Collaboration, row: SignOff) -> None:
    """Ask a partner once more to sign, whose mail was lost or who refused: with new links, the former ones end.

    Raises `SignOffRefused` where there is nothing to be signed any more. A deadline that has ended is opened anew.
    """
    dossier = locked_dossier(session, collaboration.id)
    need_answerable(session, row, collaboration)
    present = _present(session, dossier)
    asked = (one for one in obligations_of(present) if (one.kind, one.subject_id) == (Waiting.SIGN_OFF, row.id))
    obligation = next(asked, None)
    if obligation is None:
        stage, mend, place = dossier.stage.title, ("project_manager",), "protocol/sign-offs"
        raise SignOffRefused([Refusal("nobody_signs_now", stage=stage, mend_by=mend, where=place)])
    withdraw_requests(session, {row.id: _ASKED_AGAIN})
    revoke_links(session, purpose=LinkPurpose.SIGN_OFF, subject_id=row.id)
    waiting = open_deadlines_of(session, kind=obligation.kind.value, subject_id=row.id)[:1]
    if not waiting:
        opened = [one for one in [_deadline(session, present, obligation)] if one is not None]
        open_deadlines(session, opened)
        waiting = [Deadline(**one) for one in opened]
    _ask(session, dossier, waiting)


def _present(session: Session, dossier: Dossier) -> Present:
    reads = sync_reads(dossier, dossier.row.stage)
    dossier.read.load(reads)
    calls = [one.id for one in counted_on(dossier.read, dossier.row.id)] if COUNTED_ON in reads else []
    return Present(dossier, call_anchors(session, calls), _ask_partners(session, dossier))


def _ask_partners(session: Session, dossier: Dossier) -> list[Asked]:
    """Ask the partners to sign the latest version who were not asked before; return what they are asked."""
    latest = latest_of(dossier.read, dossier.row.id) if Waiting.SIGN_OFF in dossier.playbook.deadlines else None
    if latest is None or latest.consortium != dossier.row.consortium:
        return []  # nobody signs what was frozen under another lead, or with a partner that has left
    asked = {one.organisation_id for one in dossier.read.of(ASKED, dossier.row.id)}
    rows = [
        SignOff(id=new_id(), protocol_version_id=latest.id, organisation_id=one.id, asked_at=now())
        for one in dossier.partners
        if one.id not in asked
    ]
    session.add_all(rows)
    return [Asked(row.id, row.organisation_id, None) for row in rows]


def _end(session: Session, ended: Mapping[DeadlineRead, Move[DeadlineState]]) -> None:
    end_deadlines(session, {one.id: move for one, move in ended.items()})
    asked = {one.subject_id: move.ends[0].value for one, move in ended.items() if one.kind == Waiting.SIGN_OFF.value}
    withdraw_requests(session, asked)


def _kept(session: Session, row: Collaboration, left: datetime, *, undone: bool) -> dict[tuple[str, str], On]:
    """Return the dates that deadlines had when a stage was left, by kind and subject: those that they keep."""
    by_hand = select(DeadlineChange.id).where(
        DeadlineChange.deadline_id == Deadline.id, DeadlineChange.kind == ChangeKind.EXTENDED
    )
    query = select(Deadline).where(
        Deadline.collaboration_id == row.id,
        Deadline.state != DeadlineState.OPEN,
        col(Deadline.opened_at) <= left,
        col(Deadline.closed_at) >= left,
        col(Deadline.anchor_id).is_(None),
    )
    if not undone:
        query = query.where(by_hand.exists(), col(Deadline.due_on) >= today())
    rows = session.exec(query.order_by(col(Deadline.opened_at).desc())).all()
    return {(one.kind, one.subject_id): On(one.due_on, one.due_time, one.time_zone) for one in rows}


def _stage_deadline(dossier: Dossier, due: On | None = None) -> Iterable[Columns]:
    row, stage, playbook = dossier.row, dossier.stage, dossier.playbook
    if stage.due is None:
        return
    lead = next(iter(dossier.partners), None)
    officer, deputy = owner_in(dossier.read.of(CHARGES, row.id), stage.owner)
    yield new_deadline(
        kind=STAGE_DEADLINE,
        subject_id=row.id,
        title=f"{row.title}: {stage.title}",
        partnership_id=row.partnership_id,
        collaboration_id=row.id,
        owner=Owner(
            stage.owner,
            organisation_id=lead.id if lead is not None and stage.owner is Role.PARTNER else None,
            person_id=officer,
            deputy_person_id=deputy,
            chair_role=playbook.panels[stage.panel].chair if stage.panel is not None else None,
        ),
        due=due or After(today(), stage.due),
        ladder=playbook.ladders[stage.ladder],
        nuts=lead.nuts if lead is not None else "",
    )


def _deadline(session: Session, present: Present, obligation: Obligation, *, due: Due | None = None) -> Columns | None:
    """Return the deadline of an obligation, by its columns; None where it hangs on nothing but a date that is past."""
    dossier = present.dossier
    term = dossier.playbook.terms[obligation.kind]
    lead_first = (one for one in dossier.partners if obligation.organisation_id in (None, one.id))
    owner = next(lead_first, None)
    nuts = owner.nuts if owner is not None else ""
    due = due or _due(session, present, obligation, term, nuts)
    if due is None:
        return None
    officer, deputy = owner_in(dossier.read.of(CHARGES, dossier.row.id), term.owner)
    return new_deadline(
        kind=obligation.kind.value,
        subject_id=obligation.subject_id,
        title=f"{dossier.row.title}: {obligation.what}",
        partnership_id=dossier.row.partnership_id,
        collaboration_id=dossier.row.id,
        owner=obligation.owner
        or Owner(
            term.owner,
            organisation_id=owner.id if owner is not None and term.owner is Role.PARTNER else None,
            person_id=officer,
            deputy_person_id=deputy,
            chair_role=obligation.chair,
        ),
        due=due,
        ladder=dossier.playbook.ladder_of(term),
        nuts=nuts,
        legal=term.legal,
    )


def _ask(session: Session, dossier: Dossier, deadlines: Sequence[Deadline]) -> None:
    latest = latest_of(dossier.read, dossier.row.id) if deadlines else None
    if latest is not None:
        names = {one.id: one.name for one in dossier.partners}
        ask_to_sign(session, deadlines, title=dossier.row.title, version=latest.number, names=names)


def _due(session: Session, present: Present, obligation: Obligation, term: Term, nuts: str) -> Due | None:
    if obligation.due_on is not None:
        return On(obligation.due_on)
    anchors: Sequence[Anchor] = []
    if obligation.anchor is not None:
        anchors = [obligation.anchor]
    elif term.anchor is AnchorKind.CALL:
        anchors = present.closings
    elif term.anchor is AnchorKind.EVENT:
        anchors = event_anchors(session, present.dossier.row.partnership_id, term)
    days = term.due or term.every
    return next_of(anchors, term, nuts=nuts) or (After(today(), days) if days is not None else None)


def next_of(anchors: Sequence[Anchor], term: Term, *, nuts: str) -> FromAnchor | None:
    """Return the first of these dates on which a term can hang still: with its delta it is not past."""
    for anchor in anchors:
        if (shift(anchor.day, term.delta, nuts=nuts) if term.delta else anchor.day) >= today():
            return FromAnchor(anchor, term.delta)
    return None
