"""What waits has a deadline, by the playbook: opened and closed in the transaction of the move or the fact."""

from collections.abc import Sequence

from sqlmodel import Session

from states.clock import today
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.credentials.links import LinkPurpose, revoke_links
from states.crossings.deadlines.obligations import Case, Wait, call_anchors, case_of, event_anchors, waits_of
from states.crossings.deadlines.sign_off_requests import ask_to_sign
from states.deadlines.kinds import Waiting
from states.deadlines.queries import open_deadlines_of
from states.deadlines.service import After, Due, FromAnchor, Owner, close_deadlines, open_deadline
from states.deadlines.states import CANCEL, FINISH
from states.deadlines.tables import Anchor, Deadline, DeadlineState
from states.errors import Refusal
from states.funding.queries import calls_of
from states.places.working_days import shift
from states.playbooks.deadline_terms import AnchorKind, Term
from states.playbooks.definition import Playbook
from states.protocol.signing import ask_partners, need_answerable, withdraw_requests
from states.protocol.states import SignOffRefused
from states.protocol.tables import SignOff
from states.rights.access import Role

STAGE_DEADLINE = "stage"
_ASKED_AGAIN = "asked_again"


def renew_stage_deadline(session: Session, row: Collaboration, *, playbook: Playbook) -> None:
    """Close the deadline of the stage that was left, and open that of the present one if it has any."""
    close_deadlines(session, STAGE_DEADLINE, subject_id=row.id)
    stage = playbook.stages[row.stage]
    if stage.due is None:
        return
    members = members_of(session, [row.id])[row.id]
    lead = members[0].organisation if members else None
    open_deadline(
        session,
        kind=STAGE_DEADLINE,
        subject_id=row.id,
        title=f"{row.title}: {stage.title}",
        partnership_id=row.partnership_id,
        collaboration_id=row.id,
        owner=Owner(
            stage.owner,
            organisation_id=lead.id if lead is not None and stage.owner is Role.PARTNER else None,
            chair_role=playbook.panels[stage.panel].chair if stage.panel is not None else None,
        ),
        due=After(today(), stage.due),
        ladder=playbook.ladders[stage.ladder],
        nuts=lead.nuts if lead is not None else "",
    )


def renew_deadlines(session: Session, row: Collaboration, *, playbook: Playbook) -> None:
    """Open a deadline for whatever waits beside the stage, and close that of whatever waits no more.

    What was done or waived is not asked for again. The collaboration is locked: of two facts at once, one comes second.
    """
    session.refresh(row, with_for_update=True)
    case = case_of(session, row, playbook=playbook)
    if Waiting.SIGN_OFF in playbook.deadlines and case.version is not None:
        ask_partners(session, case.version, [entry.organisation.id for entry in case.members])
    wanted = {(wait.kind.value, wait.subject_id): wait for wait in waits_of(case)}
    settled = set()
    for one in case.deadlines:
        key = (one.kind, one.subject_id)
        if one.state is DeadlineState.OPEN and one.kind in set(Waiting) and key not in wanted:
            _close(case, one)
        elif one.state is not DeadlineState.CANCELLED:
            settled.add(key)
    for key, wait in wanted.items():
        if key not in settled:
            _open(case, wait)


def ask_again(session: Session, collaboration: Collaboration, row: SignOff, *, playbook: Playbook) -> None:
    """Ask a partner once more to sign, whose mail was lost or who refused: with new links, the former ones end.

    Raises `SignOffRefused` where there is nothing to be signed any more. A deadline that has ended is opened anew.
    """
    session.refresh(collaboration, with_for_update=True)
    need_answerable(session, row, collaboration)
    case = case_of(session, collaboration, playbook=playbook)
    wait = next((one for one in waits_of(case) if (one.kind, one.subject_id) == (Waiting.SIGN_OFF, row.id)), None)
    if wait is None:
        stage, mend, place = case.stage.title, ("project_manager",), "protocol/sign-offs"
        raise SignOffRefused([Refusal("nobody_signs_now", stage=stage, mend_by=mend, where=place)])
    withdraw_requests(session, row.id, why=_ASKED_AGAIN)
    revoke_links(session, purpose=LinkPurpose.SIGN_OFF, subject_id=row.id)
    for opened in open_deadlines_of(session, kind=wait.kind.value, subject_id=row.id):
        _ask(case, opened)
        return
    _open(case, wait)


def _close(case: Case, row: Deadline) -> None:
    done = case.row.stage in case.playbook.deadlines[Waiting(row.kind)].done_in
    move = FINISH if done else CANCEL
    close_deadlines(case.session, row.kind, subject_id=row.subject_id, move=move)
    if row.kind == Waiting.SIGN_OFF.value:
        withdraw_requests(case.session, row.subject_id, why=move.ends[0].value)


def _open(case: Case, wait: Wait) -> None:
    term = case.playbook.deadlines[wait.kind]
    lead_first = [entry.organisation for entry in case.members]
    owner = next((one for one in lead_first if wait.organisation_id in (None, one.id)), None)
    nuts = owner.nuts if owner is not None else ""
    due = _due(case, wait, term, nuts)
    if due is None:
        return
    opened = open_deadline(
        case.session,
        kind=wait.kind.value,
        subject_id=wait.subject_id,
        title=f"{case.row.title}: {wait.what}",
        partnership_id=case.row.partnership_id,
        collaboration_id=case.row.id,
        owner=Owner(
            term.owner,
            organisation_id=owner.id if owner is not None and term.owner is Role.PARTNER else None,
            chair_role=wait.chair,
        ),
        due=due,
        ladder=case.playbook.ladders[term.ladder],
        nuts=nuts,
        legal=term.legal,
    )
    if wait.kind is Waiting.SIGN_OFF:
        _ask(case, opened)


def _ask(case: Case, deadline: Deadline) -> None:
    if case.version is not None:
        ask_to_sign(case.session, deadline, title=case.row.title, version=case.version.number)


def _due(case: Case, wait: Wait, term: Term, nuts: str) -> Due | None:
    """Return when it falls due; None where it hangs on nothing but a date that is past."""
    session, row = case.session, case.row
    anchors: Sequence[Anchor] = []
    if wait.anchor is not None:
        anchors = [wait.anchor]
    elif term.anchor is AnchorKind.CALL:
        anchors = call_anchors(session, [call.id for call in calls_of(session, row.id)])
    elif term.anchor is AnchorKind.EVENT:
        anchors = event_anchors(session, row.partnership_id, term)
    days = term.due or term.every
    return next_of(anchors, term, nuts=nuts) or (After(today(), days) if days is not None else None)


def next_of(anchors: Sequence[Anchor], term: Term, *, nuts: str) -> FromAnchor | None:
    """Return the first of these dates on which a term can hang still: with its delta it is not past."""
    for anchor in anchors:
        if (shift(anchor.day, term.delta, nuts=nuts) if term.delta else anchor.day) >= today():
            return FromAnchor(anchor, term.delta)
    return None
