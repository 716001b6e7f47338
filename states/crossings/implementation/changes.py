"""Where a change that is asked for meets the protocol, the budget and the funders: what they see is what is frozen."""

from collections.abc import Mapping
from decimal import Decimal

from sqlmodel import Session, col, select

from states.clock import today
from states.collaborations.tables import Collaboration
from states.crossings.agreements import ladder_of
from states.crossings.deadlines.followers import followed
from states.deadlines.kinds import AFTER_THE_YES
from states.deadlines.service import After, Owner, close_deadlines, open_deadline
from states.deadlines.states import CANCEL, FINISH
from states.errors import Refusal
from states.funding.awards.queries import agreement_numbers, agreements_of
from states.funding.awards.states import AgreementState, agreement_state
from states.funding.queries import costs_of, lines_of
from states.funding.tables import Scenario
from states.implementation import change_requests
from states.implementation.change_requests import approvers, current_approvals
from states.implementation.states import ASK, CARRY_OUT, CHANGE_REQUEST, ChangeRefused
from states.implementation.tables import ChangeApproval, ChangeRequest, ChangeState
from states.machines.stepping import need
from states.playbooks.editions import playbook_of
from states.protocol.content import digest
from states.protocol.queries import drafts_of, versions_of
from states.protocol.service import freeze_version
from states.protocol.tables import ProtocolVersion
from states.rights.access import Role
from states.texts import Text

APPROVAL_DEADLINE = AFTER_THE_YES[3]


def budget_of(session: Session, collaboration_id: str) -> Decimal:
    """Return EUR that the chosen scenario spends; without one, what the cost lines add up to."""
    query = select(Scenario).where(Scenario.collaboration_id == collaboration_id, col(Scenario.chosen))
    chosen = session.exec(query).first()
    if chosen is None:
        return sum((one.amount for one in costs_of(session, collaboration_id)), Decimal("0.00"))
    [lines] = lines_of(session, [chosen])
    return sum((one.amount for one in lines.uses), Decimal("0.00"))


def ask(
    session: Session, collaboration: Collaboration, row: ChangeRequest, *, expected_version: int | None = None
) -> ChangeRequest:
    """Ask all who must agree by the playbook: the office, and the funder of each agreement that is signed.

    What they agree to is the draft of the protocol as it stands now, where it differs from the last frozen version.
    """
    need(CHANGE_REQUEST, row.state, ASK, what=f"Change request {row.number}")
    terms, budget = playbook_of(session, collaboration).changes, budget_of(session, collaboration.id)
    signed = [
        one.id for one in agreements_of(session, collaboration.id) if agreement_state(one) is AgreementState.SIGNED
    ]
    wanted = approvers(terms, kind=row.kind, shifted=row.shifted, budget=budget, agreement_ids=signed)
    latest = _latest(session, collaboration)
    asked = change_requests.ask_for_change(
        session,
        row,
        wanted,
        budget=budget,
        from_version_id=latest.id if latest is not None else None,
        draft_sha256=_changed_draft(session, collaboration, latest),
        expected_version=expected_version,
    )
    numbers = agreement_numbers(session, collaboration.id)
    for one in asked:
        if one.agreement_id is None:
            what = Text("waits", "answer_of_office", number=row.number)
        else:
            what = Text("waits", "answer_of_funder", agreement=numbers[one.agreement_id], number=row.number)
        open_deadline(
            session,
            kind=APPROVAL_DEADLINE,
            subject_id=one.id,
            title=f"{collaboration.title}: {what.kept}",
            partnership_id=collaboration.partnership_id,
            collaboration_id=collaboration.id,
            owner=Owner(Role.PROJECT_MANAGER),
            due=After(today(), terms.answer),
            ladder=ladder_of(playbook_of(session, collaboration)),
        )
    return row


def answer(
    session: Session,
    collaboration: Collaboration,
    row: ChangeRequest,
    approval: ChangeApproval,
    *,
    agrees: bool,
    reason: str,
    person_id: str | None,
    expected_version: int | None = None,
) -> ChangeRequest:
    """Keep an answer. The last approval freezes what was approved as the next version of the protocol.

    Nobody approves another draft than the one that was asked for: the request is revised first, or the draft restored.
    """
    if agrees:
        _need_same_draft(session, collaboration, row)
    change_requests.answer_change(
        session, row, approval, agrees=agrees, reason=reason, person_id=person_id, expected_version=expected_version
    )
    close_deadlines(session, APPROVAL_DEADLINE, subject_id=approval.id, move=FINISH)
    if row.state is ChangeState.REFUSED:
        _nobody_waits(session, row)
    if row.state is ChangeState.APPROVED and row.draft_sha256 is not None:
        carry_out(session, collaboration, row)
    return row


def carry_out(
    session: Session, collaboration: Collaboration, row: ChangeRequest, *, expected_version: int | None = None
) -> ChangeRequest:
    """Freeze what was approved, by the door that freezes every version; a change of no section is noted as done."""
    need(CHANGE_REQUEST, row.state, CARRY_OUT, what=f"Change request {row.number}")
    made: ProtocolVersion | None = None
    if row.draft_sha256 is not None:
        _need_same_draft(session, collaboration, row)
        with followed(session, collaboration):
            made = freeze_version(session, collaboration)
    return change_requests.carry_out(
        session, row, to_version_id=made.id if made is not None else None, expected_version=expected_version
    )


def withdraw(
    session: Session, row: ChangeRequest, *, because: str, expected_version: int | None = None
) -> ChangeRequest:
    """Withdraw a change; nobody is asked any more."""
    change_requests.withdraw_change(session, row, because=because, expected_version=expected_version)
    _nobody_waits(session, row)
    return row


def revise(session: Session, row: ChangeRequest, *, expected_version: int | None = None) -> ChangeRequest:
    """Take a change back into a draft; nobody is asked until it is asked for again."""
    _nobody_waits(session, row)
    return change_requests.revise_change(session, row, expected_version=expected_version)


def redline_of(row: ChangeRequest, versions: Mapping[str, int]) -> str | None:
    """Return where the protocol before and after is compared; None where the change is of no section.

    `versions` are the numbers of the frozen versions by their ids.
    """
    before, after = versions.get(row.from_version_id or ""), versions.get(row.to_version_id or "")
    if before is None or row.draft_sha256 is None:
        return None
    return f"/collaborations/{row.collaboration_id}/protocol/compare?from={before}&to={after or 'draft'}"


def _nobody_waits(session: Session, row: ChangeRequest) -> None:
    for one in current_approvals(session, row):
        close_deadlines(session, APPROVAL_DEADLINE, subject_id=one.id, move=CANCEL)


def _latest(session: Session, collaboration: Collaboration) -> ProtocolVersion | None:
    return next(reversed(versions_of(session, collaboration.id)), None)


def _changed_draft(session: Session, collaboration: Collaboration, latest: ProtocolVersion | None) -> str | None:
    """Return the digest of the draft; None where it is what was frozen last."""
    drafts = drafts_of(session, [collaboration.id])[collaboration.id]
    sha256 = digest({draft.key: draft.content for draft in drafts})
    return None if latest is None or latest.sha256 == sha256 else sha256


def _need_same_draft(session: Session, collaboration: Collaboration, row: ChangeRequest) -> None:
    if row.draft_sha256 is None:
        return
    if _changed_draft(session, collaboration, _latest(session, collaboration)) != row.draft_sha256:
        mend, place = ("project_manager", "partner"), "protocol"
        raise ChangeRefused([Refusal("draft_is_another_now", number=row.number, mend_by=mend, where=place)])
